# With the reference of framecodec.
gruvsocks_add_test(framesplits LABELS unit ROOMS framecodec nativememory TIMEOUT 180)
target_include_directories(tst_framesplits PRIVATE framecodec)

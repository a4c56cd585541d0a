gruvsocks_add_test(framecodec LABELS unit ROOMS framecodec)
target_sources(tst_framecodec PRIVATE framecodec/tst_framecodec_bounds.cpp)

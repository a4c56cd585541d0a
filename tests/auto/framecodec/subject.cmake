gruvsocks_add_test(framecodec LABELS unit ROOMS framecodec nativememory)
target_sources(tst_framecodec PRIVATE
    framecodec/tst_framecodec_bounds.cpp
    framecodec/tst_framecodec_memory.cpp
    framecodec/tst_framecodec_spare.cpp)

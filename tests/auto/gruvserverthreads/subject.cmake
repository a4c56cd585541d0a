gruvsocks_add_test(gruvserverthreads LABELS network TIMEOUT 60)
target_sources(tst_gruvserverthreads PRIVATE
    gruvserverthreads/tst_gruvserverthreads_ends.cpp
    gruvserverthreads/tst_gruvserverthreads_flow.cpp)

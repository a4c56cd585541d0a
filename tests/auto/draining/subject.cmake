gruvsocks_add_test(draining LABELS network TIMEOUT 120)
target_sources(tst_draining PRIVATE draining/crowd.cpp)

gruvsocks_add_test(turns LABELS network)
target_sources(tst_turns PRIVATE turns/tst_turns_threads.cpp)

gruvsocks_add_test(backpressure TLS LABELS network TIMEOUT 120)
target_sources(tst_backpressure PRIVATE backpressure/tst_backpressure_pausing.cpp)

gruvsocks_add_test(nestedloops EPOLL TLS LABELS network)

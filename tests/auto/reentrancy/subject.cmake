gruvsocks_add_test(reentrancy EPOLL TLS LABELS network)

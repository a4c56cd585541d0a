gruvsocks_add_test(deadlines EPOLL TLS LABELS network)

gruvsocks_add_test(closing EPOLL TLS LABELS network)

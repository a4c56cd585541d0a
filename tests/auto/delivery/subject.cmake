gruvsocks_add_test(delivery EPOLL TLS LABELS network)

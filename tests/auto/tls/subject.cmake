gruvsocks_add_test(tls EPOLL LABELS network)

gruvsocks_add_test(endings EPOLL TLS LABELS network)

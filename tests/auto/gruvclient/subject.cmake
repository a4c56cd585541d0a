gruvsocks_add_test(gruvclient EPOLL TLS LABELS network)

gruvsocks_add_test(gruvclientfaults EPOLL TLS LABELS network)

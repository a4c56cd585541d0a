gruvsocks_add_test(gruvclientslots EPOLL TLS LABELS network)

gruvsocks_add_test(tlsserver EPOLL LABELS network)

gruvsocks_add_test(sending EPOLL LABELS network)

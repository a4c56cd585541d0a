gruvsocks_add_test(stalls EPOLL LABELS network)

gruvsocks_add_test(deadlines EPOLL LABELS network)

gruvsocks_add_test(delivery EPOLL LABELS network)

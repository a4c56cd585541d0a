gruvsocks_add_test(closing EPOLL LABELS network)

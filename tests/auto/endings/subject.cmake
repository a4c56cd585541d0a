gruvsocks_add_test(endings EPOLL LABELS network)

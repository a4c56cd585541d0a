gruvsocks_add_test(gruvserver EPOLL LABELS network TIMEOUT 30)

gruvsocks_add_test(reentrancy EPOLL LABELS network)

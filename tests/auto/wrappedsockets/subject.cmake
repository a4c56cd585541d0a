gruvsocks_add_test(wrappedsockets EPOLL LABELS network)

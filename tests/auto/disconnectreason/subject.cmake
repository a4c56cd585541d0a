gruvsocks_add_test(disconnectreason EPOLL LABELS network)

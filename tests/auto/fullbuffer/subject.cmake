gruvsocks_add_test(fullbuffer EPOLL LABELS network)

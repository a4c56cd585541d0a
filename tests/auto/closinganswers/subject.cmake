gruvsocks_add_test(closinganswers EPOLL TLS LABELS network)

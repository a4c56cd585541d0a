gruvsocks_add_test(gruvclient EPOLL TLS LABELS network)
target_sources(tst_gruvclient PRIVATE
    gruvclient/testproxy.cpp
    gruvclient/tst_gruvclient_proxies.cpp
    gruvclient/tst_gruvclient_queue.cpp
    gruvclient/tst_gruvclient_slots.cpp)

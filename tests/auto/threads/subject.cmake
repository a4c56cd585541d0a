gruvsocks_add_test(threads EPOLL TLS LABELS network)
# The same on Qt's other event dispatcher; glib's is usual on Linux.
add_test(NAME threads-without-glib COMMAND tst_threads -nocrashhandler)
set_tests_properties(threads-without-glib PROPERTIES
    LABELS network TIMEOUT 60 ENVIRONMENT "QT_QPA_PLATFORM=offscreen;QT_NO_GLIB=1")

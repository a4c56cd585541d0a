gruvsocks_add_test(turns LABELS network)
target_sources(tst_turns PRIVATE turns/tst_turns_threads.cpp)
# The same on Qt's other event dispatcher; glib's is usual on Linux.
add_test(NAME turns-without-glib COMMAND tst_turns -nocrashhandler)
set_tests_properties(turns-without-glib PROPERTIES
    LABELS network TIMEOUT 60 ENVIRONMENT "QT_QPA_PLATFORM=offscreen;QT_NO_GLIB=1")

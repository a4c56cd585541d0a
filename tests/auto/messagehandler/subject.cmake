gruvsocks_add_test(messagehandler TLS LABELS network)
target_sources(tst_messagehandler PRIVATE
    messagehandler/tst_messagehandler_deeds.cpp
    messagehandler/tst_messagehandler_life.cpp)

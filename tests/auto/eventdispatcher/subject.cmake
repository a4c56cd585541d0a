if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    gruvsocks_add_test(eventdispatcher LABELS unit ROOMS epolldispatcher epollset timerheap TIMEOUT 120)
    target_sources(tst_eventdispatcher PRIVATE
        eventdispatcher/tst_eventdispatcher_descriptors.cpp
        eventdispatcher/tst_eventdispatcher_notifiers.cpp
        eventdispatcher/tst_eventdispatcher_plays.cpp
        eventdispatcher/tst_eventdispatcher_threads.cpp
        eventdispatcher/tst_eventdispatcher_timers.cpp
        eventdispatcher/tst_eventdispatcher_turns.cpp)
    # Without glib a thread of Qt has the unix dispatcher, which the rows named so need.
    set_property(TEST eventdispatcher APPEND PROPERTY ENVIRONMENT "QT_NO_GLIB=1")
endif()

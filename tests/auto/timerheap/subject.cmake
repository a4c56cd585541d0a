if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    gruvsocks_add_test(timerheap LABELS unit ROOMS epolldispatcher epollset timerheap)
    # The main thread then has Qt's unix dispatcher, which ours is compared with.
    set_property(TEST timerheap APPEND PROPERTY ENVIRONMENT "QT_NO_GLIB=1")
endif()

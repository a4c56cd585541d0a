if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    gruvsocks_add_test(closinginput EPOLL LABELS network)
endif()

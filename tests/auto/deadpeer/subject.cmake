if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    gruvsocks_add_test(deadpeer EPOLL LABELS network TIMEOUT 180)
endif()

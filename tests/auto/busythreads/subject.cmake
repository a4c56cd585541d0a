if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    gruvsocks_add_test(busythreads TLS LABELS network)
endif()

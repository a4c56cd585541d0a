if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    gruvsocks_add_test(busythreads LABELS network)
endif()

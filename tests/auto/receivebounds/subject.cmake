if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    gruvsocks_add_test(receivebounds LABELS network TIMEOUT 600)
    target_sources(tst_receivebounds PRIVATE receivebounds/tst_receivebounds_many.cpp)
endif()

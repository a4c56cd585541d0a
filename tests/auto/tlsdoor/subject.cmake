if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    gruvsocks_add_test(tlsdoor LABELS network TIMEOUT 120)
    target_sources(tst_tlsdoor PRIVATE tlsdoor/silentclients.cpp)
    # What others do beside it, it measures.
    set_tests_properties(tlsdoor PROPERTIES RUN_SERIAL ON)
endif()

if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    gruvsocks_add_test(crowd LABELS network TIMEOUT 60)
    target_sources(tst_crowd PRIVATE crowd/attackers.cpp)
    # What others do beside it, it measures.
    set_tests_properties(crowd PROPERTIES RUN_SERIAL ON)
endif()

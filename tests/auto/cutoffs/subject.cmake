# SIOCOUTQ tells what the other system has; others have other names for it.
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    gruvsocks_add_test(cutoffs EPOLL LABELS network TIMEOUT 120)
    target_sources(tst_cutoffs PRIVATE cutoffs/sendlimit.cpp)
    # Its send() instead of libc's is for a shared library too.
    set_target_properties(tst_cutoffs PROPERTIES ENABLE_EXPORTS ON)
endif()

# Sanitizers intercept the same calls.
if(CMAKE_SYSTEM_NAME STREQUAL "Linux" AND NOT GRUVSOCKS_SANITIZE)
    include(CheckCXXSymbolExists)
    check_cxx_symbol_exists(__GLIBC__ features.h GRUVSOCKS_HAVE_GLIBC)
    if(GRUVSOCKS_HAVE_GLIBC)
        gruvsocks_add_test(systemcalls LABELS network ROOMS epolldispatcher epollset timerheap)
        target_sources(tst_systemcalls PRIVATE
            systemcalls/systemcalls.cpp
            systemcalls/tst_systemcalls_bursts.cpp
            systemcalls/tst_systemcalls_turns.cpp)
        target_link_libraries(tst_systemcalls PRIVATE ${CMAKE_DL_LIBS})
        # What it defines instead of libc's is for the shared libraries too.
        set_target_properties(tst_systemcalls PROPERTIES ENABLE_EXPORTS ON)
        # Without glib a thread of Qt has the unix dispatcher, which the rows named so need.
        set_property(TEST systemcalls APPEND PROPERTY ENVIRONMENT "QT_NO_GLIB=1")
    endif()
endif()

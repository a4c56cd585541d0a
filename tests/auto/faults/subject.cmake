if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    include(CheckCXXSymbolExists)
    check_cxx_symbol_exists(__GLIBC__ features.h GRUVSOCKS_HAVE_GLIBC)
    if(GRUVSOCKS_HAVE_GLIBC)
        gruvsocks_add_test(faults EPOLL LABELS network TIMEOUT 300)
        target_sources(tst_faults PRIVATE
            faults/end.cpp
            faults/faults.cpp
            faults/interposers.cpp
            faults/judge.cpp
            faults/scene.cpp
            faults/script.cpp
            faults/sockettable.cpp)
        target_link_libraries(tst_faults PRIVATE ${CMAKE_DL_LIBS})
        # What it defines instead of libc's is for the shared libraries too.
        set_target_properties(tst_faults PROPERTIES ENABLE_EXPORTS ON)
    endif()
endif()

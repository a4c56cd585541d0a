# Sanitizers intercept the same calls.
if(CMAKE_SYSTEM_NAME STREQUAL "Linux" AND NOT GRUVSOCKS_SANITIZE)
    include(CheckCXXSymbolExists)
    check_cxx_symbol_exists(__GLIBC__ features.h GRUVSOCKS_HAVE_GLIBC)
    if(GRUVSOCKS_HAVE_GLIBC)
        gruvsocks_add_test(refusals LABELS network)
        target_sources(tst_refusals PRIVATE refusals/refusals.cpp)
        target_link_libraries(tst_refusals PRIVATE ${CMAKE_DL_LIBS})
        # What it defines instead of libc's is for the shared libraries too.
        set_target_properties(tst_refusals PROPERTIES ENABLE_EXPORTS ON)
    endif()
endif()

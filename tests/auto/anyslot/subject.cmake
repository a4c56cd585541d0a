gruvsocks_add_test(anyslot EPOLL TLS LABELS network TIMEOUT 300)
target_sources(tst_anyslot PRIVATE
    anyslot/deeds.cpp
    anyslot/stage.cpp
    anyslot/table.cpp)
# Who uses what is deleted shall not find it as it was: Qt itself is not instrumented.
foreach(test anyslot anyslot-epoll anyslot-tls)
    if(TEST ${test})
        set_property(TEST ${test} APPEND PROPERTY ENVIRONMENT
            "MALLOC_PERTURB_=165;ASAN_OPTIONS=max_free_fill_size=1024")
    endif()
endforeach()

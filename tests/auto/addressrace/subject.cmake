gruvsocks_add_test(addressrace EPOLL TLS LABELS network ROOMS
    addressrace nativeconnect nativedescriptor nativesocket sendqueue framecodec nativememory)
target_sources(tst_addressrace PRIVATE addressrace/names.cpp addressrace/opened.cpp)
target_link_libraries(tst_addressrace PRIVATE ${CMAKE_DL_LIBS})
set_target_properties(tst_addressrace PROPERTIES ENABLE_EXPORTS ON) # of its own getaddrinfo(), socket()

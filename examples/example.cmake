# SPDX-FileCopyrightText: 2026 The GruvSocks authors
# SPDX-License-Identifier: MIT

# Included by each example: it then builds in the GruvSocks tree, and alone against the installed package.

if(NOT TARGET GruvSocks::GruvSocks)
    find_package(GruvSocks REQUIRED) # finds Qt6::Core and Qt6::Network as well
endif()

function(add_gruvsocks_example name)
    add_executable(${name} ${ARGN})
    target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_FUNCTION_LIST_DIR}) # what examples share
    target_link_libraries(${name} PRIVATE GruvSocks::GruvSocks)
    if(COMMAND gruvsocks_configure)
        gruvsocks_configure(${name})
    else()
        set_target_properties(${name} PROPERTIES AUTOMOC ON CXX_STANDARD 17 CXX_STANDARD_REQUIRED ON)
    endif()
endfunction()

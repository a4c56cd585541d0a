# SPDX-FileCopyrightText: 2026 The GruvSocks authors
# SPDX-License-Identifier: MIT

# cmake -DREADME=... -DDEMO=... -P glue.cmake: the functions that README.md prints of the demo, each
# in a block of its own, stand in the sources of the demo word for word.

cmake_minimum_required(VERSION 3.25)

file(READ ${README} text)
foreach(panel IN ITEMS Server Client)
    string(TOLOWER ${panel} name)
    file(READ ${DEMO}/${name}wiring.cpp source)
    string(FIND "${source}" "void ${panel}Panel::wire()" begin)
    string(SUBSTRING "${source}" ${begin} -1 function)
    string(FIND "${function}" "\n}\n" end)
    math(EXPR end "${end} + 3")
    string(SUBSTRING "${function}" 0 ${end} function)
    string(FIND "${text}" "```c++\n${function}```" found)
    if(begin EQUAL -1 OR found EQUAL -1)
        message(FATAL_ERROR "README.md does not print ${panel}Panel::wire() of ${name}wiring.cpp")
    endif()
endforeach()
string(REGEX MATCHALL "```c\\+\\+\n" blocks "${text}")
list(LENGTH blocks count)
if(NOT count EQUAL 2)
    message(FATAL_ERROR "README.md has ${count} blocks of c++; glue.cmake knows 2")
endif()

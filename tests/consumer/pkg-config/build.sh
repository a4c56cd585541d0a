#!/bin/sh
# SPDX-FileCopyrightText: 2026 The GruvSocks authors
# SPDX-License-Identifier: MIT

# sh build.sh COMPILER MAIN.CPP PROGRAM: no build system at all. -fPIC is Debian's Qt's wish.
set -eu
# shellcheck disable=SC2046 # the flags are words
"$1" -std=c++17 -fPIC "$2" -o "$3" $(pkg-config --cflags --libs gruvsocks) \
    -Wl,-rpath,"$(pkg-config --variable=libdir gruvsocks)"

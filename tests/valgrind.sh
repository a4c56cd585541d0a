#!/bin/sh
# SPDX-FileCopyrightText: 2026 The GruvSocks authors
# SPDX-License-Identifier: MIT

# sh tests/valgrind.sh: builds the tests of the codec and of the send queue and runs them under
# valgrind's memcheck: use of what was never written, of which no sanitizer of the suite knows.
# GRUVSOCKS_BUILD_DIR names another build directory.

set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
build=${GRUVSOCKS_BUILD_DIR:-$root/build-valgrind}

# shellcheck source=examples/setup.sh
. "$root/examples/setup.sh"

require_packages g++ cmake ninja-build qt6-base-dev valgrind libc6-dbg
prefer_fast_tools
cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DGRUVSOCKS_BUILD_EXAMPLES=OFF -DGRUVSOCKS_BUILD_GUI_DEMO=OFF -DGRUVSOCKS_BUILD_TESTS=ON ||
    die "CMake could not configure the build: see above."
cmake --build "$build" --parallel --target tst_framecodec tst_sendqueue ||
    die "The build failed: see above."

# functions_of PROGRAM EXCEPT...: its test functions without those.
functions_of() {
    program=$1
    shift
    "$program" -functions | tr -d '()' | grep -v -x -F "$(printf '%s\n' "$@")"
}

check() {
    program=$build/tests/auto/$1
    shift
    # shellcheck disable=SC2046 # a list of words
    valgrind --quiet --error-exitcode=99 --leak-check=full \
        --show-leak-kinds=definite --errors-for-leak-kinds=definite \
        "$program" -nocrashhandler $(functions_of "$program" "$@") ||
        die "valgrind has found something in $program, or a test failed: see above."
}

# Left out: what measures time, what measures memory (valgrind replaces the allocator), and what
# takes a quarter of a minute and more only because it moves so many bytes.
check tst_framecodec timeIsLinear memoryFollowsWhatArrived memoryAheadIsNotTouched \
    keptInputGoesWithItsLastMessage resetDropsTheSpare sparesAtRandom
check tst_sendqueue partialSendAtEveryByte anythingInAnyOrder

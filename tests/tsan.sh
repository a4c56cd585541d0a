#!/bin/sh
# SPDX-FileCopyrightText: 2026 The GruvSocks authors
# SPDX-License-Identifier: MIT

# sh tests/tsan.sh [ARGUMENTS OF CTEST]: builds the tests of threads with ThreadSanitizer and runs
# them. GRUVSOCKS_BUILD_DIR names another build directory.

set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
build=${GRUVSOCKS_BUILD_DIR:-$root/build-tsan}
# The others that have threads hand over through Qt's own queues, of which ThreadSanitizer sees nothing.
subjects="connectionguard threadstress gruvserverthreads gruvserverstop"

# shellcheck source=examples/setup.sh
. "$root/examples/setup.sh"

require_packages g++ cmake ninja-build qt6-base-dev
prefer_fast_tools
cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DGRUVSOCKS_SANITIZE=thread \
    -DGRUVSOCKS_BUILD_EXAMPLES=OFF -DGRUVSOCKS_BUILD_TESTS=ON ||
    die "CMake could not configure the build: see above."
# shellcheck disable=SC2046 # a list of words
cmake --build "$build" --parallel --target $(printf 'tst_%s ' $subjects) ||
    die "The build failed: see above."
cd "$build"
export TSAN_OPTIONS="suppressions=$root/tests/tsan.supp"
QT_QPA_PLATFORM=offscreen exec ctest --output-on-failure --no-tests=error \
    -R "^($(echo "$subjects" | tr ' ' '|'))\$" "$@"

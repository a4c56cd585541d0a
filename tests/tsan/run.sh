#!/bin/sh
# SPDX-FileCopyrightText: 2026 The GruvSocks authors
# SPDX-License-Identifier: MIT

# sh tests/tsan/run.sh [ARGUMENTS OF CTEST]: builds the suite with ThreadSanitizer and runs it, on a
# Qt that is built so too (qt.sh, some minutes the first time). GRUVSOCKS_BUILD_DIR names another
# build directory.

set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
build=${GRUVSOCKS_BUILD_DIR:-$root/build-tsan}
# Those of one thread and no other, or of memory, where the sanitizer has its own; and the shim that
# cuts descriptors which other threads are using.
left_out="framecodec|framesplits|sendqueue|messagememory|receivebounds|fuzz-.*|faults.*"

# shellcheck source=examples/setup.sh
. "$root/examples/setup.sh"

require_packages g++ cmake ninja-build qt6-base-dev openssl python3 erlang-base
prefer_fast_tools
sh "$root/tests/tsan/qt.sh" "$build/qt"
cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DGRUVSOCKS_SANITIZE=thread \
    -DGRUVSOCKS_BUILD_EXAMPLES=OFF -DGRUVSOCKS_BUILD_GUI_DEMO=OFF -DGRUVSOCKS_BUILD_TESTS=ON ||
    die "CMake could not configure the build: see above."
cmake --build "$build" --parallel || die "The build failed: see above."
cd "$build"
# QProcess makes a thread between fork() and exec().
export TSAN_OPTIONS="suppressions=$root/tests/tsan/suppressions.txt die_after_fork=0"
export LD_LIBRARY_PATH="$build/qt/build/lib" QT_PLUGIN_PATH="$build/qt/build/plugins"
QT_QPA_PLATFORM=offscreen exec ctest --output-on-failure --parallel 2 --no-tests=error \
    --label-exclude consumer --exclude-regex "^($left_out)\$" "$@"

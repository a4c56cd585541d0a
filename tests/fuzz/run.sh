#!/bin/sh
# SPDX-FileCopyrightText: 2026 The GruvSocks authors
# SPDX-License-Identifier: MIT

# sh tests/fuzz/run.sh [SECONDS]: installs what the fuzzers need, builds them, runs each for SECONDS
# (60) from the corpus in the tree, and fails where one finds something: the input is then in the
# build directory, findings/. GRUVSOCKS_BUILD_DIR names another build directory.

set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
build=${GRUVSOCKS_BUILD_DIR:-$root/build-fuzz}
seconds=${1:-60}

# shellcheck source=examples/setup.sh
. "$root/examples/setup.sh"

case $seconds in
'' | 0 | *[!0-9]*) die "How many seconds? Such as: sh tests/fuzz/run.sh 60" ;;
esac
require_packages clang libclang-rt-14-dev cmake ninja-build qt6-base-dev
prefer_fast_tools
cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CXX_COMPILER=clang++ \
    -DGRUVSOCKS_BUILD_FUZZERS=ON -DGRUVSOCKS_BUILD_EXAMPLES=OFF -DGRUVSOCKS_BUILD_TESTS=OFF \
    -DGRUVSOCKS_BUILD_GUI_DEMO=OFF ||
    die "CMake could not configure the build: see above."
cmake --build "$build" --parallel --target fuzz_codec fuzz_socket ||
    die "The build failed: see above."

# What is found new stays in the build directory and is where the next run begins.
fuzz() {
    mkdir -p "$build/corpus/$1" "$build/findings"
    say "== fuzz_$1 for $seconds s"
    log=$build/fuzz_$1.log
    if ! QT_QPA_PLATFORM=offscreen "$build/tests/fuzz/fuzz_$1" -max_total_time="$seconds" \
        -max_len="$2" -timeout=60 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$build/findings/$1-" \
        "$build/corpus/$1" "$root/tests/fuzz/corpus/$1" >"$log" 2>&1; then
        tail -n 60 "$log"
        return 1
    fi
    grep -E 'DONE|number_of_executed_units|average_exec_per_sec' "$log"
}

found=0
fuzz codec 1024 || found=1
fuzz socket 400 || found=1
exit $found

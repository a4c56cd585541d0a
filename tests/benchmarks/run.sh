#!/bin/sh
# SPDX-FileCopyrightText: 2026 The GruvSocks authors
# SPDX-License-Identifier: MIT

# sh tests/benchmarks/run.sh [ARGUMENTS OF COMPARE]: installs what the benchmarks need, builds them,
# runs them, prints the tables and writes results.json and compare.svg into the build directory.
# Such as: sh tests/benchmarks/run.sh --rows one-way --rounds 9 --check
# GRUVSOCKS_BUILD_DIR names another build directory.

set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
build=${GRUVSOCKS_BUILD_DIR:-$root/build-benchmarks}

# shellcheck source=examples/setup.sh
. "$root/examples/setup.sh"

require_packages g++ cmake ninja-build qt6-base-dev pkg-config
# For the certificates of the rows of TLS.
(require_packages openssl) || say "Going on without it."
# Without one of these its side is left out, and the configuration says so.
(require_packages qt6-websockets-dev libzmq3-dev libnng-dev) || say "Going on without them."
prefer_fast_tools
cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DGRUVSOCKS_BUILD_BENCHMARKS=ON \
    -DGRUVSOCKS_BUILD_EXAMPLES=OFF -DGRUVSOCKS_BUILD_GUI_DEMO=OFF -DGRUVSOCKS_BUILD_TESTS=OFF ||
    die "CMake could not configure the build: see above."
cmake --build "$build" --parallel || die "The build failed: see above."
say "The codec alone:"
"$build/tests/benchmarks/framecodec/bench_framecodec" || die "That failed: see above."
say "Compared with other ways, some minutes:"
"$build/tests/benchmarks/compare/compare" \
    --json "$build/results.json" --svg "$build/compare.svg" "$@"
say "All figures: $build/results.json, the chart: $build/compare.svg"

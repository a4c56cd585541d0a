#!/bin/sh
# SPDX-FileCopyrightText: 2026 The GruvSocks authors
# SPDX-License-Identifier: MIT

# sh tests/run.sh [ARGUMENTS OF CTEST]: installs what the tests need, builds, runs them.
# Such as: sh tests/run.sh -R socket
# GRUVSOCKS_BUILD_DIR names another build directory, GRUVSOCKS_SANITIZE is passed on to CMake.

set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
# By default shared with examples/quickstart.sh, so that nothing is compiled twice.
build=${GRUVSOCKS_BUILD_DIR:-$root/build}

# shellcheck source=examples/setup.sh
. "$root/examples/setup.sh"

require_packages g++ cmake ninja-build qt6-base-dev pkg-config openssl python3 erlang-base
prefer_fast_tools
cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release \
    -DGRUVSOCKS_BUILD_EXAMPLES=ON -DGRUVSOCKS_BUILD_GUI_DEMO=ON -DGRUVSOCKS_BUILD_TESTS=ON \
    -DGRUVSOCKS_DEVELOPER=ON \
    -DGRUVSOCKS_SANITIZE="${GRUVSOCKS_SANITIZE:-}" ||
    die "CMake could not configure the build: see above."
cmake --build "$build" --parallel || die "The build failed: see above."
cd "$build"
QT_QPA_PLATFORM=offscreen exec ctest --output-on-failure --parallel 2 --no-tests=error "$@"

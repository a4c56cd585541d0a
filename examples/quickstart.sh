#!/bin/sh
# SPDX-FileCopyrightText: 2026 The GruvSocks authors
# SPDX-License-Identifier: MIT

# sh examples/quickstart.sh [PORT]: from nothing to messages going round, in one command. With a
# display it ends by opening the demo.
# Builds into build/, the directory of tests/run.sh too: neither compiles again what the other has.

set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
build=$root/build
port=${1:-0} # 0: a free one
server_pid=
client_pid=
scratch=

# shellcheck source=examples/setup.sh
. "$root/examples/setup.sh"

# end_process PID: asks, waits up to five seconds, then insists.
end_process() {
    kill "$1" 2>/dev/null || return 0
    tries=0
    while [ "$tries" -lt 50 ] && kill -0 "$1" 2>/dev/null; do
        sleep 0.1
        tries=$((tries + 1))
    done
    kill -KILL "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

clean_up() {
    trap '' INT TERM HUP # once is enough
    [ -z "$client_pid" ] || end_process "$client_pid"
    [ -z "$server_pid" ] || end_process "$server_pid"
    [ -z "$scratch" ] || rm -rf "$scratch"
}

build_examples() {
    set -- -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DGRUVSOCKS_BUILD_EXAMPLES=ON \
        -DGRUVSOCKS_BUILD_GUI_DEMO=ON
    # The tests stay as tests/run.sh has left them; only a new directory goes without.
    [ -f "$build/CMakeCache.txt" ] || set -- "$@" -DGRUVSOCKS_BUILD_TESTS=OFF
    cmake "$@" || die "CMake could not configure the build: see above."
    cmake --build "$build" --parallel --target echo-server echo-client gruvsocks-demo ||
        die "The build failed: see above."
}

start_server() {
    : >"$scratch/server.out" # there to be read before the server's own shell has begun
    "$build/examples/echo-server/echo-server" "$port" \
        >"$scratch/server.out" 2>"$scratch/server.err" </dev/null &
    server_pid=$!
}

# Sets server_port from what the server prints, within ten seconds.
find_server_port() {
    tries=0
    while [ "$tries" -lt 100 ]; do
        server_port=$(sed -n 's/^listening on .*:\([0-9][0-9]*\)$/\1/p' "$scratch/server.out")
        [ -z "$server_port" ] || return 0
        kill -0 "$server_pid" 2>/dev/null || break
        sleep 0.1
        tries=$((tries + 1))
    done
    cat "$scratch/server.err" >&2
    die "The echo server could not listen."
}

choose_text() {
    text=$root/README.md
    [ -f "$text" ] && return 0
    text=$root/LICENSE
    say "There is no README.md in $root, so the lines of LICENSE are sent in its place."
}

# In the background and waited for: a signal then ends this script at once, not after the client.
run_client() {
    "$build/examples/echo-client/echo-client" 127.0.0.1 "$server_port" \
        --lines "$text" --big 8388608 </dev/null &
    client_pid=$!
    status=0
    wait "$client_pid" || status=$?
    client_pid=
    [ "$status" -eq 0 ] || die "The echo client found a fault: see above."
}

# It stays open when this script has returned.
open_demo() {
    demo=$build/gui-demo/gruvsocks-demo
    if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && [ -z "${CI:-}" ]; then
        say "Opening the demo, both ends of the wire in one window: $demo"
        "$demo" >/dev/null 2>&1 </dev/null &
    else
        say "On a machine with a display, this opens both ends of the wire in one window: $demo"
    fi
}

trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

require_packages g++ cmake ninja-build qt6-base-dev
prefer_fast_tools
build_examples
scratch=$build/quickstart.$$ # known before it is made, so that a signal leaves none behind
mkdir -p "$scratch"
choose_text
start_server
find_server_port
say "The echo server listens on port $server_port. Sending each line of $(basename "$text") and 8 MiB:"
run_client
open_demo

#!/bin/sh
# SPDX-FileCopyrightText: 2026 The GruvSocks authors
# SPDX-License-Identifier: MIT

# sh tests/tsan/qt.sh DIRECTORY: builds Core, Network and Test of the Qt installed here with
# ThreadSanitizer, which else sees nothing of the locks and queues inside them; the libraries are
# then in DIRECTORY/build/lib, and the plugin for TLS in DIRECTORY/build/plugins. Debian's source,
# of the very version, is fetched by apt; a directory that has it is not built again.

set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
directory=${1:?a directory to build in}

# shellcheck source=examples/setup.sh
. "$root/examples/setup.sh"

require_packages g++ cmake ninja-build qt6-base-dev libssl-dev xz-utils
version=$(dpkg-query -W -f '${Version}' qt6-base-dev)
[ "$(cat "$directory/built" 2>/dev/null)" != "$version" ] || exit 0
mkdir -p "$directory/lists/partial"
cd "$directory"

# Where the package came from also has its source; the system's own list of sources stays as it is.
fetch_source() {
    apt-cache policy qt6-base-dev |
        awk '$2 ~ /^https?:/ { split($3, suite, "/"); print "deb-src", $2, suite[1], suite[2] }' |
        sort -u >sources.list
    set -- -o Dir::Etc::SourceList="$PWD/sources.list" -o Dir::Etc::SourceParts=- \
        -o Dir::State::Lists="$PWD/lists" -o APT::Sandbox::User=root
    as_root apt-get "$@" update && as_root apt-get "$@" source --download-only "qt6-base=$version"
}
fetch_source || die "The source of qt6-base $version could not be fetched."
rm -rf source build built
mkdir source
tar xf qt6-base_*.orig.tar.xz -C source --strip-components 1

# Only what the tests use. glib is not instrumented, so Qt's own event loop it is.
cmake -S source -B build -G Ninja -DCMAKE_BUILD_TYPE=None \
    -DCMAKE_C_FLAGS="-O1 -fsanitize=thread" -DCMAKE_CXX_FLAGS="-O1 -fsanitize=thread -Wno-tsan" \
    -DQT_HOST_PATH=/usr -DQT_FORCE_FIND_TOOLS=ON -DQT_BUILD_EXAMPLES=OFF -DQT_BUILD_TESTS=OFF \
    -DFEATURE_gui=OFF -DFEATURE_sql=OFF -DFEATURE_xml=OFF -DFEATURE_dbus=OFF \
    -DFEATURE_concurrent=OFF -DFEATURE_glib=OFF -DFEATURE_icu=OFF -DINPUT_openssl=linked >configure.log ||
    die "CMake could not configure Qt: see $PWD/configure.log."
cmake --build build --parallel --target Core Network Test QTlsBackendOpenSSLPlugin >build.log ||
    die "Qt could not be built: see $PWD/build.log."
echo "$version" >built

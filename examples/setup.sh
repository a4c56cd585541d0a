# SPDX-FileCopyrightText: 2026 The GruvSocks authors
# SPDX-License-Identifier: MIT
# shellcheck shell=sh

# Sourced by quickstart.sh and tests/run.sh (POSIX sh): sees to it that what a build needs is installed.

say() {
    printf '%s\n' "$*"
}

die() {
    printf '%s\n' "$*" >&2
    exit 1
}

has_command() {
    command -v "$1" >/dev/null 2>&1
}

has_apt() {
    has_command apt-get && has_command dpkg-query
}

# Without dpkg to ask: is there what the Debian package brings?
is_there() {
    case $1 in
    g++) has_command c++ || has_command g++ || has_command clang++ ;;
    ninja-build) has_command ninja || has_command ninja-build ;;
    qt6-base-dev)
        has_command qmake6 || has_command qtpaths6 || pkg-config --exists Qt6Network 2>/dev/null ;;
    erlang-base) has_command erl ;;
    pkg-config) has_command pkg-config || has_command pkgconf ;;
    *) has_command "$1" ;;
    esac
}

is_installed() {
    if has_apt; then
        # shellcheck disable=SC2016 # dpkg-query's own variable
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
    else
        is_there "$1"
    fi
}

# Prints those of the packages that are not installed, with a space before each.
missing_of() {
    for package in "$@"; do
        is_installed "$package" || printf ' %s' "$package"
    done
}

# names_elsewhere PACKAGE: what Debian's package is called by dnf, pacman, zypper and brew.
names_elsewhere() {
    case $1 in
    g++) echo "gcc-c++ gcc gcc-c++ gcc" ;;
    ninja-build) echo "ninja-build ninja ninja ninja" ;;
    qt6-base-dev) echo "qt6-qtbase-devel qt6-base qt6-base-devel qt" ;;
    erlang-base) echo "erlang erlang erlang erlang" ;;
    pkg-config) echo "pkgconf-pkg-config pkgconf pkg-config pkgconf" ;;
    python3) echo "python3 python python3 python" ;;
    *) echo "$1 $1 $1 $1" ;;
    esac
}

# column NUMBER PACKAGES...: their names in one column of the table above.
column() {
    number=$1
    shift
    for package in "$@"; do
        names_elsewhere "$package" | cut -d ' ' -f "$number"
    done | sort -u | tr '\n' ' '
}

name_and_exit() {
    {
        say "Missing here (by their Debian names): $*"
        say "This script installs with apt only. On this system, please install them yourself:"
        say "  Fedora:    sudo dnf install $(column 1 "$@")"
        say "  Arch:      sudo pacman -S $(column 2 "$@")"
        say "  openSUSE:  sudo zypper install $(column 3 "$@")"
        say "  macOS:     brew install $(column 4 "$@")"
        say "and start this script again."
    } >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

apt_install() {
    as_root apt-get update </dev/null &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
            -o DPkg::Lock::Timeout=120 "$@" </dev/null
}

# require_packages PACKAGE...: returns when all of them (Debian names) are installed, or exits with 1.
require_packages() {
    missing=$(missing_of "$@")
    [ -n "$missing" ] || return 0
    # shellcheck disable=SC2086 # a list of words
    has_apt || name_and_exit $missing
    if [ "$(id -u)" -ne 0 ] && ! has_command sudo; then
        die "Missing:$missing. Without sudo only root can install it: apt-get install$missing"
    fi
    say "Missing, so it is installed with apt-get:$missing"
    # shellcheck disable=SC2086
    apt_install $missing || {
        say "That failed; once more, in case it was the network."
        apt_install $missing
    } || die "apt-get could not install:$missing. Its message stands above."
}

# What CMake takes when a build directory is new. Neither is needed; what the user has set stays.
prefer_fast_tools() {
    if [ -z "${CMAKE_GENERATOR:-}" ] && is_there ninja-build; then
        export CMAKE_GENERATOR=Ninja
    fi
    if [ -z "${CMAKE_CXX_COMPILER_LAUNCHER:-}" ] && has_command ccache; then
        export CMAKE_CXX_COMPILER_LAUNCHER=ccache
    fi
}

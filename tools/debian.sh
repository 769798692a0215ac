# SPDX-License-Identifier: GPL-2.0-or-later
# debian.sh: package lists and package installation on Debian and Ubuntu, sourced by install.sh, test.sh and test/matrix/run.sh.
# shellcheck shell=bash
# shellcheck disable=SC2034

# What building the plugin and reading a capture with it needs.
BUILD_PACKAGES=(gcc libc6-dev make cmake pkg-config libglib2.0-dev wireshark-dev tshark)

# build_packages: print BUILD_PACKAGES, without gcc where CC names another compiler that is there.
build_packages() {
    local package compiler=${CC:-cc}
    for package in "${BUILD_PACKAGES[@]}"; do
        [ "$package" = gcc ] && command -v "${compiler%% *}" >/dev/null || echo "$package"
    done
}

# What the test suite needs beside it.
TEST_PACKAGES=(libcmocka-dev python3-pytest iproute2 tcpdump jq sqlite3 parallel valgrind wireshark xvfb xdotool)

# What further tests need that are skipped without it: fuzzing, the Debian package.
OPTIONAL_TEST_PACKAGES=(clang libclang-rt-dev dpkg-dev lintian man-db)

# What test/matrix needs.
MATRIX_PACKAGES=(debootstrap)

# What building the Debian package needs beside BUILD_PACKAGES.
PACKAGING_PACKAGES=(dpkg-dev file gzip)

# fail: print one line on stderr and end with status 1.
fail() {
    echo "${0##*/}: $*" >&2
    exit 1
}

# as_root: run a command as root, by sudo for an ordinary user.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "'$*' needs root, and sudo is not installed"
    fi
}

# is_installed: true if dpkg has the package named, fully installed.
is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# is_available: true if apt could install the package named.
is_available() {
    apt-cache show --no-all-versions "$1" >/dev/null 2>&1
}

# fetch_lists: get apt's package lists if there are none, as on a new machine or in a container.
fetch_lists() {
    is_available libc6 || as_root apt-get -qq update </dev/null || fail "apt-get update failed"
}

# preset_wireshark: answer wireshark-common's question beforehand: capturing stays root's, unless the machine's owner chose otherwise already.
preset_wireshark() {
    is_installed wireshark-common && return 0
    echo 'wireshark-common wireshark-common/install-setuid boolean false' | as_root debconf-set-selections
}

# install_missing: install those of the packages named that are not installed. Without recommended packages, without questions.
install_missing() {
    local missing=() package
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null || fail "please install by hand what Debian calls: ${missing[*]} (apt-get is missing here)"
    [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null || fail "sudo is missing here: as root, run: apt-get install --no-install-recommends ${missing[*]}"
    echo "Installing ${missing[*]} ..."
    preset_wireshark
    local options=(-y -qq --no-install-recommends -o Dpkg::Use-Pty=0)
    as_root env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" install "${missing[@]}" </dev/null >/dev/null 2>&1 && return
    as_root apt-get -qq update </dev/null || fail "apt-get update failed"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" install "${missing[@]}" </dev/null >/dev/null ||
        fail "apt-get could not install ${missing[*]}"
}

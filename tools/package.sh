#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# package.sh: build the Debian package for the Wireshark of this machine, in build-deb, and print its name.
set -eu
source_dir=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tools/debian.sh
. "$source_dir/tools/debian.sh"

build_dir=${TCPFSM_BUILD_DIR:-$source_dir/build-deb}
# shellcheck disable=SC2046
install_missing $(build_packages) "${PACKAGING_PACKAGES[@]}"
mkdir -p "$build_dir"
log=$build_dir/package.log
{
    rm -f "$build_dir"/*.deb
    cmake -S "$source_dir" -B "$build_dir" -DTCPFSM_INSTALL=system -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF &&
        cmake --build "$build_dir" -j "$(nproc)" && cmake --build "$build_dir" --target package
} >"$log" 2>&1 || { tail -n 20 "$log" >&2; fail "the package was not built: see $log"; }
ls "$build_dir"/*.deb

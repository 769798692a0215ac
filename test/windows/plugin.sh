#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# plugin.sh: tcpfsm.dll, cross-built with tcpfsm's own CMake files against /wireshark and installed where %APPDATA% is in Wine's folder. run.sh runs it inside
# its folder, after wireshark.sh.
set -eu
# shellcheck source=test/windows/cross.sh
. "$(dirname "$0")/cross.sh"

export CFLAGS='' WINEPREFIX=/wine WINEDEBUG=-all
# Wine makes its folder once; it may say much of a display that it does not have.
[ -e /wine/drive_c ] || wine64 wineboot --init >/dev/null 2>&1
# Wireshark's personal folder is found by the variable with that name, as a person's would be, when tcpfsm is configured.
export APPDATA='/wine/drive_c/users/root/AppData/Roaming'
cmake -G Ninja -S /tcpfsm -B "$BUILD/tcpfsm" -DCMAKE_TOOLCHAIN_FILE="$BUILD/toolchain.cmake" -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_PREFIX_PATH="/wireshark;$PREFIX" -DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON -DCMAKE_C_FLAGS=-Werror
ninja -C "$BUILD/tcpfsm" -j2
cmake --install "$BUILD/tcpfsm"

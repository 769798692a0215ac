#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# wireshark.sh: tshark.exe and libwireshark, cross-built of Debian's sources in /src, installed with headers and CMake package in /wireshark. run.sh runs it
# inside its folder, after dependencies.sh. With DISSECTORS=all every dissector is built, which takes an hour; else those that the captures need (dissectors.py).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=test/windows/cross.sh
. "$here/cross.sh"

# Two are asked for by their names, without which Wireshark ends: file, and v150fw by RTP, which DTLS names.
NEEDED=(file-file packet-{frame,eth,ip,ipv6,tcp,icmp,icmpv6,vlan,ieee8021ah,ieee80211,gre,vxlan,ipsec,udp,data,raw,v150fw})
sources=$(echo "$SRC"/wireshark-*/)

# Nothing optional. UCRT's vsnprintf() is C99's, which CMake would find out by running a program. In the surroundings of MSYS2 Wireshark asks
# pkg-config for its libraries instead of downloading them.
configure() {
    local off=() option
    # shellcheck disable=SC2013
    for option in $(sed -n 's/^\t*option(\(ENABLE_[A-Z0-9_]*\|BUILD_[a-z0-9_]*\) .* ON)$/\1/p' "$sources/CMakeOptions.txt"); do
        case $option in
        BUILD_tshark | ENABLE_PLUGINS | ENABLE_DEBUG | ENABLE_ASSERT) ;;
        *) off+=("-D$option=OFF") ;;
        esac
    done
    MSYSTEM=UCRT64 WIRESHARK_TARGET_PLATFORM=win64 CFLAGS="-O0 -w -fpermissive -I$BUILD/headers" CXXFLAGS="-O0 -w" \
        cmake -G Ninja -S "$sources" -B "$BUILD/wireshark" -DCMAKE_TOOLCHAIN_FILE="$BUILD/toolchain.cmake" -DCMAKE_INSTALL_PREFIX="$PREFIX" \
        -DCMAKE_BUILD_TYPE=None -DCMAKE_PREFIX_PATH="$PREFIX" -DPython3_EXECUTABLE=/usr/bin/python3 \
        -DHAVE_C99_VSNPRINTF_EXITCODE=0 "${off[@]}"
}

# link_headers: give the headers of Windows the names by which Wireshark includes them: there the case of letters does not matter.
link_headers() {
    local name have=/usr/share/mingw-w64/include
    mkdir -p "$BUILD/headers"
    # shellcheck disable=SC2013
    for name in $(grep -rhoE --include='*.[ch]' '^#[[:space:]]*include <[A-Za-z0-9_]*[A-Z][A-Za-z0-9_]*[.]h>' "$sources" | sed 's/.*<//; s/>//' | sort -u); do
        [ -e "$have/$name" ] || [ ! -e "$have/${name,,}" ] || ln -sf "$have/${name,,}" "$BUILD/headers/$name"
    done
}

[ "${DISSECTORS:-}" = all ] || python3 "$here/dissectors.py" "$sources" "${NEEDED[@]}"
link_headers
# Without pcap this file of Wireshark's, which captures packets, lacks an include. It is the only file in C that is changed.
grep -q feature_list.h "$sources/capture/capture-wpcap.c" || sed -i '0,/^#include <glib.h>/s//#include <glib.h>\n#include <wsutil\/feature_list.h>/' "$sources/capture/capture-wpcap.c"
configure
# lemon, which writes parsers, runs here: one for this machine takes the place of the one for Windows.
ninja -C "$BUILD/wireshark" -j2 lemon
gcc -w -o "$BUILD/wireshark/run/lemon.exe" "$sources/tools/lemon/lemon.c"
ninja -C "$BUILD/wireshark" -j2 tshark
# What was built is installed, headers and CMake package too; what was not, such as Wireshark's own plugins, is passed over.
sed -E '/include\(".*\/(plugins|doc|randpkt_core|writecap|tools)\//d' "$BUILD/wireshark/cmake_install.cmake" >"$BUILD/wireshark/install.cmake"
cmake -DCMAKE_INSTALL_PREFIX=/wireshark -DCMAKE_INSTALL_CONFIG_NAME=None -P "$BUILD/wireshark/install.cmake"
cp "$PREFIX"/bin/*.dll /wireshark/
find /usr/lib/gcc/$HOST /usr/$HOST \( -name 'libgcc_s*.dll' -o -name 'libwinpthread*.dll' \) -exec cp {} /wireshark/ \;

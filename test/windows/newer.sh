#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# newer.sh: tcpfsm.dll for the newer Wireshark that Debian 13 has, of whose sources no tshark.exe is made: compiled with the headers of its development packages
# and linked against import libraries made of the names that its libraries export. That shows that the plugin compiles and links, not that it runs. run.sh runs
# it inside its folder, after plugin.sh.
set -eu
# shellcheck source=test/windows/cross.sh
. "$(dirname "$0")/cross.sh"

NEWER=/wireshark-newer
export CFLAGS=''

# unpack: the packages' files in a folder of their own, not installed.
unpack() {
    local package
    rm -rf $NEWER
    mkdir -p $NEWER/packages
    cd $NEWER/packages
    # shellcheck disable=SC2046
    apt-get -q download libwireshark-dev libwiretap-dev libwsutil-dev $(apt-cache depends libwireshark-dev libwsutil-dev | sed -n 's/.*Depends: \(lib\(wireshark\|wsutil\)[0-9].*\)/\1/p')
    for package in *.deb; do
        dpkg -x "$package" $NEWER
    done
}

# import_library NAME: an import library for NAME.dll of what NAME.so exports. Variables are marked as such.
import_library() {
    {
        echo EXPORTS
        nm -D --defined-only $NEWER/usr/lib/x86_64-linux-gnu/"$1".so | awk '{ sub(/@.*/, "", $3); print $3 ($2 ~ /[BDRVG]/ ? " DATA" : "") }'
    } >$NEWER/"$1".def
    $HOST-dlltool -d $NEWER/"$1".def -D "$1".dll -l $NEWER/"$1".dll.a
}

# cmake_package: what find_package(Wireshark) reads. Debian's own names the libraries for Linux.
cmake_package() {
    local version
    version=$(sed -n 's/^#define VERSION "\([0-9.]*\).*/\1/p' $NEWER/usr/include/wireshark/ws_version.h)
    [ -n "$version" ] || version=$(sed -n 's/.*WIRESHARK_VERSION_\(MAJOR\|MINOR\|MICRO\) *\([0-9]*\)/\2/p' $NEWER/usr/include/wireshark/ws_version.h | paste -sd.)
    mkdir -p $NEWER/cmake
    cat >$NEWER/cmake/WiresharkConfig.cmake <<END
set(Wireshark_VERSION $version)
set(Wireshark_PLUGIN_INSTALL_DIR $NEWER/plugins)
set(Wireshark_INCLUDE_DIR $NEWER/usr/include/wireshark)
foreach(library epan wsutil)
    add_library(\${library} SHARED IMPORTED)
endforeach()
set_target_properties(epan PROPERTIES IMPORTED_IMPLIB $NEWER/libwireshark.dll.a INTERFACE_LINK_LIBRARIES "wsutil;$PREFIX/lib/libglib-2.0.dll.a"
    INTERFACE_INCLUDE_DIRECTORIES "$NEWER/usr/include/wireshark;$PREFIX/include/glib-2.0;$PREFIX/lib/glib-2.0/include")
set_target_properties(wsutil PROPERTIES IMPORTED_IMPLIB $NEWER/libwsutil.dll.a)
END
}

unpack
import_library libwireshark
import_library libwsutil
cmake_package
rm -rf "$BUILD/newer"
cmake -G Ninja -S /tcpfsm -B "$BUILD/newer" -DCMAKE_TOOLCHAIN_FILE="$BUILD/toolchain.cmake" -DCMAKE_BUILD_TYPE=Release -DWireshark_DIR=$NEWER/cmake \
    -DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON -DCMAKE_C_FLAGS=-Werror
ninja -C "$BUILD/newer" -j2 tcpfsm
# What Wireshark asks of a plugin by name is exported.
for name in plugin_version plugin_want_major plugin_want_minor plugin_register plugin_describe; do
    $HOST-objdump -p "$BUILD/newer/plugin/tcpfsm.dll" | grep -qE "[^a-z_]$name\$" || { echo "tcpfsm.dll does not export $name"; exit 1; }
done
$HOST-objdump -p "$BUILD/newer/plugin/tcpfsm.dll" | sed -n 's/.*DLL Name: //p'

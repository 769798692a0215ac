#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# dependencies.sh: what tshark.exe needs, cross-built with mingw-w64 (UCRT) of Debian's sources in /src, into /windows. run.sh runs it inside its folder.
# What is built is kept: a second run begins with the first library that is missing.
set -eu
# shellcheck source=test/windows/cross.sh
. "$(dirname "$0")/cross.sh"

# autotools_build NAME FOLDER CONFIGURE-OPTION...: configure for Windows. Debian's patches changed what configure was made of, not what it does there, so that
# what was generated is marked as newer and no autotools of its time are needed.
autotools_build() {
    local name=$1 folder=$2
    shift 2
    find "$folder" -name aclocal.m4 -exec touch -d "1 minute ago" {} +
    find "$folder" \( -name configure -o -name Makefile.in -o -name 'config*.h*in' \) -exec touch {} +
    mkdir -p "$BUILD/$name"
    cd "$BUILD/$name"
    CC=$HOST-gcc CXX=$HOST-g++ AR=$HOST-ar AS=$HOST-as LD=$HOST-ld NM=$HOST-nm RANLIB=$HOST-ranlib STRIP=$HOST-strip OBJDUMP=$HOST-objdump \
        DLLTOOL=$HOST-dlltool RC=$HOST-windres WINDRES=$HOST-windres CPPFLAGS=-I$PREFIX/include LDFLAGS=-L$PREFIX/lib \
        "$folder/configure" --host=x86_64-w64-mingw32 --build=x86_64-linux-gnu --prefix="$PREFIX" --enable-shared --disable-static "$@"
}

# zlib's makefile for Windows is not in Debian's sources. GLib's configuration asks for zlib.
build_zlib() {
    install -d "$BUILD/zlib" "$PREFIX/bin" "$PREFIX/lib/pkgconfig" "$PREFIX/include"
    # shellcheck disable=SC2086
    $HOST-gcc $CFLAGS -shared -o "$PREFIX/bin/zlib1.dll" -Wl,--out-implib,"$PREFIX/lib/libz.dll.a" "$SRC"/zlib-*/*.c
    install -m 644 -t "$PREFIX/include" "$SRC"/zlib-*/zlib.h "$SRC"/zlib-*/zconf.h
    printf 'Name: zlib\nDescription: zlib\nVersion: 1.2.13\nLibs: -L%s/lib -lz\nCflags: -I%s/include\n' "$PREFIX" "$PREFIX" >"$PREFIX/lib/pkgconfig/zlib.pc"
}

build_libffi() {
    autotools_build libffi "$(echo "$SRC"/libffi-*/)" --disable-docs
    make -j2 install
}

# Of gettext the run-time library only, which GLib needs to translate nothing.
build_libintl() {
    autotools_build libintl "$(echo "$SRC"/gettext-*/gettext-runtime)" --disable-java --disable-csharp --disable-libasprintf --disable-curses --enable-threads=windows
    make -C intl -j2 install
}

build_pcre2() {
    autotools_build pcre2 "$(echo "$SRC"/pcre2-*/)"
    make -j2 install
}

# Of GLib three of its libraries: what is built of what Meson would install is installed.
build_glib() {
    meson setup "$BUILD/glib" "$(echo "$SRC"/glib2.0-*/)" --cross-file "$BUILD/meson.cross" --prefix "$PREFIX" --libdir lib --buildtype plain \
        -Dtests=false -Dinstalled_tests=false -Dnls=disabled -Dglib_debug=disabled -Dman=false -Dgtk_doc=false
    ninja -C "$BUILD/glib" -j2 glib/libglib-2.0-0.dll gmodule/libgmodule-2.0-0.dll gthread/libgthread-2.0-0.dll
    meson introspect "$BUILD/glib" --installed | python3 -c '
import json, os, shutil, sys
for source, target in json.load(sys.stdin).items():
    if os.path.isfile(source):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy(source, target)'
}

build_libgpg_error() {
    autotools_build libgpg_error "$(echo "$SRC"/libgpg-error-*/)" --disable-doc --disable-tests --disable-nls --enable-install-gpg-error-config
    make -j2 install
}

build_libgcrypt() {
    autotools_build libgcrypt "$(echo "$SRC"/libgcrypt20-*/)" --disable-doc --with-libgpg-error-prefix="$PREFIX"
    make -j2 -C compat && make -j2 -C mpi && make -j2 -C cipher && make -j2 -C random && make -C src -j2 install
}

# Debian's patch names INADDRSZ, which no header of Windows has.
build_cares() {
    CFLAGS="$CFLAGS -DINADDRSZ=NS_INADDRSZ" cmake -G Ninja -S "$(echo "$SRC"/c-ares-*/)" -B "$BUILD/cares" -DCMAKE_TOOLCHAIN_FILE="$BUILD/toolchain.cmake" -DCMAKE_INSTALL_PREFIX="$PREFIX" \
        -DCARES_BUILD_TOOLS=OFF -DCMAKE_BUILD_TYPE=Release -DCMAKE_POLICY_VERSION_MINIMUM=3.5
    ninja -C "$BUILD/cares" -j2 install
}

# One library is a process of its own, so that the first command that fails ends it.
if [ $# -gt 0 ]; then
    "build_$1"
    exit
fi
mkdir -p "$BUILD" "$PREFIX"
write_cross_files
for library in zlib libffi libgpg_error libgcrypt cares libintl pcre2 glib; do
    [ ! -e "$BUILD/$library.done" ] || continue
    echo "$library ..."
    rm -rf "${BUILD:?}/$library"
    bash "$0" "$library" >"$BUILD/$library.log" 2>&1 || { tail -n 30 "$BUILD/$library.log"; echo "$library could not be built"; exit 1; }
    touch "$BUILD/$library.done"
done

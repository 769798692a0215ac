# SPDX-License-Identifier: GPL-2.0-or-later
# cross.sh: the names of the cross compiler and of the folders inside run.sh's folder, for the scripts that run there.
# shellcheck shell=bash
# shellcheck disable=SC2034

HOST=x86_64-w64-mingw32ucrt
SRC=/src
BUILD=/build
PREFIX=/windows

# Quick to compile; Debian 12's sources were not written for GCC 14, which takes for errors what GCC 12 warned of.
export CFLAGS='-O1 -fpermissive -w'
export PKG_CONFIG_LIBDIR=$PREFIX/lib/pkgconfig PKG_CONFIG_PATH=

# write_cross_files: write the toolchain file for CMake and the cross file for meson.
write_cross_files() {
    cat >"$BUILD/toolchain.cmake" <<END
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_C_COMPILER $HOST-gcc)
set(CMAKE_CXX_COMPILER $HOST-g++)
set(CMAKE_RC_COMPILER $HOST-windres)
set(CMAKE_FIND_ROOT_PATH $PREFIX /wireshark /usr/$HOST)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
END
    cat >"$BUILD/meson.cross" <<END
[binaries]
c = '$HOST-gcc'
cpp = '$HOST-g++'
ar = '$HOST-ar'
strip = '$HOST-strip'
windres = '$HOST-windres'
pkg-config = 'pkg-config'
[built-in options]
c_args = ['-O1', '-fpermissive', '-w', '-I$PREFIX/include']
c_link_args = ['-L$PREFIX/lib']
cpp_args = ['-O1', '-w', '-I$PREFIX/include']
cpp_link_args = ['-L$PREFIX/lib']
[properties]
needs_exe_wrapper = true
[host_machine]
system = 'windows'
cpu_family = 'x86_64'
cpu = 'x86_64'
endian = 'little'
END
}

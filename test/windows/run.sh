#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh: tcpfsm on Windows, as far as that can be seen without Windows: builds a tcpfsm.dll and a tshark.exe with mingw-w64 and compares what they say
# under Wine with what the plugin says here.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
source_dir=$(cd "$here/../.." && pwd)
# shellcheck source=tools/debian.sh
. "$source_dir/tools/debian.sh"

SKIPPED=77
# The compiler (for UCRT, the C library of Windows since version 10) and Wine are Debian 13's. Sources are Debian 12's: its Wireshark is the one whose answers
# they are compared with.
TOOLS=trixie
SOURCES=bookworm
TOOL_PACKAGES=(gcc libc6-dev make cmake ninja-build meson pkgconf python3 python3-packaging flex bison perl file dpkg-dev xz-utils bzip2 mawk
    gcc-mingw-w64-ucrt64 g++-mingw-w64-ucrt64 wine64 wine)
SOURCE_PACKAGES=(wireshark glib2.0 pcre2 libgcrypt20 libgpg-error c-ares libffi gettext zlib)

usage() {
    cat <<END
Usage: test/windows/run.sh [--check] FOLDER

Makes a Debian 13 with mingw-w64 and Wine in FOLDER, cross-builds there what tshark.exe needs, tshark.exe and tcpfsm.dll, runs tshark.exe under Wine on
captures/tour.pcapng and on every capture that has a golden, and compares what tcpfsm says there with what it says here, byte for byte, and with the goldens.
Needs root, debootstrap, 6 GB, and the first time an hour or so; what was built is kept in FOLDER for the next time.

  --check                     say whether this can run here, and if not why
  TCPFSM_PLUGIN               the tcpfsm.so to compare with: default build-test/plugin/tcpfsm.so
  TCPFSM_WINDOWS_DISSECTORS   'all', in a new FOLDER: build all of Wireshark's dissectors, not only those that the captures and these dissectors need

Exit status: 0 the same; 1 a build failed or something differs; $SKIPPED skipped: not root, no debootstrap, or the mirror cannot be reached.
END
}

# skip: say why nothing was tested and end with the status that CTest shows as Skipped.
skip() {
    echo "skipped: $*"
    exit $SKIPPED
}

# mirror: print the address of the Debian archive this machine's own apt uses.
mirror() {
    [ -n "${TCPFSM_MIRROR:-}" ] && { echo "$TCPFSM_MIRROR"; return; }
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(LABEL)' 2>/dev/null | awk '$2 == "Debian" && $3 == "Debian" { print $1; exit }'
}

# in_root COMMAND...: run a command as root in the folder, with /proc and /dev/shm of its own, and gently: all that runs there is work for idle processors.
in_root() {
    # shellcheck disable=SC2016
    nice -n 19 unshare --mount --pid --fork --kill-child bash -c '
        mount -t proc proc "$0/proc" && mount -t tmpfs tmpfs "$0/dev/shm" && exec chroot "$0" "$@"' "$root" \
        env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/wine HOME=/root LANG=C.UTF-8 TZ=UTC DEBIAN_FRONTEND=noninteractive \
        DISSECTORS="${TCPFSM_WINDOWS_DISSECTORS:-}" "$@" </dev/null
}

# can_run: skip, saying why, unless the folder can be made or is there.
can_run() {
    [ "$(id -u)" -eq 0 ] || skip "debootstrap needs root"
    command -v debootstrap >/dev/null || skip "debootstrap is not installed"
    unshare --mount --pid --fork true 2>/dev/null || skip "this machine does not allow mount namespaces"
    [ -e "$root/.tcpfsm-sources" ] || [ -n "$(mirror)" ] || skip "this machine's apt knows no Debian mirror"
}

# once NAME COMMAND...: run a command unless it succeeded before, with its output in FOLDER/NAME.log.
once() {
    local name=$1
    shift
    [ ! -e "$root/.tcpfsm-$name" ] || return 0
    echo "$name ..."
    "$@" >"$folder/$name.log" 2>&1 || { tail -n 20 "$folder/$name.log"; fail "$name failed, see $folder/$name.log"; }
    touch "$root/.tcpfsm-$name"
}

# bootstrap: make the base system. An unfinished one is never left under its name.
bootstrap() {
    local uri
    uri=$(mirror)
    rm -rf --one-file-system "$root.partial"
    debootstrap --variant=minbase $TOOLS "$root.partial" "$uri"
    mv "$root.partial" "$root"
}

# tools: install the compiler and Wine; apt uses the mirror and the proxy that this machine uses.
tools() {
    local uri
    uri=$(mirror)
    apt-config dump Acquire::http Acquire::https | sed '/^Acquire::https\{0,1\} "";$/d' >"$root/etc/apt/apt.conf.d/90machine"
    printf 'Acquire::Check-Valid-Until "false";\nAPT::Install-Recommends "false";\nAcquire::Languages "none";\n' >"$root/etc/apt/apt.conf.d/91windows"
    printf 'deb %s %s main\ndeb-src %s %s main\n' "$uri" $TOOLS "$uri" $SOURCES >"$root/etc/apt/sources.list"
    cp /etc/resolv.conf /etc/hosts "$root/etc/"
    in_root apt-get -q update
    in_root apt-get -qq -y install "${TOOL_PACKAGES[@]}"
}

# sources: fetch and unpack Debian's sources.
sources() {
    in_root mkdir -p /src
    # shellcheck disable=SC2016
    in_root bash -euc 'cd /src && apt-get -q --only-source source "$@"' bash "${SOURCE_PACKAGES[@]}"
}

# copy_project: put the project's sources, without what is built, into the folder.
copy_project() {
    rm -rf --one-file-system "$root/tcpfsm"
    mkdir "$root/tcpfsm"
    tar -C "$source_dir" --exclude=./.git --exclude='./build*' --exclude=__pycache__ --exclude=.pytest_cache -cf - . | tar -C "$root/tcpfsm" -xf -
}

# step NAME SCRIPT: run a script of this folder inside, which itself knows what is built already.
step() {
    echo "$1 ..."
    in_root bash "/tcpfsm/test/windows/$2" >"$folder/$1.log" 2>&1 || { tail -n 20 "$folder/$1.log"; fail "$1 failed, see $folder/$1.log"; }
}

check_only=''
case ${1:-} in
-h | --help) usage; exit ;;
--check) check_only=yes; shift ;;
esac
[ $# -eq 1 ] || { usage >&2; exit 1; }
mkdir -p "$1"
folder=$(cd "$1" && pwd)
root=$folder/root
can_run
[ -z "$check_only" ] || { echo "can run in $folder"; exit; }
plugin=${TCPFSM_PLUGIN:-${TCPFSM_BUILT_PLUGIN:-$source_dir/build-test/plugin/tcpfsm.so}}
[ -e "$plugin" ] || fail "there is no $plugin to compare with: build it, or name another in TCPFSM_PLUGIN"
exec 9>"$folder/lock"
flock 9
[ -e "$root" ] || { echo "debootstrap ..."; bootstrap >"$folder/debootstrap.log" 2>&1 || fail "debootstrap failed, see $folder/debootstrap.log"; }
once tools tools
once sources sources
copy_project
step dependencies dependencies.sh
step wireshark wireshark.sh
step plugin plugin.sh
step newer newer.sh
python3 -B "$here/annotations.py" "$root" "$plugin"

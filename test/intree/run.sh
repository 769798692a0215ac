#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh: build tcpfsm inside Wireshark's own source tree, as its doc/README.plugins asks (CUSTOM_PLUGIN_SRC_DIR), from nothing: fetch Debian's source
# package of the Wireshark that is installed here, configure it, build tshark and the plugin, and compare what they say with the goldens.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
source_dir=$(cd "$here/../.." && pwd)
# shellcheck source=tools/debian.sh
. "$source_dir/tools/debian.sh"

SKIPPED=77
DIR=${TCPFSM_INTREE_DIR:-/var/tmp/tcpfsm-intree}
JOBS=${TCPFSM_INTREE_JOBS:-1}

usage() {
    cat <<END
Usage: test/intree/run.sh

Builds tcpfsm as a part of Wireshark's source tree and runs the goldens through the tshark built there, and through the
one that is installed, if it is of the same series. Needs root (for packages), 2 GB, and ten minutes on one processor
the first time; what is built is kept.

  TCPFSM_INTREE_DIR    where sources and the build are kept: default $DIR
  TCPFSM_INTREE_JOBS   how many compilers at a time: default 1

Exit status: 0 all passed; 1 something failed; $SKIPPED skipped: not Debian, or no mirror.
END
}

# skip: say why nothing was tested and end with the status that CTest shows as Skipped.
skip() {
    echo "skipped: $*"
    exit $SKIPPED
}

# private_apt COMMAND...: apt with lists of its own, of source packages only: the machine's sources are left as they are.
private_apt() {
    APT_CONFIG=$DIR/apt/config "$@"
}

# prepare_apt: write the settings of private_apt and fetch the lists.
prepare_apt() {
    local uri codename keyring=/usr/share/keyrings/debian-archive-keyring.gpg signed=''
    uri=$(debian_mirror)
    [ -n "$uri" ] || skip "this machine's apt knows no Debian mirror"
    codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    [ ! -e "$keyring" ] || signed="[signed-by=$keyring] "
    mkdir -p "$DIR/apt/lists/partial" "$DIR/apt/cache"
    echo "deb-src $signed$uri $codename main" >"$DIR/apt/sources.list"
    cat >"$DIR/apt/config" <<END
Dir::State::Lists "$DIR/apt/lists";
Dir::Etc::SourceList "$DIR/apt/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Cache "$DIR/apt/cache";
APT::Sandbox::User "root";
Acquire::Check-Valid-Until "false";
END
    private_apt apt-get -q update >"$DIR/apt.log" 2>&1 && ! grep -qE '^(Err|W: Failed)' "$DIR/apt.log" ||
        skip "the source packages cannot be fetched, see $DIR/apt.log"
}

# fetch: unpack Wireshark's source package in DIR/wireshark, once.
fetch() {
    local version
    [ ! -e "$DIR/wireshark/CMakeLists.txt" ] || return 0
    prepare_apt
    version=$(dpkg-query -W -f '${source:Version}' tshark)
    echo "fetching the source package of Wireshark $version ..."
    rm -rf --one-file-system "$DIR"/wireshark "$DIR"/wireshark_* "$DIR"/wireshark-*
    (cd "$DIR" && { private_apt apt-get -q source --download-only "wireshark=$version" || private_apt apt-get -q source --download-only wireshark; }) \
        >>"$DIR/apt.log" 2>&1 || skip "the source package cannot be fetched, see $DIR/apt.log"
    dpkg-source -x "$DIR"/wireshark_*.dsc "$DIR/wireshark.partial" >>"$DIR/apt.log" 2>&1 || fail "dpkg-source failed, see $DIR/apt.log"
    mv "$DIR/wireshark.partial" "$DIR/wireshark"
}

# place_plugin: copy the sources of tcpfsm where README.plugins wants a plugin's folder. Files that did not change keep their times.
place_plugin() {
    local place=$DIR/wireshark/plugins/epan/tcpfsm fresh=$DIR/tcpfsm.fresh file
    rm -rf --one-file-system "$fresh"
    mkdir -p "$fresh"
    tar -C "$source_dir" --exclude=./.git --exclude='./build*' --exclude=__pycache__ --exclude=.pytest_cache -cf - . | tar -C "$fresh" -xf -
    if [ -d "$place" ]; then
        (cd "$fresh" && find . -type f -print0) | while IFS= read -r -d '' file; do
            cmp -s "$fresh/$file" "$place/$file" && touch -r "$place/$file" "$fresh/$file"
        done || true
        rm -rf --one-file-system "$place"
    fi
    mv "$fresh" "$place"
}

# build: configure Wireshark without its windows and what else a plugin does not need, and build tshark with the plugin.
build() {
    local off=() option log=$DIR/build.log
    for option in BUILD_wireshark BUILD_logray ENABLE_PCAP ENABLE_LUA ENABLE_GNUTLS ENABLE_KERBEROS ENABLE_LIBXML2 ENABLE_SMI ENABLE_NGHTTP2; do
        off+=("-D$option=OFF")
    done
    echo "configuring and building in $DIR/build; log: $log"
    # Without VCSVERSION_OVERRIDE Wireshark asks git, which would answer for whatever repository stands around.
    cmake -G "Unix Makefiles" -S "$DIR/wireshark" -B "$DIR/build" -DCMAKE_BUILD_TYPE=None -DCMAKE_C_FLAGS=-O0 -DCMAKE_CXX_FLAGS=-O0 "${off[@]}" \
        "-DVCSVERSION_OVERRIDE=Debian's source package" -DCUSTOM_PLUGIN_SRC_DIR=plugins/epan/tcpfsm >"$log" 2>&1 &&
        nice -n 19 make -C "$DIR/build" -j"$JOBS" tcpfsm tshark >>"$log" 2>&1 || { tail -n 30 "$log"; fail "the build failed, see $log"; }
    ! grep -E 'plugins/epan/tcpfsm/.*warning: ' "$log" || fail "Wireshark's own flags warn of what is above"
    chmod -R a+rX "$DIR"
}

# check_loaded: the tshark of the build finds the plugin where the build has put it.
check_loaded() {
    local said
    plugin=$(echo "$DIR"/build/run/plugins/*/epan/tcpfsm.so)
    [ -e "$plugin" ] || fail "no plugin where Wireshark's build puts plugins: $plugin"
    said=$(setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$DIR" "$DIR/build/run/tshark" -G plugins 2>/dev/null)
    grep -qE "^tcpfsm.so[[:space:]].*[[:space:]]$plugin\$" <<<"$said" || fail "the tshark of the build does not load $plugin; it has: $said"
    echo "loaded by the tshark of the build: $plugin"
}

# check TSHARK: the goldens, through this tshark with the plugin that was built in the tree.
check() {
    echo "$("$1" --version 2>/dev/null | head -n 1): $1"
    TSHARK=$1 TCPFSM_PLUGIN=$plugin TCPFSM_FORKED_LIBRARY=none /usr/bin/python3 -B -m pytest -q -p no:cacheprovider --tb=line \
        "$source_dir/test/test_golden.py" "$source_dir/test/test_cases.py" | tail -n 5
}

# check_install: what `make install` of Wireshark does for the plugin's folder.
check_install() {
    local root=$DIR/installed
    rm -rf --one-file-system "$root"
    DESTDIR=$root cmake -P "$DIR/build/plugins/epan/tcpfsm/plugin/cmake_install.cmake" >/dev/null
    find "$root" -path '*/plugins/*/epan/tcpfsm.so' | grep -q . && find "$root" -path '*/profiles/TCP State Machine/colorfilters' | grep -q . ||
        fail "install puts neither or one only of plugin and profile below $root"
}

case ${1:-} in
-h | --help) usage; exit ;;
esac
command -v apt-get >/dev/null && command -v dpkg-query >/dev/null || skip "this is not Debian"
grep -q '^ID=debian' /etc/os-release || skip "this is not Debian"
[ "$(id -u)" -eq 0 ] || skip "needs root, to install the packages that Wireshark's build needs"
umask 022
mkdir -p "$DIR"
# Wireshark's configuration leaves vcs_version.h in the folder it is called from.
cd "$DIR"
# shellcheck disable=SC2046
install_missing $(build_packages) "${INTREE_PACKAGES[@]}" >"$DIR/packages.log" 2>&1 || skip "packages are missing, see $DIR/packages.log"
fetch
place_plugin
build
check_loaded
# Outside of the folder `run`, tshark looks for no plugins there: the tests want to name the one it loads.
mkdir -p "$DIR/apart"
cp "$DIR/build/run/tshark" "$DIR/apart/tshark"
check "$DIR/apart/tshark"
series=${plugin%/epan/tcpfsm.so}
if [ "$(tshark --version 2>/dev/null | sed -n '1s/^[^0-9]*\([0-9]*\.[0-9]*\).*/\1/p')" = "${series##*/}" ]; then
    check "$(command -v tshark)"
fi
check_install
echo "in the tree: configured, built, loaded, installed"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# package.sh: build a package for the Wireshark of this machine, in build-deb, and print its name.
set -eu
source_dir=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tools/debian.sh
. "$source_dir/tools/debian.sh"

build_dir=${TCPFSM_BUILD_DIR:-$source_dir/build-deb}
log=$build_dir/package.log

usage() {
    cat <<END
Usage: tools/package.sh [deb | archive | rpm] ...     without a word: deb

  deb        the Debian package, for all users of the Wireshark that is installed
  archive    a .tar.gz with the plugin, the profile and install notes, for who has no package
  rpm        an RPM, built by rpmbuild from cmake/rpm; on Debian its dependencies are not asked for

  TCPFSM_BUILD_DIR    where to build: default build-deb
END
}

# configure: configure for all users.
configure() {
    cmake -S "$source_dir" -B "$build_dir" -DTCPFSM_INSTALL=system -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF
}

# make_cpack GENERATOR PATTERN: build, and let CPack make one package, after the old one is gone.
make_cpack() {
    rm -f "$build_dir"/$2
    cmake --build "$build_dir" -j "$(nproc)" && (cd "$build_dir" && cpack -G "$1")
}

# make_rpm: pack the sources and let rpmbuild make an RPM of them, in folders of its own.
make_rpm() {
    local top=$build_dir/rpmbuild version libdir options=()
    version=$(sed -n 's/^Version: *//p' "$build_dir/packaging/wireshark-plugin-tcpfsm.spec")
    rm -rf "$top" "$build_dir"/*.rpm
    mkdir -p "$top/SOURCES"
    tar -C "$source_dir" --exclude=./.git --exclude='./build*' --exclude=__pycache__ --exclude=.pytest_cache --transform "s,^[.],tcpfsm-$version," -czf "$top/SOURCES/tcpfsm-$version.tar.gz" .
    # The packages that are asked for have other names on Debian, and its libraries another folder.
    if command -v dpkg-query >/dev/null; then
        libdir=$(dirname "$(pkg-config --variable=libdir wireshark)/x")
        options=(--nodeps --define "_libdir $libdir")
    fi
    rpmbuild -bb "${options[@]}" --define "_topdir $top" --define "_smp_mflags -j$(nproc)" "$build_dir/packaging/wireshark-plugin-tcpfsm.spec" &&
        cp "$top"/RPMS/*/*.rpm "$build_dir"
}

# make_kind KIND: make one kind of package; set `made` to what is to be printed.
make_kind() {
    case $1 in
    deb) make_cpack DEB '*.deb' ;;
    archive) make_cpack TGZ 'tcpfsm-*.tar.gz' ;;
    rpm) make_rpm ;;
    esac
}

case ${1:-} in
-h | --help) usage; exit ;;
esac
kinds=("$@")
[ ${#kinds[@]} -gt 0 ] || kinds=(deb)
packages=()
for kind in "${kinds[@]}"; do
    case $kind in
    deb) packages+=("${PACKAGING_PACKAGES[@]}") ;;
    archive) packages+=(gzip) ;;
    rpm) packages+=("${RPM_PACKAGES[@]}") ;;
    *) fail "unknown kind '$kind': deb, archive or rpm" ;;
    esac
done
# shellcheck disable=SC2046
install_missing $(build_packages) "${packages[@]}" >&2
mkdir -p "$build_dir"
{ configure && for kind in "${kinds[@]}"; do make_kind "$kind" || exit 1; done; } >"$log" 2>&1 || { tail -n 20 "$log" >&2; fail "the package was not built: see $log"; }
for kind in "${kinds[@]}"; do
    case $kind in
    deb) ls "$build_dir"/*.deb ;;
    archive) ls "$build_dir"/tcpfsm-*.tar.gz ;;
    rpm) ls "$build_dir"/*.rpm ;;
    esac
done

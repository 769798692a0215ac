#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh: build and test tcpfsm on other Debian releases, so with other versions of Wireshark, each in a folder made with debootstrap.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
source_dir=$(cd "$here/../.." && pwd)
# shellcheck source=tools/debian.sh
. "$source_dir/tools/debian.sh"

SKIPPED=77
KNOWN=(bookworm trixie forky)
MATRIX_DIR=${TCPFSM_MATRIX_DIR:-/var/tmp/tcpfsm-matrix}
TESTER=65534

usage() {
    cat <<END
Usage: test/matrix/run.sh [--prepare | --check | --packages] [bookworm|trixie|forky ...]

Builds tcpfsm and runs its tests on the Debian releases named (without a name: all), as an unprivileged user in a folder made with debootstrap.
bookworm has Wireshark 4.0, trixie 4.4, forky 4.6. The folders are kept for the next time.

  --prepare             make the folders, run nothing
  --packages            make the Debian package and the archive of each release, try the package, run no tests
  --check               say whether the tests can run here, and if not why; make and run nothing
  TCPFSM_MATRIX_DIR     where the folders are kept: default $MATRIX_DIR
  TCPFSM_PACKAGES_DIR   where the packages that were made and tried are copied to: default nowhere
  TCPFSM_CTEST_OPTIONS  options for ctest, such as '-R plugin'

Exit status: 0 all passed; 1 a build or a test failed; $SKIPPED skipped: not root, no debootstrap, or the mirror cannot be reached.
END
}

# skip: say why nothing was tested and end with the status that CTest shows as Skipped.
skip() {
    echo "skipped: $*"
    exit $SKIPPED
}

# copy_apt_settings ROOT: let apt in the folder use the mirror and the proxy that this machine uses.
copy_apt_settings() {
    local root=$1 release=$2 uri=$3
    apt-config dump Acquire::http Acquire::https | sed '/^Acquire::https\{0,1\} "";$/d' >"$root/etc/apt/apt.conf.d/90machine"
    echo 'Acquire::Check-Valid-Until "false";' >"$root/etc/apt/apt.conf.d/91matrix"
    printf 'APT::Install-Recommends "false";\nAcquire::Languages "none";\n' >>"$root/etc/apt/apt.conf.d/91matrix"
    rm -f "$root"/etc/apt/sources.list.d/*
    echo "deb $uri $release main" >"$root/etc/apt/sources.list"
    cp /etc/resolv.conf /etc/hosts "$root/etc/"
}

# in_root ROOT COMMAND...: run a command as root in the folder, with /proc and /dev/shm of its own, both gone when the command ends.
in_root() {
    local root=$1
    shift
    # shellcheck disable=SC2016
    unshare --mount --pid --fork --kill-child bash -c '
        mount -t proc proc "$0/proc" && mount -t tmpfs tmpfs "$0/dev/shm" && exec chroot "$0" "$@"' "$root" \
        env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@" </dev/null
}

# bootstrap RELEASE: make the base system of a release in MATRIX_DIR/RELEASE. An unfinished one is never left under that name.
bootstrap() {
    local release=$1 uri=$2 root=$MATRIX_DIR/$1 partial=$MATRIX_DIR/$1.partial script=() log=$MATRIX_DIR/$1.debootstrap.log
    [ -d "$root" ] && return
    [ -e "/usr/share/debootstrap/scripts/$release" ] || script=(/usr/share/debootstrap/scripts/sid)
    echo "$release: debootstrap ..."
    rm -rf --one-file-system "$partial"
    debootstrap --variant=minbase "$release" "$partial" "$uri" "${script[@]}" >"$log" 2>&1 || {
        tail -n 3 "$log"
        grep -qE "^E: (Failed getting release file|Couldn't download|Failed to fetch)" "$log" && skip "$release: the mirror cannot be reached"
        fail "$release: debootstrap failed, see $log"
    }
    mv "$partial" "$root"
}

# matrix_packages: print what a release's folder needs: what builds and tests, but for what only the GUI's tests use.
matrix_packages() {
    printf '%s\n' "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}" "${PACKAGING_PACKAGES[@]}" procps | grep -vxE 'wireshark|xvfb|xdotool|libcmocka-dev|valgrind'
}

# reachable: true if the Debian mirror at this address answers.
reachable() {
    local folder status=0
    folder=$(mktemp -d)
    /usr/lib/apt/apt-helper -o Acquire::Retries=0 download-file "${1%/}/dists/stable/InRelease" "$folder/InRelease" >/dev/null 2>&1 || status=1
    rm -rf "$folder"
    return $status
}

# add_packages RELEASE: install what the tests need, once for each list of packages.
add_packages() {
    local release=$1 uri=$2 root=$MATRIX_DIR/$1 log=$MATRIX_DIR/$1.apt.log packages
    mapfile -t packages < <(matrix_packages)
    [ "$(cat "$root/.tcpfsm-packages" 2>/dev/null)" = "${packages[*]}" ] && return
    echo "$release: installing ${packages[*]} ..."
    copy_apt_settings "$root" "$release" "$uri"
    in_root "$root" apt-get -q update >"$log" 2>&1
    grep -qE '^(Err|W: Failed to fetch)' "$log" && skip "$release: the mirror cannot be reached"
    echo 'wireshark-common wireshark-common/install-setuid boolean false' | chroot "$root" debconf-set-selections >/dev/null 2>&1 || true
    in_root "$root" apt-get -qq -y install "${packages[@]}" >>"$log" 2>&1 || { tail -n 5 "$log"; fail "$release: apt-get install failed, see $log"; }
    in_root "$root" apt-get clean
    echo "${packages[*]}" >"$root/.tcpfsm-packages"
}

# prepare RELEASE: make or complete the folder of a release.
prepare() {
    local uri
    uri=$(debian_mirror)
    [ -n "$uri" ] || [ -e "$MATRIX_DIR/$1/.tcpfsm-packages" ] || skip "$1: this machine's apt knows no Debian mirror"
    mkdir -p "$MATRIX_DIR"
    exec 9>"$MATRIX_DIR/$1.lock"
    flock 9
    bootstrap "$1" "$uri"
    add_packages "$1" "$uri"
}

# copy_sources ROOT: put the sources, without what is built, into the tester's home.
copy_sources() {
    local home=$1/home/tester
    rm -rf --one-file-system "$home"
    mkdir -p "$home/tcpfsm"
    tar -C "$source_dir" --exclude=./.git --exclude='./build*' --exclude=__pycache__ --exclude=.pytest_cache -cf - . | tar -C "$home/tcpfsm" -xf -
    chown -R $TESTER:$TESTER "$home"
}

# test_release RELEASE: build and test in the folder of a release, as an unprivileged user without a network interface.
test_release() {
    local root=$MATRIX_DIR/$1
    copy_sources "$root"
    cp "$here/inside.sh" "$root/home/tester/inside.sh"
    in_root "$root" setpriv --reuid=$TESTER --regid=$TESTER --clear-groups env HOME=/home/tester TCPFSM_CTEST_OPTIONS="${TCPFSM_CTEST_OPTIONS:-}" \
        bash /home/tester/inside.sh
}

# package_release RELEASE: make the Debian package there, install it, see that root's tshark has the plugin and that it goes when the package goes.
package_release() {
    local root=$MATRIX_DIR/$1
    # shellcheck disable=SC2016
    in_root "$root" bash -euc '
        cd /home/tester/tcpfsm
        tools/package.sh deb archive >/dev/null
        deb=$(echo build-deb/*.deb)
        trap "dpkg --purge wireshark-plugin-tcpfsm >/dev/null" EXIT
        dpkg --install "$deb" >/dev/null
        tshark -G plugins 2>/dev/null | grep ^tcpfsm.so
        tshark -G folders 2>/dev/null | sed -n "s/^Global Plugins:[[:space:]]*//p" | grep -qxF "$(dpkg -L wireshark-plugin-tcpfsm | sed -n "s,/epan/tcpfsm.so$,,p")"
        tshark -n -r captures/tour.pcapng -Y frame.number==15 -T fields -e tcpfsm.client.state 2>/dev/null | grep -x FIN_WAIT_2
        dpkg --purge wireshark-plugin-tcpfsm >/dev/null
        trap "" EXIT
        ! tshark -G plugins 2>/dev/null | grep ^tcpfsm.so
        echo "$deb: installed, loaded by root, removed"' || return
    [ -z "${TCPFSM_PACKAGES_DIR:-}" ] || copy_packages "$root/home/tester/tcpfsm/build-deb" "$TCPFSM_PACKAGES_DIR/$1"
}

# copy_packages FROM TO: copy the packages that were made.
copy_packages() {
    mkdir -p "$2"
    cp "$1"/*.deb "$1"/tcpfsm-*.tar.gz "$2"
}

# can_run: skip, saying why, unless the folders can be made or are there.
can_run() {
    local release uri
    [ "$(id -u)" -eq 0 ] || skip "debootstrap needs root"
    command -v debootstrap >/dev/null || skip "debootstrap is not installed"
    unshare --mount --pid --fork true 2>/dev/null || skip "this machine does not allow mount namespaces"
    uri=$(debian_mirror)
    for release in "$@"; do
        [ -e "$MATRIX_DIR/$release/.tcpfsm-packages" ] || { [ -n "$uri" ] && reachable "$uri"; } || skip "the mirror '$uri' cannot be reached, and $release is not there yet"
    done
}

prepare_only='' check_only='' packages_only=''
case ${1:-} in
-h | --help) usage; exit ;;
--check) check_only=yes; shift ;;
--prepare) prepare_only=yes; shift ;;
--packages) packages_only=yes; shift ;;
esac
releases=("$@")
[ ${#releases[@]} -eq 0 ] && releases=("${KNOWN[@]}")
for release in "${releases[@]}"; do
    [[ " ${KNOWN[*]} " == *" $release "* ]] || fail "unknown release '$release': one of ${KNOWN[*]}"
done
can_run "${releases[@]}"
[ -z "$check_only" ] || { echo "can run on ${releases[*]}"; exit; }
failed=()
for release in "${releases[@]}"; do
    prepare "$release"
    [ -n "$prepare_only" ] && continue
    echo "$release: Wireshark $(chroot "$MATRIX_DIR/$release" dpkg-query -W -f '${Version}' tshark)"
    if [ -n "$packages_only" ]; then
        copy_sources "$MATRIX_DIR/$release"
    else
        test_release "$release" || failed+=("$release")
    fi
    package_release "$release" || failed+=("the package for $release")
done
[ ${#failed[@]} -eq 0 ] || fail "failed: ${failed[*]}"

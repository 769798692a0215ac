#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# test.sh: install what the tests need, build, and run all tests. Arguments go to ctest; its summary is the last thing printed.
set -eu
source_dir=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tools/debian.sh
. "$source_dir/tools/debian.sh"

build_dir=${TCPFSM_BUILD_DIR:-$source_dir/build-test}

usage() {
    cat <<END
Usage: ./test.sh [CTEST OPTION ...]     such as: ./test.sh -R model    ./test.sh -LE fuzz    ./test.sh -N

Installs the packages the tests need (Debian, Ubuntu), builds in build-test, and runs the tests.
Nothing is installed into Wireshark's folders.

  CC, CFLAGS          the C compiler and its options
  TCPFSM_BUILD_DIR    where to build
  TCPFSM_MATRIX=ON    also test on the other Debian releases, see test/matrix/run.sh --help
END
}

# packages: print the packages the tests use on this machine.
packages() {
    local package
    build_packages
    printf '%s\n' "${TEST_PACKAGES[@]}"
    [ "$(id -u)" -ne 0 ] || [ "${TCPFSM_MATRIX:-}" != ON ] || printf '%s\n' "${MATRIX_PACKAGES[@]}"
    [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null || return 0
    for package in "${OPTIONAL_TEST_PACKAGES[@]}"; do
        is_installed "$package" || ! is_available "$package" || echo "$package"
    done
}

# cmake_options: print the options that configure the build folder, one a line.
cmake_options() {
    echo "-DCMAKE_BUILD_TYPE=${TCPFSM_BUILD_TYPE:-RelWithDebInfo}"
    echo -DBUILD_TESTING=ON
    echo "-DTCPFSM_MATRIX=${TCPFSM_MATRIX:-OFF}"
}

# run_elsewhere: as root, tests run tshark as nobody, who must be able to read the sources; under /root, run them in a copy that is removed afterwards.
run_elsewhere() {
    local copy status=0
    copy=$(mktemp -d /var/tmp/tcpfsm-test.XXXXXX)
    chmod 755 "$copy"
    trap 'rm -rf --one-file-system "$copy"' EXIT
    echo "Other users cannot read $source_dir: testing a copy in $copy"
    tar -C "$source_dir" --exclude=./.git --exclude='./build*' -cf - . | tar -C "$copy" -xf -
    TCPFSM_BUILD_DIR=$copy/build "$copy/test.sh" "$@" || status=$?
    exit $status
}

case ${1:-} in
-h | --help) usage; exit ;;
esac
[ -z "${CC:-}" ] || command -v "${CC%% *}" >/dev/null || fail "CC names '$CC', which is not there"
if [ "$(id -u)" -eq 0 ] && ! setpriv --reuid=65534 --regid=65534 --clear-groups test -r "$source_dir/test.sh"; then
    run_elsewhere "$@"
fi
if command -v dpkg-query >/dev/null; then
    [ "$(id -u)" -ne 0 ] || fetch_lists
    # shellcheck disable=SC2046
    install_missing $(packages)
fi
[ "${TCPFSM_MATRIX:-}" != ON ] || "$source_dir/test/matrix/run.sh" --check || echo "The tests called matrix will be SKIPPED."
mkdir -p "$build_dir"
log=$build_dir/build.log
echo "Building in $build_dir ..."
mapfile -t options < <(cmake_options)
{ cmake -S "$source_dir" -B "$build_dir" "${options[@]}" && cmake --build "$build_dir" -j "$(nproc)"; } >"$log" 2>&1 || {
    tail -n 40 "$log" >&2
    fail "the build failed: see $log"
}
exec ctest --test-dir "$build_dir" --output-on-failure -j "$(nproc)" "$@"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# test.sh: install what the tests need, build, and run the tests. Says which step it is in; arguments go to ctest, whose
# summary is the last thing printed.
set -eu
source_dir=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tools/debian.sh
. "$source_dir/tools/debian.sh"

build_dir=${TCPFSM_BUILD_DIR:-$source_dir/build-test}
# What root built here a user cannot build in, and the other way round.
[ ! -e "$build_dir" ] || [ -O "$build_dir" ] || build_dir=$build_dir-$(id -un)

usage() {
    cat <<END
Usage: ./test.sh [CTEST OPTION ...]     such as: ./test.sh -L quick    ./test.sh -R model    ./test.sh -N

Installs the packages the tests need (Debian, Ubuntu), builds in build-test, and runs the tests: three minutes
on two processors; those labelled quick in seconds, to be run at every save. Nothing is installed into
Wireshark's folders, and what is installed there takes no part: the tests load the plugin that was built.

  CC, CFLAGS          the C compiler and its options
  TCPFSM_BUILD_DIR    where to build
  TCPFSM_PLUGIN       another tcpfsm.so, to be tested in place of the one that is built
  TCPFSM_DEEP=ON      also what takes minutes: fuzzing for a minute each instead of seconds, instructions counted
  TCPFSM_MATRIX=ON    also test on the other Debian releases, see test/matrix/run.sh --help
  TCPFSM_WINDOWS=ON   also compare with a tshark.exe under Wine, which takes an hour, see test/windows/run.sh --help
END
}

# packages: print the packages the tests use on this machine.
packages() {
    local package
    build_packages
    printf '%s\n' "${TEST_PACKAGES[@]}"
    [ "$(id -u)" -ne 0 ] || [[ ON != "${TCPFSM_MATRIX:-}" && ON != "${TCPFSM_WINDOWS:-}" ]] || printf '%s\n' "${MATRIX_PACKAGES[@]}"
    [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null || return 0
    for package in "${OPTIONAL_TEST_PACKAGES[@]}"; do
        is_installed "$package" || ! is_available "$package" || echo "$package"
    done
}

# all_there: true if nothing is missing, optional packages neither, so that apt, which takes seconds, need not be asked.
all_there() {
    local package matrix=()
    [[ ON != "${TCPFSM_MATRIX:-}" && ON != "${TCPFSM_WINDOWS:-}" ]] || matrix=("${MATRIX_PACKAGES[@]}")
    for package in $(build_packages) "${TEST_PACKAGES[@]}" "${OPTIONAL_TEST_PACKAGES[@]}" "${matrix[@]}"; do
        is_installed "$package" || return 1
    done
}

# cmake_options: print the options that configure the build folder, one a line.
cmake_options() {
    echo "-DCMAKE_BUILD_TYPE=${TCPFSM_BUILD_TYPE:-RelWithDebInfo}"
    echo -DBUILD_TESTING=ON
    echo "-DTCPFSM_DEEP=${TCPFSM_DEEP:-OFF}"
    echo "-DTCPFSM_MATRIX=${TCPFSM_MATRIX:-OFF}"
    echo "-DTCPFSM_WINDOWS=${TCPFSM_WINDOWS:-OFF}"
}

# step: say what is done now.
step() {
    echo "test.sh: $*"
}

# failed_build: show the end of the log and end.
failed_build() {
    tail -n 40 "$log" >&2
    fail "the build failed: see $log"
}

# run_elsewhere: as root, tests run tshark as nobody, who must be able to read the sources; under /root, run them in a
# copy that is removed afterwards.
run_elsewhere() {
    local copy status=0
    copy=$(mktemp -d /var/tmp/tcpfsm-test.XXXXXX)
    chmod 755 "$copy"
    trap 'rm -rf --one-file-system "$copy"' EXIT
    step "other users cannot read $source_dir: a copy in $copy is tested"
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
    step "step 1 of 4: packages"
    all_there || {
        [ "$(id -u)" -ne 0 ] || fetch_lists
        # shellcheck disable=SC2046
        install_missing $(packages)
    }
fi
[ "${TCPFSM_MATRIX:-}" != ON ] || "$source_dir/test/matrix/run.sh" --check ||
    echo "The tests called matrix will be SKIPPED."
mkdir -p "$build_dir"
log=$build_dir/build.log
step "step 2 of 4: configuring $build_dir"
mapfile -t options < <(cmake_options)
cmake -S "$source_dir" -B "$build_dir" "${options[@]}" >"$log" 2>&1 || failed_build
step "step 3 of 4: building, $(nproc) at a time"
cmake --build "$build_dir" -j "$(nproc)" >>"$log" 2>&1 || failed_build
step "step 4 of 4: testing, $(nproc) at a time"
if [ "${TCPFSM_DEEP:-OFF}" = ON ]; then
    export TCPFSM_FUZZ_SECONDS=${TCPFSM_FUZZ_SECONDS:-60}
else
    export TCPFSM_FUZZ_SECONDS=${TCPFSM_FUZZ_SECONDS:-10}
fi
exec ctest --test-dir "$build_dir" --output-on-failure -j "$(nproc)" "$@"

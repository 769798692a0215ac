#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# install.sh: build tcpfsm, install it where this user's Wireshark loads it, and show it at work on a capture.
set -eu
source_dir=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tools/debian.sh
. "$source_dir/tools/debian.sh"

build_dir=${TCPFSM_BUILD_DIR:-$source_dir/build}
profile='TCP State Machine'

usage() {
    cat <<END
Usage: ./install.sh [CAPTURE]      build, install, and show the TCP states in CAPTURE (default: captures/tour.pcapng)
       ./install.sh --uninstall    remove what was installed
       ./install.sh --help

On Debian and Ubuntu, missing packages are installed first, with sudo for an ordinary user.
An ordinary user's Wireshark gets the plugin and the profile '$profile' in the user's own folders; as root, every user's Wireshark gets them.

  CC                  the C compiler
  TCPFSM_BUILD_DIR    where to build: default build/
END
}

# folder NAME: print one of the folders that 'tshark -G folders' lists, such as 'Personal Plugins'.
folder() {
    tshark -G folders 2>/dev/null | sed -n "s/^$1:[[:space:]]*//p" | head -n 1
}

# set_folders: find where this user's Wireshark looks. It ignores personal plugins when it runs as root.
set_folders() {
    local scope=Personal config='Personal configuration'
    [ "$(id -u)" -eq 0 ] && { scope=Global; config='Global configuration'; }
    global_plugin=$(folder 'Global Plugins')/epan/tcpfsm.so
    plugin_dir=$(folder "$scope Plugins")/epan
    profile_dir=$(folder "$config")/profiles/$profile
    own_profile_dir=$(folder 'Personal configuration')/profiles/$profile
    [ "$plugin_dir" != /epan ] || fail "'tshark -G folders' names no plugin folder: this Wireshark was built without plugins"
}

# install_packages: install what is missing. Where there is no dpkg, only check that the tools are there.
install_packages() {
    local command
    if command -v dpkg-query >/dev/null; then
        # shellcheck disable=SC2046
        install_missing $(build_packages)
        return
    fi
    for command in cmake make "${CC:-cc}" tshark; do
        command -v "${command%% *}" >/dev/null || fail "'$command' is missing: install cmake, make, a C compiler, tshark and Wireshark's development files"
    done
}

# check_version: the plugin must be built for the Wireshark that will load it.
check_version() {
    local running built
    running=$(tshark --version 2>/dev/null | sed -n '1s/^[^0-9]*\([0-9]*\.[0-9]*\).*/\1/p')
    [ "${running%%.*}" -ge 4 ] 2>/dev/null || fail "tcpfsm needs Wireshark 4.0 or later, tshark here is ${running:-unknown}"
    built=$(pkg-config --modversion wireshark 2>/dev/null | cut -d. -f1-2)
    [ -z "$built" ] || [ "$built" = "$running" ] ||
        fail "$(command -v tshark) is version $running, but the development files are those of $built: install the ones that belong to it"
}

# forget_old_cache: begin afresh if the build folder was configured for another compiler or for another copy of the sources.
forget_old_cache() {
    local cache=$build_dir/CMakeCache.txt used
    [ -e "$cache" ] || return 0
    grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$source_dir" "$cache" || rm -rf "$cache" "$build_dir/CMakeFiles"
    [ -n "${CC:-}" ] && [ -e "$cache" ] || return 0
    used=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$cache")
    [ "$used" = "$(command -v "${CC%% *}")" ] || rm -rf "$cache" "$build_dir/CMakeFiles"
}

# build: configure and build the plugin, saying little unless it fails.
build() {
    local log=$build_dir/install.log
    { mkdir -p "$build_dir" 2>/dev/null && [ -w "$build_dir" ]; } ||
        fail "cannot write to $build_dir: it belongs to $(stat -c %U "$build_dir" 2>/dev/null || echo another user); name another folder in TCPFSM_BUILD_DIR"
    forget_old_cache
    echo "Building in $build_dir ..."
    { cmake -S "$source_dir" -B "$build_dir" -DCMAKE_BUILD_TYPE=Release && cmake --build "$build_dir" --target tcpfsm -j "$(nproc)"; } >"$log" 2>&1 || {
        grep -E 'error|Error' -A 4 "$log" >&2 || tail -n 15 "$log" >&2
        fail "the build failed: see $log"
    }
    plugin=$(find "$build_dir" -name tcpfsm.so -type f | head -n 1)
    [ -n "$plugin" ] || fail "the build made no tcpfsm.so: see $log"
}

# install_plugin: put the plugin where Wireshark loads it, and check that it does.
install_plugin() {
    if [ "$plugin_dir/tcpfsm.so" != "$global_plugin" ] && [ -e "$global_plugin" ]; then
        cmp -s "$plugin" "$global_plugin" || fail "another tcpfsm is installed for all users: remove it first (as root, rm $global_plugin)"
        plugin_dir=${global_plugin%/*}
    else
        mkdir -p "$plugin_dir" || fail "cannot make $plugin_dir"
        install -m 644 "$plugin" "$plugin_dir/tcpfsm.so" || fail "cannot write to $plugin_dir"
    fi
    tshark -G plugins 2>/dev/null | grep -q '^tcpfsm\.so' || fail "tshark does not load $plugin_dir/tcpfsm.so: 'tshark -G plugins' may say why"
    echo "Installed $plugin_dir/tcpfsm.so"
}

# same_profile A B: true if folder B has all files of A, unchanged. Wireshark itself writes "recent", with the widths of the columns.
same_profile() {
    local file
    for file in "$1"/*; do
        [ "${file##*/}" = recent ] || cmp -s "$file" "$2/${file##*/}" || return 1
    done
}

# install_profile: put the profile beside the user's own. One that the user has changed is left as it is.
install_profile() {
    local ours=$source_dir/profile/$profile
    if [ "$(id -u)" -eq 0 ]; then
        # Wireshark copies a profile of all users into the home of whoever uses it: root's own copy, if unchanged, makes way for the new one.
        [ ! -d "$own_profile_dir" ] || ! same_profile "$profile_dir" "$own_profile_dir" || rm -rf "$own_profile_dir"
    elif [ -d "$profile_dir" ] && ! same_profile "$ours" "$profile_dir"; then
        echo "Left your own version of the profile in $profile_dir as it is (remove that folder to get the new one)"
        return
    fi
    { mkdir -p "$profile_dir" && install -m 644 "$ours"/* "$profile_dir/"; } || fail "cannot write to $profile_dir"
    echo "Installed the profile '$profile'"
}

# uninstall: remove the plugin and the profile of this user, or as root those of all users.
uninstall() {
    local removed=
    command -v tshark >/dev/null || fail "tshark is not installed, so nothing says where the plugin would be"
    set_folders
    if [ -e "$plugin_dir/tcpfsm.so" ]; then
        rm -f "$plugin_dir/tcpfsm.so" && echo "Removed $plugin_dir/tcpfsm.so"
        removed=yes
    fi
    if [ -d "$profile_dir" ] || [ -d "$own_profile_dir" ]; then
        rm -rf "$profile_dir" "$own_profile_dir" && echo "Removed the profile '$profile'"
        removed=yes
    fi
    [ -n "$removed" ] || echo "Nothing to remove: tcpfsm is not installed for $(id -un)"
    [ "$(id -u)" -eq 0 ] || [ ! -e "$global_plugin" ] || echo "Still installed for all users: $global_plugin (remove it as root)"
}

# show: annotate a capture with one command, and print that command first.
show() {
    local shown=$1
    [ "$shown" = "$source_dir/captures/tour.pcapng" ] && [ "$PWD" = "$source_dir" ] && shown=captures/tour.pcapng
    printf '\n$ tshark -r %q -C "%s"\n' "$shown" "$profile"
    tshark -r "$shown" -C "$profile" 2> >(grep -v 'Running as user' >&2)
}

case ${1:-} in
-h | --help) usage; exit ;;
--uninstall) uninstall; exit ;;
-*) fail "unknown option '$1': see ./install.sh --help" ;;
esac
[ $# -le 1 ] || fail "one capture at a time: see ./install.sh --help"
[ -z "${CC:-}" ] || command -v "${CC%% *}" >/dev/null || fail "CC names '$CC', which is not there"
capture=${1:-$source_dir/captures/tour.pcapng}
{ [ -r "$capture" ] && [ ! -d "$capture" ]; } || fail "cannot read the capture '$capture'"
install_packages
check_version
set_folders
build
install_plugin
install_profile
show "$capture"

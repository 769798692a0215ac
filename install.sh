#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# install.sh: build tcpfsm, install it where this user's Wireshark loads it, and show it at work on a capture.
set -eu
source_dir=$(CDPATH='' cd "$(dirname "$0")" && pwd)
# shellcheck source=tools/debian.sh
. "$source_dir/tools/debian.sh"

# What is installed can be read by everybody it is for, whatever the umask of the caller.
umask 022
build_dir=${TCPFSM_BUILD_DIR:-$source_dir/build}
[ "${build_dir#/}" != "$build_dir" ] || build_dir=$PWD/$build_dir
profile='TCP State Machine'
shipped=$source_dir/profile/$profile
# In the profile's folder: the checksums of all files ever installed there. A file with another one was changed.
stamp=.tcpfsm-installed
# Those of the versions that left no stamp.
EARLIER='586ba7578e256cc4ee7943852b0a770daebb4afff6d73cdf1b8c2da138abfa88  colorfilters
90d5c29fb42757ca87cd098375bbec91d5bbd7065423e2ae9c7c1269e74a78ff  dfilter_buttons
7d506312b8420cf460deefe6c4b51c0af3e7d8cce62d9a391525aec3689070e6  preferences
7c457d5c60c572337b3c9fec5f4d5651888dc1e7fcf0dfa036766974554a3ebb  recent'
remove_stale=
temporary=
trap '[ -z "$temporary" ] || rm -rf "$temporary"' EXIT

usage() {
    cat <<END
Usage: ./install.sh [--remove-stale] [CAPTURE]
                                   build, install, and show the TCP states in CAPTURE (default: captures/tour.pcapng)
       ./install.sh --uninstall    remove the plugin, and the profile unless you changed it
       ./install.sh --help

On Debian and Ubuntu, missing packages are installed first, with sudo for an ordinary user.
An ordinary user's Wireshark gets the plugin and the profile '$profile' in the user's own folders; as root, every
user's Wireshark gets them. A profile that was changed since it was installed is kept.

  --remove-stale      remove other copies that Wireshark would find beside the one installed: as a user your own, or
                      with sudo that of all users; as root the users' own. Without it they are only named.
  CC                  the C compiler
  TCPFSM_BUILD_DIR    where to build: default build/
END
}

# parse_arguments ARGUMENT...: set task, remove_stale and capture.
parse_arguments() {
    local captures=() argument
    task=install
    for argument in "$@"; do
        case $argument in
        -h | --help) task=usage ;;
        --uninstall) task=uninstall ;;
        --remove-stale) remove_stale=yes ;;
        -*) fail "unknown option '$argument': see ./install.sh --help" ;;
        *) captures+=("$argument") ;;
        esac
    done
    [ "$task" = install ] || [ $# -eq 1 ] || fail "nothing goes with --help or --uninstall: see ./install.sh --help"
    [ ${#captures[@]} -le 1 ] || fail "one capture at a time: see ./install.sh --help"
    capture=${captures[0]-$source_dir/captures/tour.pcapng}
}

is_root() {
    [ "$(id -u)" -eq 0 ]
}

# check_paths: refuse paths that CMake or make cannot handle.
check_paths() {
    local path
    for path in "$source_dir" "$build_dir"; do
        case $path in
        *[\"\\\;:\|\?\[[:cntrl:]]*)
            fail "CMake cannot build where a path has one of \" \\ ; : | ? [ or a tab in it: $path"
            ;;
        esac
    done
}

# check_home: refuse a home folder that is not there before anything is installed.
check_home() {
    [ -n "${HOME:-}" ] || HOME=$(getent passwd "$(id -u)" | cut -d: -f6)
    export HOME
    [ -d "$HOME" ] || fail "HOME is '$HOME', which is not a folder: nothing was done"
}

# why_not FOLDER: print why no file can be made in FOLDER, or in the nearest one above that exists; nothing if one can.
why_not() {
    local folder=$1 said
    while [ ! -e "$folder" ]; do folder=$(dirname "$folder"); done
    if said=$(LC_ALL=C mktemp "$folder/.tcpfsm.XXXXXX" 2>&1); then
        rm -f "$said"
        return
    fi
    said=${said##*: }
    [ "$said" != 'Permission denied' ] || said+=" ($folder belongs to $(stat -c %U "$folder"))"
    echo "$said"
}

# need_folder FOLDER [HINT]: fail unless files can be made in FOLDER, or FOLDER can be made.
need_folder() {
    local why
    why=$(why_not "$1")
    [ -z "$why" ] || fail "cannot write to $1: $why${2:+; $2}"
}

# folder NAME: print one of the folders that 'tshark -G folders' lists, such as 'Personal Plugins'.
folder() {
    sed -n "s/^$1:[[:space:]]*//p" <<<"$folders" | head -n 1
}

# set_folders: find where this user's Wireshark looks. It ignores personal plugins when it runs as root.
set_folders() {
    folders=$(tshark -G folders 2>/dev/null) || fail "'tshark -G folders' failed: try it by hand"
    global_plugin=$(folder 'Global Plugins')/epan/tcpfsm.so
    own_plugin=$(folder 'Personal Plugins')/epan/tcpfsm.so
    global_profile=$(folder 'Global configuration')/profiles/$profile
    own_profile=$(folder 'Personal configuration')/profiles/$profile
    installed=$own_plugin profile_dir=$own_profile
    ! is_root || installed=$global_plugin profile_dir=$global_profile
    [ "$installed" != /epan/tcpfsm.so ] ||
        fail "'tshark -G folders' names no plugin folder: this Wireshark was built without plugins"
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
        command -v "${command%% *}" >/dev/null ||
            fail "'$command' is missing: install cmake, make, a C compiler, tshark and Wireshark's development files"
    done
}

# check_version: the plugin must be built for the Wireshark that will load it.
check_version() {
    local running built
    running=$(tshark --version 2>/dev/null | sed -n '1s/^[^0-9]*\([0-9]*\.[0-9]*\).*/\1/p')
    [ "${running%%.*}" -ge 4 ] 2>/dev/null ||
        fail "tcpfsm needs Wireshark 4.0 or later, tshark here is ${running:-unknown}"
    built=$(pkg-config --modversion wireshark 2>/dev/null | cut -d. -f1-2)
    [ -z "$built" ] || [ "$built" = "$running" ] ||
        fail "$(command -v tshark) is version $running, but the development files are those of $built:" \
            "install the ones that belong to it"
}

# forget_old_cache: begin afresh if the build folder was configured for another compiler or another copy of the sources.
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
    need_folder "$build_dir" 'name another folder in TCPFSM_BUILD_DIR'
    mkdir -p "$build_dir"
    [ ! -e "$log" ] || [ -w "$log" ] ||
        fail "cannot write to $log: another user built here; name another folder in TCPFSM_BUILD_DIR"
    forget_old_cache
    echo "Building in $build_dir ..."
    {
        cmake -S "$source_dir" -B "$build_dir" -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF &&
            cmake --build "$build_dir" --target tcpfsm -j "$(nproc)"
    } >"$log" 2>&1 || {
        grep -E 'error|Error' -A 4 "$log" >&2 || tail -n 15 "$log" >&2
        fail "the build failed: see $log"
    }
    plugin=$build_dir/plugin/tcpfsm.so
    [ -f "$plugin" ] || fail "the build made no tcpfsm.so: see $log"
}

# place FILE TARGET: copy FILE beside TARGET and rename the copy, so that TARGET is never half written. Mode 644.
place() {
    local dir=${2%/*} said
    said=$(LC_ALL=C mkdir -p "$dir" 2>&1) || fail "cannot make $dir: ${said##*: }"
    said=$(LC_ALL=C mktemp "$dir/.tcpfsm.XXXXXX" 2>&1) || fail "cannot write to $dir: ${said##*: }"
    temporary=$said
    said=$({ cp "$1" "$temporary" && chmod 644 "$temporary" && mv -fT "$temporary" "$2"; } 2>&1) ||
        fail "cannot write to $dir: ${said##*: }; nothing there was changed"
    temporary=
}

# settle_stale NAME COMMAND...: name a copy that Wireshark finds beside that of all users; if asked, COMMAND removes it.
settle_stale() {
    local name=$1
    shift
    if [ -z "$remove_stale" ]; then
        echo "$name is found beside what all users have: './install.sh --remove-stale' removes it" >&2
    elif "$@"; then
        echo "$name is removed"
    else
        echo "$name stays" >&2
    fi
}

# settle_with_global: where all users have the plugin, Wireshark finds that one first. If it is the same, use it.
settle_with_global() {
    if cmp -s "$plugin" "$global_plugin"; then
        installed=$global_plugin
        echo "Found the same plugin, installed for all users: $installed"
        [ ! -e "$own_plugin" ] || settle_stale "Your own copy $own_plugin" rm -f "$own_plugin"
    elif [ -n "$remove_stale" ]; then
        as_root rm -f "$global_plugin" || fail "could not remove $global_plugin"
        echo "Removed $global_plugin, another version of the plugin, for all users"
    else
        echo "As root, './install.sh' renews it, './install.sh --uninstall' removes it." >&2
        echo "With sudo, './install.sh --remove-stale' removes it and installs for you alone." >&2
        fail "another version of the plugin is installed for all users: $global_plugin"
    fi
}

# install_plugin: put the plugin where Wireshark loads it, and check that it does.
install_plugin() {
    is_root || [ ! -e "$global_plugin" ] || settle_with_global
    if is_root || [ "$installed" != "$global_plugin" ]; then
        place "$plugin" "$installed"
        echo "Installed $installed"
    fi
    tshark -G plugins 2>/dev/null | grep '^tcpfsm\.so' | grep -qF "$installed" ||
        fail "tshark does not load $installed: 'tshark -G plugins' may say why"
}

# names: read lines of sha256sum and print the names of the files, sorted.
names() {
    sed 's/^[^ ]*  //' | LC_ALL=C sort -u
}

# sums FOLDER: print the checksums of all profile files that any version installed in FOLDER or for all users.
sums() {
    local dir
    for dir in "$1" "$global_profile"; do
        [ ! -f "$dir/$stamp" ] || cat "$dir/$stamp"
    done
    (cd "$shipped" && sha256sum -- *)
    echo "$EARLIER"
}

# sums_now FOLDER: print the checksums of the files there; only of files, since a pipe would keep root waiting.
sums_now() {
    (cd "$1" 2>/dev/null && find . -maxdepth 1 -xtype f -printf '%f\0' | xargs -0r sha256sum -- 2>/dev/null) || true
}

# edited FOLDER: print the names of the profile's files that were changed or deleted since. "recent" is Wireshark's.
edited() {
    local all now
    all=$(sums "$1") now=$(sums_now "$1")
    {
        grep -vxF -e "$all" <<<"$now" | names | comm -12 - <(names <<<"$all")
        [ ! -f "$1/$stamp" ] || comm -13 <(names <<<"$now") <(names <"$1/$stamp") | comm -12 - <(LC_ALL=C ls "$shipped")
    } | grep -vxF -e recent | LC_ALL=C sort -u || true
}

# added FOLDER: print the names of what is in the profile's folder and was never installed there.
added() {
    local ours
    ours=$(comm -12 <(sums "$1" | names) <(sums_now "$1" | names); echo "$stamp")
    comm -13 <(LC_ALL=C sort <<<"$ours") <(LC_ALL=C ls -A "$1")
}

# drop_profile FOLDER [COMMAND...]: remove the profile there, by COMMAND if given. If the profile stays, say why, return
# 1 for one that was changed, 2 for one that cannot be removed.
drop_profile() {
    local dir=$1 changes ours
    shift
    changes=$(edited "$dir"; added "$dir")
    if [ -n "$changes" ]; then
        echo "Kept the profile in $dir, which was changed: ${changes//$'\n'/, }"
        return 1
    fi
    mapfile -t ours < <(sums "$dir" | names)
    { "$@" rm -f "${ours[@]/#/$dir/}" "$dir/$stamp" && "$@" rmdir "$dir"; } || return 2
}

# stage FOLDER: write the files of the profile and their checksums into FOLDER. A "recent" that Wireshark wrote stays.
stage() {
    local all
    all=$(sums "$profile_dir")
    cp "$shipped"/* "$1/" && sort -u <<<"$all" >"$1/$stamp" || return
    ! sums_now "$profile_dir" | grep -vxF -e "$all" | names | grep -qx recent || rm "$1/recent"
    chmod 644 "$1"/* "$1/$stamp"
}

# write_profile: write all files beside the old ones, then rename them.
write_profile() {
    local said name
    said=$(mkdir -p "$profile_dir" 2>&1) || fail "cannot make $profile_dir: ${said##*: }"
    ! is_root || chmod 755 "$profile_dir" "${profile_dir%/*}"
    said=$(LC_ALL=C mktemp -d "$profile_dir/.new.XXXXXX" 2>&1) || fail "cannot write to $profile_dir: ${said##*: }"
    temporary=$said
    said=$(stage "$temporary" 2>&1) || fail "cannot write to $profile_dir: ${said##*: }; the profile there is as it was"
    mv -f "$temporary"/* "$temporary/$stamp" "$profile_dir/" || fail "cannot write to $profile_dir"
    rmdir "$temporary"
    temporary=
    # Files that this version no longer has.
    names <"$profile_dir/$stamp" | while read -r name; do
        [ -e "$shipped/$name" ] || rm -f "$profile_dir/$name"
    done
}

# install_profile: put the profile where Wireshark looks for it, or renew it. One that was changed is left as it is.
install_profile() {
    local changes
    # Wireshark copies a profile of all users into the home of whoever uses it, root's too, and looks there first.
    ! is_root || [ ! -d "$own_profile" ] || drop_profile "$own_profile" || true
    changes=$(edited "$profile_dir")
    if [ -n "$changes" ]; then
        echo "Kept the profile in $profile_dir, which was changed: ${changes//$'\n'/, }"
        echo "(to get the new one, remove that folder and run ./install.sh again)"
        return
    fi
    write_profile
    echo "Installed the profile '$profile' in $profile_dir"
}

# copies_of_users: print user:uid:gid:path of each plugin and profile in an ordinary user's home, where root can see it.
copies_of_users() {
    local plugin_path=${own_plugin#"$HOME"/} profile_path=${own_profile#"$HOME"/}
    getent passwd | while IFS=: read -r user _ uid gid _ home _; do
        [ "$uid" -ne 0 ] || continue
        for path in "$home/$plugin_path" "$home/$profile_path"; do
            [ ! -e "$path" ] || echo "$user:$uid:$gid:$path"
        done
    done | sort -t : -u -k 4
}

# settle_with_users: root names the copies that users have of their own, or removes those they did not change.
settle_with_users() {
    local user uid gid path run
    while IFS=: read -r user uid gid path; do
        # In a user's home root acts as that user, whose links could lead anywhere.
        run=(setpriv --reuid "$uid" --regid "$gid" --clear-groups)
        if [ "${path##*/}" = tcpfsm.so ]; then
            settle_stale "The copy of $user, $path," "${run[@]}" rm -f "$path"
        elif ! is_current "$path"; then
            settle_stale "The older or changed profile of $user, $path," drop_profile "$path" "${run[@]}"
        fi
    done < <(copies_of_users)
}

# is_current FOLDER: true if the profile there has the files that are shipped. Wireshark itself writes "recent".
is_current() {
    local file
    for file in "$shipped"/*; do
        [ "${file##*/}" = recent ] || { [ -f "$1/${file##*/}" ] && cmp -s "$file" "$1/${file##*/}"; } || return 1
    done
}

# uninstall_profile FOLDER: remove the profile there and say so.
uninstall_profile() {
    [ -d "$1" ] || return 0
    found=yes
    if drop_profile "$1"; then
        echo "Removed the profile in $1"
    else
        [ $? -eq 1 ] || fail "could not remove the profile in $1"
    fi
}

# uninstall: remove the plugin and the profile of this user, or as root those of all users.
uninstall() {
    local found=''
    command -v tshark >/dev/null || fail "tshark is not installed, so nothing says where the plugin would be"
    set_folders
    if [ -e "$installed" ]; then
        rm -f "$installed" || fail "could not remove $installed"
        echo "Removed $installed"
        found=yes
    fi
    uninstall_profile "$own_profile"
    ! is_root || uninstall_profile "$global_profile"
    [ -n "$found" ] || echo "Nothing to remove: tcpfsm is not installed for $(id -un)"
    if is_root; then
        copies_of_users | sed 's/^\([^:]*\):[^:]*:[^:]*:/Still there, of user \1: /'
    elif [ -e "$global_plugin" ]; then
        echo "Still installed for all users: $global_plugin (remove it as root)"
    fi
}

# show: annotate a capture with one command, and print that command first.
show() {
    local shown=$1
    [ "$shown" = "$source_dir/captures/tour.pcapng" ] && [ "$PWD" = "$source_dir" ] && shown=captures/tour.pcapng
    printf '\n$ tshark -r %q -C "%s"\n' "$shown" "$profile"
    tshark -r "$shown" -C "$profile" 2> >(grep -v 'Running as user' >&2)
}

# install_all: build, install and show, refusing what can be foreseen to fail before anything is changed.
install_all() {
    { [ -r "$capture" ] && [ ! -d "$capture" ]; } || fail "cannot read the capture '$capture'"
    [ -z "${CC:-}" ] || command -v "${CC%% *}" >/dev/null || fail "CC=$CC: command not found"
    check_paths
    install_packages
    check_version
    set_folders
    need_folder "${installed%/*}"
    need_folder "$profile_dir"
    build
    install_plugin
    install_profile
    ! is_root || settle_with_users
    show "$capture"
}

parse_arguments "$@"
case $task in
usage) usage ;;
uninstall) check_home; uninstall ;;
install) check_home; install_all ;;
esac

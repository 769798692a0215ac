# SPDX-License-Identifier: GPL-2.0-or-later
# debian.sh: package lists and package installation on Debian and Ubuntu, for install.sh, test.sh, test/matrix, test/intree.
# shellcheck shell=bash
# shellcheck disable=SC2034

# What building the plugin and reading a capture with it needs.
BUILD_PACKAGES=(gcc libc6-dev make cmake pkg-config libglib2.0-dev wireshark-dev tshark)

# build_packages: print BUILD_PACKAGES, without gcc where CC names another compiler that is there.
build_packages() {
    local package compiler=${CC:-cc}
    for package in "${BUILD_PACKAGES[@]}"; do
        [ "$package" = gcc ] && command -v "${compiler%% *}" >/dev/null || echo "$package"
    done
}

# What the test suite needs beside it.
TEST_PACKAGES=(libcmocka-dev libpcap-dev g++ python3-pytest iproute2 tcpdump jq sqlite3 parallel valgrind wireshark xvfb xdotool)

# What further tests need that are skipped without it: fuzzing, the packages.
OPTIONAL_TEST_PACKAGES=(clang libclang-rt-dev dpkg-dev lintian man-db rpm)

# What test/matrix needs.
MATRIX_PACKAGES=(debootstrap)

# What building Wireshark's own tree needs beside BUILD_PACKAGES: test/intree.
INTREE_PACKAGES=(dpkg-dev g++ flex python3 python3-pytest libgcrypt20-dev libpcre2-dev libc-ares-dev libspeexdsp-dev zlib1g-dev)

# What building the Debian package needs beside BUILD_PACKAGES.
PACKAGING_PACKAGES=(dpkg-dev file gzip)

# What building an RPM needs beside BUILD_PACKAGES.
RPM_PACKAGES=(rpm gzip)

# fail: print one line on stderr and end with status 1.
fail() {
    echo "${0##*/}: $*" >&2
    exit 1
}

# as_root: run a command as root, by sudo for an ordinary user.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "'$*' needs root, and sudo is not installed"
    fi
}

# become_root COMMAND: make sure of root's rights before anything is begun. Without them, say what root has to run.
become_root() {
    [ "$(id -u)" -ne 0 ] || return 0
    command -v sudo >/dev/null || fail "sudo is missing here: as root, run: $1"
    sudo true || fail "sudo refused (its own words are above): as root, run: $1"
}

# debian_mirror: print the address of the Debian archive that this machine's own apt uses, or TCPFSM_MIRROR.
debian_mirror() {
    [ -n "${TCPFSM_MIRROR:-}" ] && { echo "$TCPFSM_MIRROR"; return; }
    apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(LABEL)' 2>/dev/null | awk '$2 == "Debian" && $3 == "Debian" { print $1; exit }'
}

# is_installed: true if dpkg has the package named, fully installed.
is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# is_available: true if apt could install the package named.
is_available() {
    apt-cache show --no-all-versions "$1" >/dev/null 2>&1
}

# step_of LINE: set `total` and `pending` of show_progress from a line of apt-get's, if that begins a step.
step_of() {
    local number='^([0-9]+) upgraded, ([0-9]+) newly installed'
    if [[ $1 =~ $number ]]; then
        total=$((BASH_REMATCH[1] + BASH_REMATCH[2]))
    elif [[ $1 =~ ^Get:([0-9]+)\ [^\ ]+\ [^\ ]+\ [^\ ]+\ ([^\ ]+)\ [^\ ]+\ [^\ ]+\ \[ ]]; then
        pending="fetching ${BASH_REMATCH[1]} of $total: ${BASH_REMATCH[2]}"
    elif [[ $1 =~ ^Get:[0-9]+\ ([^\ ]+\ [^\ ]+) ]]; then
        pending="fetching ${BASH_REMATCH[1]}"
    elif [[ $1 =~ ^Unpacking\ ([^\ :]+) ]]; then
        pending="unpacking $((unpacked += 1)) of $total: ${BASH_REMATCH[1]}"
    elif [[ $1 =~ ^Setting\ up\ ([^\ :]+) ]]; then
        pending="setting up $((set_up += 1)) of $total: ${BASH_REMATCH[1]}"
    elif [[ $1 == 'Waiting for cache lock'* ]]; then
        pending='waiting for another program that installs packages'
    fi
}

# show_progress: pass apt-get's lines on, and print its step and package on descriptor 3, a line every 2 seconds.
show_progress() {
    local line part='' status=0 pending='' total='?' unpacked=0 set_up=0 shown=-2
    while [ $status -eq 0 ] || [ $status -gt 128 ]; do
        status=0
        read -r -t 1 line || status=$?
        part+=$line
        # Above 128 the second is over, perhaps amid a line.
        if [ $status -le 128 ]; then
            [ -z "$part" ] || echo "$part"
            step_of "$part"
            part=''
        fi
        if [ -n "$pending" ] && [ "$SECONDS" -ge $((shown + 2)) ]; then
            echo "  $pending" >&3
            pending='' shown=$SECONDS
        fi
    done
}

# apt_get: run apt-get as root without questions, showing progress. Sets `apt_said` to what it said. Returns its status.
apt_get() {
    local options=(-y -q -o APT::Install-Recommends=false -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300)
    # sudo adds its own umask to ours: with 077, apt's lists would be root's only.
    {
        apt_said=$(
            umask 022
            as_root env LC_ALL=C DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" "$@" </dev/null 2>&1 3>&- |
                show_progress
            exit "${PIPESTATUS[0]}"
        )
    } 3>&1
}

# show_complaints: print what apt-get complained of, or the end of what it said.
show_complaints() {
    grep -E '^(E:|W:|sudo:|dpkg: error)' <<<"$apt_said" >&2 || tail -n 15 <<<"$apt_said" >&2
}

# update_lists: get apt's package lists. A source that fails, often a third party's, is reported; the others are used.
update_lists() {
    echo "Fetching package lists ..."
    apt_get update && ! grep -q '^[EW]:' <<<"$apt_said" && return
    broken_sources=yes
    show_complaints
    has_lists || fail "no package lists: apt-get update failed, its words are above"
    echo "apt-get could not update every package source (above). Going on with the others." >&2
}

# has_lists: true if apt has package lists. Of what is installed apt knows without.
has_lists() {
    LC_ALL=C apt-cache policy libc6 2>/dev/null | grep -E '^ +-?[0-9]+ ' | grep -qv /var/lib/dpkg/status
}

# fetch_lists: get apt's package lists if there are none, as on a new machine or in a container.
fetch_lists() {
    has_lists || update_lists
}

# preset_wireshark: answer wireshark-common's question beforehand: capturing stays root's, unless the machine's owner
# chose otherwise already.
preset_wireshark() {
    is_installed wireshark-common && return 0
    echo 'wireshark-common wireshark-common/install-setuid boolean false' | as_root debconf-set-selections ||
        fail "debconf-set-selections failed, its words are above"
}

# install_missing: install those of the packages named that are missing. No recommended packages, no questions.
install_missing() {
    local missing=() package broken_sources=
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null ||
        fail "please install by hand what Debian calls: ${missing[*]} (apt-get is missing here)"
    echo "Installing ${missing[*]} ..."
    become_root "apt-get install --no-install-recommends ${missing[*]}"
    preset_wireshark
    fetch_lists
    apt_get install "${missing[@]}" && return
    # The lists may be older than what the archive holds.
    show_complaints
    echo "The first attempt failed (above). Trying again with new package lists." >&2
    update_lists
    apt_get install "${missing[@]}" && return
    show_complaints
    fail "apt-get could not install ${missing[*]}${broken_sources:+ (perhaps since a package source fails)}: see above"
}

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# release.sh: make everything that is published with a version, in one folder: for each Debian release of test/matrix the package and the archive, each tried
# there, and an RPM for the Wireshark of this machine; with checksums.
set -eu
source_dir=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tools/debian.sh
. "$source_dir/tools/debian.sh"

usage() {
    cat <<END
Usage: tools/release.sh [FOLDER]     default: packages

Needs root, a Debian mirror and mount namespaces, as test/matrix/run.sh does: five minutes the first time.
END
}

case ${1:-} in
-h | --help) usage; exit ;;
esac
folder=${1:-$source_dir/packages}
install_missing "${MATRIX_PACKAGES[@]}"
rm -rf --one-file-system "$folder"
mkdir -p "$folder"
TCPFSM_PACKAGES_DIR=$folder "$source_dir/test/matrix/run.sh" --packages
rpm=$("$source_dir/tools/package.sh" rpm)
mkdir -p "$folder/rpm"
cp "$rpm" "$folder/rpm"
(cd "$folder" && find . -type f ! -name SHA256SUMS -print0 | sort -z | xargs -0 sha256sum >SHA256SUMS)
echo "made:"
sed 's/^[^ ]* */    /' "$folder/SHA256SUMS"

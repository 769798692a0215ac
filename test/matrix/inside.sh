#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# inside.sh: what run.sh runs inside a release's folder, as an unprivileged user in whose home the sources are: build without a warning, then test
# what goes through Wireshark: the engine's own tests, the model, its fuzzing, the laboratory and the GUI know no versions, or need more than is there.
set -eu
cd "$HOME/tcpfsm"
log=$HOME/build.log
cmake -S . -B build -DBUILD_TESTING=ON -DCMAKE_BUILD_TYPE=Release -DCMAKE_COMPILE_WARNING_AS_ERROR=ON -DCMAKE_C_FLAGS=-Werror >"$log" 2>&1 &&
    cmake --build build -j"$(nproc)" >>"$log" 2>&1 || { tail -n 40 "$log"; exit 1; }
export TCPFSM_FUZZ_SECONDS=${TCPFSM_FUZZ_SECONDS:-20}
# shellcheck disable=SC2086
exec ctest --test-dir build --output-on-failure -j2 -L 'tshark|embed' -E 'tshark_(gui|lab)$' ${TCPFSM_CTEST_OPTIONS:-}

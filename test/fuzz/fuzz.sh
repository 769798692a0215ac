#!/bin/sh
# fuzz.sh run FUZZER SOURCE_FOLDER WORK_FOLDER    fuzzes for TCPFSM_FUZZ_SECONDS (60) from the seed corpus, repeatably (TCPFSM_FUZZ_SEED, 1); what it finds is left in the work folder
# fuzz.sh catches REPLAYER FILE                   succeeds if the replayer aborts with a word about a broken promise
#
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu
ulimit -c 0

case ${1:-} in
run)
    mkdir -p "$4/corpus"
    exec "$2" -seed="${TCPFSM_FUZZ_SEED:-1}" -max_total_time="${TCPFSM_FUZZ_SECONDS:-60}" -timeout=10 -rss_limit_mb=1024 -max_len=4096 -verbosity=1 \
        -print_final_stats=1 -artifact_prefix="$4/" -dict="$3/tcpfsm.dict" "$4/corpus" "$3/corpus"
    ;;
catches)
    if said=$("$2" "$3" 2>&1); then
        echo "the broken promise was not noticed"
        exit 1
    fi
    case $said in
    *'the state shown is not possible'*) echo "noticed" ;;
    *) echo "$said"; exit 1 ;;
    esac
    ;;
*)
    echo "usage: fuzz.sh run FUZZER SOURCE_FOLDER WORK_FOLDER | fuzz.sh catches REPLAYER FILE" >&2
    exit 2
    ;;
esac

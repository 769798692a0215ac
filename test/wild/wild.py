#!/usr/bin/python3
"""wild.py: runs of real programs between network namespaces, each with the truth about it (situations.py, second.py).

    wild.py make FOLDER [NAME...]       as root: makes the runs, some side by side, into FOLDER/NAME/POINT.pcap
    wild.py judge FOLDER [-v]           judges tcpfsm (TCPFSM_PLUGIN) by them
    wild.py keep FOLDER CAPTURES        copies the small ones and writes truth.json beside them
    wild.py list

NAME may be "first" or "second": all of that file.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import judge  # noqa: E402
import second  # noqa: E402, F401 (registers its runs)
from situations import RUNS  # noqa: E402
from world import POINTS, World  # noqa: E402

TOGETHER, SMALL = 12, 30 << 10


def make(folder, names):
    """make makes runs, each in a process of its own, TOGETHER at a time."""
    waiting, going = list(names), {}
    while waiting or going:
        while waiting and len(going) < TOGETHER:
            name = waiting.pop(0)
            os.makedirs(os.path.join(folder, name), exist_ok=True)
            going[name] = (subprocess.Popen([sys.executable, __file__, 'one', folder, name]), time.time())
            time.sleep(0.5)
        for name, (p, since) in list(going.items()):
            if p.poll() is not None:
                print('%-28s %5.1f s%s' % (name, time.time() - since, '' if not p.returncode else '  FAILED'), flush=True)
                del going[name]
            elif time.time() - since > 120:
                p.terminate()
        time.sleep(0.2)


def one(folder, name):
    """one makes one run."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    r = RUNS[name]
    w = World(os.path.join(folder, name), **r['world'])
    try:
        r['make'](w)
    finally:
        w.close()


def truths():
    """truths returns what is true of each run, as JSON can hold it."""
    return {name: {k: r[k] for k in ('truth', 'expects', 'allows', 'at', 'forbids', 'left', 'device')} for name, r in RUNS.items()}


def keep(folder, captures):
    """keep copies the captures that are small enough, and the truth about them."""
    kept = {}
    for name, truth in truths().items():
        points = [p for p in POINTS if os.path.exists(os.path.join(folder, name, p + '.pcap'))]
        small = [p for p in points if os.path.getsize(os.path.join(folder, name, p + '.pcap')) <= SMALL]
        if 'c' in small and 'rc' in small:
            small.remove('rc')      # shows the same
        for p in small:
            shutil.copy(os.path.join(folder, name, p + '.pcap'), os.path.join(captures, '%s.%s.pcap' % (name, p)))
        if small:
            kept[name] = dict(truth, points=small)
    with open(os.path.join(captures, 'truth.json'), 'w', encoding='utf-8') as f:
        json.dump(kept, f, indent=1, sort_keys=True)
        f.write('\n')


def main(arguments):
    what, rest = arguments[0] if arguments else '', arguments[1:]
    if what == 'make':
        sets = {'first': 'situations', 'second': 'second'}
        make(rest[0], [n for n, r in RUNS.items() if len(rest) == 1 or n in rest or any(r['make'].__module__ == sets.get(x) for x in rest[1:])])
    elif what == 'one':
        one(*rest)
    elif what == 'judge':
        judge.report(judge.judge_folder(rest[0], truths()), '-v' in rest)
    elif what == 'keep':
        keep(*rest)
    elif what == 'list':
        for name, r in RUNS.items():
            print('%-28s %s' % (name, r['truth']))
    else:
        print(__doc__)


if __name__ == '__main__':
    main(sys.argv[1:])

#!/usr/bin/python3
"""wild.py: runs of real programs between network namespaces, each with the truth about it (situations.py, second.py).

    wild.py make FOLDER [NAME...]       as root: makes the runs, some side by side, into FOLDER/NAME/POINT.pcap
    wild.py judge FOLDER [-v]           judges tcpfsm (TCPFSM_PLUGIN) by them
    wild.py keep FOLDER... CAPTURES     copies the small ones and writes truth.json beside them
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

TOGETHER, SMALL = 12, 36 << 10


README = '''# Captures of real programs

Written by `test/wild/wild.py keep`, from runs between three network namespaces: a client, a router, a server. `RUN.POINT.pcap` was taken beside the client (c), beside the
server (s), on the router toward one of them (rc, rs) or on all of the router's interfaces (any). What happened is known, for the run configured it; `truth.json` has
the same for programs, and `test/test_wild.py` judges the plugin by it. An empty last column: nothing is wrong in that run.

| run | points | what happened | must be found |
|---|---|---|---|
'''


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


def keep(folders, captures):
    """keep copies the captures that are small enough, and the truth about them."""
    kept = {}
    os.makedirs(captures, exist_ok=True)
    for name, truth in truths().items():
        made = {p: path for f in folders for p in POINTS for path in [os.path.join(f, name, p + '.pcap')] if os.path.exists(path)}
        small = [p for p, path in made.items() if os.path.getsize(path) <= SMALL]
        if len(small) > 1:
            small = [p for p in small if p not in ('rc', 'rs')] or small[:1]    # they show the same
        for p in small:
            shutil.copy(made[p], os.path.join(captures, '%s.%s.pcap' % (name, p)))
        if small:
            kept[name] = dict(truth, points=small)
    with open(os.path.join(captures, 'truth.json'), 'w', encoding='utf-8') as f:
        json.dump(kept, f, indent=1, sort_keys=True)
        f.write('\n')
    with open(os.path.join(captures, 'README.md'), 'w', encoding='utf-8') as f:
        f.write(README + ''.join('| `%s` | %s | %s | %s |\n' % (
            name, ' '.join(t['points']), t['truth'].replace('|', '\\|'), ' '.join('`%s`' % x for e in t['expects'] for x in e.split('|') if x)) for name, t in kept.items()))


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
        keep(rest[:-1], rest[-1])
    elif what == 'list':
        for name, r in RUNS.items():
            print('%-28s %s' % (name, r['truth']))
    else:
        print(__doc__)


if __name__ == '__main__':
    main(sys.argv[1:])

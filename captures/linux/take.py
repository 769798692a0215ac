#!/usr/bin/python3
"""take.py: copies a recorded run of real sockets here: one of its captures, and what the kernel said on both hosts.

    take.py FOLDER NAME VANTAGE...      FOLDER/NAME.VANTAGE.pcap and FOLDER/NAME.truth.json become NAME.VANTAGE.pcap and NAME.VANTAGE.txt

A line of the text is a frame and the kernel's states (`ss`) of client and server when that frame was the last one captured. "-": not to be judged,
because a segment was still on its way to that host. Alternatives are joined by "|": without a socket a host with a listener is as well CLOSED as LISTEN.
Changes of a state without any segment (timers) are left out: no capture shows them.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PLACE = {'c': "on the client's host", 'rc': "between, on the client's side", 'rs': "between, on the server's side", 's': "on the server's host"}


def accepted(sample, side):
    """accepted returns the states that are right for one side of a sample."""
    listener = sample.get('listener' if side == 'server' else 'client_listener')
    return 'CLOSED|LISTEN' if sample[side] == 'CLOSED' and listener else sample[side]


def lines(truth, vantage):
    """lines yields (connection index, frame, client, server) without repetitions and silent changes."""
    last = {}
    for s in truth['samples']:
        frame, row = s['tuple_frame'][vantage], []
        if not frame:
            continue
        for side in ('client', 'server'):
            far = side == ('server' if vantage in ('c', 'rc') else 'client')
            waiting = s.get('inflight', {})
            seen = last.get((s['tuple'], side))
            skip = (far and (waiting.get('c2s') or waiting.get('s2c'))) or (seen and seen[0] == frame)
            row.append('-' if skip else accepted(s, side))
            if not skip:
                last[s['tuple'], side] = (frame, s[side])
        if row != ['-', '-']:
            yield s['tuple'], frame, row[0], row[1]


def text(truth, name, vantage):
    """text returns the file beside the capture."""
    out = ['# %s, captured %s. Kernel %s.' % (truth['description'], PLACE[vantage], truth['kernel']),
           '# SPDX-License-Identifier: GPL-2.0-or-later', 'vantage %s' % vantage]
    for n, t in enumerate(truth['tuples']):
        out.append('connection %d client %s %d server %s %d' % (n, *t['client'], *t['server']))
    out += ['%d %4d  %-14s %s' % row for row in lines(truth, vantage)]
    return '\n'.join(out) + '\n'


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    folder, name = sys.argv[1:3]
    with open(os.path.join(folder, name + '.truth.json'), encoding='utf-8') as f:
        truth = json.load(f)
    for vantage in sys.argv[3:]:
        target = os.path.join(HERE, '%s.%s' % (name, vantage))
        shutil.copyfile(os.path.join(folder, '%s.%s.pcap' % (name, vantage)), target + '.pcap')
        with open(target + '.txt', 'w', encoding='utf-8') as f:
            f.write(text(truth, name, vantage))


if __name__ == '__main__':
    main()

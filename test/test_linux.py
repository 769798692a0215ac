"""Captures of real Linux sockets against what the kernel itself said after each segment (captures/linux/*.txt).

Beside the capture the state shown must be the kernel's. Of the far side a capture cannot always know: there the kernel's state must be among the
possible ones, and must be the one shown where the plugin is certain.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import glob
import os

import pytest

import shark

FILES = sorted(glob.glob(os.path.join(shark.CAPTURES, 'linux', '*.txt')))
FIELDS = ['frame.number', 'tcpfsm.client'] + ['tcpfsm.%s.%s' % (e, f) for e in ('client', 'server') for f in ('state', 'possible', 'certain')]


def truth(path):
    """truth reads one file: vantage, {connection: client's address:port}, rows (connection, frame, (client, server))."""
    vantage, clients, rows = '', {}, []
    with open(path, encoding='utf-8') as f:
        for line in f:
            words = line.split()
            if words[0] == 'vantage':
                vantage = words[1]
            elif words[0] == 'connection':
                clients[int(words[1])] = '%s:%s' % (('[%s]' if ':' in words[3] else '%s') % words[3], words[4])
            elif words[0] != '#':
                rows.append((int(words[0]), int(words[1]), words[2:4]))
    return vantage, clients, rows


def judge(said, swapped, side, near, right):
    """judge returns a complaint about one side of one frame, or None."""
    state, possible, certain = said[2 + 3 * (side ^ swapped):5 + 3 * (side ^ swapped)]
    right = right.split('|')
    if near and state not in right:
        return 'shown %s, kernel %s' % (state, '|'.join(right))
    if not set(right) & set(possible.split(',')):
        return 'kernel %s is not among %s' % ('|'.join(right), possible)
    if certain in ('1', 'True') and state not in right:
        return 'certain of %s, kernel %s' % (state, '|'.join(right))
    return None


@pytest.mark.parametrize('path', FILES, ids=lambda p: os.path.basename(p)[:-4])
def test_states_are_the_kernels(with_plugin, path):
    vantage, clients, rows = truth(path)
    said = {int(r[0]): r for r in with_plugin.rows(path[:-4] + '.pcap', FIELDS)}
    wrong, judged = [], 0
    for connection, frame, states in rows:
        swapped = said[frame][1] != clients[connection]
        for side in (0, 1):
            if states[side] != '-':
                near = (side == 0) == (vantage in ('c', 'rc'))
                bad = judge(said[frame], swapped, side, near, states[side])
                judged += 1
                wrong += ['frame %d %s: %s' % (frame, ('client', 'server')[side], bad)] if bad else []
    assert judged >= 5
    assert not wrong, '\n'.join(wrong)


def test_there_are_runs_to_judge():
    assert len(FILES) >= 8

"""Captures of several points, merged: captures/points against what the kernels of both hosts said and what the network did (NAME.txt beside each), and near misses.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import csv
import functools
import glob
import io
import os
import subprocess

import pytest

import packets
import shark

FOLDER = os.path.join(shark.CAPTURES, 'points')
RUNS = sorted(os.path.basename(f)[:-4] for f in glob.glob(os.path.join(FOLDER, '*.txt')))
FIELDS = ['frame.number', 'frame.interface_id', 'tcpfsm.client', 'tcpfsm.client.state', 'tcpfsm.server.state', 'tcpfsm.client.possible', 'tcpfsm.server.possible',
          'tcpfsm.point', 'tcpfsm.lost', 'tcpfsm.duplicate_of', 'tcpfsm.vantage', 'tcpfsm.finding', 'tcpfsm.finding.text', 'tcp.len', 'tcp.seq_raw', 'tcp.flags']
TRUE = ('1', 'True')


def truth(name):
    """truth reads NAME.txt: ({connection: client's address:port}, {word: rest of its lines as lists})."""
    clients, lines = {}, {'state': [], 'lost': [], 'made': [], 'twice': []}
    with open(os.path.join(FOLDER, name + '.txt'), encoding='utf-8') as f:
        for line in f:
            words = line.split()
            if words[0] == 'connection':
                clients[int(words[1])] = '%s:%s' % (('[%s]' if ':' in words[3] else '%s') % words[3], words[4])
            elif words[0] != '#':
                lines[words[0]].append(words[1:])
    return clients, lines


@functools.lru_cache(None)
def said(tool, path):
    """said returns {frame: {field: text}} of a capture."""
    return {int(r[0]): dict(zip(FIELDS, r)) for r in tool.rows(path, FIELDS, '-2')}


@functools.lru_cache(None)
def of_run(tool, name):
    """of_run returns said() of one of the runs."""
    return said(tool, os.path.join(FOLDER, name + '.pcapng'))


def path_findings(rows):
    """path_findings returns {name: [frame...]} of the findings about the way between points."""
    found = {}
    for frame, row in rows.items():
        for name in row['tcpfsm.finding'].split(','):
            if name.startswith('path.') and name != 'path.mtu':
                found.setdefault(name, []).append(frame)
    return found


def made_said(rows):
    """made_said returns the frames that path.rst_made_between names in its text."""
    return sorted(int(t.split(' in frame ')[1].split(',')[0]) for row in rows.values() for t in row['tcpfsm.finding.text'].split(',The') if ' in frame ' in t and
                  'was made between' in row['tcpfsm.finding.text'])


@pytest.mark.parametrize('name', RUNS)
def test_states_are_the_kernels(with_plugin, name):
    """Each end, at each segment captured beside it, is in the state its kernel was in; that state is always among the possible ones."""
    clients, lines = truth(name)
    rows, wrong = of_run(with_plugin, name), []
    for connection, frame, side, states in lines['state']:
        row, right = rows[int(frame)], states.split('|')
        other = {'client': 'server', 'server': 'client'}[side] if row['tcpfsm.client'] != clients[int(connection)] else side
        state, possible = row['tcpfsm.%s.state' % other], row['tcpfsm.%s.possible' % other].split(',')
        if state not in right or not set(right) & set(possible):
            wrong.append('frame %s %s: shown %s of %s, kernel %s' % (frame, side, state, possible, states))
    assert len(lines['state']) >= 5
    assert not wrong, '\n'.join(wrong)


@pytest.mark.parametrize('name', RUNS)
def test_lost_is_what_the_network_dropped(with_plugin, name):
    rows = of_run(with_plugin, name)
    lost = [f for f, row in rows.items() if row['tcpfsm.lost'] in TRUE]
    right = sorted(int(words[0]) for words in truth(name)[1]['lost'])
    if '.three' in name:        # the point on the way may have it too: any copy of it will do
        first = {f: int(row['tcpfsm.duplicate_of'] or f) for f, row in rows.items()}
        lost, right = sorted({first[f] for f in lost}), sorted({first[f] for f in right})
    assert lost == right


@pytest.mark.parametrize('name', RUNS)
def test_made_is_what_the_network_forged(with_plugin, name):
    rows = of_run(with_plugin, name)
    assert made_said(rows) == sorted(int(words[0]) for words in truth(name)[1]['made'])


@pytest.mark.parametrize('name', RUNS)
def test_points_and_copies(with_plugin, name):
    """A segment stands beside its point's end, and names the same segment at another point, whatever the clocks say."""
    rows = of_run(with_plugin, name)
    _, lines = truth(name)
    alone = {int(words[0]) for word in ('lost', 'made') for words in lines[word]}
    first, last = '0', str(max(int(row['frame.interface_id']) for row in rows.values()))
    for frame, row in rows.items():
        if '.three' not in name:
            assert row['tcpfsm.point'] == {first: 'client', last: 'server'}[row['frame.interface_id']], frame
        other = row['tcpfsm.duplicate_of']
        if not other:
            continue
        twin = rows[int(other)]
        assert frame not in alone or '.three' in name
        assert all(row[f] == twin[f] for f in ('tcp.len', 'tcp.seq_raw', 'tcp.flags')), frame
    linked = {f for f, row in rows.items() if row['tcpfsm.duplicate_of']} | {int(row['tcpfsm.duplicate_of']) for row in rows.values() if row['tcpfsm.duplicate_of']}
    assert set(rows) - linked == alone or '.three' in name


def test_there_are_runs_to_judge():
    assert len(RUNS) >= 8 and any('.clock' in r for r in RUNS) and any('.three' in r for r in RUNS)

"""The page of tcpfsm,diagnosis: its filters show exactly the packets that an entry counts; nothing is left out or counted twice; what it says of the
capture. Its goldens are with those of the other reports, in test_reports.py.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import struct

import pytest

import conftest
import shark

TOUR = conftest.capture_path('tour.pcapng')
WAITING = {'close_wait.open_at_end': 'CLOSE_WAIT', 'syn_sent.open_at_end': 'SYN_SENT', 'syn_received.open_at_end': 'SYN_RECEIVED'}
LARGER = ('scan', 'flood')      # they count findings of other names too


def z(tool, path, what):
    """z returns what -z prints."""
    return tool.checked('-n', '-q', '-r', path, '-z', 'tcpfsm,' + what)


def page(tool, path, filter_=''):
    """page returns the page as an object."""
    return json.loads(z(tool, path, 'diagnosis,format=json' + (',' + filter_ if filter_ else '')))


def connections(tool, path):
    """connections returns the objects of tcpfsm,conv by number."""
    return {o['connection']: o for o in (json.loads(line) for line in z(tool, path, 'conv,format=json').split('\n') if line.startswith('{'))}


def frames(tool, path, display_filter):
    """frames returns the numbers of the frames that a display filter shows."""
    return [int(row[0]) for row in tool.rows(path, ['frame.number'], '-Y', display_filter)]


def belongs(problem, connection, finding):
    """belongs says whether a finding of a connection is about the host or service of a problem."""
    about, end = problem['about'], connection[finding['about']]
    return about['role'] == finding['about'] and about['address'] == end['address'] and about.get('port', end['port'] if 'ports' in about or
                                                                                                 about['role'] == 'client' else None) == end['port']


def check_filters(tool, path):
    """check_filters compares what the filters of all problems of a capture show with the findings that conv lists. Returns how many it has compared."""
    said, told = page(tool, path), connections(tool, path)
    shown, taken = [], set()
    late = {f for p in said['problems'] if p['finding'] == 'close_wait.open_at_end' for f in frames(tool, path, p['filter'])}
    for p in said['problems']:
        assert p['filter_exact']
        matched = check_waiting(tool, path, p, told) if p['finding'] in WAITING else frames(tool, path, p['filter'])
        assert p['first_frame'] == min(matched), p
        if p['finding'] in LARGER:
            taken.update(names(tool, path, p))
        elif p['finding'] not in WAITING:
            shown += [(p['finding'], p['about']['role'], frame) for frame in matched]
            assert p['findings'] == len(matched), (p, matched)
            assert set(matched) <= {f['frame'] for c in told.values() for f in c['findings'] if f['name'] == p['finding'] and belongs(p, c, f)}, p
    wanted = {(f['name'], f['about'], f['frame']) for c in told.values() for f in c['findings'] if f['severity'] != 'chat' and
              (f['name'], f['frame']) not in taken and not (f['name'] == 'close_wait.lingering' and f['frame'] in late)}
    assert len(shown) == len(set(shown)) and set(shown) == wanted
    return len(said['problems'])


def names(tool, path, problem):
    """names returns (finding, frame) of what the filter of a scan or a flood shows."""
    rows = tool.rows(path, ['frame.number', 'tcpfsm.finding'], '-Y', problem['filter'])
    return [(one, int(frame)) for frame, found in rows for one in found.split(',')]


def check_waiting(tool, path, problem, told):
    """check_waiting looks at sockets that wait at the end of the capture: the filter shows their connections, in that state. Returns the frames."""
    state, found, matched = WAITING[problem['finding']], set(), []
    for row in tool.rows(path, ['tcpfsm.connection', 'tcpfsm.state', 'frame.number'], '-Y', problem['filter']):
        assert state in row[1]
        found.add(int(row[0]))
        matched.append(int(row[2]))
    assert len(found) == problem['connections']
    side = 'client' if problem['finding'] == 'syn_sent.open_at_end' else problem['about']['role']
    assert {told[n][side]['state'] for n in found} == {state}
    return matched


def test_filters_of_the_tour(with_plugin):
    assert check_filters(with_plugin, TOUR) == 6


def test_filters_of_all_captures(with_plugin, all_files):
    """All captures of the project's own one after another have many kinds of findings, of the same hosts, about both ends."""
    assert check_filters(with_plugin, all_files[0]) > 30
    assert sum(conftest.in_pairs(lambda path: check_filters(with_plugin, path), all_files[1:])) > 30

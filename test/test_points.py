"""Captures of several points, merged: captures/points against what the kernels of both hosts said and what the network did (NAME.txt beside each), and near misses.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import csv
import functools
import glob
import io
import os
import re
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
            elif words[0] not in ('#', 'cases'):
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
    """made_said returns the frames of which path.rst_made_between says that they were made between."""
    told = re.compile(r'did not send the \S+ in frame (\d+): it was captured beside its receiver only')
    return sorted(int(f) for row in rows.values() for f in told.findall(row['tcpfsm.finding.text']))


def frames(name, word):
    """frames returns what NAME.txt says was lost, made or duplicated."""
    return sorted(int(words[0]) for words in truth(name)[1][word])


def known_wrong(why):
    """known_wrong marks a test of something that is known to be wrong: it fails once that is mended, and the mark is to go."""
    return pytest.mark.xfail(strict=True, reason=why)


def runs(why='', *wrong):
    """runs returns the runs as parameters; those named are known to be wrong."""
    return [pytest.param(r, marks=known_wrong(why)) if r in wrong else r for r in RUNS]


def wrong_states(rows, name):
    """wrong_states returns what is wrong with the state of each end at the segments captured beside it, a text each."""
    clients, lines = truth(name)
    wrong = []
    for connection, frame, side, states in lines['state']:
        row, right = rows[int(frame)], states.split('|')
        shown = {'client': 'server', 'server': 'client'}[side] if row['tcpfsm.client'] != clients[int(connection)] else side
        state, possible = row['tcpfsm.%s.state' % shown], row['tcpfsm.%s.possible' % shown].split(',')
        if state not in right or not set(right) & set(possible):
            wrong.append('frame %s %s: shown %s of %s, kernel %s' % (frame, side, state, possible, states))
    assert len(lines['state']) >= 5
    return wrong


@pytest.mark.parametrize('name', RUNS)
def test_states_are_the_kernels(with_plugin, name):
    """Each end, at each segment captured beside it, is in the state its kernel was in; that state is always among the possible ones."""
    assert wrong_states(of_run(with_plugin, name), name) == []


@pytest.mark.parametrize('name', runs('a connection of which only one point has a segment, before the other point is known, is not looked at', 'random-41.clock'))
def test_lost_is_what_the_network_dropped(with_plugin, name):
    lost = [f for f, row in of_run(with_plugin, name).items() if row['tcpfsm.lost'] in TRUE]
    assert lost == frames(name, 'lost')


@pytest.mark.parametrize('name', runs())
def test_loss_is_reported_where_there_is_one(with_plugin, name):
    """path.lost, once a connection and direction, and nowhere else."""
    rows, lost = of_run(with_plugin, name), frames(name, 'lost')
    told = re.compile(r'was lost between the capture points \(frame (\d+)')
    named = [int(f) for row in rows.values() for f in told.findall(row['tcpfsm.finding.text'])]
    assert bool(named) == bool(lost) and set(named) <= set(lost)


@pytest.mark.parametrize('name', runs())
def test_made_is_what_the_network_forged(with_plugin, name):
    assert made_said(of_run(with_plugin, name)) == frames(name, 'made')


@pytest.mark.parametrize('name', runs())
def test_receiver_only_is_said_of_what_was_made(with_plugin, name):
    """path.receiver_only names segments that the network made or duplicated, and no others."""
    rows = of_run(with_plugin, name)
    named = [int(f) for row in rows.values() for f in re.findall(r'was captured beside its receiver only \(frame (\d+)', row['tcpfsm.finding.text'])]
    assert all(not rows[f]['tcpfsm.duplicate_of'] and f not in {int(row['tcpfsm.duplicate_of'] or 0) for row in rows.values()} for f in named)


@pytest.mark.parametrize('name', runs('a connection of which only one point has a segment, before the other point is known, is not looked at', 'random-41.clock'))
def test_points(with_plugin, name):
    """The first interface is beside the client, the second beside the server, from the first frame on."""
    rows = of_run(with_plugin, name)
    assert {(row['frame.interface_id'], row['tcpfsm.point']) for row in rows.values()} == {('0', 'client'), ('1', 'server')}


@pytest.mark.parametrize('name', runs('without an IP ID the first segment is not linked', 'fin_lost_once-v6'))
def test_copies_are_linked_at_any_delay(with_plugin, name):
    """A segment captured at both points names the other frame; one that was lost, made or duplicated between may have none."""
    rows, alone = of_run(with_plugin, name), {f for word in ('lost', 'made') for f in frames(name, word)}
    pairs = {(int(row['tcpfsm.duplicate_of']), f) for f, row in rows.items() if row['tcpfsm.duplicate_of']}
    for first, again in pairs:
        assert first < again and not {first, again} & alone
        assert all(rows[first][f] == rows[again][f] for f in ('tcp.len', 'tcp.seq_raw', 'tcp.flags'))
    unlinked = set(rows) - {f for pair in pairs for f in pair}
    assert unlinked == alone or (frames(name, 'twice') and len(unlinked) < len(rows) / 10)


@pytest.mark.parametrize('name', runs())
def test_vantage_is_both_ends(with_plugin, name):
    rows = list(of_run(with_plugin, name).values())
    assert rows[-1]['tcpfsm.vantage'].startswith('both')


def test_there_are_runs_to_judge():
    assert len(RUNS) >= 8 and sum('.clock' in r for r in RUNS) == 2


@functools.lru_cache(None)
def nameless(tool, readable, name):
    """nameless returns said() of a run in a file that names no interfaces, as mergecap writes it where the interfaces are alike. Frames keep their numbers."""
    path = str(readable / (name + '.nameless.pcap'))
    subprocess.run(['editcap', '-F', 'nsecpcap', os.path.join(FOLDER, name + '.pcapng'), path], check=True)
    os.chmod(path, 0o644)
    return said(tool, path)


EARLY = 'without interfaces, what came before the second point was known is taken to the wrong one'


@pytest.mark.parametrize('name', runs(EARLY, 'forged_fin-st', 'random-41', 'random-41.clock'))
def test_states_without_interfaces(with_plugin, readable, name):
    assert wrong_states(nameless(with_plugin, readable, name), name) == []


@pytest.mark.parametrize('name', runs(EARLY, *sorted(set(RUNS) - {'forged_rst_exact'})))
def test_lost_without_interfaces(with_plugin, readable, name):
    assert [f for f, row in nameless(with_plugin, readable, name).items() if row['tcpfsm.lost'] in TRUE] == frames(name, 'lost')


# near misses: the same segments, but not two points


def only(readable, name, display, new):
    """only writes the frames of a run that a filter matches, and returns the path."""
    path = str(readable / new)
    subprocess.run([shark.tshark(), '-n', '-r', os.path.join(FOLDER, name + '.pcapng'), '-Y', display, '-w', path], check=True, capture_output=True)
    os.chmod(path, 0o644)
    return path


def test_one_point_alone(with_plugin, readable):
    """What one of the captures shows of the same run: nothing about the way, and no RST is called made between."""
    path = only(readable, 'random-41', 'frame.interface_id == 0', 'one-point.pcapng')
    rows = said(with_plugin, path)
    assert len(rows) == 25 and not path_findings(rows)
    assert not any(row['tcpfsm.lost'] in TRUE or row['tcpfsm.point'] or row['tcpfsm.duplicate_of'] for row in rows.values())
    assert 'one point' in with_plugin.checked('-n', '-q', '-r', path, '-z', 'tcpfsm,path')
    assert with_plugin.checked('-n', '-q', '-r', path, '-z', 'tcpfsm,path,format=json') == ''


@pytest.mark.parametrize('name', ['close_client_first', 'random-41', 'duplicates'])
def test_two_interfaces_of_one_host(with_plugin, readable, name):
    """Each segment twice within microseconds, as "any" has it: copies, which change nothing. Not two points."""
    once = only(readable, name, 'frame.interface_id == 0', name + '-once.pcapng')
    again, both = str(readable / (name + '-again.pcapng')), str(readable / (name + '-both.pcapng'))
    subprocess.run(['editcap', '-t', '0.000002', once, again], check=True)
    subprocess.run(['mergecap', '-I', 'none', '-w', both, once, again], check=True)
    os.chmod(both, 0o644)
    single, double = list(said(with_plugin, once).values()), list(said(with_plugin, both).values())
    assert len(double) == 2 * len(single) and not path_findings(said(with_plugin, both))
    assert not any(row['tcpfsm.lost'] in TRUE for row in double)
    first = [row for row in double if int(row['frame.interface_id']) == 0]
    for field in ('tcpfsm.client.state', 'tcpfsm.server.state'):
        assert [row[field] for row in first] == [row[field] for row in single]
    assert 'no connection that was captured at two places' in with_plugin.checked('-n', '-q', '-r', both, '-z', 'tcpfsm,path')


# synthetic captures: what the lab's wire does not do


def segment(time, sender, flags, seq, ack, data=b'', options=b'', **more):
    """segment returns one segment of a scenario: when it leaves, milliseconds, who sends it (c or s), and what is special: `at`, the points that capture it (all
    unless named), ttl (at each point), options at one point as options_POINT, ident."""
    return dict(time=time, sender=sender, flags=flags, seq=seq, ack=ack, data=data, options=options, **more)


FULL = packets.FLAGS
SYN, ACK, SYN_ACK, PUSH, FIN, RST = FULL['SYN'], FULL['ACK'], FULL['SYN'] | FULL['ACK'], FULL['PSH'] | FULL['ACK'], FULL['FIN'] | FULL['ACK'], FULL['RST'] | FULL['ACK']
MSS = b'\2\4\x05\xb4'
OPENING = [segment(0, 'c', SYN, 1000, 0, options=MSS), segment(15.1, 's', SYN_ACK, 9000, 1001, options=MSS), segment(30.2, 'c', ACK, 1001, 9001),
           segment(50, 'c', PUSH, 1001, 9001, b'a' * 100), segment(65.1, 's', ACK, 9001, 1101), segment(80, 's', PUSH, 9001, 1101, b'b' * 100),
           segment(95.1, 'c', ACK, 1101, 9101)]
WAY = {'c': (0, 0), 'm': (6, 1), 's': (15, 3)}      # of each point: milliseconds and routers from the client


def record(seg, point, address):
    """record returns (time in microseconds, frame) of a segment as a point captures it."""
    far, routers = WAY[point] if seg['sender'] == 'c' else (WAY['s'][0] - WAY[point][0], WAY['s'][1] - WAY[point][1])
    src, dst = address if seg['sender'] == 'c' else address[::-1]
    ports = (40000, 80) if seg['sender'] == 'c' else (80, 40000)
    body = dict(seg, sport=ports[0], dport=ports[1], window=64240, options=seg.get('options_' + point, seg['options']), flags=seg['flags'])
    datagram = packets.ip4(packets.tcp(body, src, dst), src, dst, ident=seg['ident'], ttl=seg.get('ttl', {}).get(point, 64 - routers))
    return round((seg['time'] + far) * 1000), packets.ethernet(datagram, seg['sender'] == 'c')


def merged(readable, name, segments, points='cs', until=None, addresses=None):
    """merged writes a scenario as each point captures it and merges that; until: {point: milliseconds} ends a capture earlier."""
    parts = []
    for point in points:
        found = [record(dict(dict(ident=100 + n), **s), point, (addresses or {}).get(point, ('10.0.0.1', '10.0.0.2')))
                 for n, s in enumerate(segments) if point in s.get('at', points)]
        kept = sorted(f for f in found if f[0] <= (until or {}).get(point, 10**9) * 1000)
        parts.append(str(readable / ('%s.%s.pcap' % (name, point))))
        with open(parts[-1], 'wb') as f:
            f.write(packets.pcap([(when, raw, raw) for when, raw in kept], packets.ETHERNET))
    path = str(readable / (name + '.pcapng'))
    subprocess.run(['mergecap', '-I', 'none', '-w', path, *parts], check=True)
    os.chmod(path, 0o644)
    return path


def path_rows(tool, path):
    """path_rows returns the lines of tcpfsm,path as CSV."""
    return list(csv.DictReader(io.StringIO(tool.checked('-n', '-q', '-r', path, '-z', 'tcpfsm,path,format=csv'))))


CLOSING = [segment(200, 'c', FIN, 1101, 9101), segment(215.1, 's', FIN, 9101, 1102), segment(230.2, 'c', ACK, 1102, 9102)]


def test_case_130(with_plugin, readable):
    """Captures taken beside the client and beside the server, merged: each end is followed by what was captured beside it, and both states are proven | 3.3.2"""
    rows = said(with_plugin, merged(readable, 'healthy', OPENING + CLOSING))
    assert not path_findings(rows) and not any(row['tcpfsm.lost'] in TRUE for row in rows.values())
    last = {point: [row for row in rows.values() if row['tcpfsm.point'] == point][-1] for point in ('client', 'server')}
    assert last['client']['tcpfsm.client.possible'] == 'TIME_WAIT' and last['server']['tcpfsm.server.possible'] == 'CLOSED'


def test_case_131(with_plugin):
    """The clocks of the two hosts differ by more than the way takes: no effect on the order of each end, and the difference is estimated |"""
    for name, ahead in (('random-41', 0), ('random-41.clock', 2), ('forged_rst_exact.clock', -2)):
        found = path_rows(with_plugin, os.path.join(FOLDER, name + '.pcapng'))
        assert len(found) >= 2
        for row in found:
            sign = 1 if row['sender'] == 'client' else -1
            assert abs(sign * float(row['clock_ahead']) - ahead) <= float(row['clock_uncertainty']) < 0.001
            assert not row['delay_least'] or 0 < float(row['delay_least']) <= float(row['delay_median']) <= float(row['delay_most']) < 0.01


def test_case_132(with_plugin, readable):
    """A segment captured beside its sender only was lost between: marked, counted, the first frame named once a direction |"""
    again = [segment(150, 'c', PUSH, 1101, 9101, b'x' * 10, at='c'), segment(350, 'c', PUSH, 1101, 9101, b'x' * 10), segment(370, 's', ACK, 9101, 1111)]
    path = merged(readable, 'lost', OPENING + again)
    rows = said(with_plugin, path)
    lost = [f for f, row in rows.items() if row['tcpfsm.lost'] in TRUE]
    assert len(lost) == 1 and rows[lost[0]]['tcp.len'] == '10' and not rows[lost[0]]['tcpfsm.duplicate_of'] and list(path_findings(rows)) == ['path.lost']
    up, down = path_rows(with_plugin, path)
    assert (up['sent'], up['arrived'], up['lost'], up['first_lost'], up['unknown']) == ('6', '5', '1', str(lost[0]), '0')
    assert (down['sent'], down['arrived'], down['lost']) == ('4', '4', '0')


def test_case_133(with_plugin, readable):
    """A RST captured beside its receiver only, in the name of the other end, whose capture goes on: made between the points |"""
    forged = [segment(150, 'c', RST, 1101, 9101, at='s', ident=77), segment(180, 'c', PUSH, 1101, 9101, b'x' * 10), segment(200, 's', RST, 9101, 1101),
              segment(400, 'c', PUSH, 1101, 9101, b'x' * 10)]
    path = merged(readable, 'forged', OPENING + forged)
    rows = said(with_plugin, path)
    made = [f for f, row in rows.items() if int(row['tcp.flags'], 16) & 4 and not row['tcpfsm.duplicate_of'] and row['frame.interface_id'] == '1']
    assert made_said(rows) == made[:1]
    up, down = path_rows(with_plugin, path)
    assert (up['made_between'], up['rst_made_between'], up['first_made_between'], down['made_between']) == ('1', '1', str(made[0]), '0')


def test_case_134(with_plugin, readable):
    """A RST that left its sender's host and passed the routers between is its sender's own |"""
    own = [segment(150, 's', RST, 9101, 1101), segment(300, 'c', PUSH, 1101, 9101, b'x' * 10), segment(320, 's', RST, 9101, 1101)]
    path = merged(readable, 'own', OPENING + own)
    assert 'path.rst_made_between' not in path_findings(said(with_plugin, path))
    assert [row['made_between'] for row in path_rows(with_plugin, path)] == ['0', '0']


def test_case_135(with_plugin, readable):
    """A segment captured beside its receiver only: made between, or missed by the other capture; reported once a connection and not as a RST made between |"""
    alone = [segment(150, 'c', PUSH, 1101, 9101, b'x' * 10, at='s'), segment(170, 's', ACK, 9101, 1111), segment(190, 'c', PUSH, 1111, 9101, b'y' * 10, at='s'),
             segment(210, 's', ACK, 9101, 1121), segment(250, 'c', PUSH, 1121, 9101, b'z' * 10), segment(270, 's', ACK, 9101, 1131)]
    found = path_findings(said(with_plugin, merged(readable, 'alone', OPENING + alone)))
    assert list(found) == ['path.receiver_only'] and len(found['path.receiver_only']) == 1


def test_case_136(with_plugin, readable):
    """A device between rewrites options (the MSS clamped): the segments are matched all the same, and that is said once a connection |"""
    clamped = [dict(s, options_s=b'\2\4\x04\xec') if s['flags'] == SYN else s for s in OPENING]
    path = merged(readable, 'clamped', clamped + CLOSING)
    rows = said(with_plugin, path)
    found = path_findings(rows)
    assert list(found) == ['path.changed'] and len(found['path.changed']) == 1 and not any(row['tcpfsm.lost'] in TRUE for row in rows.values())
    up, down = path_rows(with_plugin, path)
    assert (up['changed'], up['sent'], up['arrived'], down['changed']) == ('1', '6', '6', '0')


def test_case_137(with_plugin, readable):
    """NAT between: other addresses at the second point are another connection; nothing is said of the way between |"""
    rows = said(with_plugin, merged(readable, 'nat', OPENING + CLOSING, addresses={'s': ('192.0.2.9', '10.0.0.2')}))
    assert not path_findings(rows) and not any(row['tcpfsm.lost'] in TRUE or row['tcpfsm.duplicate_of'] for row in rows.values())


def test_case_138(with_plugin, readable):
    """Three points: each end is followed by the nearest one, and the one between shows on which part of the way a segment was lost |"""
    again = [segment(150, 'c', PUSH, 1101, 9101, b'x' * 10, at='cm'), segment(350, 'c', PUSH, 1101, 9101, b'x' * 10), segment(370, 's', ACK, 9101, 1111)]
    path = merged(readable, 'three', OPENING + again + [dict(s, time=s['time'] + 300, seq=s['seq'] + (10 if s['sender'] == 'c' else 0)) for s in CLOSING], points='cms')
    rows = said(with_plugin, path)
    assert {(row['frame.interface_id'], row['tcpfsm.point']) for f, row in rows.items() if f > 3} == {('0', 'client'), ('1', 'between'), ('2', 'server')}
    lines = {(row['sender'], row['sender_point'], row['receiver_point']): row for row in path_rows(with_plugin, path)}
    assert set(lines) == {(e, a, b) for e, way in (('client', '012'), ('server', '210')) for a, b in (way[::2], way[:2], way[1:])}
    assert {k: row['lost'] for k, row in lines.items() if row['lost'] != '0'} == {('client', '0', '2'): '1', ('client', '1', '2'): '1'}
    assert all((row['whole_way'] == 'true') == ('1' not in k[1:]) for k, row in lines.items())
    delay = {k: float(row['delay_median']) for k, row in lines.items()}
    assert abs(delay['client', '0', '1'] - 0.006) < 0.001 and abs(delay['client', '1', '2'] - 0.009) < 0.001 and abs(delay['client', '0', '2'] - 0.015) < 0.001


def test_case_139(with_plugin, readable):
    """One of the two captures ends earlier: from there on nothing is lost or made, and the ends are followed as with one capture |"""
    path = merged(readable, 'earlier', OPENING + CLOSING, until={'s': 130})
    rows = said(with_plugin, path)
    assert not path_findings(rows) and not any(row['tcpfsm.lost'] in TRUE for row in rows.values())
    assert [r['tcpfsm.client.state'] for r in rows.values()][-1] == 'TIME_WAIT'
    up, down = path_rows(with_plugin, path)
    assert (up['sent'], up['arrived'], up['lost'], up['unknown']) == ('6', '4', '0', '2') and down['made_between'] == '0'

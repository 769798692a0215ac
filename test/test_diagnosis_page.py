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
    problems = sum(conftest.in_pairs(lambda path: check_filters(with_plugin, path), all_files[1:]))
    assert problems > (30 if conftest.shared_files() else 20)       # the project's own have 28


def capture(folder, name, *packets):
    """capture writes a capture of raw IP packets, a second apart, and returns its path."""
    path = folder / name
    records = [struct.pack('<IIII', 1700000000 + i, 0, len(p), len(p)) + p for i, p in enumerate(packets)]
    path.write_bytes(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101) + b''.join(records))
    path.chmod(0o644)
    return str(path)


def tcp(client, port, flags, seq=1, ack=0, back=False, data=b''):
    """tcp returns an IPv4 packet from client to 10.0.0.2:port, or back."""
    ports, ends = [40000, port], [client, '10.0.0.2']
    if back:
        ports, ends = ports[::-1], ends[::-1]
    segment = struct.pack('>HHIIBBHHH', *ports, seq, ack, 0x50, flags, 1000, 0, 0) + data
    addresses = b''.join(bytes(map(int, e.split('.'))) for e in ends)
    return struct.pack('>BBHHHBBH', 0x45, 0, 20 + len(segment), 0, 0x4000, 64, 6, 0) + addresses + segment


SYN, ACK, SYN_ACK, RST_ACK, FIN_ACK = 0x02, 0x10, 0x12, 0x14, 0x11


def test_no_tcp(with_plugin, readable):
    udp = struct.pack('>BBHHHBBH', 0x45, 0, 28, 0, 0, 64, 17, 0) + bytes(8) + struct.pack('>HHHH', 1, 2, 8, 0)
    empty = capture(readable, 'empty.pcap')
    assert z(with_plugin, empty, 'diagnosis') == 'TCP diagnosis: 0 frames in 0 ms\n\nNothing found: the capture has no TCP.\n'
    assert 'Nothing found: the capture has no TCP.' in z(with_plugin, capture(readable, 'udp.pcap', udp), 'diagnosis')
    assert page(with_plugin, empty)['problems'] == [] and page(with_plugin, empty)['capture']['connections'] == 0
    assert 'Nothing found: no TCP segment matches.' in z(with_plugin, TOUR, 'diagnosis,tcp.port == 1')


def test_ports_of_a_host_are_one_cause(with_plugin, readable):
    """Refusals of three ports are three causes; four ports of a host are one, and its filter shows all."""
    def refused(ports):
        return [tcp('10.0.1.%d' % port, port, *what, back=back) for port in ports for back, what in ((False, (SYN,)), (True, (RST_ACK, 0, 2)))]
    three, four = (capture(readable, 'ports%d.pcap' % n, *refused(range(80, 80 + n))) for n in (3, 4))
    assert [p['about']['port'] for p in page(with_plugin, three)['problems']] == [80, 81, 82]
    problems = page(with_plugin, four)['problems']
    assert len(problems) == 1 and problems[0]['about'] == {'role': 'server', 'address': '10.0.0.2', 'ports': 4}
    assert problems[0]['more_peers'] and len(problems[0]['peers']) == 3
    assert frames(with_plugin, four, problems[0]['filter']) == [2, 4, 6, 8]


def test_waiting_at_the_end(with_plugin, readable):
    """SYN_SENT and SYN_RECEIVED are named when they are older than three seconds at the end of the capture, CLOSE_WAIT of a server above ten."""
    def names_of(silent):
        path = capture(readable, 'wait%d.pcap' % silent, tcp('10.0.1.1', 81, SYN), tcp('10.0.1.2', 82, SYN), tcp('10.0.1.2', 82, SYN_ACK, 1, 2, True),
                       tcp('10.0.1.3', 83, SYN), tcp('10.0.1.3', 83, SYN_ACK, 1, 2, True), tcp('10.0.1.3', 83, ACK, 2, 2),
                       tcp('10.0.1.3', 83, FIN_ACK, 2, 2), tcp('10.0.1.3', 83, ACK, 2, 3, True), *[tcp('10.0.1.9', 84, ACK)] * silent)
        return path, [(p['finding'], p['connections'], p['text']) for p in page(with_plugin, path)['problems']]
    path, found = names_of(12)
    assert [f[0] for f in found] == ['close_wait.open_at_end', 'syn_sent.open_at_end', 'syn_received.open_at_end']
    assert 'is in CLOSE_WAIT at the end of the capture, for 13.0 s' in found[0][2]
    check_filters(with_plugin, path)
    assert [f[0] for f in names_of(9)[1]] == ['syn_sent.open_at_end', 'syn_received.open_at_end']


def test_gaps(with_plugin, readable):
    """Octets acknowledged and never captured are a gap; what a retransmission fills, or comes after its acknowledgement, is none."""
    shake = [tcp('10.0.1.1', 80, SYN), tcp('10.0.1.1', 80, SYN_ACK, 1, 2, True), tcp('10.0.1.1', 80, ACK, 2, 2)]

    def data(seq, n=100):
        return tcp('10.0.1.1', 80, ACK, seq, 2, data=bytes(n))

    def ack(number):
        return tcp('10.0.1.1', 80, ACK, 2, number, True)
    cases = {'all': ([data(2), data(102), ack(202)], (0, 0)), 'last': ([data(2), ack(202)], (1, 100)), 'middle': ([data(2), data(152), ack(252)], (1, 50)),
             'filled': ([data(2), data(202), data(102), ack(302)], (0, 0)), 'late': ([data(2), ack(202), data(102)], (0, 0)),
             'lost': ([data(2), data(202), ack(102)], (0, 0)), 'two': ([data(2), ack(202), data(202), ack(402)], (2, 200))}
    for name, (segments, wanted) in cases.items():
        said = page(with_plugin, capture(readable, 'gap_%s.pcap' % name, *shake, *segments))['capture']
        assert (said['gaps'], said['gap_bytes'], said['connections_with_gaps']) == (*wanted, min(wanted[0], 1)), name


def test_text_is_ascii_and_narrow(with_plugin, all_files):
    """Lines are at most 100 columns but for filters, which are to be pasted."""
    for path in all_files[:20]:
        text = z(with_plugin, path, 'diagnosis')
        assert text.isascii()
        assert all(len(line) <= 100 or 'tcpfsm.' in line for line in text.split('\n')), path


def test_json_and_text_say_the_same(with_plugin):
    text, said = z(with_plugin, TOUR, 'diagnosis'), page(with_plugin, TOUR)
    assert 'What is wrong: %d warnings, %d notes' % (said['warnings'], said['notes']) in text
    at = [text.index(p['filter']) for p in said['problems']]
    assert at == sorted(at) and len(at) == 6


def test_filter_chooses_connections(with_plugin):
    """A filter that matches one packet of a connection chooses all of it: what the filter does not match is not missing from the capture."""
    whole, chosen = page(with_plugin, TOUR), page(with_plugin, TOUR, 'tcpfsm.finding')
    assert chosen['capture']['connections'] == 6 and chosen['capture']['gaps'] == chosen['capture']['connections_one_direction'] == 0
    assert chosen['problems'] == whole['problems'] and chosen['filter'] == 'tcpfsm.finding'
    assert page(with_plugin, TOUR, 'tcp.port == 25')['problems'] == [p for p in whole['problems'] if p['about'].get('port') == 25]

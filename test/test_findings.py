"""Every finding of the catalogue: a capture that triggers it, and a near miss that must not; healthy captures have no Note and no Warn.

The engine's own tests (unit/test_judge.c) do the same without Wireshark; here the expert item, its severity and its words are looked at too.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import re
import sys

import pytest

import conftest
import shark

ROOT = os.path.dirname(shark.HERE)
sys.path.append(os.path.join(ROOT, 'captures'))
import packets  # noqa: E402

SEVERITY = {'CHAT': '0x200000', 'NOTE': '0x400000', 'WARN': '0x600000'}
NEAR = ['-o', 'tcpfsm.pressure:75', '-o', 'tcpfsm.ephemeral_ports:40000-40003']     # four ephemeral ports, three are too many
FAR = ['-o', 'tcpfsm.pressure:75', '-o', 'tcpfsm.ephemeral_ports:40000-40007']
PRESSED = {'time_wait.pressure': (NEAR, FAR), 'close_wait.pressure': (['-o', 'tcpfsm.close_wait_pressure:3'], ['-o', 'tcpfsm.close_wait_pressure:4'])}

# Captures made for the test, too many packets to keep: SYNs to one service. name: (how many, what the clients send after the SYN,ACK).
FLOOD, LOAD = 'flood of 220 SYNs', 'load of 220 connections'
MADE = {FLOOD: (220, None), LOAD: (220, 0x10)}


def own(name):
    """own returns the path of one of the project's own captures: merged ones have interfaces."""
    return conftest.capture_path(name + ('.pcapng' if name.startswith('points/') else '.pcap'))


# finding: (trigger, frames it is made at, whom it names, the near miss)
TABLE = {
    'rst.refused': ('syn_refused', [2], 'server', 'rst_ignored_in_syn_sent'),
    'rst.abort': ('rst_exact', [6], '', 'data_after_close'),
    'rst.close': ('zero_window_opened', [13], 'server', 'rst_exact'),
    'rst.no_connection': ('fig10_half_open_data', [7], 'client', 'rst_exact'),
    'rst.after_close': ('data_after_close', [9], 'client', 'fin_then_rst'),
    'rst.race': ('rst_race', [10], 'server', 'data_after_close'),
    'rst.time_wait': ('time_wait_assassination', [10], 'client', 'fin_then_rst'),
    'rst.rejected_syn_ack': ('fig08_old_duplicate_syn', [4], 'client', 'rst_in_syn_received'),
    'rst.probe': ('rst_in_syn_received', [3], 'client', 'rst_exact'),
    'rst.idle': ('rst_after_idle', [6], 'server', 'request_unanswered'),
    'rst.challenged': ('rst_in_window_challenged', [6], 'client', 'rst_exact'),
    'rst.dropped': ('rst_out_of_window', [5], 'client', 'rst_in_window_challenged'),
    'rst.gave_up': ('request_unanswered', [8], 'client', 'rst_idle_host'),
    'rst.retransmissions': ('rst_retransmissions', [12], 'client', 'data_unanswered'),
    'rst.keepalive': ('rst_keepalive', [10], 'server', 'keepalives_then_idle'),
    'rst.zero_window': ('rst_zero_window', [14], 'client', 'zero_window_opened'),
    'rst.forged': ('rst_forged', [7], '', 'rst_answers_in_flight'),
    'scan': ('port_scan', [40], 'client', 'health_checks'),
    'flood': (FLOOD, [242], 'server', LOAD),
    'half_open.syn': ('syn_unanswered', [3], 'server', 'syn_ack_lost'),
    'syn.paws': ('syn_paws', [11], 'server', 'syn_with_later_stamps'),
    'half_open.syn_ack': ('handshake_never_completed', [4], 'server', 'final_ack_lost'),
    'half_open.fin': ('fin_unanswered', [9], '', 'fin_ack_lost'),
    'half_open.one_sided': ('fig09_half_open_discovery', [8], 'server', 'old_duplicate_syn_challenged'),
    'half_open.idle': ('data_unanswered', [9], 'client', 'data_lost_twice'),
    'path.mtu': ('path_mtu', [15], 'server', 'data_lost_though_there'),
    'path.lost': ('points/fin_lost_once-v6', [9], 'client', 'points/close_client_first'),
    'path.rst_made_between': ('points/forged_rst_exact', [16], 'client', 'points/close_client_first'),
    'path.receiver_only': ('points/receiver_only', [17], 'client', 'points/fin_lost_once-v6'),
    'path.changed': ('points/options_stripped', [8], 'client', 'points/close_client_first'),
    'half_open.not_accepted': ('accept_queue_full', [6], 'server', 'final_ack_lost'),
    'close_wait.lingering': ('close_wait_lingering', [8], 'server', 'half_close_answered_late'),
    'fin_wait_2.lingering': ('fin_wait_2_idle', [8], 'client', 'half_close'),
    'time_wait.fin_retransmission': ('fin_into_time_wait', [10], 'client', 'fin_is_the_answer'),
    'time_wait.reuse': ('time_wait_reused', [11], '', 'time_wait_expired'),
    'time_wait.rejected_syn': ('time_wait_refuses_syn', [10], '', 'old_duplicate_syn_challenged'),
    'time_wait.pressure': ('time_wait_many', [26], 'client', 'time_wait_many'),
    'close_wait.pressure': ('close_wait_many', [20], 'server', 'close_wait_many'),
    'open.simultaneous': ('fig07_simultaneous_open', [2], '', 'fig06_three_way_handshake'),
    'close.simultaneous': ('fig13_simultaneous_close', [7], '', 'three_segment_close'),
    'close.idle': ('close_idle', [8, 10], '', 'fig12_normal_close'),
    'close.half': ('half_close', [7], 'server', 'fig12_normal_close'),
    'syn.old_duplicate': ('old_duplicate_syn_challenged', [8], 'client', 'port_reuse_no_close_seen'),
    'challenge_ack': ('rst_in_window_challenged', [7], 'client', 'rst_out_of_window'),
    'fin.gap': ('fin_beyond_gap', [6], 'server', 'fin_with_data'),
    'fin.unsent': ('fin_forged', [7], 'client', 'fin_retransmitted'),
    'data_after_fin': ('data_after_fin', [8], 'client', 'half_close'),
    'rollback': ('fin_ack_lost', [8], 'client', 'fin_unanswered'),
    'duplicate': ('routed_duplicates', [2], '', 'syn_unanswered'),
    'midstream': ('midstream_data', [1], '', 'fig06_three_way_handshake'),
    'keepalive.unanswered': ('keepalive_unanswered', [8], 'client', 'one_octet_repeated'),
    'icmp.unreachable': ('icmp_port_unreachable', [2], 'client', 'icmp_too_big'),
    'mptcp.fastclose': ('mptcp_fastclose', [6], 'client', 'rst_exact'),
}

# Nothing in these is anybody's trouble: normal and rare closes, opens, keepalives, tunnels, loss that TCP repairs.
HEALTHY = '''
    fig06_three_way_handshake fig07_simultaneous_open fig12_normal_close fig13_simultaneous_close simultaneous_open simultaneous_close self_connect
    three_segment_close half_close fin_with_data keepalive zero_window_probe sequence_wrap urgent_and_ecn long_idle tcp_fast_open
    tcp_fast_open_ignored syn_cookie syn_ack_lost final_ack_lost fin_in_syn_received ack_of_uncaptured_data ack_before_data missed_handshake_ack
    missed_fin one_direction syn_ack_before_syn vlan_duplicates routed_duplicates midstream_data midstream_fin midstream_syn_ack fin_beyond_gap
    fin_beyond_uncaptured final_ack_not_captured time_wait_expired time_wait_reused time_wait_own_syn port_reuse_no_close_seen data_lost_twice in_vlan
    in_gre in_vxlan ipv6 fragments_in_order snaplen_data snaplen_header two_segments_in_a_frame raw_ip time_wait_many half_close_answered_late fin_is_the_answer close_idle late_syn_ack
'''.split()


def catalogue():
    """catalogue returns {name: severity} from findings.def."""
    with open(os.path.join(ROOT, 'plugin', 'diagnosis', 'findings.def'), encoding='utf-8') as f:
        return dict(re.findall(r'^TCPFSM_FINDING_ROW\(\w+, "([^"]+)", (\w+)', f.read(), re.M))


FIELDS = ['frame.number', 'tcpfsm.finding', '_ws.expert.severity', '_ws.expert.message', 'tcpfsm.client', 'tcpfsm.server'] + [
    'tcpfsm.' + name for name in sorted(catalogue())]


def made(folder, name):
    """made writes a capture of MADE and returns its path: a service that answers, 10 ms a SYN, the first client answered before all others."""
    count, answer = MADE[name]
    frames, now = [], 0
    def put(client, flags, seq, ack):
        fields = {'sport': 1024 + client, 'dport': 80, 'seq': seq, 'ack': ack, 'flags': flags, 'data': b'', 'window': 64240, 'options': b'', 'bad_checksum': False}
        ends = ('10.0.%d.1' % (client % 200), '10.1.0.1')
        if flags & 2 and flags & 16:
            fields.update(sport=80, dport=1024 + client)
            ends = ends[::-1]
        raw = packets.ip4(packets.tcp(fields, *ends), *ends, ident=len(frames) + 1)
        frames.append((now, packets.ethernet(raw, True), packets.ethernet(raw, True)))
    for client in range(count):
        now += 10000
        put(client, 2, 1000, 0)
        if answer or client < 40:
            now += 100
            put(client, 18, 5000, 1001)
        if answer or client < 1:
            now += 100
            put(client, 16, 1001, 5001)
    path = os.path.join(folder, name.replace(' ', '_') + '.pcap')
    with open(path, 'wb') as f:
        f.write(packets.pcap(frames, packets.ETHERNET))
    os.chmod(path, 0o644)
    return path


def options(name, near_miss):
    return PRESSED[name][near_miss] if name in PRESSED else []


@pytest.fixture(scope='module')
def seen(with_plugin, tmp_path_factory):
    """seen maps (capture, options) to rows of frame, finding, severity, message; each capture is read once."""
    wanted = {(capture, tuple(options(name, near_miss))) for name, (trigger, _, _, near) in TABLE.items()
              for near_miss, capture in ((False, trigger), (True, near))}
    wanted |= {(capture, ()) for capture in HEALTHY}
    folder = tmp_path_factory.mktemp('made')
    for parent in (folder, *list(folder.parents)[:2]):      # tshark runs as another user
        os.chmod(parent, 0o755)
    def look(key):
        path = made(folder, key[0]) if key[0] in MADE else own(key[0])
        return with_plugin.rows(path, FIELDS, '-Y', 'tcpfsm.finding', *key[1])
    keys = sorted(wanted)
    return dict(zip(keys, conftest.in_pairs(look, keys)))


def frames(rows, name):
    return [int(r[0]) for r in rows if name in r[1].split(',')]


def test_every_finding_has_a_row():
    assert sorted(TABLE) == sorted(catalogue())


@pytest.mark.parametrize('name', sorted(TABLE))
def test_trigger(name, seen):
    trigger, where, who, _ = TABLE[name]
    rows = seen[trigger, tuple(options(name, False))]
    assert frames(rows, name) == where, [r[:2] for r in rows]
    row = next(r for r in rows if name in r[1].split(','))
    assert not re.search(r'%[a-z]|\?\?', row[3]), 'a placeholder is left in the text'
    if who:     # by role, address and port; what is true of a host, by its address alone
        endpoint = row[FIELDS.index('tcpfsm.' + who)]
        assert '%s %s' % (who, endpoint.rpartition(':')[0] + ' ' if name in ('scan', 'time_wait.pressure') else endpoint) in row[3].lower(), row[3]


@pytest.mark.parametrize('name', sorted(TABLE))
def test_near_miss(name, seen):
    near = TABLE[name][3]
    assert frames(seen[near, tuple(options(name, True))], name) == []


@pytest.mark.parametrize('name', sorted(TABLE))
def test_severity_and_filter(name, seen):
    """The expert item has the catalogue's severity, and its own filter name finds it and nothing else."""
    trigger, where, _, _ = TABLE[name]
    rows = seen[trigger, tuple(options(name, False))]
    column = FIELDS.index('tcpfsm.%s' % name)
    assert [int(r[0]) for r in rows if r[column]] == where
    wanted = int(SEVERITY[catalogue()[name]], 16)
    assert all(wanted in [int(v) for v in r[2].split(',')] for r in rows if r[column]), rows


def message(with_plugin, capture, name):
    """message returns the text of a finding in a capture."""
    return with_plugin.rows(own(capture), ['_ws.expert.message'], '-Y', 'tcpfsm.' + name)[0][0]


def test_what_is_odd_about_a_reset_is_said(with_plugin):
    """A RST that differs from its sender's other segments in two ways: in which, and that a device probably made it; one that does not: nothing of it."""
    odd = message(with_plugin, 'rst_from_a_device', 'rst.abort')
    assert 'The RST has TTL 57 instead of 64 and an IP ID out of order (frame 6): probably a device between sent it. Action: whoever runs the network: find the device' in odd
    plain = message(with_plugin, 'rst_exact', 'rst.abort')
    assert 'device' not in plain and 'Action: see the log of the application on the ' in plain


def test_a_suspicious_reset_can_be_filtered(with_plugin):
    """True at each such RST, with a finding or without; absent where one trait alone differs, where none does, and where the connection only goes on after a suspicious RST."""
    for capture, rows in {'rst_from_a_device': [['8', '1']], 'rst_idle_device': [['8', '1']], 'rst_exact': [], 'rst_idle_host': [], 'rst_forged': [],
                          'rst_suspicious': [['8', '1'], ['9', '1'], ['12', '1']]}.items():
        path = own(capture)
        assert [[r[0], r[1].replace('True', '1')] for r in with_plugin.rows(path, ['frame.number', 'tcpfsm.rst.suspicious'], '-Y', 'tcpfsm.rst.suspicious')] == rows, capture
        assert len(with_plugin.rows(path, ['frame.number'], '-Y', 'tcpfsm.rst.suspicious == True')) == len(rows), capture
    assert frames(with_plugin.rows(conftest.capture_path('rst_forged.pcap'), FIELDS, '-Y', 'tcpfsm.finding'), 'rst.forged')


WORDS = ['tcpfsm.finding', 'tcpfsm.finding.severity', 'tcpfsm.finding.text', 'tcpfsm.finding.action']


def words(tool, path, *arguments):
    """words returns the findings of each packet that has any, as (name, severity, text, action); by -T json, where a comma is no separator."""
    found = []
    for packet in json.loads(tool.checked('-n', '-r', path, '-Y', 'tcpfsm.finding', *arguments, '-T', 'json', *[x for f in WORDS for x in ('-e', f)])):
        layers = packet['_source']['layers']
        assert len({len(layers[f]) for f in WORDS}) == 1, layers
        found.append(list(zip(*[layers[f] for f in WORDS])))
    return found


@pytest.mark.parametrize('name', sorted(name for name, row in TABLE.items() if row[0] not in MADE))
def test_findings_in_words(name, with_plugin):
    """One text, action and severity for each finding, in the order of the findings; the expert item says the same."""
    path, severities = own(TABLE[name][0]), catalogue()
    found = words(with_plugin, path, *options(name, False))
    messages = with_plugin.rows(path, ['_ws.expert.message'], '-Y', 'tcpfsm.finding', *options(name, False))
    assert name in [f[0] for packet in found for f in packet]
    for packet, (message,) in zip(found, messages):
        for finding, severity, sentence, action in packet:
            assert severity == {'CHAT': 'chat', 'NOTE': 'note', 'WARN': 'warning'}[severities[finding]]
            assert sentence and sentence in message
            assert not action or action[1:] in message or len(sentence) + len(action) > 220


def test_findings_in_words_are_in_order(with_plugin):
    """Two findings of one segment, the worst first: the other needs no action, and its empty one keeps each beside its finding."""
    (second, first), = words(with_plugin, conftest.capture_path('midstream_fin.pcap'), '-o', 'tcpfsm.close_wait_pressure:1')
    assert first[:2] == ('midstream', 'chat') and first[2] and first[3] == ''
    assert second[:2] == ('close_wait.pressure', 'warning') and 'CLOSE_WAIT' in second[2] and second[3]


def test_only_what_is_empty_is_hidden(with_plugin):
    """The packet details say the sentence and what to do; PDML has the states as shown and the empty action too, marked as hidden."""
    path = conftest.capture_path('midstream_fin.pcap')
    details = with_plugin.checked('-n', '-r', path, '-V', '-o', 'tcpfsm.close_wait_pressure:1')
    assert 'as shown' not in details and 'Action for finding' not in details and details.count('[Action: ') == 1
    for packet in with_plugin.packets(path, '-o', 'tcpfsm.close_wait_pressure:1'):
        hidden = {f.get('name') for f in packet.element.iter('field') if f.get('name') in WORDS + ['tcpfsm.client.shown'] and f.get('hide') == 'yes'}
        empty = '' in shark.values(packet.element, 'tcpfsm.finding.action')
        assert hidden == {'tcpfsm.client.shown'} | ({'tcpfsm.finding.action'} if empty else set())


def test_the_words_have_the_silence_and_the_traits(with_plugin):
    """What follows the sentence in the expert item is in tcpfsm.finding.text as well; a finding about a host names no port."""
    for capture, part in {'no_connection_after_idle': 'Silence before: 350.1 s', 'rst_from_a_device': 'TTL 57 instead of 64', 'rst_says_why': 'It says: "'}.items():
        texts = [f[2] for packet in words(with_plugin, own(capture)) for f in packet]
        assert any(part in sentence for sentence in texts), texts
    scan, = [f[2] for packet in words(with_plugin, conftest.capture_path('port_scan.pcap')) for f in packet if f[0] == 'scan']
    assert 'client 10.0.0.9 since' in scan


# What a person asks for: the number, and what to do.
SAID = {
    ('no_connection_after_idle', 'rst.no_connection'): ('Silence before: 350.1 s', 'Action: look for restarts and idle timeouts there'),
    ('silence_then_unanswered', 'half_open.idle'): ('Silence before: 240.0 s', 'sent 5 times in 4.5 s'),
    ('rst_idle_device', 'rst.idle'): ('after 181.0 s without a segment: the idle timeout of a device between', 'TTL 251 instead of 52 and an IP ID out of order'),
    ('rst_idle_host', 'rst.idle'): ('after 60.0 s without a segment: an idle timeout on that host itself', 'raise it on the server'),
    ('rst_idle_half_closed', 'rst.idle'): ('reset the half-closed connection after 60.0 s',),
    ('rst_race', 'rst.race'): ('request in frame 9', 'after 5.0 s of idleness (FIN in frame 8)', 'let the client close idle connections first'),
    ('rst_zero_window', 'rst.zero_window'): ('from frame 7 on, for 62.1 s and 3 probes', 'find out why the application on the client does not read'),
    ('rst_retransmissions', 'rst.retransmissions'): ('sent 6 times in 18.9 s', 'see whether the server is up'),
    ('syn_ack_given_up', 'rst.retransmissions'): ('listened and gave up: its SYN,ACK in frame 2 was sent 3 times in 7.0 s',),
    ('rst_keepalive', 'rst.keepalive'): ('nothing of its peer came after frame 7, and 2 keepalives in 28.0 s',),
    ('rst_says_why', 'rst.abort'): ('It says: "BIG-IP: [0x11d9ea2:897] TCP retransmit timeout"',),
    ('rst_netscaler', 'rst.idle'): ("Its window 9300 is a NetScaler's code: idle timeout, or the service is down",),
    ('path_mtu', 'path.mtu'): ('1460 octets of server', 'up to 100 do', 'let ICMP "too big" pass'),
    ('syn_paws', 'syn.paws'): ('3 SYNs in 3.0 s', 'tcp_tw_recycle'),
    ('request_unanswered', 'rst.gave_up'): ('no answer came for 10.0 s', 'find out why the application on the server did not answer'),
    ('close_idle', 'close.idle'): ('closes after 65.0 s without a segment, since frame 7',),
    ('acks_lost', 'half_open.idle'): ('what its peer has acknowledged: the acknowledgements get lost',),
    ('data_lost_though_there', 'half_open.idle'): ('though its peer still sends: they get lost',),
}


@pytest.mark.parametrize('capture, name', sorted(SAID))
def test_what_is_said(capture, name, with_plugin):
    """The sentence holds the time or count that a person asks for, and what to do; nothing else is said above Chat at that packet."""
    text = message(with_plugin, capture, name)
    assert [part for part in SAID[capture, name] if part not in text] == [], text


@pytest.mark.parametrize('capture', HEALTHY)
def test_healthy_captures_are_silent(capture, seen):
    severities = catalogue()
    loud = [(r[0], name) for r in seen[capture, ()] for name in r[1].split(',') if severities[name] != 'CHAT']
    assert loud == []

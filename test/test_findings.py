"""Every finding of the catalogue: a capture that triggers it, and a near miss that must not; healthy captures have no Note and no Warn.

The engine's own tests (unit/test_judge.c) do the same without Wireshark; here the expert item, its severity and its words are looked at too.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import re

import pytest

import conftest
import shark

ROOT = os.path.dirname(shark.HERE)
SEVERITY = {'CHAT': '0x200000', 'NOTE': '0x400000', 'WARN': '0x600000'}
NEAR = ['-o', 'tcpfsm.pressure:75', '-o', 'tcpfsm.ephemeral_ports:40000-40003']     # four ephemeral ports, three are too many
FAR = ['-o', 'tcpfsm.pressure:75', '-o', 'tcpfsm.ephemeral_ports:40000-40007']
PRESSED = {'time_wait.pressure': (NEAR, FAR), 'close_wait.pressure': (['-o', 'tcpfsm.close_wait_pressure:3'], ['-o', 'tcpfsm.close_wait_pressure:4'])}

# finding: (trigger, frames it is made at, whom it names, the near miss)
TABLE = {
    'rst.refused': ('syn_refused', [2], 'server', 'rst_ignored_in_syn_sent'),
    'rst.abort': ('rst_exact', [6], '', 'data_after_close'),
    'rst.no_connection': ('fig10_half_open_data', [7], 'client', 'rst_exact'),
    'rst.after_close': ('data_after_close', [9], 'client', 'fin_then_rst'),
    'rst.time_wait': ('time_wait_assassination', [10], 'client', 'fin_then_rst'),
    'rst.rejected_syn_ack': ('fig08_old_duplicate_syn', [4], 'client', 'rst_in_syn_received'),
    'rst.probe': ('rst_in_syn_received', [3], 'client', 'rst_exact'),
    'rst.idle': ('rst_after_idle', [6], 'server', 'rst_exact'),
    'rst.challenged': ('rst_in_window_challenged', [6], 'client', 'rst_exact'),
    'rst.dropped': ('rst_out_of_window', [5], 'client', 'rst_in_window_challenged'),
    'rst.gave_up': ('request_unanswered', [8], 'client', 'rst_exact'),
    'rst.forged': ('rst_forged', [7], '', 'rst_answers_in_flight'),
    'scan': ('port_scan', [40], 'client', 'health_checks'),
    'half_open.syn': ('syn_unanswered', [3], 'server', 'syn_ack_lost'),
    'half_open.syn_ack': ('handshake_never_completed', [4], 'server', 'final_ack_lost'),
    'half_open.fin': ('fin_unanswered', [9], '', 'fin_ack_lost'),
    'half_open.one_sided': ('fig09_half_open_discovery', [8], 'server', 'old_duplicate_syn_challenged'),
    'half_open.idle': ('data_unanswered', [9], 'client', 'data_lost_twice'),
    'half_open.not_accepted': ('accept_queue_full', [6], 'server', 'final_ack_lost'),
    'close_wait.lingering': ('close_wait_lingering', [8], 'server', 'half_close'),
    'fin_wait_2.lingering': ('fin_wait_2_idle', [8], 'client', 'half_close'),
    'time_wait.fin_retransmission': ('fin_into_time_wait', [10], 'client', 'fin_ack_lost'),
    'time_wait.reuse': ('time_wait_reused', [11], '', 'time_wait_expired'),
    'time_wait.rejected_syn': ('time_wait_refuses_syn', [10], '', 'old_duplicate_syn_challenged'),
    'time_wait.pressure': ('time_wait_many', [26], 'client', 'time_wait_many'),
    'close_wait.pressure': ('close_wait_many', [20], 'server', 'close_wait_many'),
    'open.simultaneous': ('fig07_simultaneous_open', [2], '', 'fig06_three_way_handshake'),
    'close.simultaneous': ('fig13_simultaneous_close', [7], '', 'three_segment_close'),
    'close.half': ('half_close', [7], 'server', 'fig12_normal_close'),
    'syn.old_duplicate': ('old_duplicate_syn_challenged', [8], 'client', 'port_reuse_no_close_seen'),
    'challenge_ack': ('rst_in_window_challenged', [7], 'client', 'rst_out_of_window'),
    'fin.gap': ('fin_beyond_gap', [6], 'server', 'fin_with_data'),
    'fin.unsent': ('fin_forged', [7], 'client', 'fin_retransmitted'),
    'data_after_fin': ('data_after_fin', [8], 'client', 'half_close'),
    'rollback': ('fin_ack_lost', [8], 'client', 'fin_unanswered'),
    'duplicate': ('routed_duplicates', [2], '', 'syn_unanswered'),
    'midstream': ('midstream_data', [1], '', 'fig06_three_way_handshake'),
    'keepalive.unanswered': ('keepalive_unanswered', [8], 'client', 'keepalive'),
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
    in_gre in_vxlan ipv6 fragments_in_order snaplen_data snaplen_header two_segments_in_a_frame raw_ip time_wait_many
'''.split()


def catalogue():
    """catalogue returns {name: severity} from findings.def."""
    with open(os.path.join(ROOT, 'plugin', 'diagnosis', 'findings.def'), encoding='utf-8') as f:
        return dict(re.findall(r'^TCPFSM_FINDING_ROW\(\w+, "([^"]+)", (\w+)', f.read(), re.M))


FIELDS = ['frame.number', 'tcpfsm.finding', '_ws.expert.severity', '_ws.expert.message', 'tcpfsm.client', 'tcpfsm.server'] + [
    'tcpfsm.' + name for name in sorted(catalogue())]


def options(name, near_miss):
    return PRESSED[name][near_miss] if name in PRESSED else []


@pytest.fixture(scope='module')
def seen(with_plugin):
    """seen maps (capture, options) to rows of frame, finding, severity, message; each capture is read once."""
    wanted = {(capture, tuple(options(name, near_miss))) for name, (trigger, _, _, near) in TABLE.items()
              for near_miss, capture in ((False, trigger), (True, near))}
    wanted |= {(capture, ()) for capture in HEALTHY}
    def look(key):
        return with_plugin.rows(conftest.capture_path(key[0] + '.pcap'), FIELDS, '-Y', 'tcpfsm.finding', *key[1])
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
    if who:     # by role, address and port
        assert '%s %s' % (who, row[FIELDS.index('tcpfsm.' + who)]) in row[3].lower(), row[3]


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
    return with_plugin.rows(conftest.capture_path(capture + '.pcap'), ['_ws.expert.message'], '-Y', 'tcpfsm.' + name)[0][0]


def test_what_is_odd_about_a_reset_is_said(with_plugin):
    """A RST that differs from its sender's other segments in two ways: in which, and that a device probably made it; one that does not: nothing of it."""
    odd = message(with_plugin, 'rst_from_a_device', 'rst.abort')
    assert 'The RST has TTL 57 instead of 64 and an IP ID out of order (frame 6): a device between probably made it. Action: whoever runs the network' in odd
    plain = message(with_plugin, 'rst_exact', 'rst.abort')
    assert 'device' not in plain and 'Action: see the log of the application on the ' in plain


@pytest.mark.parametrize('capture', HEALTHY)
def test_healthy_captures_are_silent(capture, seen):
    severities = catalogue()
    loud = [(r[0], name) for r in seen[capture, ()] for name in r[1].split(',') if severities[name] != 'CHAT']
    assert loud == []

"""Whatever lies around a segment: the states are those of the same connection on plain Ethernet.

The goldens of these captures are compared in test_golden.py; here the whole answer (sets, events, findings) is.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import pytest

import conftest

FIELDS = ['tcpfsm.client.state', 'tcpfsm.server.state', 'tcpfsm.client.possible', 'tcpfsm.server.possible', 'tcpfsm.event', 'tcpfsm.finding']
SAME = ('in_vlan', 'in_qinq', 'in_vxlan', 'in_gre', 'in_ipip', 'in_ah', 'ipv4_options', 'ipv6', 'ipv6_extension_headers', 'ethernet_padding', 'raw_ip')


@pytest.mark.parametrize('name', SAME)
def test_same_as_plain(with_plugin, name):
    plain = with_plugin.rows(conftest.capture_path('fig12_normal_close.pcap'), FIELDS)
    assert with_plugin.rows(conftest.capture_path(name + '.pcap'), FIELDS) == plain


@pytest.mark.parametrize('name', ('in_vlan', 'in_vxlan', 'in_gre', 'in_ipip', 'in_ah', 'ipv6_extension_headers'))
def test_one_connection_with_the_inner_addresses(with_plugin, name):
    rows = with_plugin.rows(conftest.capture_path(name + '.pcap'), ['tcpfsm.connection', 'tcpfsm.client'])
    assert {tuple(r) for r in rows} == {('0', '[2001:db8::1]:40000' if 'ipv6' in name else '10.0.0.1:40000')}


@pytest.mark.parametrize('name', ('fragments_in_order', 'fragments_last_first'))
def test_fragments_reassembled(with_plugin, name):
    path = conftest.capture_path(name + '.pcap')
    whole = with_plugin.rows(path, ['frame.number', 'tcpfsm.state'])
    assert [int(r[0]) for r in whole if not r[1]] == [4, 7]
    assert whole[-1][1] == 'FIN_WAIT_2,CLOSE_WAIT'


@pytest.mark.parametrize('name', ('fragments_in_order', 'fragments_last_first'))
def test_fragments_without_reassembly(with_plugin, name):
    """Of the first fragment alone the length is unknown, so its FIN has no place; but that a FIN was sent is known, and ESTABLISHED no longer certain."""
    fields = ['tcp.flags.fin', 'tcpfsm.client.state', 'tcpfsm.client.certain']
    rows = with_plugin.rows(conftest.capture_path(name + '.pcap'), fields, '-o', 'ip.defragment:FALSE')
    assert sum(1 for r in rows if r[1]) == 7
    fin = [r for r in rows if r[0] in ('1', 'True')]
    assert len(fin) == 1 and (fin[0][1] == 'FIN_WAIT_1' or fin[0][2] not in ('1', 'True')), fin


def test_two_segments_in_a_frame_have_a_subtree_each(with_plugin):
    rows = with_plugin.rows(conftest.capture_path('two_segments_in_a_frame.pcap'), ['tcp.len', 'tcpfsm.client.state', 'tcpfsm.state'])
    assert rows[4] == ['10,0', 'ESTABLISHED,FIN_WAIT_1', 'ESTABLISHED,ESTABLISHED,FIN_WAIT_1,CLOSE_WAIT']


def test_header_cut_by_the_snaplen(with_plugin):
    """14 bytes of a TCP header hold the control bits; the segment counts."""
    rows = with_plugin.rows(conftest.capture_path('snaplen_header.pcap'), ['tcpfsm.client.state', 'tcpfsm.server.state'])
    assert rows[5] == ['FIN_WAIT_1', 'CLOSE_WAIT']


def test_total_length_zero_without_wiresharks_help(with_plugin):
    """With the preference off Wireshark calls a total length of 0 an error and no TCP is dissected: no segment and no crash."""
    rows = with_plugin.rows(conftest.capture_path('ip_total_length_zero.pcap'), ['tcpfsm.client.state', 'tcpfsm.server.state'], '-o', 'ip.tso_support:FALSE')
    assert [bool(r[0]) for r in rows] == [True, True, True, False, True, False, True] and rows[-1] == ['ESTABLISHED', 'ESTABLISHED']

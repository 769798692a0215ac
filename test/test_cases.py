"""Situations that need Wireshark around the engine: checksums, options, copies, quotes, tunnels, fragments, cut packets.

The others are unit tests: see doc/cases.md.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import conftest

BOTH = ['tcpfsm.client.state', 'tcpfsm.server.state']


def states(tool, name, *options):
    """states returns the pair of states on each packet of a capture; ['', ''] where the packet has no segment."""
    return tool.rows(conftest.capture_path(name + '.pcap'), BOTH, *options)


def test_case_40(with_plugin):
    """A wrong checksum: with Wireshark's validation on its receiver never saw it; without, the segment counts | 3.1 MUST-3"""
    assert states(with_plugin, 'bad_checksum')[5] == ['CLOSED', 'CLOSED']
    checked = with_plugin.rows(conftest.capture_path('bad_checksum.pcap'), BOTH + ['tcpfsm.transition'], '-o', 'tcp.check_checksum:TRUE')[5]
    assert checked == ['ESTABLISHED', 'ESTABLISHED', '']


def test_case_70(with_plugin):
    """Multipath TCP: the states are each subflow's own; MP_FASTCLOSE is named, and the RST that carries it ends the subflow | RFC 8684 3.5"""
    row = with_plugin.rows(conftest.capture_path('mptcp_fastclose.pcap'), BOTH + ['tcpfsm.finding'])[5]
    assert row[:2] == ['CLOSED', 'CLOSED'] and 'mptcp.fastclose' in row[2].split(',')


def test_case_76(with_plugin):
    """Copies in the capture change nothing and are named; without them the states are the same |"""
    path = conftest.capture_path('vlan_duplicates.pcap')
    rows = with_plugin.rows(path, BOTH + ['tcpfsm.duplicate_of', 'tcpfsm.transition', 'frame.number'])
    originals, copies = rows[0::2], rows[1::2]
    assert len(rows) == 16 and [r[:2] for r in originals] == [r[:2] for r in copies]
    assert all(int(r[2]) == int(r[4]) - 1 and not r[3] for r in copies) and not any(r[2] for r in originals)
    assert rows[-1][:2] == ['TIME_WAIT', 'CLOSED']


def test_case_79(with_plugin):
    """A header quoted in an ICMP error is never a segment: the live connection goes on |  3.9.2.2"""
    rows = states(with_plugin, 'icmp_quotes_rst')
    assert rows[4] == ['', ''] and rows[5] == ['ESTABLISHED', 'ESTABLISHED']
    rows = with_plugin.rows(conftest.capture_path('icmp_port_unreachable.pcap'), ['tcpfsm.finding'])
    assert rows[1] == ['icmp.unreachable']


def test_case_80(with_plugin):
    """Several TCP layers: each is followed by itself, tunnelled ones like plain ones |"""
    plain = states(with_plugin, 'fig12_normal_close')
    for name in ('in_gre', 'in_vxlan', 'in_ipip'):
        assert states(with_plugin, name) == plain, name
    rows = with_plugin.rows(conftest.capture_path('two_segments_in_a_frame.pcap'), ['tcpfsm.client.state'])
    assert rows[4] == ['ESTABLISHED,FIN_WAIT_1']


def test_case_81(with_plugin):
    """Fragments: the segment is in the frame that completes it, in whatever order they come |"""
    for name in ('fragments_in_order', 'fragments_last_first'):
        rows = states(with_plugin, name)
        assert [n for n, r in enumerate(rows, 1) if not r[0]] == [4, 7], name
        assert rows[-1] == ['FIN_WAIT_2', 'CLOSE_WAIT'], name


def test_case_82(with_plugin):
    """Cut packets: lengths come from the IP header, and 14 bytes of a TCP header are enough for the control bits |"""
    assert states(with_plugin, 'snaplen_data')[-2:] == [['FIN_WAIT_1', 'CLOSE_WAIT'], ['FIN_WAIT_2', 'CLOSE_WAIT']]
    assert states(with_plugin, 'snaplen_header')[5] == ['FIN_WAIT_1', 'CLOSE_WAIT']


def test_case_83(with_plugin):
    """IP total length 0, as before segmentation offload: the length is the frame's, and a FIN at its end has its place |"""
    assert states(with_plugin, 'ip_total_length_zero')[-2:] == [['FIN_WAIT_1', 'CLOSE_WAIT'], ['FIN_WAIT_2', 'CLOSE_WAIT']]

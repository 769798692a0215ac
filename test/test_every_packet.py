"""Every TCP segment is annotated once, and nothing else is.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os

import conftest
import shark

STATES = set('CLOSED LISTEN SYN_SENT SYN_RECEIVED ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 CLOSE_WAIT CLOSING LAST_ACK TIME_WAIT'.split())


FIELDS = ['frame.number', 'tcp.flags', 'tcpfsm.client.state', 'tcpfsm.server.state', 'frame.protocols']
QUOTING = ('icmp', 'icmpv6', 'sflow')       # protocols that carry headers of other packets


def layers(flags, protocols):
    """layers returns how many segments a frame may hold: its TCP layers less those only quoted, by control bits and by protocol names. The two
    differ where a header is broken or cut before its control bits."""
    names = protocols.split(':')
    quoting = [names.index(q) for q in QUOTING if q in names]
    direct = sum(1 for n, p in enumerate(names) if p == 'tcp' and n < min(quoting, default=len(names)))
    return {direct} if quoting else {direct, len([f for f in flags.split(',') if f])}


def unannotated(tool, path):
    """unannotated returns complaints about one capture: frames whose segments and annotations do not match in number, or whose states are no states."""
    bad = []
    for frame, flags, client, server, protocols in tool.rows(path, FIELDS):
        clients, servers = [s for s in client.split(',') if s], [s for s in server.split(',') if s]
        if len(clients) != len(servers) or len(clients) not in layers(flags, protocols) or not set(clients + servers) <= STATES:
            bad.append('%s frame %s (%s): control bits %s, client %s, server %s'
                       % (os.path.basename(path), frame, protocols, flags or '-', client or '-', server or '-'))
    return bad


def test_every_segment_is_annotated(with_plugin, all_files):
    bad = sum(conftest.in_pairs(lambda f: unannotated(with_plugin, f), all_files), [])
    assert not bad, '%d frames:\n%s' % (len(bad), '\n'.join(bad[:40]))


def test_quoted_headers_are_not_annotated(with_plugin):
    for name in ('icmp_quotes_rst.pcap', 'icmp_port_unreachable.pcap'):
        rows = with_plugin.rows(conftest.capture_path(name), ['frame.number', 'icmp.type', 'tcpfsm.client.state', 'tcpfsm.state'])
        quotes = [r for r in rows if r[1]]
        assert len(quotes) == 1 and quotes[0][2:] == ['', ''], quotes
        assert all(r[2] for r in rows if not r[1])

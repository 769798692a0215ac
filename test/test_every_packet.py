"""Every TCP segment is annotated once, nothing else is, and the plugin adds nothing to stderr.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os

import conftest
import shark

STATES = set('CLOSED LISTEN SYN_SENT SYN_RECEIVED ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 CLOSE_WAIT CLOSING LAST_ACK TIME_WAIT'.split())


def unannotated(tool, path):
    """unannotated returns complaints about one capture: frames whose TCP layers and annotations do not match in number, or whose states are no states."""
    out = tool.run('-n', '-r', path, '-T', 'fields', '-E', 'occurrence=a', '-E', 'aggregator=,', '-e', 'frame.number', '-e', 'tcp.flags', '-e', 'tcpfsm.client.state',
                   '-e', 'tcpfsm.server.state', '-e', 'icmp.type', '-e', 'icmpv6.type', '-e', 'sflow_245.ethernet.type', '-e', 'frame.protocols')
    bad = []
    for line in out.stdout.split('\n')[:-1]:
        frame, flags, client, server, icmp, icmp6, sflow, protocols = (line.split('\t') + [''] * 8)[:8]
        clients, servers = [s for s in client.split(',') if s], [s for s in server.split(',') if s]
        segments = len([f for f in flags.split(',') if f])
        if icmp or icmp6 or sflow or 'sflow' in protocols:
            segments = 0 if not clients else segments
        if len(clients) != segments or len(servers) != segments or not set(clients + servers) <= STATES:
            bad.append('%s frame %s (%s): %d TCP layers, client %s, server %s' % (os.path.basename(path), frame, protocols, segments, client or '-', server or '-'))
    return bad


def test_every_segment_is_annotated(with_plugin):
    files = conftest.all_files()
    assert len(files) > 90
    bad = sum(conftest.in_pairs(lambda f: unannotated(with_plugin, f), files), [])
    assert not bad, '%d frames:\n%s' % (len(bad), '\n'.join(bad[:40]))


def test_quoted_headers_are_not_annotated(with_plugin):
    for name in ('icmp_quotes_rst.pcap', 'icmp_port_unreachable.pcap'):
        rows = with_plugin.rows(conftest.capture_path(name), ['frame.number', 'icmp.type', 'tcpfsm.client.state', 'tcpfsm.state'])
        quotes = [r for r in rows if r[1]]
        assert len(quotes) == 1 and quotes[0][2:] == ['', ''], quotes
        assert all(r[2] for r in rows if not r[1])


def stderr_added(bare, tool, path):
    """stderr_added returns what tshark writes to stderr with the plugin and not without it."""
    before, after = (t.run('-n', '-V', '-r', path).stderr.split('\n') for t in (bare, tool))
    return [os.path.basename(path) + ': ' + line for line in after if line not in before]


def test_nothing_on_stderr(bare, with_plugin):
    files = conftest.all_files()
    added = sum(conftest.in_pairs(lambda f: stderr_added(bare, with_plugin, f), files[::3]), [])
    assert not added, '\n'.join(added[:20])


def test_plugin_is_loaded(with_plugin, bare):
    assert 'tcpfsm' in with_plugin.run('-G', 'plugins').stdout
    assert 'tcpfsm' not in bare.run('-G', 'plugins').stdout
    assert shark.version() >= (4, 0)

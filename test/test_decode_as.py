"""Protocols switched off, and Decode As there and back.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import conftest

TOUR = conftest.capture_path('tour.pcapng')
STATES = ['frame.number', 'tcpfsm.client.state', 'tcpfsm.server.state']


def test_tcp_disabled(with_plugin, bare):
    r = with_plugin.run('-n', '-V', '-r', TOUR, '--disable-protocol', 'tcp')
    assert r.returncode == 0 and 'TCP State Machine' not in r.stdout
    assert r.stdout == bare.run('-n', '-V', '-r', TOUR, '--disable-protocol', 'tcp').stdout


def test_tcpfsm_disabled(with_plugin):
    r = with_plugin.run('-n', '-V', '-r', TOUR, '--disable-protocol', 'tcpfsm')
    assert r.returncode == 0 and 'TCP State Machine' not in r.stdout and 'Transmission Control Protocol' in r.stdout
    assert all(row[1:] == ['', ''] for row in with_plugin.rows(TOUR, STATES, '--disable-protocol', 'tcpfsm'))


def test_protocol_6_as_something_else(with_plugin, bare):
    """TCP's number given to another protocol: no TCP layer, no annotation, no complaint."""
    for other in ('udp', 'sctp'):
        r = with_plugin.run('-n', '-V', '-r', TOUR, '-d', 'ip.proto==6,' + other)
        assert r.returncode == 0 and 'TCP State Machine' not in r.stdout
        assert r.stderr == bare.run('-n', '-V', '-r', TOUR, '-d', 'ip.proto==6,' + other).stderr


def test_protocol_6_as_tcp_again(with_plugin):
    """Decode As back to TCP: annotated again, and to the same states."""
    r = with_plugin.run('-n', '-r', TOUR, '-d', 'ip.proto==6,udp', '-d', 'ip.proto==6,tcp', '-T', 'fields', '-e', 'tcp.srcport')
    assert r.returncode == 0 and any(r.stdout.split())


def test_another_number_as_tcp(with_plugin):
    """A TCP layer that comes another way than ip.proto 6 is dissected as ever; the plugin neither crashes nor invents states."""
    r = with_plugin.run('-n', '-V', '-r', conftest.capture_path('in_gre.pcap'), '-d', 'ip.proto==47,tcp')
    assert r.returncode == 0


def test_port_decoded_as_another_protocol(with_plugin):
    plain = with_plugin.rows(TOUR, STATES)
    assert with_plugin.rows(TOUR, STATES, '-d', 'tcp.port==443,http') == plain
    assert with_plugin.rows(TOUR, STATES, '-d', 'tcp.port==80,data', '--disable-protocol', 'http') == plain


def test_tcp_preferences_do_not_matter(with_plugin):
    plain = with_plugin.rows(TOUR, STATES)
    for option in ('tcp.relative_sequence_numbers:FALSE', 'tcp.analyze_sequence_numbers:FALSE', 'tcp.desegment_tcp_streams:FALSE',
                   'tcp.track_bytes_in_flight:FALSE'):
        assert with_plugin.rows(TOUR, STATES, '-o', option) == plain, option

"""Preferences: each changes what it names, and nothing else; a wrong value is refused by Wireshark.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import conftest

BOTH = ['tcpfsm.client.state', 'tcpfsm.server.state']


def last(tool, name, *options):
    """last returns both states after the last frame of a capture."""
    return tool.rows(conftest.capture_path(name + '.pcap'), BOTH, *options)[-1]


def findings(tool, name, *options):
    """findings returns the names of all findings in a capture, in order."""
    return [f for r in tool.rows(conftest.capture_path(name), ['tcpfsm.finding'], *options) for f in r[0].split(',') if f]


def test_time_wait_length(with_plugin):
    """70 s after the close: over with Linux's 60 s; with the 240 s of RFC 9293 the SYN meets TIME_WAIT's own host, which may open again all the same."""
    path = conftest.capture_path('fin_answered_by_rst.pcap')
    short = with_plugin.rows(path, BOTH, '-o', 'tcpfsm.time_wait:60')
    long = with_plugin.rows(path, BOTH, '-o', 'tcpfsm.time_wait:240')
    assert short[:9] == long[:9]
    assert short[9][0] != 'TIME_WAIT' and long[9][0] == 'TIME_WAIT'


def test_lingering(with_plugin):
    assert 'close_wait.lingering' in findings(with_plugin, 'close_wait_lingering.pcap')
    assert 'close_wait.lingering' not in findings(with_plugin, 'close_wait_lingering.pcap', '-o', 'tcpfsm.lingering:60')
    assert 'close_wait.lingering' in findings(with_plugin, 'close_wait_lingering.pcap', '-o', 'tcpfsm.lingering:14')


def test_rst_validation(with_plugin):
    path = conftest.capture_path('rst_in_window_challenged.pcap')
    strict = with_plugin.rows(path, ['tcpfsm.client.state', 'tcpfsm.finding'])[5]
    loose = with_plugin.rows(path, ['tcpfsm.client.state', 'tcpfsm.finding'], '-o', 'tcpfsm.rst_validation:rfc793')[5]
    assert strict == ['ESTABLISHED', 'rst.challenged']
    assert loose[0] == 'CLOSED' and 'rst.challenged' not in loose[1]


def test_checksum_validation_is_tcps_own(with_plugin):
    assert last(with_plugin, 'bad_checksum') == ['CLOSED', 'CLOSED']
    assert last(with_plugin, 'bad_checksum', '-o', 'tcp.check_checksum:TRUE')[0] == 'ESTABLISHED'


def test_vantage(with_plugin):
    """Beside the server, what is captured on its way there has arrived: the FIN takes it to CLOSE_WAIT for certain. Beside the client its ACK tells."""
    path, fields = conftest.capture_path('fig12_normal_close.pcap'), ['tcpfsm.server.possible', 'tcpfsm.client.possible']
    for place, after_fin, after_ack in (('between', 'ESTABLISHED,CLOSE_WAIT', 'FIN_WAIT_1,FIN_WAIT_2'), ('server', 'CLOSE_WAIT', 'FIN_WAIT_1,FIN_WAIT_2'),
                                        ('client', 'ESTABLISHED,CLOSE_WAIT', 'FIN_WAIT_2')):
        rows = with_plugin.rows(path, fields, '-o', 'tcpfsm.vantage:' + place)
        assert (rows[5][0], rows[6][1]) == (after_fin, after_ack), place


def test_info_column(with_plugin, bare):
    path = conftest.capture_path('fig12_normal_close.pcap')
    plain = bare.run('-n', '-r', path).stdout
    assert with_plugin.run('-n', '-r', path).stdout == plain
    shown = with_plugin.run('-n', '-r', path, '-o', 'tcpfsm.info_column:TRUE').stdout
    assert all(a != b and b.startswith(a.rstrip()) for a, b in zip(plain.split('\n')[:-1], shown.split('\n')[:-1]))
    assert 'FIN_WAIT_1' in shown.split('\n')[5] and 'CLOSE_WAIT' in shown.split('\n')[5]


def test_wrong_values_are_refused(with_plugin):
    for option in ('tcpfsm.time_wait:soon', 'tcpfsm.ephemeral_ports:many', 'tcpfsm.nothing:1'):
        r = with_plugin.run('-n', '-r', conftest.capture_path('ipv6.pcap'), '-o', option)
        assert r.returncode != 0 and r.stderr.strip(), option


def test_preferences_leave_other_captures_alone(with_plugin):
    """A preference that a capture does not touch leaves all its states as they are."""
    path = conftest.capture_path('tour.pcapng')
    plain = with_plugin.rows(path, BOTH)
    for option in ('tcpfsm.time_wait:240', 'tcpfsm.rst_validation:rfc793', 'tcpfsm.pressure:1', 'tcpfsm.info_column:TRUE', 'tcpfsm.lingering:1000'):
        assert with_plugin.rows(path, BOTH, '-o', option) == plain, option

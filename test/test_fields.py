"""The public fields exist under their names, with types and descriptions, and print names.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import re

import pytest

import conftest

FIELDS = {
    'FT_STRING': 'state client.state server.state src.state dst.state client.previous server.previous transition client.possible server.possible event rule '
                 'client server role phase outcome finding client.shown server.shown finding.text finding.action finding.severity',
    'FT_BOOLEAN': 'client.certain server.certain rst.suspicious',
    'FT_FRAMENUM': 'client.since server.since opened_in closed_in next_change_in',
    'FT_RELATIVE_TIME': 'client.time_in_state server.time_in_state idle',
    'FT_UINT32': 'connection incarnation client.time_wait server.time_wait client.close_wait server.close_wait',
}
EXPERT = ('rst.refused rst.abort rst.no_connection rst.after_close rst.time_wait rst.rejected_syn_ack rst.probe rst.idle rst.challenged rst.dropped rst.forged '
          'half_open.syn half_open.syn_ack half_open.fin half_open.one_sided half_open.idle half_open.not_accepted close_wait.lingering fin_wait_2.lingering '
          'time_wait.fin_retransmission time_wait.reuse time_wait.rejected_syn time_wait.pressure open.simultaneous close.simultaneous close.half '
          'syn.old_duplicate challenge_ack fin.gap fin.unsent data_after_fin rollback duplicate midstream '
          'keepalive.unanswered icmp.unreachable mptcp.fastclose').split()
STATES = 'CLOSED LISTEN SYN_SENT SYN_RECEIVED ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 CLOSE_WAIT CLOSING LAST_ACK TIME_WAIT'.split()
TOUR = conftest.capture_path('tour.pcapng')


@pytest.fixture(scope='module')
def registered(with_plugin):
    """registered maps the names of our fields to (name for people, type, description)."""
    rows = [line.split('\t') for line in with_plugin.checked('-G', 'fields').split('\n') if line.startswith('F\t')]
    return {r[2]: (r[1], r[3], r[-1]) for r in rows if r[2].startswith('tcpfsm.')}


@pytest.mark.parametrize('kind', FIELDS)
def test_fields_exist(registered, kind):
    for name in FIELDS[kind].split():
        label, found, blurb = registered['tcpfsm.' + name]
        assert found == kind, name
        assert label and len(blurb) > 10, name


def test_expert_items_exist(registered):
    assert [name for name in EXPERT if registered.get('tcpfsm.' + name, ('', ''))[1] != 'FT_NONE'] == []


def test_every_field_can_be_filtered(with_plugin, registered):
    """A name that Wireshark does not know makes tshark fail; a bare name tests presence."""
    names = sorted(n for n in registered)
    for start in range(0, len(names), 20):
        with_plugin.checked('-n', '-r', TOUR, '-Y', ' || '.join(names[start:start + 20]), '-c', '1')


def test_names_print(with_plugin):
    rows = with_plugin.rows(TOUR, ['frame.number', 'tcpfsm.client.state', 'tcpfsm.server.state'], '-Y', 'tcpfsm.state == "CLOSE_WAIT"')
    assert len(rows) > 8
    assert all('CLOSE_WAIT' in r[1:] and r[1] in STATES and r[2] in STATES for r in rows)


def test_state_is_clients_then_servers(with_plugin):
    for r in with_plugin.rows(TOUR, ['tcpfsm.state', 'tcpfsm.client.state', 'tcpfsm.server.state']):
        assert r[0] == ','.join(r[1:])


def test_src_and_dst_follow_the_sender(with_plugin):
    fields = ['tcp.srcport', 'tcpfsm.client', 'tcpfsm.src.state', 'tcpfsm.dst.state', 'tcpfsm.client.state', 'tcpfsm.server.state']
    for port, client, src, dst, cs, ss in with_plugin.rows(TOUR, fields):
        assert (src, dst) == ((cs, ss) if client.endswith(':' + port) else (ss, cs))


def test_certain_is_one_possible_state(with_plugin):
    for end in ('client', 'server'):
        for state, possible, certain in with_plugin.rows(TOUR, ['tcpfsm.%s.%s' % (end, f) for f in ('state', 'possible', 'certain')]):
            members = possible.split(',')
            assert state in members and set(members) <= set(STATES)
            assert (certain in ('1', 'True')) == (len(members) == 1)


def test_shown_marks_what_is_assumed(with_plugin):
    for end in ('client', 'server'):
        rows = with_plugin.rows(TOUR, ['tcpfsm.%s.%s' % (end, f) for f in ('state', 'shown', 'certain')])
        assert [shown for _, shown, _ in rows] == [state + ('' if certain in ('1', 'True') else '?') for state, _, certain in rows]
        assert {shown.endswith('?') for _, shown, _ in rows} == {True, False}
        assert with_plugin.rows(TOUR, ['tcpfsm.%s.shown' % end]) == [[r[1]] for r in rows]


def test_shown_as_a_column_and_a_filter(with_plugin):
    out = with_plugin.checked('-n', '-r', TOUR, '-o', 'gui.column.format:"c","%Cus:tcpfsm.client.shown:0:R"', '-Y', 'tcpfsm.client.shown contains "?"')
    shown = [line.strip() for line in out.split('\n') if line.strip()]
    assert shown and all(s.endswith('?') and s[:-1] in STATES for s in shown)
    assert with_plugin.rows(TOUR, ['frame.number'], '-Y', 'tcpfsm.client.certain == True && tcpfsm.client.shown contains "?"') == []


def test_certain_filters_as_a_boolean(with_plugin):
    all_rows = with_plugin.rows(TOUR, ['frame.number'])
    yes = with_plugin.rows(TOUR, ['frame.number'], '-Y', 'tcpfsm.client.certain == True')
    no = with_plugin.rows(TOUR, ['frame.number'], '-Y', 'tcpfsm.client.certain == False')
    assert yes and no and len(yes) + len(no) == len(all_rows)


def test_previous_and_transition_agree(with_plugin):
    fields = ['tcpfsm.transition', 'tcpfsm.client.previous', 'tcpfsm.server.previous', 'tcpfsm.event', 'tcpfsm.rule']
    seen = 0
    for transition, client, server, event, rule in with_plugin.rows(TOUR, fields):
        edges = [e for e in transition.split(',') if e]
        for edge in edges:
            assert re.fullmatch('(client|server) (%s) -> (%s)' % ('|'.join(STATES), '|'.join(STATES)), edge), edge
        for who, previous in (('client', client), ('server', server)):
            mine = [e.split()[1] for e in edges if e.startswith(who)]
            assert previous == (mine[0] if mine else '')
        assert bool(edges) <= bool(event) and bool(event) == bool(rule)
        seen += len(edges)
    assert seen > 40


def test_since_and_time_in_state(with_plugin):
    """Frame 9 of the normal close: the client entered TIME_WAIT in frame 8, 20 ms before; the server left LAST_ACK."""
    fields = ['tcpfsm.client.since', 'tcpfsm.client.time_in_state', 'tcpfsm.server.since', 'tcpfsm.server.time_in_state', 'tcpfsm.opened_in']
    rows = with_plugin.rows(conftest.capture_path('fig12_normal_close.pcap'), fields)
    assert [int(r[0]) for r in rows] == [1, 2, 2, 2, 2, 6, 7, 8, 8]
    assert [int(r[2]) for r in rows][1:] == [2, 3, 3, 3, 6, 6, 8, 9]
    assert abs(float(rows[4][1]) - 0.06) < 1e-6 and abs(float(rows[8][3]) - 0.02) < 1e-6
    assert {r[4] for r in rows} == {'1'}


def test_endpoints_are_address_and_port(with_plugin):
    assert with_plugin.rows(conftest.capture_path('ipv6.pcap'), ['tcpfsm.client', 'tcpfsm.server'])[0] == ['[2001:db8::1]:40000', '[2001:db8::2]:443']
    assert with_plugin.rows(conftest.capture_path('fig12_normal_close.pcap'), ['tcpfsm.client', 'tcpfsm.server'])[0] == ['10.12.0.1:40000', '10.12.0.2:80']


def test_role_says_which_rule_decided(with_plugin):
    for name, role in (('fig06_three_way_handshake', 'SYN'), ('midstream_syn_ack', 'SYN,ACK'), ('midstream_data', 'port')):
        assert with_plugin.rows(conftest.capture_path(name + '.pcap'), ['tcpfsm.role'])[0] == [role]


def test_phase(with_plugin):
    phases = [r[0] for r in with_plugin.rows(conftest.capture_path('fig12_normal_close.pcap'), ['tcpfsm.phase'])]
    assert phases[0] == 'opening' and phases[4] == 'open' and phases[6] == 'closing' and phases[8] == 'closed'
    assert with_plugin.rows(conftest.capture_path('rst_exact.pcap'), ['tcpfsm.phase'])[-1] == ['reset']


OUTCOMES = {
    'fig12_normal_close': 'normal',
    'syn_refused': 'refused',
    'syn_unanswered': 'unanswered',
    'rst_exact': 'aborted by server',
    'rst_answers_in_flight': 'aborted by client',
    'fig06_three_way_handshake': 'open at end of capture',
    'close_wait_lingering': 'server left in CLOSE_WAIT',
    'close_wait_to_the_end': 'server left in CLOSE_WAIT',
    'close_wait_many': 'half-closed by client',
    'rst_in_syn_received': 'probe',
    'fig10_half_open_data': 'client was gone',
    'handshake_never_completed': 'handshake not completed',
    'simultaneous_close': 'normal',
}


@pytest.mark.parametrize('name, outcome', OUTCOMES.items())
def test_outcome_is_known_in_the_second_pass(with_plugin, name, outcome):
    path = conftest.capture_path(name + '.pcap')
    rows = with_plugin.rows(path, ['tcpfsm.outcome'], '-2', '-Y', 'tcpfsm.connection == 0')
    assert {r[0] for r in rows} == {outcome}
    assert with_plugin.rows(path, ['frame.number'], '-2', '-Y', 'tcpfsm.outcome == "%s"' % outcome)[0] == ['1']


def test_a_socket_left_in_close_wait_is_named_in_one_pass(with_plugin):
    """By the report, which is printed at the end; the connection's own packets say so with -2, the first of them too."""
    path = conftest.capture_path('close_wait_to_the_end.pcap')
    left = [line for line in with_plugin.checked('-n', '-q', '-r', path, '-z', 'tcpfsm,conv').split('\n') if 'server left in CLOSE_WAIT' in line]
    assert len(left) == 1 and '10.0.0.1:40000' in left[0]
    rows = with_plugin.rows(path, ['frame.number'], '-2', '-Y', 'tcpfsm.outcome contains "CLOSE_WAIT"')
    assert [r[0] for r in rows] == ['1', '2', '3', '4', '5', '6', '7']


def test_forward_links(with_plugin):
    rows = with_plugin.rows(conftest.capture_path('fig12_normal_close.pcap'), ['tcpfsm.next_change_in', 'tcpfsm.closed_in'], '-2')
    assert [r[0] for r in rows] == ['2', '3', '6', '6', '6', '7', '8', '9', '']
    assert {r[1] for r in rows} == {'9'}


def test_host_counters(with_plugin):
    fields = ['frame.number', 'tcpfsm.client.time_wait', 'tcpfsm.server.close_wait']
    rows = with_plugin.rows(TOUR, fields)
    assert max(int(r[1] or 0) for r in rows) == 2       # the two normal closes of 192.168.1.20
    assert max(int(r[2] or 0) for r in rows) == 1


def test_expert_items_in_z_expert(with_plugin):
    out = with_plugin.checked('-n', '-q', '-r', TOUR, '-z', 'expert')
    assert 'Connection refused' in out and 'has been in CLOSE_WAIT' in out

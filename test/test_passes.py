"""One pass, two passes, filters, columns, fields and JSON say the same of every packet.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json

import pytest

import conftest

NAMES = ('tour.pcapng', 'fig09_half_open_discovery.pcap', 'fin_beyond_gap.pcap', 'vlan_duplicates.pcap', 'two_segments_in_a_frame.pcap',
         'fragments_last_first.pcap', 'icmp_quotes_rst.pcap')
FIELDS = ['frame.number', 'tcpfsm.client.state', 'tcpfsm.server.state', 'tcpfsm.client.certain', 'tcpfsm.server.certain',
          'tcpfsm.client.possible', 'tcpfsm.server.possible', 'tcpfsm.transition', 'tcpfsm.event', 'tcpfsm.finding', 'tcpfsm.connection',
          'tcpfsm.incarnation', 'tcpfsm.phase', 'tcpfsm.role']


@pytest.fixture(scope='module', params=NAMES)
def capture(request):
    return conftest.capture_path(request.param)


@pytest.fixture(scope='module')
def plain(with_plugin, capture):
    """plain is what one pass says without any filter: the measure for all others."""
    rows = with_plugin.rows(capture, FIELDS)
    assert any(r[1] for r in rows)
    return rows


def test_two_passes(with_plugin, capture, plain):
    assert with_plugin.rows(capture, FIELDS, '-2') == plain


def test_two_passes_with_a_read_filter(with_plugin, capture, plain):
    assert with_plugin.rows(capture, FIELDS, '-2', '-R', 'frame') == plain


def test_read_filter_that_drops_frames(with_plugin, capture, plain):
    """With -2 -R the frames kept are numbered anew; their states are those of a capture that holds nothing else only if what was dropped had no segment."""
    with_tcp = [r for r in plain if r[1]]
    kept = with_plugin.rows(capture, FIELDS, '-2', '-R', 'tcp && !icmp')
    assert [r[1:3] for r in kept] == [r[1:3] for r in with_tcp]


def test_display_filter(with_plugin, capture, plain):
    assert with_plugin.rows(capture, FIELDS, '-Y', 'frame') == plain
    assert with_plugin.rows(capture, FIELDS, '-Y', 'tcpfsm') == [r for r in plain if r[1] or r[FIELDS.index('tcpfsm.finding')]]


def test_filter_on_states(with_plugin, capture, plain):
    for passes in ((), ('-2',)):
        got = [r[0] for r in with_plugin.rows(capture, FIELDS, *passes, '-Y', 'tcpfsm.state == "ESTABLISHED"')]
        assert got == [r[0] for r in plain if 'ESTABLISHED' in r[1].split(',') + r[2].split(',')], passes


def test_custom_columns(with_plugin, capture, plain):
    columns = 'gui.column.format:"c","%Cus:tcpfsm.client.state:0:R","s","%Cus:tcpfsm.server.state:0:R"'
    out = with_plugin.checked('-n', '-r', capture, '-o', columns)
    got = [line.split() for line in out.split('\n')[:-1]]
    assert [g for g in got if g] == [[r[1], r[2]] for r in plain if r[1]]


def test_json(with_plugin, capture, plain):
    out = json.loads(with_plugin.checked('-n', '-r', capture, '-T', 'json', '--no-duplicate-keys', '-J', 'frame tcpfsm'))
    got = []
    for packet in out:
        trees = packet['_source']['layers'].get('tcpfsm', [])
        trees = trees if isinstance(trees, list) else [trees]
        text = json.dumps(trees)
        got.append([t for t in trees if isinstance(t, dict)])
        assert text.count('"tcpfsm.client.state"') == sum('tcpfsm.client.state' in json.dumps(t) for t in got[-1])
    assert [','.join(state_in(t, 'tcpfsm.client.state') for t in trees) for trees in got] == [r[1] for r in plain]


def state_in(tree, key):
    """state_in finds the value of a key anywhere in a JSON tree."""
    if isinstance(tree, dict):
        if key in tree:
            return tree[key]
        tree = list(tree.values())
    if isinstance(tree, list):
        for part in tree:
            found = state_in(part, key)
            if found:
                return found
    return ''


def test_fields_of_one_name_only(with_plugin, capture, plain):
    assert [r[0] for r in with_plugin.rows(capture, ['tcpfsm.server.state'])] == [r[2] for r in plain]


def test_heading_prints_both_states(with_plugin):
    rows = with_plugin.rows(conftest.capture_path('fig12_normal_close.pcap'), ['tcpfsm'])
    assert 'FIN_WAIT_1' in rows[5][0] and 'CLOSE_WAIT' in rows[5][0] and 'assumed' in rows[5][0]

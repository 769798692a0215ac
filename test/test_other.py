"""Another plugin that wraps entry 6 of ip.proto too (test/other) works beside ours, whichever was there first. TCPFSM_OTHER names it; CTest sets it.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import shutil

import pytest

import conftest
import shark

FIELDS = ['frame.number', 'tcpfsm.client.state', 'tcpfsm.server.state', 'tcpfsm.finding', 'tcpfsm.transition']
NAMES = ('tour.pcapng', 'in_vxlan.pcap', 'icmp_quotes_rst.pcap', 'fragments_last_first.pcap', 'two_segments_in_a_frame.pcap')


def together(plugin, name, late, ours_first):
    """together returns a Shark with both plugins, the other one under a name; the order in which they are copied is that of some folders."""
    other = os.environ.get('TCPFSM_OTHER')
    if not other:
        pytest.skip('TCPFSM_OTHER does not name the other plugin')
    tool = shark.Shark()
    renamed = os.path.join(tool.home, name + '.so')
    shutil.copy(other, renamed)
    for path in (plugin, renamed) if ours_first else (renamed, plugin):
        tool.install(path)
    if late:
        tool.environment['OTHER_LATE'] = '1'
    return tool


@pytest.fixture(scope='module')
def pairs(plugin):
    """pairs is {what the other one wraps: Shark}, for both orders. Plugins are loaded in the order of the folder, which a name may change."""
    found = {}
    tries = [(False, n, o) for n in ('aaa', 'zzz', 'm1', 'm2', 'other', 'wrap') for o in (True, False)] + [(True, 'late', True)]
    for late, name, ours_first in tries:
        if not late and len(found) == 2:
            continue
        tool = together(plugin, name, late, ours_first)
        said = [line for line in tool.started('-n', '-r', conftest.capture_path('tour.pcapng'), '-c', '1').stderr.split('\n') if line.startswith('other: wraps ')]
        assert len(said) == 1, said
        key = (said[0][len('other: wraps '):], late)
        if key in found:
            tool.close()
        else:
            found[key] = tool
    yield found
    for tool in found.values():
        tool.close()


def test_both_orders_were_tried(pairs):
    assert {what for what, _ in pairs} == {'TCP', 'another plugin'}


@pytest.mark.parametrize('name', NAMES)
def test_states_are_the_same(pairs, with_plugin, name):
    path = conftest.capture_path(name)
    alone = with_plugin.rows(path, FIELDS)
    for key, tool in pairs.items():
        assert tool.rows(path, FIELDS) == alone, key


def test_the_other_sees_every_segment(pairs):
    path = conftest.capture_path('tour.pcapng')
    for key, tool in pairs.items():
        rows = tool.rows(path, ['tcp.srcport', 'other.length'])
        assert all(bool(ports) == bool(length) for ports, length in rows) and any(length for _, length in rows), key


def test_no_complaint(pairs):
    for key, tool in pairs.items():
        assert 'tcpfsm' not in tool.run('-n', '-V', '-r', conftest.capture_path('tour.pcapng')).stderr, key


def test_switched_off_the_other_still_works(pairs):
    for key, tool in pairs.items():
        rows = tool.rows(conftest.capture_path('tour.pcapng'), ['tcp.srcport', 'other.length', 'tcpfsm.state'], '--disable-protocol', 'tcpfsm')
        assert all(bool(ports) == bool(length) and not state for ports, length, state in rows), key

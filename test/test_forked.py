"""What one started tshark answers (forked/forked.c) is to the byte what a tshark started for that run alone prints.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import re

import pytest

import conftest
import shark

TOUR = conftest.capture_path('tour.pcapng')
CLOSE = conftest.capture_path('fig12_normal_close.pcap')
FIELDS = ['-T', 'fields', '-E', 'occurrence=a', '-E', 'aggregator=,',
          '-e', 'frame.number', '-e', 'tcpfsm.state', '-e', 'tcpfsm.outcome', '-e', '_ws.expert.message']
SAME = {
    'text': ['-n', '-r', TOUR],
    'names': ['-r', TOUR],
    'details': ['-n', '-V', '-r', TOUR],
    'one protocol': ['-n', '-O', 'tcpfsm', '-r', TOUR],
    'fields': ['-n', '-r', TOUR, *FIELDS],
    'two passes': ['-n', '-2', '-r', TOUR, *FIELDS],
    'filters': ['-n', '-2', '-R', 'tcp', '-Y', 'tcpfsm.finding', '-r', TOUR, *FIELDS],
    'pdml': ['-n', '-r', CLOSE, '-T', 'pdml'],
    'json': ['-n', '-r', CLOSE, '-T', 'json', '--no-duplicate-keys', '-J', 'frame tcpfsm'],
    'reports': ['-n', '-q', '-r', TOUR, '-z', 'tcpfsm,conv', '-z', 'tcpfsm,tree', '-z', 'tcpfsm,table', '-z', 'expert'],
    'preferences': ['-n', '-r', TOUR, '-o', 'tcpfsm.vantage:client', '-o', 'tcpfsm.info_column:TRUE',
                    '-d', 'tcp.port==80,data'],
    'disabled': ['-n', '-V', '-r', CLOSE, '--disable-protocol', 'tcpfsm'],
    'sessions': ['-n', '-M', '20', '-r', TOUR],
    'a wrong filter': ['-n', '-r', TOUR, '-Y', 'tcpfsm.nothing'],
    'a wrong preference': ['-n', '-r', TOUR, '-o', 'tcpfsm.nothing:1'],
    'a wrong report': ['-n', '-q', '-r', TOUR, '-z', 'tcpfsm,nothing'],
    'no file': ['-n', '-r', '/nonexistent'],
}


def outcome(run):
    """outcome returns what a run must share with another: all but what PDML says of the time of day and the folder of
    Wireshark's data."""
    out = re.sub(r'^(<pdml .*) time="[^"]*"|pdml2html.xsl in \S+ or', r'\1', run.stdout, flags=re.M)
    return run.returncode, out, run.stderr


@pytest.mark.parametrize('what', SAME)
def test_same_as_a_tshark_of_its_own(with_plugin, what):
    if not shark.forked_library():
        pytest.skip('each run is a tshark of its own')
    assert outcome(with_plugin.run(*SAME[what])) == outcome(with_plugin.started(*SAME[what]))


def test_all_captures_without_the_plugin(bare, all_files):
    """The project's own, joined: everything Wireshark says of them."""
    arguments = ['-n', '-V', '-r', all_files[0]]
    assert outcome(bare.run(*arguments)) == outcome(bare.started(*arguments))


def test_one_run_leaves_nothing_to_the_next(with_plugin):
    before = outcome(with_plugin.run(*SAME['fields']))
    for what in ('preferences', 'reports', 'disabled', 'a wrong report'):
        with_plugin.run(*SAME[what])
    assert outcome(with_plugin.run(*SAME['fields'])) == before and with_plugin.servers

"""sharkd, Wireshark's server for programs: fields, the tree of a frame, the stats tree and the table of connections of the tour, as tshark says them.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import re
import shutil
import subprocess

import pytest

import shark

TOUR = os.path.join(shark.CAPTURES, 'tour.pcapng')
PROGRAM = shutil.which('sharkd')

pytestmark = pytest.mark.skipif(not PROGRAM, reason='sharkd is not installed (Debian has it in wireshark-common)')


def ask(tool, *requests):
    """ask lets a sharkd with the plugin load the tour and answer requests, (method, parameters) each; returns the results in order."""
    lines = []
    for i, (method, parameters) in enumerate([('load', {'file': TOUR}), *requests, ('bye', {})], 1):
        request = {'jsonrpc': '2.0', 'id': i, 'method': method}
        lines.append(json.dumps(dict(request, params=parameters) if parameters else request))
    done = subprocess.run(shark.unprivileged([PROGRAM, '-']), input='\n'.join(lines) + '\n', capture_output=True, text=True, env=tool.environment, timeout=120)
    answers = {}
    for line in done.stdout.split('\n'):
        if line.startswith('{"jsonrpc"'):
            answer = json.loads(line)
            answers[answer['id']] = answer
    assert answers[1].get('result', {}).get('status') == 'OK', done.stdout + done.stderr
    return [answers[i].get('result', answers[i].get('error')) for i in range(2, len(requests) + 2)]


def nodes(tree):
    """nodes yields every node of a frame's tree."""
    for node in tree:
        yield node
        yield from nodes(node.get('n', []))


def test_fields_of_frames(with_plugin):
    names = ['tcpfsm.client.state', 'tcpfsm.server.state', 'tcpfsm.finding']
    frames, = ask(with_plugin, ('frames', dict({'filter': 'tcpfsm.finding'}, **{'column%d' % i: name + ':1' for i, name in enumerate(names)})))
    told = [[str(f['num']), *f['c']] for f in frames]
    arguments = [x for name in ['frame.number'] + names for x in ('-e', name)]
    lines = with_plugin.run('-r', TOUR, '-Y', 'tcpfsm.finding', '-T', 'fields', '-E', 'occurrence=f', *arguments).stdout.split('\n')[:-1]
    assert told == [line.split('\t') for line in lines] and len(told) == 6


def test_tree_of_a_frame(with_plugin):
    frame, = ask(with_plugin, ('frame', {'frame': 15, 'proto': True}))
    own, = [n for n in frame['tree'] if n.get('f', '').startswith('tcpfsm')]
    assert own['l'] == 'TCP State Machine: client FIN_WAIT_1 -> FIN_WAIT_2 (assumed), server CLOSE_WAIT'
    there = {n['l']: n.get('f') for n in nodes(own['n'])}
    assert there['Transition: client FIN_WAIT_1 -> FIN_WAIT_2'] == 'tcpfsm.transition == "client FIN_WAIT_1 -> FIN_WAIT_2"'
    assert there['State: FIN_WAIT_2'] == 'tcpfsm.client.state == "FIN_WAIT_2"'
    lines = with_plugin.run('-r', TOUR, '-2', '-Y', 'frame.number == 15', '-O', 'tcpfsm').stdout.split('TCP State Machine: ', 1)[1].split('\n')[1:]
    assert [n['l'] for n in nodes(own['n'])] == [line.strip()[1:-1] for line in lines if line.strip()]


def test_stats_tree(with_plugin):
    answer, info = ask(with_plugin, ('tap', {'tap0': 'stat:tcpfsm'}), ('info', {}))
    assert {'name': 'TCP State Machine', 'tap': 'stat:tcpfsm'} in info['stats']
    stats, = answer['taps']

    def counts(items, depth=0):
        for item in items:
            yield depth, item['name'], item['count']
            yield from counts(item.get('sub', []), depth + 1)
    printed = []
    for line in with_plugin.run('-q', '-r', TOUR, '-z', 'tcpfsm,tree').stdout.split('\n'):
        found = re.match(r'( *)(\S.*?)  +(\d+)  ', line)
        if found:
            printed.append((len(found[1]), found[2], int(found[3])))
    assert sorted(counts(stats['stats'])) == sorted(printed) and (0, 'States entered', 44) in printed


def test_table_of_connections(with_plugin):
    answer, = ask(with_plugin, ('tap', {'tap0': 'nstat:tcpfsm,table'}))
    stats, = answer['taps']
    table, = stats['tables']
    columns = [f['c'] for f in stats['fields']]
    rows = [dict(zip(columns, row)) for row in table['i']]
    lines = with_plugin.run('-n', '-q', '-r', TOUR, '-z', 'tcpfsm,conv,format=json').stdout.split('\n')
    connections = [json.loads(line) for line in lines if line.startswith('{')]
    assert len(rows) == 7
    assert sorted((r['Connection'], r['Outcome'], r['Client state'], r['Server state']) for r in rows) == \
        sorted((c['connection'], c['outcome'], c['client']['state'], c['server']['state']) for c in connections)


def test_without_the_plugin_there_is_none_of_it(bare):
    answer, info = ask(bare, ('tap', {'tap0': 'stat:tcpfsm'}), ('info', {}))
    assert 'taps' not in answer and 'tcpfsm' not in json.dumps(info)

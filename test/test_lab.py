"""Agreement with real Linux sockets, where their recorded runs lie beside the repository (../shared/lab): not lower than the bars below.

The bars are the project's own; the runs are judged by the lab's evaluate.py, the random ones and the named ones (each made for one situation, also for
those that no capture can tell) apart. Two of the four capture points are judged, one between the hosts and one on a host; with TCPFSM_LAB=full all four,
which takes twice as long.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import re
import subprocess
import sys

import pytest

import shark

LAB = os.path.join(shark.SHARED, 'lab')
# The named runs are made of the situations no capture can tell (silent timers, a full accept queue, loss behind the capture), so their bars are lower.
BARS = {'random': {'near': 98.0, 'far': 88.0, 'certain_right': 99.5, 'certain': 65.0, 'possible': 98.0, 'set_size': 1.8},
        'named': {'near': 95.0, 'far': 91.0, 'certain_right': 96.5, 'certain': 65.0, 'possible': 97.0, 'set_size': 1.8}}


@pytest.fixture(scope='module', params=('random', 'named'))
def figures(request, plugin, tmp_path_factory):
    """figures runs evaluate.py over one kind of recorded runs and returns its figures by name."""
    if not os.path.exists(os.path.join(LAB, 'evaluate.py')):
        pytest.skip('no recorded runs of real sockets beside the repository')
    out = str(tmp_path_factory.mktemp('lab') / 'figures.json')
    points = [x for v in ('c', 'rc', 'rs', 's') for x in ('--vantage', v)] if os.environ.get('TCPFSM_LAB') == 'full' else ['--vantage', 'rc', '--vantage', 's']
    r = subprocess.run([sys.executable, os.path.join(LAB, 'evaluate.py'), os.path.join(LAB, request.param), '--plugin', plugin, '--tshark', shark.tshark(),
                        '-q', '--json', out, *points], capture_output=True, text=True, timeout=2900)
    print(r.stdout)
    assert r.returncode == 0, r.stderr
    total = {}
    for counts in json.load(open(out, encoding='utf-8'))['vantage'].values():
        for key, n in counts.items():
            total[key] = total.get(key, 0) + n
    total['bars'] = BARS[request.param]
    total['errors'] = len(re.findall(r'^ERROR', r.stdout, re.M))
    return total


def share(figures, part, whole):
    """share returns a percentage."""
    assert figures.get(whole), 'nothing was judged'
    return 100.0 * figures[part] / figures[whole]


def test_tshark_did_not_fail(figures):
    assert figures['errors'] == 0


def test_near_side(figures):
    assert share(figures, 'near', 'near_n') >= figures['bars']['near']


def test_far_side(figures):
    assert share(figures, 'far', 'far_n') >= figures['bars']['far']


def test_certain_is_right(figures):
    assert share(figures, 'sure_ok', 'sure_n') >= figures['bars']['certain_right']


def test_certain_often_enough(figures):
    assert 100.0 * figures['sure_n'] / (figures['near_n'] + figures['far_n']) >= figures['bars']['certain']


def test_truth_is_possible(figures):
    assert share(figures, 'p_ok', 'p_n') >= figures['bars']['possible']


def test_sets_are_small(figures):
    assert figures['p_size'] / figures['p_n'] < figures['bars']['set_size']

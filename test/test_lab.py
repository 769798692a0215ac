"""Agreement with real Linux sockets, where their recorded runs lie beside the repository (../shared/lab): not lower than the bars below.

The bars are the project's own; the runs are judged by the lab's evaluate.py, the random ones and the named ones (each made for one situation, also for
those that no capture can tell) apart. Two of the four capture points are judged, one between the hosts and one on a host; with TCPFSM_LAB=full all four,
which takes twice as long. evaluate.py is called, not started, so that one tshark that has started (shark.py) reads all of the thousand captures.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import contextlib
import importlib.util
import io
import json
import os
import re
import subprocess
import types

import pytest

import shark

LAB = os.path.join(shark.SHARED, 'lab')
# The named runs are made of the situations no capture can tell (silent timers, a full accept queue, loss behind the capture), so their bars are lower.
BARS = {'random': {'near': 98.0, 'far': 88.0, 'certain_right': 99.5, 'certain': 65.0, 'possible': 98.0, 'set_size': 1.8},
        'named': {'near': 95.0, 'far': 91.0, 'certain_right': 96.5, 'certain': 65.0, 'possible': 97.0, 'set_size': 1.8}}


def evaluate(tool, *arguments):
    """evaluate calls evaluate.py with these arguments and returns what it printed; what it would start is run by `tool`."""
    spec = importlib.util.spec_from_file_location('evaluate', os.path.join(LAB, 'evaluate.py'))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.unprivileged = lambda command: command
    module.subprocess = types.SimpleNamespace(run=lambda command, **_: started(tool, command), TimeoutExpired=subprocess.TimeoutExpired)
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out):
        patch.setattr('sys.argv', ['evaluate.py', *arguments])
        module.main()
    return out.getvalue()


def started(tool, command):
    """started stands in for subprocess.run in evaluate.py: its tshark is ours; the rest it starts as ever."""
    if command[0] == shark.tshark():
        return tool.run(*command[1:])
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture(scope='module', params=('random', 'named'))
def figures(request, plugin, with_plugin, tmp_path_factory):
    """figures runs evaluate.py over one kind of recorded runs and returns its figures by name."""
    if not os.path.exists(os.path.join(LAB, 'evaluate.py')):
        pytest.skip('no recorded runs of real sockets beside the repository')
    out = str(tmp_path_factory.mktemp('lab') / 'figures.json')
    points = [x for v in ('c', 'rc', 'rs', 's') for x in ('--vantage', v)] if os.environ.get('TCPFSM_LAB') == 'full' else ['--vantage', 'rc', '--vantage', 's']
    printed = evaluate(with_plugin, os.path.join(LAB, request.param), '--plugin', plugin, '--tshark', shark.tshark(), '-q', '--json', out, *points)
    print(printed)
    total = {}
    for counts in json.load(open(out, encoding='utf-8'))['vantage'].values():
        for key, n in counts.items():
            total[key] = total.get(key, 0) + n
    total['bars'] = BARS[request.param]
    total['errors'] = len(re.findall(r'^ERROR', printed, re.M))
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

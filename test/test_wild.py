"""Captures of real programs (captures/wild), each with what truly happened: what the run configured. What is found is judged by that.

test/wild/wild.py makes such runs, keeps the small ones and judges whole folders of them.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import concurrent.futures
import json
import os
import sys

import pytest

import shark

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, 'wild'))

import judge  # noqa: E402
import wild  # noqa: E402

FOLDER = os.path.join(shark.CAPTURES, 'wild')
with open(os.path.join(FOLDER, 'truth.json'), encoding='utf-8') as truth_file:
    TRUTH = json.load(truth_file)

# What no run of a healthy service may contain, and the findings that this project says it makes of everyday failures.
NAMED = ('rst.zero_window rst.retransmissions rst.keepalive rst.race path.mtu syn.paws flood scan close.idle time_wait.reuse close_wait.lingering '
         'rst.idle rst.no_connection rst.forged half_open.idle half_open.syn half_open.syn_ack half_open.fin half_open.one_sided rst.gave_up '
         'rst.refused rst.abort rst.close rst.probe rst.after_close keepalive.unanswered icmp.unreachable').split()


@pytest.fixture(scope='module')
def judged(with_plugin):
    """judged is {(run, point): (found, right, wrong, missing, expected)}."""
    files = {(name, point): os.path.join(FOLDER, '%s.%s.pcap' % (name, point)) for name, truth in TRUTH.items() for point in truth['points']}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(pair for part in pool.map(lambda key: judge.judge_files({key: files[key]}, TRUTH, with_plugin), files) for pair in part.items())


@pytest.mark.parametrize('name', sorted(TRUTH))
def test_run(judged, name):
    """Everything expected is found, and no Warn and no Note is there that the truth does not explain."""
    for point in TRUTH[name]['points']:
        _, _, wrong, missing, _ = judged[name, point]
        assert not wrong and not missing, (TRUTH[name]['truth'], point, wrong, missing)


def test_figures(judged):
    """So many Warns and Notes that the figures mean something; the bars are 98 % and 95 %, and nothing expected is missing."""
    figures = judge.figures(judged)
    for severity, least, bar in (('Warn', 20, 98), ('Note', 100, 95)):
        right, all_ = figures[severity]
        assert all_ >= least and right * 100 >= bar * all_, figures
    found, expected = figures['recall']
    assert found == expected > 100 and len(TRUTH) >= 60


def test_healthy_runs_have_neither_warn_nor_note(judged):
    healthy = [name for name, truth in TRUTH.items() if not truth['expects'] and not truth['allows'] and not truth['left']]
    assert len(healthy) >= 20
    assert not [(name, f) for name in healthy for point in TRUTH[name]['points'] for f in judged[name, point][0] if f[2] != 'Chat']


def test_each_finding_is_expected_somewhere():
    expected = {finding for truth in TRUTH.values() for expects in (truth['expects'], *truth['at'].values()) for finding in expects}
    assert set(NAMED) <= expected, set(NAMED) - expected


def test_truth_is_what_the_runs_say():
    """truth.json is written from the runs; a run that was changed has to be made, judged and kept again."""
    runs = json.loads(json.dumps(wild.truths()))
    assert {name: {k: v for k, v in truth.items() if k != 'points'} for name, truth in TRUTH.items()} == {name: runs[name] for name in TRUTH}
    kept = {'%s.%s.pcap' % (name, point) for name, truth in TRUTH.items() for point in truth['points']}
    assert kept == {f for f in os.listdir(FOLDER) if f.endswith('.pcap')}


def test_the_judge_notices(judged):
    """With another truth the same findings are wrong, or the right ones missing: the judge is no rubber stamp."""
    found = judged['nat_idle_reject', 'c'][0]
    truth = dict(TRUTH['nat_idle_reject'])
    assert judge.judge(found, truth, 'c')[1:] == ([], [])
    _, wrong, _ = judge.judge(found, dict(truth, expects={}), 'c')
    assert [f[1] for f in wrong] == ['rst.no_connection']
    assert judge.judge(found, dict(truth, expects={'rst.no_connection': r'17\.\d s'}), 'c')[2]
    assert judge.judge(found, dict(truth, expects={'rst.idle': ''}, allows=['rst.no_connection']), 'c')[2]
    assert judge.judge(found, dict(truth, forbids=['rst.no_connection']), 'c')[1]
    device = judged['device_idle_reset', 'c'][0]
    assert [f[1] for f in judge.judge(device, dict(TRUTH['device_idle_reset'], device=False), 'c')[1]] == [judge.SUSPICIOUS]
    assert judge.judge(found, dict(truth, device=True), 'c')[2]

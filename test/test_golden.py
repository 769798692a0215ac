"""The plugin says of every capture what its scenario says.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import concurrent.futures

import pytest

import golden
import make

CAPTURES = [cap for _, cap in make.captures()]


@pytest.fixture(scope='module')
def differences(with_plugin):
    """differences maps names of captures to unified diffs; two tsharks work at a time."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return {cap.name: pool.submit(golden.difference, with_plugin, cap) for cap in CAPTURES}


def test_captures_are_what_their_scenarios_say():
    assert make.differing(make.captures()) == []


def test_goldens_are_what_the_scenarios_say():
    assert golden.differing(make.captures()) == []


@pytest.mark.parametrize('cap', CAPTURES, ids=lambda cap: cap.name)
def test_states(cap, differences):
    text = differences[cap.name].result()
    assert not text, '%s\n%s' % (cap.set['title'], text)

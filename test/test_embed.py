"""libwireshark with the plugin in one program (test/embed): captures opened and closed again and again leave the heap at its level and lose nothing, with
preferences changed in between; and changed captures break no promise, under AddressSanitizer and UndefinedBehaviorSanitizer.

TCPFSM_EMBED names the folder of the programs; CTest sets it. TCPFSM_FUZZ_SECONDS (60) is how long changed captures are tried, TCPFSM_FUZZ_SEED (1) where the
generator begins: the same seed makes the same captures.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import glob
import os
import re
import subprocess

import pytest

import conftest
import shark

ROUNDS = 16
SLACK = 6000                    # bytes in 12 rounds of 24 openings: some twenty an opening
NAMES = ('tour.pcapng', 'two_segments_in_a_frame.pcap', 'icmp_quotes_rst.pcap')


@pytest.fixture(scope='module')
def program(tmp_path_factory):
    """program runs one of the programs as an unprivileged user, without Wireshark's data files, whose loading would take most of the time."""
    folder = os.environ.get('TCPFSM_EMBED')
    if not folder:
        pytest.skip('TCPFSM_EMBED does not name the folder of the programs')
    tool = shark.Shark()

    def run(name, *arguments, timeout=600, **environment):
        return subprocess.run(shark.unprivileged([os.path.join(folder, name), *map(str, arguments)]), capture_output=True, text=True, errors='replace',
                              stdin=subprocess.DEVNULL, timeout=timeout, env=dict(tool.environment, WIRESHARK_DATA_DIR=tool.home, **environment))
    yield run
    tool.close()


@pytest.fixture(scope='module')
def growth(program):
    """growth returns by how many bytes the heap grew in the later rounds: with the plugin, without it, and with a leak."""
    def measured(*options):
        r = program('embed_reopen', ROUNDS, *options, *[conftest.capture_path(n) for n in NAMES], GLIBC_TUNABLES='glibc.malloc.tcache_count=0')
        assert r.returncode == 0, r.stderr
        return int(r.stdout)
    return {'with': measured(), 'without': measured('--without'), 'leak': measured('--leak')}


def test_the_heap_returns_to_its_level(growth):
    """What Wireshark itself keeps from file to file (name resolution) is the same with and without the plugin."""
    assert growth['with'] - growth['without'] <= SLACK, growth


def test_a_leak_would_be_seen(growth):
    assert growth['leak'] - growth['without'] > SLACK, growth


def leaks(report):
    """leaks returns the blocks of a LeakSanitizer report whose stack passes through the plugin or the engine."""
    return [b for b in re.split(r'\n\n', report) if re.match(r'(Direct|Indirect) leak', b) and re.search(r' in \w+ \S*/plugin/', b)]


def test_nothing_of_ours_is_lost(program):
    """Wireshark loses a little of its own when it ends; nothing of what LeakSanitizer lists was allocated on our behalf."""
    r = program('embed_reopen_checked', 4, *[conftest.capture_path(n) for n in NAMES], ASAN_OPTIONS='detect_leaks=1:fast_unwind_on_malloc=0')
    assert 'AddressSanitizer' not in r.stderr and 'runtime error' not in r.stderr, r.stderr[-3000:]
    assert not leaks(r.stderr), '\n\n'.join(leaks(r.stderr))[:3000]


def test_a_lost_block_of_ours_would_be_listed():
    assert leaks('x\n\nDirect leak of 32 byte(s)\n    #0 0x1 in malloc\n    #1 0x2 in pool_new /some/where/plugin/pool.h:34\n\nDirect leak of 1 byte(s)\n    #0 0x1 in malloc')


def test_changed_captures_break_no_promise(program):
    seconds, seed = (int(os.environ.get(name, default)) for name, default in (('TCPFSM_FUZZ_SECONDS', 60), ('TCPFSM_FUZZ_SEED', 1)))
    captures = sorted(glob.glob(os.path.join(shark.CAPTURES, '*.pcap*')) + glob.glob(os.path.join(shark.CAPTURES, 'linux', '*.pcap')))
    captures = [c for c in captures if os.path.getsize(c) < 65536]
    r = program('embed_mutate', seed, seconds, *captures, timeout=seconds + 300, ASAN_OPTIONS='detect_leaks=0')
    print(r.stdout)
    assert r.returncode == 0 and 'no promise broken' in r.stdout, r.stdout[-500:] + r.stderr[-3000:]
    assert int(r.stdout.split()[0]) >= seconds, 'too slow to mean anything'

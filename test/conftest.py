"""conftest.py: what the tests share: tshark with the plugin (TCPFSM_PLUGIN), tshark without it, and the captures.

TCPFSM_PLUGIN names tcpfsm.so. Without it, it is the one of the build folder that CTest runs in, or the newest
build*/plugin/tcpfsm.so of the repository.
TSHARK names another tshark.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import concurrent.futures
import glob
import os
import pathlib
import shutil
import sys
import tempfile

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), 'captures')]
sys.dont_write_bytecode = True

import make  # noqa: E402
import packets  # noqa: E402
import shark  # noqa: E402


def plugin_path():
    """plugin_path returns the plugin under test, or None."""
    built = glob.glob(os.path.join(os.path.dirname(HERE), 'build*', 'plugin', 'tcpfsm.so'))
    built.sort(key=os.path.getmtime)
    return os.environ.get('TCPFSM_PLUGIN') or os.environ.get('TCPFSM_BUILT_PLUGIN') or (built[-1] if built else None)


@pytest.fixture(scope='session')
def plugin():
    """plugin is the path of tcpfsm.so; tests fail, not skip, if it is missing."""
    path = plugin_path()
    assert path and os.path.exists(path), 'no plugin: set TCPFSM_PLUGIN to tcpfsm.so'
    assert shutil.which(shark.tshark()), 'no tshark'
    return path


@pytest.fixture(scope='session')
def with_plugin(plugin):
    """with_plugin is tshark with the plugin under test and no other, as it says itself."""
    tool = shark.Shark(plugin)
    try:
        tool.check()
        yield tool
    finally:
        tool.close()


@pytest.fixture(scope='session')
def bare():
    """bare is tshark as it comes, without the plugin wherever it may be installed."""
    tool = shark.Shark()
    try:
        tool.check()
        yield tool
    finally:
        tool.close()


@pytest.fixture(scope='session')
def captures():
    """captures is the list of scenario.Capture, with the right answers."""
    return [cap for _, cap in make.captures()]


@pytest.fixture(scope='session')
def readable():
    """readable is a folder that every user can read: pytest's own folders are closed again by any other pytest
    that starts."""
    folder = tempfile.mkdtemp(prefix='tcpfsm-test-')
    os.chmod(folder, 0o755)
    yield pathlib.Path(folder)
    shutil.rmtree(folder)


@pytest.fixture(scope='session')
def all_files(captures, readable):
    """all_files is every capture at hand in few files: the project's own on Ethernet in one (a hundred connections that
    use the same ports again), the others, and those of ../shared where they are."""
    joined = readable / 'own.pcap'
    one, rest, clock = [], [], 0
    for cap in captures:
        if cap.set['link'] == 'ethernet':
            one += [(clock + when, raw, kept) for when, raw, kept in cap.frames]
            clock = one[-1][0] + 200000000
        else:
            rest.append(os.path.join(shark.CAPTURES, cap.file))
    joined.write_bytes(packets.pcap(one, packets.ETHERNET))
    joined.chmod(0o644)
    return [str(joined)] + rest + sorted(glob.glob(os.path.join(shark.CAPTURES, 'linux', '*.pcap'))) + \
        sorted(glob.glob(os.path.join(shark.CAPTURES, 'points', '*.pcapng'))) + shared_files()


def shared_files():
    """shared_files returns the captures in ../shared/probes and ../shared/pcaps; none where there is no such folder."""
    found = [f for where in ('probes/*', 'pcaps/*/*') for f in glob.glob(os.path.join(shark.SHARED, where))]
    return sorted(f for f in found if os.path.isfile(f) and not f.endswith(('.tsv', '.md', '.txt')))


def capture_path(name):
    """capture_path returns the path of one of the project's own captures."""
    return os.path.join(shark.CAPTURES, name)


def in_pairs(work, items):
    """in_pairs calls work(item) for every item, two at a time, and returns the results in order."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return list(pool.map(work, items))

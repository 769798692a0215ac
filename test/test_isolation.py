"""What is tested is the plugin that was built, and no other: whatever is installed for everybody or for this user, and
if what was built is no plugin at all.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import shutil
import subprocess
import sys
import tempfile

import pytest

import conftest
import shark

ONE = ['test_cases.py', '-k', 'case_40']     # a test that takes the plugin


@pytest.fixture(scope='module')
def folder():
    """folder is one that every user can read."""
    path = tempfile.mkdtemp(prefix='tcpfsm-isolation-')
    os.chmod(path, 0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope='module')
def garbage(folder):
    """garbage is a tcpfsm.so that is no plugin."""
    path = os.path.join(folder, 'tcpfsm.so')
    with open(path, 'w', encoding='ascii') as f:
        f.write('this is not a plugin\n')
    return path


def outcome_of(plugin, *arguments, before=(), **environment):
    """outcome_of returns the finished run of some tests with this plugin; before: a command that starts others."""
    command = [*before, sys.executable, '-B', '-m', 'pytest', '-q', '-p', 'no:cacheprovider', *arguments]
    environment = dict(os.environ, TCPFSM_PLUGIN=plugin, **environment)
    return subprocess.run(command, cwd=shark.HERE, env=environment, capture_output=True, text=True, timeout=300)


def personal_folder(home):
    """personal_folder returns where Wireshark looks for this user's plugins, and makes it."""
    path = os.path.join(home, '.local/lib/wireshark/plugins', '%d.%d' % shark.version(), 'epan')
    os.makedirs(path)
    return path


@pytest.mark.parametrize('library', ['', 'none'], ids=['one tshark for all', 'a tshark for each'])
def test_a_file_that_is_no_plugin_fails(garbage, library):
    r = outcome_of(garbage, *ONE, **{'TCPFSM_FORKED_LIBRARY': library} if library else {})
    assert r.returncode == 1 and ' passed' not in r.stdout, r.stdout
    assert 'loaded is not the plugin under test, but none' in r.stdout


def test_what_answers_is_looked_at_too(garbage):
    """Without asking -G plugins: a server has mapped no plugin, or ends where it finds one that is none."""
    tool = shark.Shark(garbage)
    if not shark.forked_library():
        pytest.skip('each run is a tshark of its own')
    try:
        with pytest.raises((AssertionError, RuntimeError), match='loaded is not the plugin under test|tshark ended'):
            tool.rows(conftest.capture_path('fig12_normal_close.pcap'), ['frame.number'])
    finally:
        tool.close()


def test_a_personal_copy_is_not_looked_at(plugin, garbage, tmp_path):
    """The caller's home folder holds another tcpfsm.so: one that is no plugin, or one where none is wanted."""
    there = personal_folder(tmp_path)
    shutil.copy(garbage, there)
    r = outcome_of(plugin, *ONE, HOME=str(tmp_path))
    assert r.returncode == 0, r.stdout
    shutil.copy(plugin, there)
    r = outcome_of(garbage, *ONE, HOME=str(tmp_path))
    assert r.returncode == 1 and 'loaded is not the plugin under test' in r.stdout, r.stdout
    r = outcome_of(plugin, 'test_transparent.py', '-k', 'summary_lines', HOME=str(tmp_path))
    assert r.returncode == 0, r.stdout


def installed_for_all(plugin, folder):
    """installed_for_all returns the beginning of a command that finds this plugin in Wireshark's own folder. Skips
    where mounting is not allowed."""
    if os.geteuid() or subprocess.run(['unshare', '--mount', 'true'], capture_output=True).returncode:
        pytest.skip('needs root and mount namespaces')
    own = shark.folder_named('Global Plugins')
    copy = tempfile.mkdtemp(dir=folder)
    os.chmod(copy, 0o755)
    shutil.copytree(own, copy, dirs_exist_ok=True)
    shutil.copy(plugin, os.path.join(copy, 'epan'))
    return ['unshare', '--mount', 'bash', '-c', 'mount --bind "$0" "$1" && shift && exec "$@"', copy, own]


def test_a_copy_for_everybody_is_not_looked_at(plugin, garbage, folder):
    """As after ./install.sh as root: the build is tested, one that is no plugin fails, and without is without."""
    before = installed_for_all(plugin, folder)
    said = subprocess.run([*before, shark.tshark(), '-G', 'plugins'], capture_output=True, text=True).stdout
    assert 'tcpfsm.so' in said      # else this test could not fail
    r = outcome_of(plugin, *ONE, 'test_transparent.py', '-k', 'case_40 or summary_lines', before=before)
    assert r.returncode == 0 and '2 passed' in r.stdout, r.stdout
    r = outcome_of(garbage, *ONE, before=before)
    assert r.returncode == 1 and 'loaded is not the plugin under test' in r.stdout, r.stdout


def test_an_old_copy_for_everybody_does_not_disturb(plugin, garbage, folder):
    r = outcome_of(plugin, *ONE, before=installed_for_all(garbage, folder))
    assert r.returncode == 0 and '1 passed' in r.stdout, r.stdout


def test_loaded_is_what_was_built(with_plugin, bare, plugin):
    """The fixtures have asked tshark; that they would notice is seen here."""
    with_plugin.check()
    bare.check()
    with_plugin.built, kept = bare.home, with_plugin.built
    try:
        with pytest.raises((AssertionError, OSError)):
            with_plugin.check()
    finally:
        with_plugin.built = kept
    assert shark.version() >= (4, 0) and os.path.samefile(kept, plugin)

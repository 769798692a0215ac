"""What is installed where, for a user and for the system, below DESTDIR too, and removed again; the Debian package and the manual in it.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import gzip
import os
import shutil
import subprocess

import pytest

import shark

ROOT = os.path.dirname(shark.HERE)
PROFILE = 'TCP State Machine'


def run(*command, **environment):
    r = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ, **environment))
    assert r.returncode == 0, r.stdout[-2000:] + r.stderr[-2000:]
    return r.stdout


def files(folder):
    """files returns the files below a folder, by relative path."""
    return sorted(os.path.relpath(os.path.join(where, name), folder) for where, _, names in os.walk(folder) for name in names)


def folder_named(name):
    """folder_named returns one of the folders tshark names."""
    for line in run(shark.tshark(), '-G', 'folders').split('\n'):
        if line.startswith(name + ':'):
            return line.split(':', 1)[1].strip()
    raise AssertionError(name)


@pytest.fixture(scope='module')
def system(tmp_path_factory):
    """system is a build folder configured for all users."""
    build = str(tmp_path_factory.mktemp('system'))
    run('cmake', '-S', ROOT, '-B', build, '-DTCPFSM_INSTALL=system', '-DBUILD_TESTING=OFF', '-DCMAKE_BUILD_TYPE=Release')
    run('cmake', '--build', build, '-j2')
    return build


def test_system_below_destdir(system, tmp_path):
    run('cmake', '--install', system, DESTDIR=str(tmp_path))
    found = files(tmp_path)
    plugins = folder_named('Global Plugins')
    assert (plugins + '/epan/tcpfsm.so')[1:] in found
    assert any(f.endswith('share/man/man7/tcpfsm.7.gz') for f in found)
    assert len([f for f in found if '/profiles/%s/' % PROFILE in f]) >= 3
    run('cmake', '--build', system, '--target', 'uninstall', DESTDIR=str(tmp_path))
    assert files(tmp_path) == []
    assert not [d for d, _, _ in os.walk(tmp_path) if d.endswith(PROFILE) or d.endswith('tcpfsm')]


def test_user_and_uninstall(tmp_path):
    home, build = tmp_path / 'home', tmp_path / 'b'
    home.mkdir()
    other = home / '.config/wireshark/profiles/mine'
    other.mkdir(parents=True)
    (other / 'preferences').write_text('# mine\n')
    environment = {'HOME': str(home)}
    run('cmake', '-S', ROOT, '-B', str(build), '-DBUILD_TESTING=OFF', **environment)
    run('cmake', '--build', str(build), '-j2', '--target', 'tcpfsm', **environment)
    run('cmake', '--install', str(build), **environment)
    found = files(home)
    assert '.local/lib/wireshark/plugins/%d.%d/epan/tcpfsm.so' % shark.version() in found
    assert any('.config/wireshark/profiles/%s/' % PROFILE in f for f in found)
    run('cmake', '--build', str(build), '--target', 'uninstall', **environment)
    assert files(home) == ['.config/wireshark/profiles/mine/preferences']


def test_uninstall_of_nothing(tmp_path):
    run('cmake', '-S', ROOT, '-B', str(tmp_path), '-DBUILD_TESTING=OFF')
    r = subprocess.run(['cmake', '--build', str(tmp_path), '--target', 'uninstall'], capture_output=True, text=True)
    assert r.returncode and 'Nothing was installed' in r.stderr


@pytest.mark.skipif(not shutil.which('dpkg-shlibdeps'), reason='dpkg-dev is not installed')
def test_debian_package(system):
    run('cmake', '--build', system, '--target', 'package')
    deb, = [os.path.join(system, f) for f in os.listdir(system) if f.endswith('.deb')]
    series = '%d.%d' % shark.version()
    assert os.path.basename(deb).startswith('wireshark-plugin-tcpfsm_') and '+wireshark%s_' % series in deb
    listed = run('dpkg-deb', '-c', deb)
    assert folder_named('Global Plugins') + '/epan/tcpfsm.so' in listed
    needs = run('dpkg-deb', '-f', deb, 'Depends')
    assert 'libwireshark-data (>= %s~)' % series in needs and 'libwireshark' in needs.replace('libwireshark-data', '')
    for line in listed.split('\n')[:-1]:
        assert line.split()[1] == 'root/root' and line[:10] in ('drwxr-xr-x', '-rw-r--r--'), line
    if shutil.which('lintian'):
        assert run('lintian', '--fail-on', 'error,warning,info', '--allow-root', deb) == ''


@pytest.mark.skipif(not shutil.which('man'), reason='man is not installed')
def test_the_manual_is_good_roff(system):
    path = os.path.join(system, 'packaging', 'tcpfsm.7')
    r = subprocess.run(['man', '--warnings', '-E', 'UTF-8', '-l', '-Tutf8', '-Z', path], capture_output=True, text=True, env=dict(os.environ, MANWIDTH='80', LC_ALL='C.UTF-8'))
    assert (r.returncode, r.stderr) == (0, '')
    with gzip.open(path + '.gz', 'rt', encoding='utf-8') as f, open(path, encoding='utf-8') as g:
        assert f.read() == g.read()

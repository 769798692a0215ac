"""What is installed where, for a user and for the system, below DESTDIR too, and removed again; the Debian package and the manual in it; the archive and its
notes; the RPM; and that one number is the version of all.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import datetime
import glob
import gzip
import os
import re
import shutil
import subprocess
import tarfile

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


@pytest.fixture(scope='module')
def user(tmp_path_factory):
    """user is (home, build folder) of a user with a profile of their own."""
    home, build = tmp_path_factory.mktemp('home'), str(tmp_path_factory.mktemp('user'))
    other = home / '.config/wireshark/profiles/mine'
    other.mkdir(parents=True)
    (other / 'preferences').write_text('# mine\n')
    run('cmake', '-S', ROOT, '-B', build, '-DBUILD_TESTING=OFF', HOME=str(home))
    run('cmake', '--build', build, '-j2', HOME=str(home))
    return home, build


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


def test_user_and_uninstall(user):
    home, build = user
    environment = {'HOME': str(home)}
    run('cmake', '--install', build, **environment)
    found = files(home)
    assert '.local/lib/wireshark/plugins/%d.%d/epan/tcpfsm.so' % shark.version() in found
    assert any('.config/wireshark/profiles/%s/' % PROFILE in f for f in found)
    run('cmake', '--build', build, '--target', 'uninstall', **environment)
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


def release():
    """release returns (version, day) as CHANGELOG.md begins."""
    with open(os.path.join(ROOT, 'CHANGELOG.md'), encoding='utf-8') as f:
        return re.search(r'^## (\S+), (\d{4}-\d\d-\d\d)$', f.read(), re.M).groups()


def test_one_number_is_the_version_of_all(system, with_plugin):
    version, day = release()
    with open(os.path.join(ROOT, 'plugin/engine/version.h'), encoding='utf-8') as f:
        assert '.'.join(re.findall(r'#define TCPFSM_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)', f.read())) == version
    assert re.search(r'^tcpfsm\.so\s+%s\s' % re.escape(version), with_plugin.run('-G', 'plugins').stdout, re.M)
    made = os.path.join(system, 'packaging')
    with open(os.path.join(made, 'tcpfsm.7'), encoding='utf-8') as f:
        assert '.TH TCPFSM 7 "%s" "tcpfsm %s" ' % (day, version) in f.read()
    with open(os.path.join(made, 'changelog'), encoding='utf-8') as f:
        text = f.read()
    assert text.startswith('wireshark-plugin-tcpfsm (%s+wireshark%d.%d) ' % (version, *shark.version()))
    date = datetime.date.fromisoformat(day)
    assert text.rstrip().endswith(date.strftime('  %a, %d %b %Y 00:00:00 +0000'))
    with open(os.path.join(made, 'wireshark-plugin-tcpfsm.spec'), encoding='utf-8') as f:
        spec = f.read()
    assert re.search(r'^Version: +%s$' % re.escape(version), spec, re.M) and date.strftime('\n* %a %b %d %Y ') in spec


def test_a_changelog_of_another_version_is_refused(tmp_path):
    sources = tmp_path / 's'
    shutil.copytree(ROOT, sources, ignore=shutil.ignore_patterns('.git', 'build*', 'test', 'captures'))
    path = sources / 'CHANGELOG.md'
    path.write_text(path.read_text().replace('## %s, ' % release()[0], '## 0.9.0, ', 1))
    r = subprocess.run(['cmake', '-S', str(sources), '-B', str(tmp_path / 'b'), '-DBUILD_TESTING=OFF'], capture_output=True, text=True)
    assert r.returncode and "begins with '## 0.9.0, " in r.stderr


@pytest.mark.parametrize('kind', ['system', 'user'])
def test_archive(kind, system, user, tmp_path):
    """test_archive does on a machine without the plugin what the notes in the archive say."""
    build = user[1] if kind == 'user' else system
    subprocess.run(['cpack', '-G', 'TGZ'], cwd=build, check=True, capture_output=True)
    archive, = glob.glob(os.path.join(build, 'tcpfsm-*.tar.gz'))
    version, series = release()[0], '%d.%d' % shark.version()
    assert os.path.basename(archive).startswith('tcpfsm-%s-wireshark%s-linux-' % (version, series))
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path / 'x')
    top, = (tmp_path / 'x').iterdir()
    assert top.name + '.tar.gz' == os.path.basename(archive)
    assert {'INSTALL.md', 'LICENSE', 'README.md', 'CHANGELOG.md', 'tour.pcapng', 'plugins/%s/epan/tcpfsm.so' % series} < set(files(top))
    assert len([f for f in files(top) if f.startswith('profiles/%s/' % PROFILE)]) >= 3
    home = tmp_path / 'home'
    home.mkdir()
    notes = (top / 'INSTALL.md').read_text(encoding='utf-8')
    commands = re.findall(r'^       (\S.*)$', notes, re.M)
    assert len(commands) == 3
    run('bash', '-euc', 'cd "$0"\n' + '\n'.join(commands), str(top), HOME=str(home))
    for path in [tmp_path, *tmp_path.parents][:3]:
        os.chmod(path, 0o755)
    environment = dict(os.environ, HOME=str(home), WIRESHARK_PLUGIN_DIR=str(home / '.local/lib/wireshark/plugins' / series))
    said = [subprocess.run(shark.unprivileged([shark.tshark(), *a]), capture_output=True, text=True, env=environment).stdout
            for a in (['-G', 'plugins'], ['-r', str(top / 'tour.pcapng'), '-C', PROFILE])]
    assert re.search(r'^tcpfsm\.so\s+%s\s' % re.escape(version), said[0], re.M)
    assert 'TIME_WAIT LAST_ACK' in said[1] and version in notes and 'tcpfsm.so %s' % version in notes


@pytest.mark.skipif(not shutil.which('rpmbuild'), reason='rpmbuild (Debian: rpm) is not installed')
def test_rpm(tmp_path):
    rpm = run(os.path.join(ROOT, 'tools/package.sh'), 'rpm', TCPFSM_BUILD_DIR=str(tmp_path)).strip()
    version, (major, minor) = release()[0], shark.version()
    assert os.path.basename(rpm).startswith('wireshark-plugin-tcpfsm-%s-1.wireshark%d.%d' % (version, major, minor))
    listed = run('rpm', '-qlp', rpm).split('\n')
    assert folder_named('Global Plugins') + '/epan/tcpfsm.so' in listed
    assert len([f for f in listed if '/profiles/%s/' % PROFILE in f]) >= 3
    assert [f for f in listed if f.endswith('/man7/tcpfsm.7.gz')] and [f for f in listed if f.endswith('/LICENSE')]
    assert not [f for f in listed if str(tmp_path) in f]
    needs = run('rpm', '-qp', '--requires', rpm)
    assert 'wireshark-cli >= %d.%d' % (major, minor) in needs and 'wireshark-cli < %d.%d' % (major, minor + 1) in needs and 'libwireshark.so.' in needs
    assert run('rpm', '-qp', '--qf', '%{VERSION} %{LICENSE}', rpm) == version + ' GPL-2.0-or-later'


def test_the_workflow_calls_scripts_only():
    with open(os.path.join(ROOT, '.github/workflows/ci.yml'), encoding='utf-8') as f:
        commands = re.findall(r'^ *- run: *(.*)$', f.read(), re.M)
    assert len(commands) == 2
    for command in commands:
        assert re.fullmatch(r'[\w./-]+( [\w./-]+)*', command) and os.access(os.path.join(ROOT, command.split()[0]), os.X_OK), command


@pytest.mark.skipif(not shutil.which('man'), reason='man is not installed')
def test_the_manual_is_good_roff(system):
    path = os.path.join(system, 'packaging', 'tcpfsm.7')
    r = subprocess.run(['man', '--warnings', '-E', 'UTF-8', '-l', '-Tutf8', '-Z', path], capture_output=True, text=True, env=dict(os.environ, MANWIDTH='80', LC_ALL='C.UTF-8'))
    assert (r.returncode, r.stderr) == (0, '')
    with gzip.open(path + '.gz', 'rt', encoding='utf-8') as f, open(path, encoding='utf-8') as g:
        assert f.read() == g.read()

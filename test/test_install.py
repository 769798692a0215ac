"""What install.sh does: first, again, as an upgrade, removed again; as root, as a user; on a full disk, without sudo.

As root each run has a mount namespace with scratch folders over Wireshark's own, so nothing of this machine is touched.
Elsewhere the tests of an ordinary user run in scratch homes, and those that need root are skipped.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import hashlib
import os
import re
import shutil
import subprocess
import tempfile

import pytest

import shark

ROOT = os.path.dirname(shark.HERE)
PROFILE = 'TCP State Machine'
STAMP = '.tcpfsm-installed'
USERS = {'root': 0, 'alice': 65534, 'bob': 65533}
IS_ROOT = os.geteuid() == 0
NAMESPACES = IS_ROOT and subprocess.run(['unshare', '-m', 'true'], capture_output=True).returncode == 0
BUTTON = 'dfilter_buttons'
in_a_namespace = pytest.mark.skipif(not NAMESPACES, reason='needs root and a mount namespace')


def said(*arguments):
    """said returns what tshark prints for a user with the home /of/nobody."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(('XDG_', 'WIRESHARK_'))}
    return subprocess.run([shark.tshark(), *arguments], capture_output=True, text=True,
                          env=dict(environment, HOME='/of/nobody')).stdout.strip()


def global_folder(name):
    return re.search('^%s:\\s*(.*)$' % name, FOLDERS, re.M).group(1)


TSHARK = r'''[ -z "${SHOWS-}" ] || exec "%(real)s" "$@"
case "$*" in
-G\ folders) cat <<END
%(folders)s
END
    ;;
-G\ plugins) ls "%(plugins)s"/epan/*.so "$HOME"/.local/lib/wireshark/plugins/*/epan/*.so |
    sed 's|.*/\(.*\)|\1 1.0 &|' ;;
--version) echo "%(version)s" ;;
-r*) ;;
*) exec "%(real)s" "$@" ;;
esac
'''
# Puts the scratch folders of a Machine in place.
MOUNTS = '''set -e
mount --bind "$M/plugins" "%s"
mount --bind "$M/profiles" "%s"
mount --bind "$M/passwd" /etc/passwd
'''
FOLDERS, VERSION = said('-G', 'folders'), said('--version').split('\n', 1)[0]
PLUGINS, PROFILES = global_folder('Global Plugins'), global_folder('Global configuration') + '/profiles'
GLOBAL_PLUGIN = PLUGINS + '/epan/tcpfsm.so'


def write(path, text, mode=0o644):
    """write writes a file and the folders above, readable by everybody."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text)
    os.chmod(path, mode)


def read(path):
    with open(path, 'rb') as f:
        return f.read()


def listing(folder):
    """listing returns the files below a folder, by relative path."""
    return sorted(os.path.relpath(os.path.join(where, name), folder)
                  for where, _, names in os.walk(folder) for name in names)


def give(path, user):
    """give makes a folder and all in it a user's."""
    if IS_ROOT:
        subprocess.run(['chown', '-R', '%d:%d' % (USERS[user], USERS[user]), path], check=True)


def copy_of_sources(folder):
    """copy_of_sources copies what install.sh needs."""
    for name in ('plugin', 'profile', 'cmake', 'tools'):
        shutil.copytree(os.path.join(ROOT, name), os.path.join(folder, name))
    for name in ('install.sh', 'CMakeLists.txt', 'CHANGELOG.md', 'captures/tour.pcapng', 'doc/tcpfsm.7.in'):
        os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
        shutil.copy(os.path.join(ROOT, name), os.path.join(folder, name))


class Machine:
    """Machine has scratch folders for what install.sh writes to: all users' plugins and profiles, and homes."""

    def __init__(self, source):
        self.source = source
        self.top = tempfile.mkdtemp(prefix='tcpfsm-install-')
        os.chmod(self.top, 0o755)
        self.plugins, self.profiles, self.bin = (self.folder(name) for name in ('plugins', 'profiles', 'bin'))
        self.all_plugin = self.plugins + '/epan/tcpfsm.so'
        self.all_profile = '%s/%s' % (self.profiles, PROFILE)
        self.spare_time()
        for user in USERS:
            give(self.folder(user), user)
        write(self.top + '/passwd', ''.join('%s:x:%d:%d::%s:/bin/sh\n' % (user, uid, uid, self.home(user))
                                            for user, uid in USERS.items()))

    def folder(self, name):
        path = os.path.join(self.top, name)
        os.makedirs(path)
        return path

    def home(self, user):
        return os.path.join(self.top, user)

    def own_plugin(self, user):
        return '%s/.local/lib/wireshark/plugins/%d.%d/epan/tcpfsm.so' % ((self.home(user),) + shark.version())

    def spare_time(self):
        """spare_time takes what was built once for built, and answers for tshark, but where a test sets SHOWS."""
        self.program('cmake', 'exit 0\n')
        self.program('tshark', TSHARK % {'real': shutil.which(shark.tshark()), 'version': VERSION, 'plugins': PLUGINS,
                                         'folders': FOLDERS.replace('/of/nobody', '$HOME')})

    def profile_of(self, user):
        """profile_of returns the profile that install.sh run by a user installs, and the path that it prints."""
        if user == 'root':
            return self.all_profile, '%s/%s' % (PROFILES, PROFILE)
        return self.own_profile(user), self.own_profile(user)

    def has_installed(self, user):
        """has_installed makes the scratch folders as they are after a user installed."""
        if user not in self.after:
            pytest.skip('needs root and a mount namespace')
        other = self.after[user]
        for name in ('plugins', 'profiles', *USERS):
            subprocess.run(['cp', '-a', '%s/%s/.' % (other.top, name), '%s/%s' % (self.top, name)], check=True)

    def own_profile(self, user):
        return '%s/.config/wireshark/profiles/%s' % (self.home(user), PROFILE)

    def program(self, name, script):
        """program puts a shell script first on PATH."""
        write(os.path.join(self.bin, name), '#!/bin/sh\n' + script, 0o755)

    def environment(self, user):
        """environment returns a user's variables, without what would lead Wireshark or the build elsewhere."""
        values = {k: v for k, v in os.environ.items() if not k.startswith(('XDG_', 'WIRESHARK_', 'TCPFSM_', 'SUDO_'))}
        values.pop('CC', None)
        path = self.bin + ':' + os.environ['PATH']
        return dict(values, HOME=self.home(user), LC_ALL='C.UTF-8', PATH=path, M=self.top)

    def run(self, user, *command, before='', after='', **environment):
        """run runs a command as a user; before and after are shell commands of root's in the same namespace."""
        options = {'capture_output': True, 'text': True, 'cwd': '/', 'env': dict(self.environment(user), **environment)}
        if not NAMESPACES:
            if user == 'root' or before or after or os.path.exists(GLOBAL_PLUGIN):
                pytest.skip('needs root and a mount namespace, or for ordinary users no %s' % GLOBAL_PLUGIN)
            return subprocess.run(shark.unprivileged(list(command)), **options)
        uid = USERS[user]
        drop = ['setpriv', '--reuid=%d' % uid, '--regid=%d' % uid, '--clear-groups'] if uid else []
        script = MOUNTS % (PLUGINS, PROFILES) + before + '\nset +e; "$@"; status=$?\n' + after + '\nexit $status'
        return subprocess.run(['unshare', '-m', 'bash', '-c', script, '-', *drop, *command], **options)

    def install(self, user, *arguments, **environment):
        """install runs install.sh, which must succeed, and returns what it prints."""
        r = self.run(user, self.source + '/install.sh', *arguments, **environment)
        assert r.returncode == 0, r.stdout[-2000:] + r.stderr
        return r.stdout + r.stderr

    def refused(self, user, *arguments, **environment):
        """refused runs install.sh, which must fail, and returns what it prints."""
        r = self.run(user, self.source + '/install.sh', *arguments, **environment)
        assert r.returncode == 1, r.stdout[-2000:] + r.stderr
        return r.stdout + r.stderr


@pytest.fixture(scope='module')
def source():
    """source is a copy of the sources, at a path with spaces, quotes and parentheses; install.sh builds in it once."""
    top = tempfile.mkdtemp(prefix='tcpfsm-install-')
    os.chmod(top, 0o755)
    folder = os.path.join(top, "what's new (1)")
    copy_of_sources(folder)
    give(top, 'alice')
    yield folder
    shutil.rmtree(top)


@pytest.fixture(scope='module')
def built(source):
    """built is the sources after an ordinary user ran install.sh, with that user's machine and what was printed."""
    machine = Machine(source)
    for name in os.listdir(machine.bin):
        os.remove(os.path.join(machine.bin, name))
    printed = machine.install('alice')
    yield source, machine, printed
    shutil.rmtree(machine.top)


@pytest.fixture(scope='module')
def after(built):
    """after is, by user, a machine on which that user has installed."""
    machines = {'alice': built[1]}
    if NAMESPACES:
        machines['root'] = Machine(built[0])
        machines['root'].install('root', SHOWS='yes')
    yield machines
    if NAMESPACES:
        shutil.rmtree(machines['root'].top)


@pytest.fixture
def machine(built, after):
    """machine is a new machine with the sources, which are as shipped after the test."""
    made = Machine(built[0])
    made.after = after
    yield made
    shutil.rmtree(made.top)
    for name in ('profile', 'tools'):
        shutil.copytree(os.path.join(ROOT, name), os.path.join(built[0], name), dirs_exist_ok=True)
    shutil.copy(os.path.join(ROOT, 'install.sh'), built[0])
    give(os.path.dirname(built[0]), 'alice')


def new_release(machine):
    """new_release gives the sources another profile."""
    with open('%s/profile/%s/%s' % (machine.source, PROFILE, BUTTON), 'a', encoding='utf-8') as f:
        f.write('"TRUE","Of the new release","tcp",""\n')


def is_new(profile):
    return b'Of the new release' in read('%s/%s' % (profile, BUTTON))


def edit(profile):
    with open('%s/%s' % (profile, BUTTON), 'a', encoding='utf-8') as f:
        f.write('"TRUE","Mine","tcp",""\n')


def is_mine(profile):
    return b'"Mine"' in read('%s/%s' % (profile, BUTTON))


# First and again

def test_a_user_installs(built):
    _, machine, printed = built
    assert 'SYN_SENT LISTEN' in printed and 'Installed ' + machine.own_plugin('alice') in printed
    shipped = os.listdir(os.path.join(ROOT, 'profile', PROFILE))
    assert set(os.listdir(machine.own_profile('alice'))) == set(shipped + [STAMP])
    assert listing(machine.plugins) == listing(machine.profiles) == []


def test_the_tests_are_not_built(built):
    assert not os.path.exists(built[0] + '/build/test')
    assert re.search('^BUILD_TESTING:.*=OFF$', read(built[0] + '/build/CMakeCache.txt').decode(), re.M)


def test_again_is_the_same(machine):
    machine.has_installed('alice')
    first = listing(machine.home('alice'))
    write(machine.own_profile('alice') + '/recent', '# what Wireshark wrote\n')
    give(machine.home('alice'), 'alice')
    assert 'SYN_SENT LISTEN' in machine.install('alice', SHOWS='yes')
    assert listing(machine.home('alice')) == first
    assert read(machine.own_profile('alice') + '/recent') == b'# what Wireshark wrote\n'


def test_root_installs_for_all_whatever_the_umask(machine):
    r = machine.run('root', 'sh', '-c', 'umask 077; exec "$1"', '-', machine.source + '/install.sh', SHOWS='yes')
    assert r.returncode == 0 and 'SYN_SENT LISTEN' in r.stdout, r.stdout[-2000:] + r.stderr
    for where, folders, files in os.walk(machine.profiles):
        assert all(os.stat(os.path.join(where, name)).st_mode & 0o777 == 0o755 for name in folders)
        assert all(os.stat(os.path.join(where, name)).st_mode & 0o777 == 0o644 for name in files)
    assert os.stat(machine.all_plugin).st_mode & 0o777 == 0o644
    seen = machine.run('alice', shark.tshark(), '-r', machine.source + '/captures/tour.pcapng', '-C', PROFILE,
                       SHOWS='yes')
    assert 'SYN_SENT LISTEN' in seen.stdout, seen.stderr


# Upgrade

@pytest.mark.parametrize('user', ['alice', 'root'])
def test_an_untouched_profile_is_renewed(machine, user):
    profile, _ = machine.profile_of(user)
    machine.has_installed(user)
    write(profile + '/recent', '# what Wireshark wrote\n')
    write(profile + '/cfilters', '# of my own\n')
    give(machine.home('alice'), 'alice')
    new_release(machine)
    machine.install(user)
    assert is_new(profile)
    assert read(profile + '/cfilters') == b'# of my own\n'


@pytest.mark.parametrize('user', ['alice', 'root'])
def test_an_edited_profile_is_kept(machine, user):
    profile, shown = machine.profile_of(user)
    machine.has_installed(user)
    edit(profile)
    new_release(machine)
    printed = machine.install(user)
    assert is_mine(profile) and not is_new(profile)
    assert 'Kept the profile in %s, which was changed: %s' % (shown, BUTTON) in printed


def test_a_deleted_file_is_an_edit(machine):
    machine.has_installed('alice')
    os.remove(machine.own_profile('alice') + '/colorfilters')
    assert 'which was changed: colorfilters' in machine.install('alice')
    assert not os.path.exists(machine.own_profile('alice') + '/colorfilters')


def test_the_profile_of_a_version_without_stamp_is_renewed(machine):
    machine.has_installed('alice')
    profile = machine.own_profile('alice')
    os.remove('%s/%s' % (profile, STAMP))
    edit(profile)
    path = machine.source + '/install.sh'
    old = hashlib.sha256(read('%s/%s' % (profile, BUTTON))).hexdigest()
    script, times = re.subn('[0-9a-f]{64}  ' + BUTTON, old + '  ' + BUTTON, read(path).decode())
    assert times == 1
    write(path, script, 0o755)
    machine.install('alice')
    assert not is_mine(profile)


def test_a_file_that_is_no_longer_shipped_goes(machine):
    machine.has_installed('alice')
    old = machine.own_profile('alice') + '/io_old'
    write(old, '# of the old release\n')
    with open('%s/%s' % (machine.own_profile('alice'), STAMP), 'a', encoding='utf-8') as f:
        f.write('%s  io_old\n' % hashlib.sha256(read(old)).hexdigest())
    machine.install('alice')
    assert not os.path.exists(old)


def test_roots_own_copy_makes_way_unless_edited(machine):
    """Wireshark copies the profile of all users into root's home, and looks there first."""
    machine.has_installed('root')
    assert os.path.isdir(machine.own_profile('root'))
    new_release(machine)
    machine.install('root', SHOWS='yes')
    assert is_new(machine.own_profile('root'))
    edit(machine.own_profile('root'))
    assert 'Kept the profile in ' + machine.own_profile('root') in machine.install('root')
    assert is_mine(machine.own_profile('root'))


# Removed again

@pytest.mark.parametrize('user', ['alice', 'root'])
def test_uninstall_leaves_nothing(machine, user):
    machine.has_installed(user)
    assert 'Removed' in machine.install(user, '--uninstall')
    assert [f for folder in (machine.plugins, machine.profiles, machine.home(user)) for f in listing(folder)] == []
    assert not os.path.exists(machine.own_profile(user)) and not os.path.exists(machine.all_profile)
    assert 'Nothing to remove' in machine.install(user, '--uninstall')


@pytest.mark.parametrize('user', ['alice', 'root'])
def test_uninstall_keeps_an_edited_profile(machine, user):
    machine.has_installed(user)
    kept = {machine.profile_of(user), (machine.own_profile(user), machine.own_profile(user))}
    for profile, _ in kept:
        edit(profile)
    printed = machine.install(user, '--uninstall')
    for profile, shown in kept:
        assert is_mine(profile) and 'Kept the profile in ' + shown in printed
    assert not os.path.exists(machine.own_plugin(user)) and not os.path.exists(machine.all_plugin)


def test_uninstall_keeps_a_profile_with_files_of_ones_own(machine):
    machine.has_installed('alice')
    write(machine.own_profile('alice') + '/cfilters', '# of my own\n')
    assert 'which was changed: cfilters' in machine.install('alice', '--uninstall')
    assert os.path.exists(machine.own_profile('alice') + '/preferences')


@pytest.mark.parametrize('line', ['--uninstall extra', 'extra --uninstall', '--uninstall --remove-stale'])
def test_uninstall_stands_alone(machine, line):
    machine.has_installed('alice')
    assert 'nothing goes with' in machine.refused('alice', *line.split())
    assert os.path.exists(machine.own_plugin('alice'))


def test_cmake_uninstall_keeps_an_edited_profile(built, tmp_path):
    profile = str(tmp_path / 'profiles' / PROFILE)
    shutil.copytree(os.path.join(ROOT, 'profile', PROFILE), profile)
    write(str(tmp_path / 'install_manifest.txt'), ''.join('%s/%s\n' % (profile, name) for name in os.listdir(profile)))
    edit(profile)
    write(profile + '/recent', '# what Wireshark wrote\n')
    r = subprocess.run(['cmake', '-DMANIFEST_DIR=%s' % tmp_path, '-P', ROOT + '/cmake/uninstall.cmake'],
                       capture_output=True, text=True)
    assert r.returncode == 0 and 'Kept, it was changed: %s/%s' % (profile, BUTTON) in r.stdout
    assert os.listdir(profile) == [BUTTON] and is_mine(profile)


# More copies than one

@in_a_namespace
def test_a_users_copy_beside_the_same_for_all(machine):
    machine.has_installed('alice')
    shutil.copytree(os.path.dirname(machine.own_plugin('alice')), machine.plugins + '/epan')
    printed = machine.install('alice', SHOWS='yes')
    assert 'Your own copy ' + machine.own_plugin('alice') in printed and '--remove-stale' in printed
    assert 'Installed ' + GLOBAL_PLUGIN not in printed
    assert os.path.exists(machine.own_plugin('alice'))
    machine.install('alice', '--remove-stale')
    assert not os.path.exists(machine.own_plugin('alice')) and os.path.exists(machine.all_plugin)


@in_a_namespace
def test_another_version_for_all_is_in_the_way(machine):
    write(machine.all_plugin, 'another version')
    printed = machine.refused('alice')
    assert GLOBAL_PLUGIN in printed and not os.path.exists(machine.own_plugin('alice'))
    machine.program('sudo', 'exec "$@"\n')
    give(machine.plugins, 'alice')
    machine.install('alice', '--remove-stale')
    assert os.path.exists(machine.own_plugin('alice')) and not os.path.exists(machine.all_plugin)


def users_have_copies(machine):
    """users_have_copies gives alice a plugin and an untouched older profile, bob an edited one."""
    machine.has_installed('root')
    for user in ('alice', 'bob'):
        shutil.copytree(machine.all_profile, machine.own_profile(user))
    edit(machine.own_profile('bob'))
    write(machine.own_plugin('alice'), 'another version')
    for user in ('alice', 'bob'):
        give(machine.home(user), user)
    new_release(machine)


def test_root_names_copies_of_users(machine):
    users_have_copies(machine)
    printed = machine.install('root')
    for path in (machine.own_plugin('alice'), machine.own_profile('alice'), machine.own_profile('bob')):
        assert path in printed and os.path.exists(path)
    assert '--remove-stale' in printed


def test_root_removes_copies_of_users_if_asked(machine):
    users_have_copies(machine)
    printed = machine.install('root', '--remove-stale')
    assert not os.path.exists(machine.own_plugin('alice')) and not os.path.exists(machine.own_profile('alice'))
    assert is_mine(machine.own_profile('bob')) and 'Kept the profile in ' + machine.own_profile('bob') in printed


def test_root_follows_no_link_of_a_user(machine):
    victim = machine.folder('victim')
    write(victim + '/tcpfsm.so', 'of root')
    os.makedirs(os.path.dirname(os.path.dirname(machine.own_plugin('alice'))))
    os.symlink(victim, os.path.dirname(machine.own_plugin('alice')))
    printed = machine.install('root', '--remove-stale')
    assert os.path.exists(victim + '/tcpfsm.so') and ', stays' in printed


@pytest.mark.skipif(not IS_ROOT, reason='needs root')
def test_uninstall_that_cannot_remove_fails(machine):
    machine.has_installed('alice')
    give(machine.own_profile('alice'), 'root')
    printed = machine.refused('alice', '--uninstall')
    assert 'could not remove the profile in ' + machine.own_profile('alice') in printed


def test_a_pipe_in_a_users_home_keeps_nobody_waiting(machine):
    machine.has_installed('root')
    profile = machine.own_profile('alice')
    os.makedirs(profile)
    for name in (BUTTON, STAMP):
        os.mkfifo(os.path.join(profile, name))
    give(machine.home('alice'), 'alice')
    r = machine.run('root', 'timeout', '20', machine.source + '/install.sh', '--remove-stale')
    assert r.returncode == 0 and profile + ', stays' in r.stderr, r.stderr


def test_uninstall_names_copies_of_users(machine):
    machine.has_installed('root')
    write(machine.own_plugin('alice'), 'another version')
    assert machine.own_plugin('alice') in machine.install('root', '--uninstall')


# Disks and homes

@pytest.mark.parametrize('user', ['alice', 'root'])
def test_a_full_disk_leaves_the_old_plugin(machine, user):
    home = os.path.dirname(machine.own_plugin('alice'))
    os.makedirs(home)
    folder = home if user == 'alice' else PLUGINS
    target = home if user == 'alice' else PLUGINS + '/epan'
    full = 'mount -t tmpfs -o size=64k,mode=777 tmpfs "%s"; mkdir -p "%s"; cd "%s"; echo old >tcpfsm.so; chown -R %d .'
    full %= folder, target, target, USERS[user]
    printed = machine.refused(user, before=full, after='ls -A "%s" | sed "s/^/left: /"; cat tcpfsm.so' % target)
    assert 'cannot write to %s: No space left on device' % target in printed
    assert re.findall('^left: (.*)$', printed, re.M) == ['tcpfsm.so'] and '\nold\n' in printed


def test_a_full_disk_leaves_the_old_profile(machine):
    machine.has_installed('root')
    shutil.copytree(machine.all_profile, machine.top + '/saved')
    new_release(machine)
    full = 'mount -t tmpfs -o size=24k,mode=755 tmpfs "%s"; cp -r "$M/saved" "%s/%s"' % (PROFILES, PROFILES, PROFILE)
    printed = machine.refused('root', before=full, after='cp -r "%s" "$M/left"' % PROFILES)
    assert 'No space left on device' in printed
    left = '%s/left/%s' % (machine.top, PROFILE)
    assert listing(left) == listing(machine.top + '/saved') and not is_new(left)
    assert os.listdir(machine.top + '/left') == [PROFILE]


@pytest.mark.parametrize('user', ['alice', 'root'])
def test_a_home_that_is_not_there(machine, user):
    nowhere = machine.top + '/nowhere'
    printed = machine.refused(user, HOME=nowhere)
    assert "HOME is '%s'" % nowhere in printed and 'Building' not in printed and 'Installed' not in printed
    assert listing(machine.plugins) == [] and not os.path.exists(nowhere)


@pytest.mark.parametrize('what', ['home', 'build'])
def test_a_read_only_file_system_is_called_that(machine, what):
    folder = machine.home('alice') if what == 'home' else machine.source + '/build'
    printed = machine.refused('alice', before='F="%s"; mount --bind "$F" "$F"; mount -o remount,ro,bind "$F"' % folder)
    assert 'Read-only file system' in printed and 'belongs to' not in printed and 'Installed' not in printed


@pytest.mark.skipif(not IS_ROOT, reason='needs root')
def test_a_folder_of_another_user_is_called_that(machine):
    folder = machine.folder('roots')
    printed = machine.refused('alice', TCPFSM_BUILD_DIR=folder)
    assert 'cannot write to %s: Permission denied' % folder in printed and 'belongs to root' in printed
    assert 'TCPFSM_BUILD_DIR' in printed


@pytest.mark.skipif(not IS_ROOT, reason='needs root')
def test_what_else_is_in_the_build_folder_does_not_matter(machine):
    other = machine.source + '/build/roots'
    os.makedirs(other, mode=0o700)
    try:
        assert machine.run('alice', machine.source + '/install.sh').stderr == ''
    finally:
        os.rmdir(other)


def test_a_path_that_cmake_cannot_handle(machine):
    folder = machine.folder('a"b')
    for name in ('tools', 'captures'):
        shutil.copytree(os.path.join(machine.source, name), os.path.join(folder, name))
    shutil.copy(machine.source + '/install.sh', folder)
    r = machine.run('alice', folder + '/install.sh')
    assert r.returncode == 1 and r.stdout == '' and r.stderr.count('\n') == 1, r.stdout + r.stderr
    assert 'CMake cannot build' in r.stderr and folder in r.stderr


def test_a_compiler_that_is_not_there(machine):
    assert machine.refused('alice', CC='x') == 'install.sh: CC=x: command not found\n'


# Packages: dpkg-query, apt-get, apt-cache and sudo are scripts here.

def lacking(machine, apt_get='exit 0', sudo=None, path=None, lists=' 500 http://deb.invalid/debian bookworm/main'):
    """lacking runs install_missing libfoo as an ordinary user where libfoo is missing."""
    machine.program('dpkg-query', 'case "$*" in *wireshark-common*) echo installed ;; *) exit 1 ;; esac\n')
    machine.program('apt-cache', 'echo " 100 /var/lib/dpkg/status"; echo "%s"\n' % lists)
    machine.program('apt-get', apt_get + '\n')
    if sudo:
        machine.program('sudo', sudo)
    give(machine.bin, 'alice')
    drop = [shutil.which('setpriv')] + shark.unprivileged([])[1:] if IS_ROOT else []
    script = 'set -eu; . "$0/tools/debian.sh"; install_missing libfoo; echo went on'
    return subprocess.run([*drop, shutil.which('bash'), '-c', script, machine.source], capture_output=True, text=True,
                          env=dict(os.environ, PATH=path or machine.bin + ':' + os.environ['PATH'], M=machine.top))


WORKING_SUDO = 'exec "$@"\n'
SOURCE_FAILS = '''case $* in
*update*) echo "E: The repository 'http://third.invalid stable Release' has no Release file."; touch "$M/bin/new" ;;
*) ! [ -e "$M/bin/new" ] || [ -e "$M/bin/gone" ] || exit 0; echo "E: Failed to fetch libfoo  404 Not Found" >&2 ;;
esac
exit 100'''


def test_without_sudo(machine):
    for name in ('bash', 'id'):
        os.symlink(shutil.which(name), os.path.join(machine.bin, name))
    r = lacking(machine, path=machine.bin)
    assert r.returncode == 1 and 'sudo is missing here' in r.stderr and 'apt-get install' in r.stderr, r.stderr


@pytest.mark.parametrize('words', ['sudo: 3 incorrect password attempts', 'alice is not in the sudoers file.'])
def test_a_refusal_of_sudo_is_called_that(machine, words):
    r = lacking(machine, sudo='echo "%s" >&2; exit 1\n' % words)
    assert r.returncode == 1 and words in r.stderr and 'sudo refused' in r.stderr
    assert 'update' not in r.stderr


def test_a_broken_source_stops_nothing_if_the_package_can_be_had(machine):
    r = lacking(machine, SOURCE_FAILS, WORKING_SUDO)
    assert r.returncode == 0 and 'went on' in r.stdout, r.stdout + r.stderr
    assert 'http://third.invalid' in r.stderr and '404 Not Found' in r.stderr


def test_a_broken_source_is_named_where_the_package_cannot_be_had(machine):
    write(machine.bin + '/gone', '')
    r = lacking(machine, SOURCE_FAILS, WORKING_SUDO)
    assert r.returncode == 1 and 'http://third.invalid' in r.stderr
    assert 'could not install libfoo' in r.stderr and 'a package source fails' in r.stderr and 'sudo' not in r.stderr


def test_lists_are_fetched_first_where_there_are_none(machine):
    r = lacking(machine, 'echo "$*" >>"$M/bin/called"; exit 100', WORKING_SUDO, lists='')
    called = read(machine.bin + '/called').decode().strip().split('\n')
    assert r.returncode == 1 and 'no package lists' in r.stderr and [x.split()[-1] for x in called] == ['update']


def test_progress_names_step_and_package(machine):
    says = '''echo '0 upgraded, 3 newly installed, 0 to remove and 0 not upgraded.'
echo 'Get:1 http://deb.invalid/debian bookworm/main amd64 libfoo amd64 1.0-1 [30 kB]'
%s
echo 'Setting up libfoo:amd64 (1.0-1) ...\''''
    r = lacking(machine, says % 'sleep 2.2; echo "Unpacking libfoo:amd64 (1.0-1) ..."', WORKING_SUDO)
    assert r.returncode == 0, r.stderr
    lines = ['Installing libfoo ...', '  fetching 1 of 3: libfoo', '  unpacking 1 of 3: libfoo']
    assert r.stdout.split('\n')[:3] == lines

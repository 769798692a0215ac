"""How it is built: without a warning by gcc and clang; Wireshark's version is tested in one file; a configuration that cannot be says what to install.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import glob
import os
import re
import shutil
import subprocess

import pytest

import conftest
import shark

ROOT = os.path.dirname(shark.HERE)
PLUGIN = os.path.join(ROOT, 'plugin')
ENGINE_WARNINGS = ['-std=c11', '-Wall', '-Wextra', '-Wpedantic', '-Wconversion', '-Werror', '-O2', '-fsyntax-only']
PLUGIN_WARNINGS = ['-std=c11', '-Wall', '-Wextra', '-Wpedantic', '-Werror', '-O2', '-fsyntax-only', '-DHAVE_SSIZE_T', '-DTCPFSM_VERSION="0"']
# What differs between the versions of Wireshark that are supported: names that came, went or changed their arguments.
DIFFERING = r'''WIRESHARK_VERSION|VERSION_MAJOR|VERSION_MINOR|COMPAT_VERSION|wmem_packet_scope|find_conversation_strat|find_conversation\s*\(|tvb_get_g?uint8|
                |\bfi->value\b|finfo->value\b|wsutil/plugins\.h|TRY_TO_FAKE|prefs_register_module_alias|tvb_get_guint|\bcf_|frame_data_sequence'''
DIFFERING = re.compile(re.sub(r'\s*\n\s*', '', DIFFERING).replace('||', '|'))
# A plugin exports the version it was built for: that is no test of one. TCPFSM_VERSION_ is our own.
ALLOWED = re.compile(r'plugin_want_(major|minor) = WIRESHARK_VERSION_(MAJOR|MINOR);|TCPFSM_VERSION_')


def engine():
    return sorted(glob.glob(os.path.join(PLUGIN, 'engine', '*.c')))


def shell():
    return sorted(glob.glob(os.path.join(PLUGIN, '*.c')) + glob.glob(os.path.join(PLUGIN, 'reports', '*.c')))


def compiler(name):
    if not shutil.which(name):
        pytest.skip('no %s' % name)
    return name


def pkg_config(*arguments):
    return subprocess.run(['pkg-config', *arguments], capture_output=True, text=True).stdout.split()


@pytest.mark.parametrize('cc', ['gcc', 'clang'])
def test_engine_without_a_warning(cc):
    r = subprocess.run([compiler(cc), *ENGINE_WARNINGS, *engine()], capture_output=True, text=True)
    assert (r.returncode, r.stderr) == (0, '')


@pytest.mark.parametrize('cc', ['gcc', 'clang'])
def test_plugin_without_a_warning(cc):
    includes = [x.replace('-I', '-isystem', 1) for x in pkg_config('--cflags', 'wireshark', 'glib-2.0')]
    if not includes:
        pytest.skip('pkg-config does not know Wireshark')
    files = shell()

    def compiled(some):
        return subprocess.run([compiler(cc), *PLUGIN_WARNINGS, *includes, '-I' + PLUGIN, *some], capture_output=True, text=True)
    for r in conftest.in_pairs(compiled, [files[0::2], files[1::2]]):
        assert (r.returncode, r.stderr) == (0, '')


def test_a_warning_would_fail(tmp_path):
    source = tmp_path / 'narrow.c'
    source.write_text('int narrow(long x); int narrow(long x) { return x; }\n')
    for cc in ('gcc', 'clang'):
        if shutil.which(cc):
            assert subprocess.run([cc, *ENGINE_WARNINGS, str(source)], capture_output=True).returncode


def code(path):
    """code returns a C file without its comments."""
    with open(path, encoding='utf-8') as f:
        return re.sub(r'/\*.*?\*/|//[^\n]*', '', f.read(), flags=re.S)


def test_only_compat_knows_versions():
    """The plugin's files, but compat.h, use nothing that differs between versions."""
    found = []
    for path in glob.glob(os.path.join(PLUGIN, '**', '*.[ch]'), recursive=True):
        if os.path.relpath(path, PLUGIN) != 'compat.h':
            found += ['%s: %s' % (os.path.relpath(path, ROOT), line.strip()) for line in code(path).split('\n')
                      if DIFFERING.search(line) and not ALLOWED.search(line)]
    assert not found, '\n'.join(found)


def test_compat_does_know_versions():
    assert len(DIFFERING.findall(code(os.path.join(PLUGIN, 'compat.h')))) > 10


def test_the_engine_knows_no_wireshark():
    for path in glob.glob(os.path.join(PLUGIN, 'engine', '*.[ch]')):
        for name in re.findall(r'#include\s+([<"][^>"]+[>"])', code(path)):
            assert name.startswith('"') or name in ('<stdbool.h>', '<stddef.h>', '<stdint.h>', '<string.h>', '<limits.h>', '<assert.h>'), (path, name)


def configured(tmp_path, *options, **environment):
    return subprocess.run(['cmake', '-S', ROOT, '-B', str(tmp_path / 'b'), '-DBUILD_TESTING=OFF', *options], capture_output=True, text=True,
                          env=dict(os.environ, **environment))


def test_without_wireshark_it_says_what_to_install(tmp_path):
    r = configured(tmp_path, '-DCMAKE_DISABLE_FIND_PACKAGE_Wireshark=ON', PKG_CONFIG_LIBDIR='/nonexistent', PKG_CONFIG_PATH='/nonexistent')
    text = ' '.join(r.stderr.split())
    assert r.returncode
    for said in ('Debian, Ubuntu: apt install wireshark-dev', 'Fedora: dnf install wireshark-devel', 'Arch: pacman -S wireshark', 'macOS: brew install wireshark',
                 'TCPFSM_PLUGIN=OFF'):
        assert said in text, r.stderr


def test_without_pkg_config_it_says_so(tmp_path):
    r = configured(tmp_path, '-DCMAKE_DISABLE_FIND_PACKAGE_Wireshark=ON', '-DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON')
    assert r.returncode and 'pkg-config' in r.stderr


def test_without_glib_it_says_so(tmp_path):
    """Wireshark's own CMake package is found, GLib is not."""
    folder = tmp_path / 'wireshark'
    folder.mkdir()
    (folder / 'WiresharkConfig.cmake').write_text('set(Wireshark_VERSION 4.0.17)\nset(Wireshark_PLUGIN_INSTALL_DIR /x)\nset(Wireshark_INCLUDE_DIR /x)\n')
    r = configured(tmp_path, '-DWireshark_DIR=%s' % folder, PKG_CONFIG_LIBDIR='/nonexistent', PKG_CONFIG_PATH='/nonexistent')
    assert r.returncode and 'GLib' in r.stderr and 'libglib2.0-dev' in r.stderr and 'glib2-devel' in r.stderr, r.stderr


def test_an_old_wireshark_is_refused(tmp_path):
    folder = tmp_path / 'wireshark'
    folder.mkdir()
    (folder / 'WiresharkConfig.cmake').write_text('set(Wireshark_VERSION 3.6.2)\nset(Wireshark_PLUGIN_INSTALL_DIR /x)\nset(Wireshark_INCLUDE_DIR /x)\n')
    r = configured(tmp_path, '-DWireshark_DIR=%s' % folder)
    assert r.returncode and '3.6.2' in r.stderr and '4.0 or later' in ' '.join(r.stderr.split())


def test_the_engine_alone_needs_no_wireshark(tmp_path):
    r = configured(tmp_path, '-DTCPFSM_PLUGIN=OFF', '-DCMAKE_DISABLE_FIND_PACKAGE_Wireshark=ON', PKG_CONFIG_LIBDIR='/nonexistent', PKG_CONFIG_PATH='/nonexistent')
    assert r.returncode == 0, r.stderr


def test_a_wrong_place_to_install_is_refused(tmp_path):
    r = configured(tmp_path, '-DTCPFSM_INSTALL=elsewhere')
    assert r.returncode and "must be 'user' or 'system'" in ' '.join(r.stderr.split())


def for_system(folder, system, *options, **environment):
    """for_system configures the plugin as for another system, as far as CMake can without a compiler for it. The Wireshark it finds is headers only. Returns what
    CMake said, the commands that link the plugin, and what would be installed where."""
    config = folder / 'wireshark' / 'WiresharkConfig.cmake'
    config.parent.mkdir()
    includes = ';'.join(x[2:] for x in pkg_config('--cflags-only-I', 'wireshark', 'glib-2.0'))
    if not includes:
        pytest.skip('pkg-config does not know Wireshark')
    config.write_text('set(Wireshark_VERSION 4.4.2)\nset(Wireshark_PLUGIN_INSTALL_DIR "/programs/Wireshark/plugins/4.4")\nadd_library(epan INTERFACE IMPORTED)\n'
                      'set_target_properties(epan PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "%s" INTERFACE_LINK_LIBRARIES wireshark)\n' % includes)
    run = subprocess.run(['cmake', '-G', 'Unix Makefiles', '-S', ROOT, '-B', folder / 'build', '-DCMAKE_SYSTEM_NAME=' + system, '-DCMAKE_C_COMPILER=gcc',
                          '-DCMAKE_INSTALL_NAME_TOOL=true', '-DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY', '-DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON',
                          '-DWireshark_DIR=%s' % config.parent, *options], capture_output=True, text=True, env=dict(os.environ, HOME='/home/me', **environment))
    assert run.returncode == 0, run.stderr
    texts = []
    for pattern in ('plugin/CMakeFiles/tcpfsm.dir/*.txt', '**/cmake_install.cmake'):
        texts.append('\n'.join(p.read_text() for p in sorted((folder / 'build').glob(pattern))))
    return run.stdout, *texts


def test_windows_gets_a_dll_in_its_folder(tmp_path):
    said, linked, installed = for_system(tmp_path, 'Windows', APPDATA='C:\\Users\\me\\AppData\\Roaming')
    assert 'to be installed in C:/Users/me/AppData/Roaming/Wireshark/plugins/4.4/epan' in said
    assert 'tcpfsm.dll' in linked and 'tcpfsm.so' not in linked
    assert 'C:/Users/me/AppData/Roaming/Wireshark/profiles"' in installed and '/home/me' not in installed


def test_windows_without_appdata_installs_below_the_prefix(tmp_path):
    said, _, installed = for_system(tmp_path, 'Windows', APPDATA='')
    assert 'to be installed in plugins/4.4/epan' in said and '"${CMAKE_INSTALL_PREFIX}/profiles"' in installed


def test_windows_for_all_users(tmp_path):
    said, _, installed = for_system(tmp_path, 'Windows', '-DTCPFSM_INSTALL=system')
    assert 'to be installed in /programs/Wireshark/plugins/4.4/epan' in said and '/programs/Wireshark/plugins/4.4/../../profiles"' in installed


def test_macos_gets_a_bundle_that_brings_no_wireshark(tmp_path):
    """CMake's MODULE is a bundle there. It takes functions from the program that loads it, so no library of Wireshark's is linked."""
    said, linked, installed = for_system(tmp_path, 'Darwin')
    assert 'to be installed in /home/me/.local/lib/wireshark/plugins/4-4/epan' in said
    assert '-undefined,dynamic_lookup' in linked and 'tcpfsm.so' in linked and '-lwireshark' not in linked
    assert '/home/me/.config/wireshark/profiles"' in installed


def test_elsewhere_wireshark_is_linked(tmp_path):
    """The near miss of the one above."""
    said, linked, _ = for_system(tmp_path, 'Linux')
    assert 'plugins/4.4/epan' in said and '-lwireshark' in linked and 'dynamic_lookup' not in linked

"""What is installed and what is not; the header alone; tcpfsm_tick; C++.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import re
import subprocess

import pytest

from conftest import HERE, ROOT, files, have, run

HEADERS = ['include/tcpfsm/events.def', 'include/tcpfsm/tcpfsm.h', 'include/tcpfsm/version.h']


def text(name):
    with open(os.path.join(ROOT, name), encoding='utf-8') as f:
        return f.read()


def test_what_is_installed(prefix):
    found = files(prefix)
    assert [f for f in found if f.startswith('include/')] == HEADERS
    rest = {re.sub(r'^lib(64)?/([^/]*-linux-[^/]*/)?', '', f) for f in found if f not in HEADERS}
    assert {re.sub('config-[a-z]+.cmake', 'config-TYPE.cmake', f) for f in rest} == {
        'libtcpfsm.a', 'pkgconfig/tcpfsm.pc', 'cmake/tcpfsm/tcpfsm-config.cmake', 'cmake/tcpfsm/tcpfsm-config-TYPE.cmake'}


def test_the_plugin_does_not_bring_it(build, tmp_path):
    """Without --component only the plugin and its profile are installed; unless there is no plugin, as with TCPFSM_PLUGIN=OFF."""
    run('cmake', '--install', build, DESTDIR=str(tmp_path))
    found = files(tmp_path)
    library = [f for f in found if re.search(r'libtcpfsm|tcpfsm\.h$|\.pc$|/cmake/', f)]
    if os.path.exists(os.path.join(build, 'plugin', 'tcpfsm.so')):
        assert found and library == [] and any(f.endswith('/epan/tcpfsm.so') for f in found)
    else:
        assert len(library) >= 5 and not any(f.endswith('.so') for f in found)


def test_it_can_be_moved(prefix, flags, tmp_path):
    """Neither the pkg-config file nor the CMake package names a folder of this machine."""
    for f in files(prefix):
        if f.endswith(('.pc', '.cmake')):
            with open(os.path.join(prefix, f), encoding='utf-8') as file:
                said = file.read()
            assert prefix not in said and ROOT not in said, f
    include, = [x for x in flags('--cflags', 'tcpfsm') if x.startswith('-I')]
    assert os.path.samefile(include[2:], os.path.join(prefix, 'include'))


def test_one_version(build, flags):
    header = dict(re.findall(r'#define TCPFSM_VERSION_(MAJOR|MINOR|PATCH) (\d+)', text('plugin/engine/version.h')))
    version = '%(MAJOR)s.%(MINOR)s.%(PATCH)s' % header
    assert flags('--modversion', 'tcpfsm') == [version]
    with open(os.path.join(build, 'CMakeCache.txt'), encoding='utf-8') as f:
        assert 'CMAKE_PROJECT_VERSION:STATIC=%s\n' % version in f.read()


@pytest.mark.parametrize('compiler,standard', [('gcc', '-std=c11'), ('clang', '-std=c11'), ('g++', '-std=c++17'), ('clang++', '-std=c++17')])
def test_the_header_alone(prefix, tmp_path, compiler, standard):
    source = tmp_path / ('alone.' + ('cpp' if '++' in compiler else 'c'))
    source.write_text('#include <tcpfsm/tcpfsm.h>\n#include <tcpfsm/tcpfsm.h>\nint alone(void); int alone(void) { return TCPFSM_VERSION_MAJOR; }\n')
    run(have(compiler), standard, '-Wall', '-Wextra', '-pedantic', '-Werror', '-fsyntax-only', '-I' + os.path.join(prefix, 'include'), str(source))


def test_the_connection_is_opaque(prefix, tmp_path):
    """Its size and its members are nobody's: what asks for them does not compile."""
    for line in ('struct tcpfsm_connection c;', 'unsigned f(struct tcpfsm_connection *c) { return c->client; }'):
        source = tmp_path / 'opaque.c'
        source.write_text('#include <tcpfsm/tcpfsm.h>\n%s\n' % line)
        r = subprocess.run(['cc', '-std=c11', '-fsyntax-only', '-I' + os.path.join(prefix, 'include'), str(source)], capture_output=True, text=True)
        assert r.returncode and re.search('incomplete|storage size|undefined type', r.stderr), line


def test_every_function_is_there(prefix):
    """Each function that the header declares is in the library, and the library exports no name of another kind."""
    archive, = [f for f in files(prefix) if f.endswith('.a')]
    rows = [line.split() for line in run('nm', '-g', os.path.join(prefix, archive)).splitlines()]
    defined = {row[2] for row in rows if len(row) == 3}
    declared = set(re.findall(r'^[a-z_ ]+[ *](tcpfsm_\w+)\(', text('plugin/engine/tcpfsm.h'), re.M))
    assert len(declared) >= 25 and declared - defined == set()
    assert [name for name in sorted(defined) if not name.startswith('tcpfsm_')] == []


def test_by_find_package(project):
    assert run(os.path.join(project, 'consumer')) == 'SYN_SENT LISTEN\n'
    assert run(os.path.join(project, 'tick')) == 'tick: as promised\n'


def test_by_pkg_config(compile_c):
    assert run(compile_c(os.path.join(HERE, 'tick.c'), 'tcpfsm')) == 'tick: as promised\n'
    have('c++')
    assert run(compile_c(os.path.join(HERE, 'consumer.cpp'), 'tcpfsm', compiler='c++', standard='-std=c++17')) == 'SYN_SENT LISTEN\n'


def test_without_the_plugin(tmp_path):
    """With TCPFSM_PLUGIN=OFF the library is all there is to install, and Wireshark is not asked for."""
    build, prefix = str(tmp_path / 'build'), str(tmp_path / 'prefix')
    run('cmake', '-S', ROOT, '-B', build, '-DTCPFSM_PLUGIN=OFF')
    run('cmake', '--build', build, '-j2', '--target', 'tcpfsm_engine')
    run('cmake', '--install', build, '--prefix', prefix)
    assert [f for f in files(prefix) if f.startswith('include/')] == HEADERS

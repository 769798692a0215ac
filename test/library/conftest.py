"""conftest.py: the engine, installed from the build folder TCPFSM_BUILD into a folder of its own, and programs that use it.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import shutil
import subprocess

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def run(*command, **environment):
    """run returns what a command prints; it must succeed without a word on stderr."""
    r = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ, **environment))
    assert (r.returncode, r.stderr) == (0, ''), '%s\n%s%s' % (' '.join(command), r.stdout, r.stderr)
    return r.stdout


def files(folder):
    """files returns the paths of all files below a folder, sorted."""
    return sorted(os.path.relpath(os.path.join(d, f), folder) for d, _, names in os.walk(folder) for f in names)


@pytest.fixture(scope='session')
def build():
    """build is a build folder with the engine."""
    path = os.environ.get('TCPFSM_BUILD')
    assert path, 'TCPFSM_BUILD names the build folder; ctest -L library sets it'
    return path


@pytest.fixture(scope='session')
def prefix(build, tmp_path_factory):
    """prefix is where the library was installed."""
    path = str(tmp_path_factory.mktemp('prefix'))
    run('cmake', '--install', build, '--component', 'library', '--prefix', path)
    return path


@pytest.fixture(scope='session')
def flags(prefix):
    """flags returns what pkg-config says of packages, the installed library among them."""
    folder, = [d for d, _, names in os.walk(prefix) if 'tcpfsm.pc' in names]
    return lambda *arguments: run('pkg-config', *arguments, PKG_CONFIG_PATH=folder).split()


@pytest.fixture(scope='session')
def project(prefix, tmp_path_factory):
    """project is a build folder of test/library/project, which finds the library by find_package."""
    path = str(tmp_path_factory.mktemp('project'))
    run('cmake', '-S', os.path.join(HERE, 'project'), '-B', path, '-DCMAKE_PREFIX_PATH=' + prefix)
    run('cmake', '--build', path, '-j2')
    return path


@pytest.fixture(scope='session')
def compile_c(flags, tmp_path_factory):
    """compile_c compiles a source of C11 against the packages named; it returns the program's path."""
    def compiled(source, *packages, compiler='cc', standard='-std=c11'):
        program = str(tmp_path_factory.mktemp('program') / 'program')
        run(compiler, standard, '-Wall', '-Wextra', '-pedantic', '-Werror', '-O2', source, *flags('--cflags', '--libs', *packages), '-o', program)
        return program
    return compiled


def have(compiler):
    """have skips the test if the compiler is not installed."""
    if not shutil.which(compiler):
        pytest.skip('no %s' % compiler)
    return compiler

"""shark.py: runs tshark with the plugin under test and no other, or without any, in a home folder of its own, and reads
what it says.

Most runs are answered by a tshark that has started already (forked/forked.c). TCPFSM_FORKED_LIBRARY in the environment
names the library; CTest sets it. Without the library, or with TCPFSM_FORKED_LIBRARY=none, each is a tshark of its own,
which takes many times as long and must say the same.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import atexit
import filecmp
import functools
import glob
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import xml.etree.ElementTree as ET

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURES = os.path.join(os.path.dirname(HERE), 'captures')
SHARED = os.path.join(os.path.dirname(os.path.dirname(HERE)), 'shared')     # may lie beside the repository: lab, pcaps
NOBODY = 65534


def tshark():
    """tshark returns the program: TSHARK in the environment, or the one on PATH."""
    return os.environ.get('TSHARK', 'tshark')


@functools.lru_cache(None)
def version():
    """version returns (major, minor) of tshark."""
    out = subprocess.run([tshark(), '--version'], capture_output=True, text=True).stdout
    return tuple(int(x) for x in re.search(r'(\d+)\.(\d+)\.\d+', out).groups())


def unprivileged(command):
    """unprivileged makes a command run as nobody if we are root: for uid 0 tshark looks neither at personal plugin
    folders nor at WIRESHARK_PLUGIN_DIR."""
    if os.geteuid() == 0:
        return ['setpriv', '--reuid=%d' % NOBODY, '--regid=%d' % NOBODY, '--clear-groups'] + command
    return command


def forked_library():
    """forked_library returns the path of forked.so: what TCPFSM_FORKED_LIBRARY says, or the newest of the repository's
    build folders; None if there is none."""
    built = glob.glob(os.path.join(os.path.dirname(HERE), 'build*', 'test', 'forked', 'forked.so'))
    built.sort(key=os.path.getmtime)
    path = os.environ.get('TCPFSM_FORKED_LIBRARY') or (built[-1] if built else 'none')
    return None if path == 'none' else path


NAMES = ('enterprises.tsv', 'manuf', 'services', 'wka')     # tables of names: Wireshark 4.0 reads them for each capture


@functools.lru_cache(None)
def folder_named(name):
    """folder_named returns one of the folders that tshark -G folders names."""
    out = subprocess.run([tshark(), '-G', 'folders'], capture_output=True, text=True, errors='replace').stdout
    return re.search(r'^%s:\s*(\S.*)$' % re.escape(name), out, re.M).group(1)


def data_folder():
    """data_folder returns the folder of Wireshark's own data."""
    return folder_named('Global configuration')


class Server:
    """A tshark that has started and answers command lines, one at a time, each in a child of its own. It ends when
    it is closed, and with this process."""

    def __init__(self, library, environment):
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = dict(environment, LD_PRELOAD=library, TCPFSM_FORKED=str(theirs.fileno()))
        self.process = subprocess.Popen(unprivileged([tshark()]), env=environment, pass_fds=[theirs.fileno()],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        theirs.close()

    def run(self, arguments, timeout):
        """run returns (exit status, standard output, standard error), the outputs as bytes. Raises RuntimeError if the
        server ended, subprocess.TimeoutExpired after so many seconds."""
        files = [os.memfd_create(name) for name in ('stdout', 'stderr')]
        try:
            self.socket.settimeout(timeout)
            socket.send_fds(self.socket, [b''.join(os.fsencode(a) + b'\0' for a in arguments)], files)
            try:
                answer = self.socket.recv(8)
            except ConnectionResetError:
                answer = b''
            if not answer:
                raise RuntimeError('tshark ended instead of answering: exit %s' % self.process.wait())
            status = os.waitstatus_to_exitcode(int.from_bytes(answer, sys.byteorder))
            return status, *[os.pread(f, os.fstat(f).st_size, 0) for f in files]
        except TimeoutError:
            self.close()
            raise subprocess.TimeoutExpired(arguments, timeout) from None
        finally:
            for f in files:
                os.close(f)

    def plugins(self):
        """plugins returns the paths of what is loaded under the name of the plugin. To be called after a run."""
        return loaded(self.process.pid)

    def close(self):
        """close ends the server, and what it is doing."""
        self.socket.close()
        self.process.kill()
        self.process.wait()


def loaded(process):
    """loaded returns the paths of the files called tcpfsm.so that a process has mapped."""
    with open('/proc/%d/maps' % process, encoding='utf-8', errors='replace') as f:
        return sorted({line.split(None, 5)[5].rstrip('\n') for line in f if line.rstrip('\n').endswith('/tcpfsm.so')})


class Shark:
    """tshark with its own HOME and its own plugin folder. plugin: path of tcpfsm.so, or None for Wireshark as it comes.
    Close it when done."""

    def __init__(self, plugin=None):
        self.home = tempfile.mkdtemp(prefix='tcpfsm-test-')
        os.chmod(self.home, 0o755)
        self.plugins, self.built = os.path.join(self.home, 'plugins'), None
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(('XDG_', 'WIRESHARK_', 'TCPFSM_'))}
        # This folder takes the place of the one for all users, and HOME that of the personal one: what is installed on
        # the machine is not looked at.
        self.environment.update(HOME=self.home, LC_ALL='C.UTF-8', TZ='UTC', WIRESHARK_PLUGIN_DIR=self.plugins)
        self.idle, self.servers, self.lock = {True: [], False: []}, [], threading.Lock()
        os.mkdir(self.plugins, 0o755)
        if plugin:
            self.install(plugin)

    def install(self, plugin):
        """install copies a plugin to where tshark looks; folders are named 4.0 or 4-0 by version."""
        series = '%d.%d' % version()
        for name in (series, series.replace('.', '-')):
            folder = os.path.join(self.plugins, name, 'epan')
            os.makedirs(folder, exist_ok=True)
            shutil.copy(plugin, folder)
        if os.path.basename(plugin) == 'tcpfsm.so':
            self.built = plugin
        subprocess.run(['chmod', '-R', 'a+rX', self.home], check=True)

    def check(self):
        """check raises AssertionError unless tshark says that it has loaded the plugin under test, a copy of the one
        that was built, and no other."""
        run = self.started('-G', 'plugins')
        said = [line.split('\t') for line in run.stdout.split('\n')]
        paths = [line[-1] for line in said if line[0].strip() == 'tcpfsm.so']
        self.check_paths(paths)
        assert 'tcpfsm' not in run.stderr, run.stderr

    def check_paths(self, paths):
        """check_paths raises AssertionError unless these are the paths of what is to be loaded."""
        folders = [os.path.dirname(os.path.dirname(p)) for p in paths]
        if self.built:
            ours = len(paths) == 1 and os.path.dirname(folders[0]) == self.plugins
            assert ours, 'loaded is not the plugin under test, but %s' % (paths or 'none')
            assert filecmp.cmp(paths[0], self.built, shallow=False), 'what was tested is no longer what was built'
        else:
            assert not paths, 'a plugin is loaded where none is wanted: %s' % paths

    def run(self, *arguments, timeout=300):
        """run runs tshark and returns the finished process, output as text. What only reads a capture is answered by a
        tshark that has started already."""
        library = forked_library()
        if not library or '-r' not in arguments or '-X' in arguments or len(arguments) > 1000:
            return self.started(*arguments, timeout=timeout)
        nameless = '-n' in arguments
        with self.lock:
            server = self.idle[nameless].pop() if self.idle[nameless] else None
            new = not server
            if new:
                server = self.server(library, nameless)
        status, out, err = server.run(arguments, timeout)
        if new:
            self.check_paths(server.plugins())
        with self.lock:
            self.idle[nameless].append(server)
        return subprocess.CompletedProcess([tshark(), *arguments], status, *[text(x) for x in (out, err)])

    def server(self, library, nameless):
        """server returns another Server; nameless: one for -n. The library is copied to where an unprivileged user can
        read it."""
        copy, environment = os.path.join(self.home, 'forked.so'), self.environment
        if not os.path.exists(copy):
            shutil.copy(library, copy)
            os.chmod(copy, 0o755)
        if nameless and os.path.exists(os.path.join(data_folder(), 'manuf')):
            environment = dict(environment, WIRESHARK_DATA_DIR=self.without_names())
        server = Server(copy, environment)
        self.servers.append(server)
        atexit.register(server.close)
        return server

    def without_names(self):
        """without_names returns a folder of Wireshark's data whose tables of names are empty: with -n no name is shown,
        and reading the tables takes 50 ms."""
        folder = os.path.join(self.home, 'data')
        if not os.path.exists(folder):
            os.mkdir(folder, 0o755)
            for name in os.listdir(data_folder()):
                if name not in NAMES:
                    os.symlink(os.path.join(data_folder(), name), os.path.join(folder, name))
            for name in NAMES:
                open(os.path.join(folder, name), 'w', encoding='ascii').close()
        return folder

    def started(self, *arguments, timeout=300):
        """started is run, by a tshark that is started for this run alone."""
        return subprocess.run(unprivileged([tshark(), *arguments]), capture_output=True, text=True, errors='replace',
                              env=self.environment, stdin=subprocess.DEVNULL, timeout=timeout)

    def checked(self, *arguments):
        """checked returns what tshark printed; raises RuntimeError if it failed."""
        r = self.run(*arguments)
        if r.returncode:
            raise RuntimeError('tshark %s: exit %d: %s' % (' '.join(arguments), r.returncode, r.stderr))
        return r.stdout

    def rows(self, capture, fields, *arguments):
        """rows returns the lines of -T fields, each a list of one text a field (several values joined by commas)."""
        out = self.checked('-n', '-r', capture, *arguments, '-T', 'fields', '-E', 'occurrence=a', '-E', 'aggregator=,',
                           *[x for f in fields for x in ('-e', f)])
        return [line.split('\t') for line in out.split('\n')[:-1]]

    def packets(self, capture, *arguments):
        """packets returns a list of Packet, by -T pdml."""
        out = self.checked('-n', '-r', capture, *arguments, '-T', 'pdml')
        return [Packet(p) for p in ET.fromstring(re.sub(r'[\x00-\x08\x0b\x0c\x0e-\x1f]', '?', out)).iter('packet')]

    def close(self):
        """close ends the servers and removes the home folder."""
        for server in self.servers:
            atexit.unregister(server.close)
            server.close()
        shutil.rmtree(self.home, ignore_errors=True)


def text(output):
    """text returns an output as subprocess does in text mode."""
    return output.decode('utf-8', 'replace').replace('\r\n', '\n').replace('\r', '\n')


def layers(element, name):
    """layers returns the protocols called name in a packet, in order, however deep they lie; what ICMP errors quote
    is left out."""
    found = []
    for child in element:
        if child.tag == 'proto' and child.get('name') == name:
            found.append(child)
        if child.get('name') not in ('icmp', 'icmpv6', name):
            found += layers(child, name)
    return found


class Packet:
    """One packet of a PDML file. tcp and tcpfsm: its TCP layers and our subtrees, in order; TCP headers quoted in ICMP
    are not among them."""

    def __init__(self, element):
        self.element = element
        self.number = int(element.find("proto[@name='geninfo']/field[@name='num']").get('show'))
        self.tcp = layers(element, 'tcp')
        self.tcpfsm = layers(element, 'tcpfsm')


def values(element, name):
    """values returns the show attributes of all fields called name below element."""
    return [f.get('show') for f in element.iter('field') if f.get('name') == name]


def value(element, name, default=''):
    """value returns the first of values, or default."""
    found = values(element, name)
    return found[0] if found else default

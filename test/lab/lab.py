#!/usr/bin/env python3
"""lab.py: a small laboratory: two hosts, real Linux sockets, and what ss says of them beside what tcpfsm says of the capture.

    lab.py connection    one connection, opened and closed step by step
    lab.py time_wait     http.server under short connections: TIME_WAIT on both hosts, over time
    lab.py close_wait    a server that never closes, beside one that does

The hosts are two network namespaces joined by a veth pair; the traffic stays inside them, and nothing is left behind. Needs root, ip, ss, tcpdump, tshark
and the plugin (TCPFSM_PLUGIN, or the newest build). Exit status: 0 the two agree, 1 they do not, 77 skipped.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import contextlib
import ctypes
import glob
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.dont_write_bytecode = True

import shark  # noqa: E402

SKIPPED = 77
LIMIT = 100             # seconds after which a run is given up
SETTLE = 0.4            # seconds for a step's last segments, delayed ACKs among them
PATIENCE = 3.0          # seconds in which ss and tcpfsm must come to agree: they are not read in the same instant
CLIENT, SERVER = '10.99.0.1', '10.99.0.2'
LINUX_NAMES = {'ESTAB': 'ESTABLISHED', 'SYN-RECV': 'SYN_RECEIVED'}


class Skip(Exception):
    """What the laboratory needs is missing."""


def require():
    """require raises Skip if this machine cannot run the laboratory."""
    missing = [tool for tool in ('ip', 'ss', 'tcpdump', 'setpriv', shark.tshark()) if not shutil.which(tool)]
    if os.geteuid() or not sys.platform.startswith('linux'):
        raise Skip('needs root and network namespaces')
    if missing:
        raise Skip('needs root and network namespaces; missing: ' + ' '.join(missing))


def plugin_path():
    """plugin_path returns TCPFSM_PLUGIN or the newest build's plugin."""
    root = os.path.dirname(os.path.dirname(HERE))
    built = sorted(glob.glob(os.path.join(root, 'build*', 'plugin', 'tcpfsm.so')), key=os.path.getmtime)
    path = os.environ.get('TCPFSM_PLUGIN') or (built[-1] if built else '')
    if not os.path.exists(path):
        sys.exit('lab.py: no plugin: set TCPFSM_PLUGIN to tcpfsm.so')
    return path


class Host:
    """A network namespace with one address."""

    def __init__(self, name, address):
        self.name, self.address = name, address

    def command(self, *words):
        """command returns words as a command that runs on this host."""
        return ['ip', 'netns', 'exec', self.name, *words]

    def socket(self):
        """socket returns a new TCP socket of this host. It stays this host's, whichever namespace the script is in."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open('/proc/self/ns/net') as here, open('/run/netns/' + self.name) as there:
            if libc.setns(there.fileno(), 0):
                raise OSError(ctypes.get_errno(), 'setns')
            try:
                made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            finally:
                if libc.setns(here.fileno(), 0):
                    os._exit(1)
        made.settimeout(5)
        return made

    def sockets(self):
        """sockets returns what ss -tan lists: (state by RFC 9293, local port, peer's port or '*')."""
        out = subprocess.run(self.command('ss', '-Htan'), capture_output=True, text=True, check=True).stdout
        rows = [line.split() for line in out.splitlines()]
        return [(LINUX_NAMES.get(r[0], r[0].replace('-', '_')), r[3].rsplit(':', 1)[1], r[4].rsplit(':', 1)[1]) for r in rows]

    def state(self, port, peer_port):
        """state returns the state of one socket; LISTEN if only its listener is there, CLOSED if nothing is."""
        found = {(local, peer): state for state, local, peer in self.sockets()}
        return found.get((str(port), str(peer_port))) or found.get((str(port), '*')) or 'CLOSED'

    def count(self, state):
        """count returns how many sockets are in a state."""
        return sum(s == state for s, _, _ in self.sockets())


class Lab:
    """The two hosts, a capture on the client's, and tshark with the plugin. A context manager: all of it goes at the end."""

    def __enter__(self):
        self.stack = contextlib.ExitStack()
        try:
            self.build()
        except BaseException:
            self.stack.close()
            raise
        return self

    def __exit__(self, *exception):
        self.stack.close()

    def build(self):
        """build makes the hosts, joins them and starts the capture."""
        self.folder = tempfile.mkdtemp(prefix='tcpfsm-lab-')
        self.stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        os.chmod(self.folder, 0o755)
        self.client, self.server = (self.host(*x) for x in (('c', CLIENT), ('s', SERVER)))
        self.ip('link', 'add', 'eth0', 'netns', self.client.name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', self.server.name)
        for host in (self.client, self.server):
            self.ip('-n', host.name, 'address', 'add', host.address + '/24', 'dev', 'eth0')
            self.ip('-n', host.name, 'link', 'set', 'eth0', 'up')
        self.shark = shark.Shark(plugin_path())
        self.stack.callback(self.shark.close)
        self.shark.check()
        self.capture = os.path.join(self.folder, 'client.pcap')
        # 256 octets a packet: in immediate mode each takes a whole snapshot length of the buffer, and a full buffer loses packets.
        options = '-i eth0 -n -U --immediate-mode -s 256 -B 16384 -Z root -w'.split()
        self.tcpdump = self.start(self.client, 'tcpdump', *options, self.capture, 'tcp', stderr=subprocess.PIPE)
        self.wait(lambda: os.path.exists(self.capture) and os.path.getsize(self.capture) >= 24, 'tcpdump does not start')
        os.chmod(self.capture, 0o644)

    @staticmethod
    def ip(*words):
        """ip runs ip; Skip if it may not."""
        r = subprocess.run(['ip', *words], capture_output=True, text=True)
        if r.returncode:
            raise Skip('needs root and network namespaces; ip says: ' + ' '.join(r.stderr.split()))

    def host(self, letter, address):
        """host makes a namespace."""
        name = 'tcpfsm-lab-%d-%s' % (os.getpid(), letter)
        self.ip('netns', 'add', name)
        self.stack.callback(subprocess.run, ['ip', 'netns', 'delete', name], stderr=subprocess.DEVNULL)
        self.ip('netns', 'exec', name, 'true')
        return Host(name, address)

    def start(self, host, *words, stderr=subprocess.DEVNULL):
        """start runs a program on a host until the laboratory goes, and returns its process."""
        process = subprocess.Popen(host.command(*words), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr, cwd=self.folder)
        self.stack.callback(process.wait)
        self.stack.callback(process.kill)
        return process

    def captured(self):
        """captured ends the capture and returns what tcpdump says of it: packets captured, packets the kernel dropped."""
        self.tcpdump.terminate()
        return ', '.join(line for line in self.tcpdump.communicate(timeout=5)[1].decode().splitlines() if 'packets' in line)

    @staticmethod
    def wait(condition, complaint):
        """wait returns once condition() holds; RuntimeError after five seconds."""
        end = time.monotonic() + 5
        while not condition():
            if time.monotonic() > end:
                raise RuntimeError(complaint)
            time.sleep(0.05)

    def listen(self, port):
        """listen returns a listening socket of the server."""
        made = self.stack.enter_context(self.server.socket())
        made.bind((SERVER, port))
        made.listen()
        return made

    def connect(self, port):
        """connect returns a socket of the client, connected to the server's port."""
        made = self.stack.enter_context(self.client.socket())
        made.connect((SERVER, port))
        return made

    def last(self, fields, *arguments):
        """last returns the fields' values in the last packet so far that has them, '-' each if none has."""
        rows = [r for r in self.shark.rows(self.capture, fields, *arguments) if all(r)]
        return rows[-1] if rows else ['-'] * len(fields)

    def states(self, port, client_port):
        """states returns [client by ss, server by ss, client by tcpfsm, server by tcpfsm] of one connection; client_port 0: any."""
        by_ss = [self.client.state(client_port, port), self.server.state(port, client_port)]
        return by_ss + self.last(['tcpfsm.client.state', 'tcpfsm.server.state'], '-Y', 'tcp.port == %d' % (client_port or port))


class Table:
    """A table printed row by row: a title, what ss says, what tcpfsm says. Counts the rows in which the two differ."""

    def __init__(self, title, width):
        self.width, self.differ = width, 0
        self.line(title, 'client ss', 'server ss', 'tcpfsm client', 'tcpfsm server')

    def line(self, title, *cells):
        """line prints one line."""
        print((title.ljust(self.width) + '  ' + '  '.join(str(c).ljust(13) for c in cells)).rstrip(), flush=True)

    def row(self, title, look, agree=lambda cells: cells[:2] == cells[2:]):
        """row prints what look() returns, once agree(it) holds or PATIENCE is over."""
        time.sleep(SETTLE)
        end = time.monotonic() + PATIENCE
        cells = look()
        while not agree(cells) and time.monotonic() < end:
            time.sleep(SETTLE)
            cells = look()
        if not agree(cells):
            self.differ += 1
        self.line(title, *cells, *([] if agree(cells) else ['<- differ']))
        return cells

    def expect(self, holds, sentence):
        """expect counts a row as different unless a sentence holds, and prints it."""
        print('%s: %s' % ('yes' if holds else 'NO', sentence))
        self.differ += not holds


def ends_in(listener, states):
    """ends_in returns an agreement: ss shows these states and tcpfsm the same. LISTEN is the listener's: the connection's own socket is CLOSED."""
    def agree(cells):
        shown = ['CLOSED' if cell == 'LISTEN' and listener else cell for cell in cells[:2]]
        return shown == list(states) and cells[2:] == shown
    return agree


def connection(lab):
    """connection: what nc -l 8080 and nc do, one step a row; then the server closes first."""
    table = Table('step', 28)
    for first in ('client', 'server'):
        port = 8080 if first == 'client' else 8081
        listener = lab.listen(port)
        table.row('server listens on %d' % port, lambda: lab.states(port, 0), lambda cells: cells == ['CLOSED', 'LISTEN', '-', '-'])
        client = lab.connect(port)
        server = lab.stack.enter_context(listener.accept()[0])
        client_port = client.getsockname()[1]

        def step(title, *states):
            table.row(title, lambda: lab.states(port, client_port), ends_in(listener, states))
        step('client connects', 'ESTABLISHED', 'ESTABLISHED')
        client.sendall(b'hello\n')
        server.recv(100)
        step('client sends a line', 'ESTABLISHED', 'ESTABLISHED')
        if first == 'client':
            client.close()
            step('client closes', 'FIN_WAIT_2', 'CLOSE_WAIT')
            server.close()
            step('server closes', 'TIME_WAIT', 'CLOSED')
        else:
            server.close()
            step('server closes', 'CLOSE_WAIT', 'FIN_WAIT_2')
            client.close()
            step('client closes', 'CLOSED', 'TIME_WAIT')
    return table.differ


def fetch(lab, port, close_first):
    """fetch gets / by HTTP/1.0. close_first: the client closes its direction with the request, and so holds TIME_WAIT; else the server does."""
    with lab.client.socket() as client:
        client.connect((SERVER, port))
        client.sendall(b'GET / HTTP/1.0\r\n\r\n')
        if close_first:
            client.shutdown(socket.SHUT_WR)
        while client.recv(65536):
            pass


def time_wait(lab):
    """time_wait: short connections in rounds; sockets in TIME_WAIT by ss and by tcpfsm after each."""
    port, rounds, each = 8000, 5, 40
    lab.start(lab.server, sys.executable, '-m', 'http.server', str(port), '--bind', SERVER)
    lab.wait(lambda: lab.server.state(port, 0) == 'LISTEN', 'http.server does not start')
    by_ab = shutil.which('ab')
    print('TIME_WAIT under %d short connections a round, by %s; in rounds 2 and 4 the client closes first' % (each, 'ab and Python' if by_ab else 'Python'))
    table, begin, cells = Table('seconds', 28), time.monotonic(), []
    for number in range(1, rounds + 1):
        if by_ab and number % 2:
            ab = lab.client.command('ab', '-q', '-n', str(each), '-c', '4', 'http://%s:%d/' % (SERVER, port))
            subprocess.run(ab, check=True, timeout=20, stdout=subprocess.DEVNULL)
        else:
            for _ in range(each):
                fetch(lab, port, number % 2 == 0)
        cells = table.row('%.1f, %d connections' % (time.monotonic() - begin, number * each), lambda: [
            str(lab.client.count('TIME_WAIT')), str(lab.server.count('TIME_WAIT')), *lab.last(['tcpfsm.client.time_wait', 'tcpfsm.server.time_wait'])])
    table.expect(cells[0] != '0' and cells[1] != '0', 'both hosts hold sockets in TIME_WAIT')
    return table.differ


def close_wait(lab):
    """close_wait: two clients close their direction; the application of one server closes, that of the other never does."""
    table, listener, ports = Table('application', 28), lab.listen(8080), {}
    for title in ('closes', 'never closes'):
        client = lab.connect(8080)
        server = lab.stack.enter_context(listener.accept()[0])
        for option, seconds in ((socket.TCP_KEEPIDLE, 4), (socket.TCP_KEEPINTVL, 4)):
            client.setsockopt(socket.IPPROTO_TCP, option, seconds)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        ports[title] = client.getsockname()[1]
        client.shutdown(socket.SHUT_WR)
        if title == 'closes':
            server.recv(1)
            server.close()
    time.sleep(13)      # the finding's threshold is 10 s; the client's keep-alives pass every 4 s
    table.row('closes', lambda: lab.states(8080, ports['closes']), ends_in(listener, ('TIME_WAIT', 'CLOSED')))
    table.row('never closes, 13 s', lambda: lab.states(8080, ports['never closes']), ends_in(listener, ('FIN_WAIT_2', 'CLOSE_WAIT')))
    found = {port for row in lab.shark.rows(lab.capture, ['tcp.srcport', 'tcp.dstport'], '-Y', 'tcpfsm.close_wait.lingering') for port in row}
    table.expect(str(ports['never closes']) in found, 'tcpfsm.close_wait.lingering is told of the server that never closes')
    table.expect(str(ports['closes']) not in found, 'and not of the one that closes')
    return table.differ


def give_up(number, _):
    """give_up ends the run, and with it the laboratory, on a signal."""
    sys.exit('lab.py: ended by signal %d' % number)


def main():
    """main runs the experiment named and returns the exit status."""
    experiments = {'connection': connection, 'time_wait': time_wait, 'close_wait': close_wait}
    if len(sys.argv) != 2 or sys.argv[1] not in experiments:
        print(__doc__, file=sys.stderr)
        return 2
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, give_up)
    signal.alarm(LIMIT)
    try:
        require()
        with Lab() as lab:
            differ = experiments[sys.argv[1]](lab)
            if differ:
                print('tcpdump:', lab.captured())
    except Skip as reason:
        print('skipped:', reason)
        return SKIPPED
    print('ss and tcpfsm agree' if not differ else '%d disagreements between ss and tcpfsm' % differ)
    return 1 if differ else 0


if __name__ == '__main__':
    sys.exit(main())

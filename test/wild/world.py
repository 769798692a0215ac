"""world.py: a client, a router and a server, each a network namespace of its own, and what is captured between them.

    c 10.1.0.2 -- 10.1.0.1 (rc) r (rs) 10.2.0.1 -- 10.2.0.2 s       routed
    c 10.1.0.2 -- r --------------------------- 10.1.0.3 s          delayed: r hands frames on after DELAY

Nothing leaves the namespaces. Everything that is started ends with the world. Needs root, iproute2, nftables, ethtool, tcpdump.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import contextlib
import ctypes
import heapq
import os
import select
import shutil
import socket
import subprocess
import tempfile
import time

LIBC = ctypes.CDLL('libc.so.6', use_errno=True)
CLONE_NEWNET = 0x40000000
DELAY = 0.03            # seconds, one way, of a delayed link
POINTS = {'any': ('r', 'any'), 'c': ('c', 'eth'), 'rc': ('r', 'rc'), 'rs': ('r', 'rs'), 's': ('s', 'eth')}


def sh(*command, check=True, **more):
    """sh runs a command to its end and returns what it printed."""
    r = subprocess.run(command, capture_output=True, text=True, timeout=60, **more)
    if check and r.returncode:
        raise RuntimeError('%s: %s' % (' '.join(command), r.stderr))
    return r.stdout


def enter(path):
    """enter moves this thread into a network namespace."""
    with open(path, encoding='ascii') as f:
        if LIBC.setns(f.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), path)


class Host:
    """One namespace. socket() makes sockets that live in it; run() and start() run programs in it."""

    def __init__(self, world, role):
        self.world, self.role = world, role
        self.name = 'wild-%d-%s' % (os.getpid(), role)
        self.path = '/var/run/netns/' + self.name
        sh('ip', 'netns', 'add', self.name)
        self.do('ip', 'link', 'set', 'lo', 'up')
        self.sysctl('net.ipv6.conf.all.disable_ipv6', 1)

    def do(self, *command, check=True, **more):
        """do runs a program here to its end, at most a minute, and returns what it printed."""
        return sh('ip', 'netns', 'exec', self.name, *command, check=check, **more)

    def start(self, *command, **more):
        """start starts a program here, which ends with the world at the latest."""
        quiet = dict(stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        p = subprocess.Popen(('ip', 'netns', 'exec', self.name) + command, **{**quiet, **more})
        self.world.programs.append(p)
        return p

    def python(self, text, *arguments):
        """python starts a Python program here: a process of its own, which can be killed."""
        return self.start('/usr/bin/python3', '-c', 'import socket,sys,time,os,struct\n' + text, *map(str, arguments))

    def sysctl(self, name, value):
        self.do('sysctl', '-qw', '%s=%s' % (name, value))

    def nft(self, rules):
        """nft adds rules, one a line: a chain's hook, then the rule; table and chains are made."""
        out = ['table ip wild {']
        for n, line in enumerate(x.strip() for x in rules.strip().split('\n')):
            hook, rule = line.split(None, 1)
            kind = 'nat' if 'masquerade' in rule else 'filter'
            priority = 100 if kind == 'nat' else n
            out.append('chain c%d { type %s hook %s priority %d; %s; }' % (n, kind, hook, priority, rule))
        self.do('nft', '-f', '-', input='\n'.join(out + ['}']) + '\n')

    def clear(self):
        """clear removes the rules."""
        self.do('nft', 'flush', 'ruleset')

    def socket(self, family=socket.AF_INET, kind=socket.SOCK_STREAM, proto=0):
        """socket makes a socket of this host, open until the capture has ended unless it is closed; the caller stays where he is."""
        enter(self.path)
        try:
            s = socket.socket(family, kind, proto)
        finally:
            enter('/proc/%d/ns/net' % self.world.home)
        self.world.sockets.append(s)
        return s

    def listen(self, port=80, backlog=64):
        """listen makes a listening socket."""
        s = self.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(('0.0.0.0', port))
        s.listen(backlog)
        s.settimeout(30)
        return s

    def accept(self, listener):
        """accept returns the next connection of a listening socket, kept open in the same way."""
        s = listener.accept()[0]
        s.settimeout(30)
        self.world.sockets.append(s)
        return s

    def connect(self, address, port=80, bound=0, **options):
        """connect opens a connection; options: SO_... and TCP_... by name."""
        s = self.socket()
        if bound:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind(('0.0.0.0', bound))
        for name, value in options.items():
            s.setsockopt(socket.SOL_SOCKET if name.startswith('SO_') else socket.IPPROTO_TCP, getattr(socket, name), value)
        s.settimeout(30)
        s.connect((address, port))
        return s


class World:
    """The three hosts of one run, and its captures (a file a point in `folder`)."""

    def __init__(self, folder, delayed=False, offload=False, points=('c', 'rc', 's'), snaplen=200, late=False):
        self.home, self.programs, self.sockets, self.folder, self.points, self.snaplen = os.getpid(), [], [], folder, points, snaplen
        self.scratch = tempfile.mkdtemp(prefix='wild-')
        self.c, self.r, self.s = (Host(self, x) for x in 'crs')
        for host, end, address in ((self.c, 'rc', '10.1.0.2/24'), (self.s, 'rs', '10.1.0.3/24' if delayed else '10.2.0.2/24')):
            self.r.do('ip', 'link', 'add', end, 'type', 'veth', 'peer', 'name', 'eth', 'netns', host.name)
            for at, name in ((self.r, end), (host, 'eth')):
                if not offload:
                    at.do('ethtool', '-K', name, 'tx', 'off', 'tso', 'off', 'gso', 'off', 'gro', 'off', check=False)
                at.do('ip', 'link', 'set', name, 'up')
            host.do('ip', 'addr', 'add', address, 'dev', 'eth')
        self.C, self.S = '10.1.0.2', '10.1.0.3' if delayed else '10.2.0.2'
        if delayed:
            self.programs.append(subprocess.Popen(('ip', 'netns', 'exec', self.r.name, '/usr/bin/python3', os.path.abspath(__file__), 'link')))
            time.sleep(0.3)
        else:
            self.r.sysctl('net.ipv4.ip_forward', 1)
            self.r.do('ip', 'addr', 'add', '10.1.0.1/24', 'dev', 'rc')
            self.r.do('ip', 'addr', 'add', '10.2.0.1/24', 'dev', 'rs')
            self.c.do('ip', 'route', 'add', 'default', 'via', '10.1.0.1')
            self.s.do('ip', 'route', 'add', 'default', 'via', '10.2.0.1')
        self.captures = []
        if not late:
            self.capture()

    def capture(self):
        """capture begins to capture at the run's points."""
        for point in self.points:
            host, name = POINTS[point]
            p = subprocess.Popen(('ip', 'netns', 'exec', getattr(self, host).name, 'tcpdump', '-i', name, '-s', str(self.snaplen), '-U',
                                  '--immediate-mode', '-Z', 'root', '-w', os.path.join(self.folder, point + '.pcap'), 'tcp or icmp'),
                                 stderr=subprocess.PIPE, text=True)
            p.stderr.readline()
            self.captures.append(p)
        time.sleep(0.2)

    def pair(self, port=80, **options):
        """pair opens a connection and returns (the client's socket, the server's socket)."""
        listener = self.s.listen(port)
        client = self.c.connect(self.S, port, **options)
        server = self.s.accept(listener)
        return client, server

    def file(self, name, text):
        """file writes a file for a program of the run and returns its path."""
        path = os.path.join(self.scratch, name)
        with open(path, 'w', encoding='utf-8') as f:
            f.write(text)
        return path

    def nginx(self, text='', location='', keep_alive='12s'):
        """nginx starts nginx on the server, port 80."""
        os.chmod(self.scratch, 0o755)
        self.file('index.html', 'hello\n' * 100)
        with open(os.path.join(self.scratch, 'big'), 'wb') as f:
            f.truncate(3 << 20)
        path = self.file('nginx.conf', '''daemon off; pid %(d)s/pid; error_log %(d)s/error; worker_processes 1; events {}
            http { access_log off; client_body_temp_path %(d)s/b; proxy_temp_path %(d)s/p; fastcgi_temp_path %(d)s/f; uwsgi_temp_path %(d)s/u; scgi_temp_path %(d)s/g;
            keepalive_timeout %(k)s; %(t)s server { listen 80; root %(d)s; %(l)s } }''' % {'d': self.scratch, 'k': keep_alive, 't': text, 'l': location})
        p = self.s.start('nginx', '-c', path)
        time.sleep(0.7)
        return p

    def haproxy(self, defaults, options='', more='', port=8080):
        """haproxy starts haproxy on the router between port 8080 and the server's port 80."""
        path = self.file('haproxy.cfg', 'global\n maxconn 100\ndefaults\n mode tcp\n timeout connect 5s\n timeout client 60s\n timeout server 60s\n %s\n'
                         'listen l\n bind 0.0.0.0:%d\n %s\n server s %s:80 %s\n' % (defaults.replace(';', '\n'), port, options.replace(';', '\n '), self.S, more))
        p = self.r.start('haproxy', '-f', path, '-db')
        time.sleep(0.7)
        return p

    def close(self):
        """close ends everything and removes the namespaces."""
        time.sleep(0.3)
        for p in self.captures:
            p.terminate()
        for p in self.captures:
            p.wait(10)
        for p in self.programs:
            p.kill()
        for host in (self.c, self.r, self.s):
            for pid in sh('ip', 'netns', 'pids', host.name, check=False).split():
                if int(pid) != os.getpid():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(int(pid), 9)
            sh('ip', 'netns', 'del', host.name, check=False)
        shutil.rmtree(self.scratch, ignore_errors=True)


def link():
    """link hands every frame from one interface to the other after DELAY; for the namespace of the router."""
    ends = []
    for name in ('rc', 'rs'):
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        s.bind((name, 3))
        s.setblocking(False)
        ends.append(s)
    waiting, n = [], 0
    while True:
        wait = max(0, waiting[0][0] - time.monotonic()) if waiting else None
        for s in select.select(ends, [], [], wait)[0]:
            try:
                frame, address = s.recvfrom(65536)
            except BlockingIOError:
                continue
            if address[2] == socket.PACKET_OUTGOING:
                continue
            n += 1
            heapq.heappush(waiting, (time.monotonic() + DELAY, n, ends[1 - ends.index(s)], frame))
        while waiting and waiting[0][0] <= time.monotonic():
            try:
                waiting[0][2].send(waiting[0][3])
            except OSError:
                pass
            heapq.heappop(waiting)


if __name__ == '__main__':
    link()

"""situations.py: runs of real programs, each with the truth about it, which is what the run configured; and what such runs are made of.

A situation is a function of a world (world.py). `expects`: {finding: pattern of its sentence} must be found; `allows`: may be found as well; any other
Note or Warn is wrong. `at`: {point: expects} where a point of capture sees something else. `forbids`: findings of any severity that must not be there.
`left`: so many connections are left in CLOSE_WAIT at the end. `device`: somebody else than the two ends sends RSTs with traits of his own; where nobody does,
no RST may be suspicious.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import shutil
import signal
import socket
import struct
import subprocess
import time

RUNS = {}
DEFER, FASTOPEN_DATA, LINGER0 = socket.TCP_DEFER_ACCEPT, 0x20000000, struct.pack('ii', 1, 0)
HTTP = b'GET / HTTP/1.1\r\nHost: s\r\n\r\n'


def run(truth, expects=None, allows=(), at=None, forbids=(), left=None, device=False, **world):
    """run registers a situation; `world`: arguments of World."""
    def register(f):
        RUNS[f.__name__] = {'make': f, 'truth': truth, 'expects': expects or {}, 'allows': list(allows), 'at': at or {}, 'forbids': list(forbids), 'left': left,
                            'device': device, 'world': world}
        return f
    return register


def get(s, request=HTTP):
    """get sends a request and reads one answer that has a length."""
    s.sendall(request)
    head = b''
    while b'\r\n\r\n' not in head:
        got = s.recv(65536)
        if not got:
            return head
        head += got
    head, body = head.split(b'\r\n\r\n', 1)
    length = [int(x.split(b':')[1]) for x in head.split(b'\r\n') if x.lower().startswith(b'content-length')]
    while length and len(body) < length[0]:
        got = s.recv(65536)
        if not got:
            break
        body += got
    return body


def talk(client, server, times=1, pause=0.0):
    """talk: the client asks, the server answers, and so on."""
    for _ in range(times):
        client.sendall(b'question')
        server.recv(65536)
        server.sendall(b'answer')
        client.recv(65536)
        time.sleep(pause)


def fill(s, size=1 << 16):
    """fill sends until the peer's buffer and the own one have been full for a second."""
    s.setblocking(False)
    full = time.time()
    while time.time() - full < 1:
        try:
            s.send(bytes(size))
            full = time.time()
        except BlockingIOError:
            time.sleep(0.02)


def reset(s):
    """reset closes a socket by RST."""
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER0)
    s.close()


def raw_segment(host, source, target, sport, dport, seq, ack, flags, ttl=64, ident=0, stamps=None, window=0, data=b''):
    """raw_segment sends a segment that no socket made; stamps: (TSval, TSecr), or None for no options."""
    raw = host.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    a, b = socket.inet_aton(source), socket.inet_aton(target)
    options = b'' if stamps is None else struct.pack('!BBBBII', 1, 1, 8, 10, *stamps)
    tcp = struct.pack('!HHIIBBHHH', sport, dport, seq, ack, (5 + len(options) // 4) << 4, flags, window, 0, 0) + options + data
    even = tcp + bytes(len(tcp) % 2)
    total = sum(struct.unpack('!%dH' % (len(even) // 2), even)) + sum(struct.unpack('!4H', a + b)) + 6 + len(tcp)
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    tcp = tcp[:16] + struct.pack('!H', ~total & 0xffff) + tcp[18:]
    raw.sendto(struct.pack('!BBHHHBBH4s4s', 0x45, 0, 20 + len(tcp), ident, 0, ttl, 6, 0, a, b) + tcp, (target, 0))
    raw.close()


def rst_by_device(w, source, target, sport, dport, seq, ack):
    """rst_by_device sends a RST,ACK as a device would: its own TTL and IP ID, no options."""
    raw_segment(w.r, source, target, sport, dport, seq, ack, 0x14, 255, 31337)


class Sniffer:
    """Sees the TCP headers that a host's interface carries."""

    def __init__(self, host, interface):
        self.s = host.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x800))
        self.s.bind((interface, 0x800))
        self.s.setblocking(False)

    def headers(self):
        """headers returns (source, sport, dport, seq, ack, flags, TSval) of what came since."""
        out = []
        while True:
            try:
                p = self.s.recv(65536)
            except BlockingIOError:
                return out
            h = (p[0] & 15) * 4
            sport, dport, seq, ack, off, flags = struct.unpack('!HHIIBB', p[h:h + 14])
            options, stamp = p[h + 20:h + (off >> 4) * 4], 0
            while options:
                if options[0] == 8:
                    stamp = struct.unpack('!I', options[2:6])[0]
                if options[0] == 0:
                    break
                options = options[1:] if options[0] == 1 else options[max(2, options[1]):]
            out.append((socket.inet_ntoa(p[12:16]), sport, dport, seq, ack, flags, stamp))


# Idle connections

@run('nginx, keepalive_timeout 12 s: it closes an idle connection by FIN after 12 s, the client closes at once', {'close.idle': r'after 1[12]\.\d s'})
def nginx_keepalive_timeout(w):
    w.nginx()
    s = w.c.connect(w.S)
    get(s)
    s.recv(1)
    s.close()


@run('python server closes an idle connection after 12 s; a request of the client crosses the FIN on a link of 30 ms and is answered by RST',
     {'rst.race': r'after 12\.\d s'}, delayed=True)
def keepalive_race(w):
    c, s = w.pair()
    talk(c, s)
    time.sleep(12)
    s.close()
    time.sleep(0.01)
    c.sendall(b'question')
    time.sleep(0.5)
    c.close()


@run('nginx, keepalive_timeout 12 s, one way 30 ms: the client sends its second request 11.97 s after the answer came, when the FIN is under way',
     {'rst.race': r'after 1[12]\.\d s'}, delayed=True)
def nginx_keepalive_race(w):
    w.nginx()
    s = w.c.connect(w.S)
    get(s)
    time.sleep(11.97)
    try:
        s.sendall(HTTP)
        time.sleep(0.5)
        s.recv(1000)
    except OSError:
        pass
    s.close()


@run('a pooled client uses a connection 2 s after nginx closed it (keepalive_timeout 12 s), having ignored the FIN: its request is discarded by RST',
     {'rst.after_close': r'had closed.* 2\.\d s later.*before it sends'}, ['close.idle'])
def request_after_close(w):
    w.nginx()
    s = w.c.connect(w.S)
    get(s)
    time.sleep(14.3)
    s.sendall(HTTP)
    time.sleep(0.3)
    s.close()


def nat(w, rules):
    w.r.sysctl('net.netfilter.nf_conntrack_tcp_timeout_established', 12)
    w.r.sysctl('net.netfilter.nf_conntrack_tcp_loose', 0)
    w.r.nft('postrouting oifname "rs" masquerade\n' + rules)


@run('NAT whose conntrack forgets an idle connection after 12 s and drops what it does not know; the client asks again after 16 s',
     {'half_open.idle': r'16\.\d s'}, at={'s': {}}, points=('c', 'rc', 's'))
def nat_idle_drop(w):
    nat(w, 'forward ct state invalid drop')
    c, s = w.pair()
    talk(c, s)
    time.sleep(16)
    c.sendall(b'question')
    time.sleep(8)


@run('NAT whose conntrack forgets an idle connection after 12 s and rejects by RST; the client asks again after 16 s',
     {'rst.no_connection': r'16\.\d s'}, at={'s': {}}, points=('c', 'rc', 's'))
def nat_idle_reject(w):
    nat(w, 'forward ct state invalid reject with tcp reset')
    c, s = w.pair()
    talk(c, s)
    time.sleep(16)
    try:
        c.sendall(b'question')
        c.recv(10)
    except OSError:
        pass


@run('NAT whose conntrack forgets after 12 s; the server pushes after 16 s into nothing', {'half_open.idle': r'16\.\d s'}, at={'c': {}, 'rc': {}}, points=('c', 's'))
def nat_idle_push(w):
    nat(w, 'forward ct state invalid drop\nprerouting iifname "rs" ct state invalid drop')
    c, s = w.pair()
    talk(c, s)
    time.sleep(16)
    s.sendall(b'news')
    time.sleep(8)


@run('haproxy in TCP mode on the router, timeout client 12 s, option nolinger: it resets the idle connection', {'rst.idle': r'after 1[12]\.\d s'}, points=('c', 'rc'))
def haproxy_idle_reset(w):
    listener = w.s.listen()
    w.haproxy('timeout client 12s;timeout server 12s', 'option nolinger')
    c = w.c.connect('10.1.0.1', 8080)
    talk(c, w.s.accept(listener))
    time.sleep(13.5)


@run('haproxy in TCP mode on the router, timeout client 12 s: it closes the idle connection by FIN', {'close.idle': r'after 1[12]\.\d s'}, points=('c', 'rc'))
def haproxy_idle_close(w):
    listener = w.s.listen()
    w.haproxy('timeout client 12s;timeout server 12s')
    c = w.c.connect('10.1.0.1', 8080)
    s = w.s.accept(listener)
    talk(c, s)
    c.recv(10)
    c.close()
    s.close()


@run('socat as a balancer, -T 12, linger=0: it resets both connections after 12 s', {'rst.idle': r'after 1[12]\.\d s'}, points=('c', 's'))
def socat_idle_reset(w):
    listener = w.s.listen()
    w.r.start('socat', '-T', '12', 'TCP-LISTEN:8080,reuseaddr,linger=0', 'TCP:%s:80,linger=0' % w.S)
    time.sleep(0.5)
    c = w.c.connect('10.1.0.1', 8080)
    talk(c, w.s.accept(listener))
    time.sleep(13.5)


@run('a device between sends RSTs to both ends after 15 s of silence, TTL 255 and no timestamps', {'rst.idle': r'after 15\.\d s.*device between'}, device=True, points=('c', 'rc', 's'))
def device_idle_reset(w):
    seen = Sniffer(w.r, 'rc')
    c, s = w.pair()
    talk(c, s, 3)
    time.sleep(15)
    last = [h for h in seen.headers() if h[0] == w.C][-1]
    rst_by_device(w, w.S, w.C, 80, last[1], last[4], last[3])
    rst_by_device(w, w.C, w.S, last[1], 80, last[3], last[4])
    time.sleep(0.3)


@run('a device between sends one RST to the client while data go both ways, TTL 255; the server goes on', {'rst.forged': r'', 'rst.abort': r'server.*device between'}, device=True, points=('c', 'rc'))
def device_reset_forged(w):
    seen = Sniffer(w.r, 'rc')
    c, s = w.pair()
    talk(c, s, 5, 0.2)
    last = [h for h in seen.headers() if h[0] == w.C][-1]
    rst_by_device(w, w.S, w.C, 80, last[1], last[4], last[3])
    time.sleep(0.5)
    s.sendall(b'more')
    time.sleep(0.5)


@run('ssh-like idle: 25 s between two keystrokes, TCP keepalives every 5 s answered', forbids=['keepalive.unanswered', 'rst.idle'])
def idle_with_keepalives(w):
    c, s = w.pair()
    c.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    c.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 5)
    c.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 5)
    talk(c, s, 3)
    time.sleep(25)
    talk(c, s)
    c.close()
    s.close()


@run('a real sshd and ssh: sleeps 20 s with ServerAliveInterval 5, then ends')
def ssh_session(w):
    w.file('x', '')
    d = w.scratch
    subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', d + '/host'], check=True)
    subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', d + '/user'], check=True)
    shutil.copy(d + '/user.pub', d + '/authorized')
    os.makedirs('/run/sshd', exist_ok=True)
    config = w.file('sshd.conf', 'Port 22\nHostKey %s/host\nPidFile %s/sshd.pid\nAuthorizedKeysFile %s/authorized\nStrictModes no\nUsePAM no\nPermitRootLogin yes\n' % (d, d, d))
    w.s.start('/usr/sbin/sshd', '-D', '-f', config)
    time.sleep(1)
    w.c.do('ssh', '-i', d + '/user', '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'ServerAliveInterval=5', 'root@' + w.S, 'sleep 20; ls /', check=False)


@run('websocket-like: a message each 11 s for 33 s, then both close')
def websocket_pings(w):
    c, s = w.pair()
    talk(c, s, 3, 11)
    c.close()
    s.close()


@run('a pool of five connections to a database: a query on each now and then, one closed by the client after 20 s idle, the others used again', {'close.idle': r'after 2\d\.\d s'})
def database_pool(w):
    listener = w.s.listen(5432)
    pairs = []
    for _ in range(5):
        c = w.c.connect(w.S, 5432, SO_KEEPALIVE=1)
        pairs.append((c, w.s.accept(listener)))
        talk(*pairs[-1])
    time.sleep(20)
    for c, s in pairs[1:]:
        talk(c, s, 3, 0.1)
    for c, s in pairs:
        c.close()
        s.recv(1)
        s.close()


@run('the server closes an idle connection of a pool after 10 s; the client notices 15 s later and closes: normal', forbids=['close_wait.lingering', 'fin_wait_2.lingering'], left=0)
def pool_closes_late(w):
    c, s = w.pair()
    talk(c, s)
    time.sleep(10.5)
    s.close()
    time.sleep(15)
    c.close()


# Resets and their causes

@run('the client asks, the server acknowledges and does not answer; the client resets after 12 s', {'rst.gave_up': r'1[12]\.\d s'})
def client_gives_up(w):
    c, s = w.pair()
    c.sendall(b'question')
    s.recv(100)
    time.sleep(12)
    reset(c)


@run('curl --max-time 4 on a server that answers after 7 s: curl closes, the answer is answered by RST', {'rst.after_close': r'client.* [23]\.\d s later.*so late'})
def curl_gives_up(w):
    listener = w.s.listen()
    p = w.c.start('curl', '-s', '--max-time', '4', 'http://%s/' % w.S)
    s = w.s.accept(listener)
    s.recv(1000)
    time.sleep(7)
    s.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi')
    time.sleep(0.3)
    p.wait(5)
    s.close()


@run('the reader never reads, the writer fills its window and resets after 15 s', {'rst.zero_window': r'1[56]\.\d s'}, points=('c', 's'))
def zero_window_reset(w):
    c, s = w.pair()
    fill(s, 1 << 16)
    time.sleep(15)
    reset(s)


@run('the reader never reads (receive buffer 4 KiB), the writer has TCP_USER_TIMEOUT 8 s: its kernel gives up without a RST; the reader then closes with data unread, by RST', {}, ['rst.zero_window', 'rst.abort'], points=('c', 's'))
def zero_window_user_timeout(w):
    listener = w.s.listen()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    c = w.c.connect(w.S, TCP_USER_TIMEOUT=8000)
    s = w.s.accept(listener)
    fill(c, 4096)
    time.sleep(12)
    s.close()
    time.sleep(0.5)


@run('the client sends to a reader that does not read (4 KiB), and resets after 10 s', {'rst.zero_window': r'1[01]\.\d s'}, points=('c', 's'))
def zero_window_upload(w):
    listener = w.s.listen()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    c = w.c.connect(w.S)
    s = w.s.accept(listener)
    fill(c, 4096)
    time.sleep(10)
    reset(c)
    time.sleep(0.2)
    s.close()


@run('the reader pauses for 8 s with a window of 0, then reads all: flow control, nothing wrong', forbids=['rst.zero_window'])
def zero_window_then_read(w):
    listener = w.s.listen()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    c = w.c.connect(w.S)
    s = w.s.accept(listener)
    c.settimeout(None)
    pid = os.fork()
    if not pid:
        c.sendall(bytes(300000))
        os._exit(0)
    c.close()
    time.sleep(8)
    got = 0
    while got < 300000:
        got += len(s.recv(65536))
    os.waitpid(pid, 0)
    s.recv(1)
    s.close()


@run('the reader with a full buffer and a window of 0 is killed: its kernel resets because data were unread', {'rst.abort': r'server'}, ['rst.zero_window'], points=('c', 's'))
def zero_window_reader_killed(w):
    p = w.s.python('l=socket.socket();l.setsockopt(1,2,1);l.bind(("",80));l.listen(1);c=l.accept()[0];time.sleep(60)')
    time.sleep(0.7)
    c = w.c.connect(w.S)
    fill(c, 1 << 16)
    time.sleep(6)
    p.send_signal(signal.SIGKILL)
    time.sleep(0.5)


@run('kill -9 of an idle client: its kernel sends FIN, the server closes: normal')
def kill_idle_client(w):
    listener = w.s.listen()
    p = w.c.python('c=socket.create_connection((sys.argv[1],80));c.sendall(b"hi");c.recv(9);time.sleep(60)', w.S)
    s = w.s.accept(listener)
    s.recv(9)
    s.sendall(b'there')
    time.sleep(2)
    p.send_signal(signal.SIGKILL)
    s.recv(1)
    s.close()


@run('kill -9 of a client with an unread answer: RST', {'rst.abort|rst.close': r'client'})
def kill_client_unread(w):
    listener = w.s.listen()
    p = w.c.python('c=socket.create_connection((sys.argv[1],80));c.sendall(b"hi");time.sleep(60)', w.S)
    s = w.s.accept(listener)
    s.recv(9)
    s.sendall(b'there' * 1000)
    time.sleep(2)
    p.send_signal(signal.SIGKILL)
    time.sleep(0.3)
    s.close()


@run('kill -9 of a server in the middle of a long answer that the client reads: the client sees data, then FIN, then closes')
def kill_server_streaming(w):
    p = w.s.python('l=socket.socket();l.setsockopt(1,2,1);l.bind(("",80));l.listen(1);c=l.accept()[0];c.recv(9)\nwhile 1: c.sendall(bytes(500)); time.sleep(.1)')
    time.sleep(0.7)
    c = w.c.connect(w.S)
    c.sendall(b'hi')
    time.sleep(2)
    p.send_signal(signal.SIGKILL)
    while c.recv(65536):
        pass
    c.close()


def forget(w, host, s, peer_gone_silently=True):
    """forget makes a host lose a connection without a word: what it sends is dropped while the socket is reset."""
    host.nft('output ip protocol tcp tcp flags & (rst|fin) != 0 drop')
    reset(s)
    time.sleep(0.2)
    host.clear()


@run('the server restarts (loses the connection silently), 6 s later the client sends on it: RST of a host without a socket', {'rst.no_connection': r'server'})
def server_restarted(w):
    c, s = w.pair()
    talk(c, s)
    forget(w, w.s, s)
    time.sleep(6)
    c.sendall(b'question')
    time.sleep(0.3)


@run('the server restarts, 13 s later the client sends: RST of a host without a socket after 13 s of silence', {'rst.no_connection': r'13\.\d s'})
def server_restarted_idle(w):
    c, s = w.pair()
    talk(c, s)
    forget(w, w.s, s)
    time.sleep(12.9)
    c.sendall(b'question')
    time.sleep(0.3)


@run('the client restarts and uses its port again: the server still holds the old connection, its ACK is answered by RST, the SYN is accepted after that',
     {'half_open.one_sided': r'server'})
def client_restarted(w):
    listener = w.s.listen()
    c = w.c.connect(w.S, bound=40000)
    s = w.s.accept(listener)
    talk(c, s)
    forget(w, w.c, c)
    time.sleep(5)
    c = w.c.connect(w.S, bound=40000)
    s2 = w.s.accept(listener)
    talk(c, s2)
    c.close()
    s2.close()
    s.close()


@run('the client restarts, 8 s later the server pushes data: RST of a host without a socket', {'rst.no_connection': r'client'})
def client_restarted_push(w):
    c, s = w.pair()
    talk(c, s)
    forget(w, w.c, c)
    time.sleep(8)
    s.sendall(b'news')
    time.sleep(0.3)


@run('the server closes with the request unread: RST', {'rst.abort': r'server.*without reading'})
def server_closes_unread(w):
    c, s = w.pair()
    c.sendall(b'question')
    time.sleep(0.05)
    s.close()
    time.sleep(0.2)


@run('SO_LINGER 0 after a complete exchange: closed by RST, nothing lost', {'rst.close': r''})
def linger_zero_complete(w):
    c, s = w.pair()
    talk(c, s, 2)
    time.sleep(1)
    reset(c)
    time.sleep(0.2)
    s.close()


@run('the client aborts a download, by SO_LINGER 0; from the segments it cannot be told from the end of the answer', {'rst.abort|rst.close': r'client'}, points=('c', 's'))
def download_aborted(w):
    c, s = w.pair()
    c.sendall(b'question')
    s.recv(9)
    s.setblocking(False)
    try:
        s.send(bytes(400000))
    except BlockingIOError:
        pass
    time.sleep(0.1)
    c.recv(1000)
    reset(c)
    time.sleep(0.2)


@run('an upload of 900 KB to a python server that answers 413 after the head and closes with the body unread: RST. From the segments it cannot be told from a RST after the answer', {'rst.abort|rst.after_close|rst.close': r'server'}, points=('c', 's'))
def upload_refused(w):
    w.s.python('l=socket.socket();l.setsockopt(1,2,1);l.bind(("",80));l.listen(1);c=l.accept()[0];c.recv(200);c.sendall(b"HTTP/1.1 413 x\\r\\n\\r\\n");c.close();time.sleep(9)')
    time.sleep(0.7)
    c = w.c.connect(w.S)
    try:
        c.sendall(b'POST / HTTP/1.1\r\nHost: s\r\nContent-Length: 900000\r\n\r\n' + bytes(60000))
        c.sendall(bytes(840000))
    except OSError:
        pass
    time.sleep(0.3)


@run('a listening socket is closed while three connections wait in its queue: RST to each', {'rst.abort': r'server'}, ['rst.close'])
def listener_closed(w):
    listener = w.s.listen()
    cs = [w.c.connect(w.S) for _ in range(3)]
    for c in cs:
        c.sendall(b'question')
    time.sleep(1)
    listener.close()
    time.sleep(0.2)


@run('data in vain: the client`s segments are dropped after the handshake, its application resets after 14 s', {'rst.retransmissions': r'1[34]\.\d s', 'half_open.idle': r''},
     at={'s': {}}, allows=['rst.abort'], points=('c', 's'))
def retransmissions_then_reset(w):
    c, s = w.pair()
    talk(c, s)
    w.r.nft('forward ip saddr 10.1.0.2 tcp flags & rst == 0 drop')
    c.sendall(b'question')
    time.sleep(14)
    reset(c)
    time.sleep(0.2)


# Silence

@run('the path is cut after the handshake; TCP_USER_TIMEOUT 8 s ends the client silently', {'half_open.idle': r'client'}, at={'s': {}}, points=('c', 's'))
def user_timeout(w):
    c, s = w.pair(TCP_USER_TIMEOUT=8000)
    talk(c, s)
    w.r.nft('forward ip protocol tcp drop')
    c.sendall(b'question')
    time.sleep(10)


@run('the path is cut; keepalives (idle 3 s, every 2 s, 3 of them) fail and the kernel sends RST', {'rst.keepalive': r'3 keepalives', 'keepalive.unanswered': r'3 keepalives'},
     at={'s': {}}, points=('c', 's'))
def keepalive_fails(w):
    c, s = w.pair(SO_KEEPALIVE=1, TCP_KEEPIDLE=3, TCP_KEEPINTVL=2, TCP_KEEPCNT=3)
    talk(c, s)
    w.r.nft('forward ip protocol tcp drop')
    time.sleep(12)


@run('the same with 2 keepalives, of the server', {'rst.keepalive': r'server.*2 keepalives'}, at={'c': {}}, points=('c', 's'))
def keepalive_fails_server(w):
    c, s = w.pair()
    for name, value in (('TCP_KEEPIDLE', 3), ('TCP_KEEPINTVL', 3), ('TCP_KEEPCNT', 2)):
        s.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    talk(c, s)
    w.r.nft('forward ip protocol tcp drop')
    time.sleep(12)


@run('the path is cut, the client closes: FINs without an answer', {'half_open.fin': r'client'}, at={'s': {}}, points=('c', 's'))
def fin_unanswered(w):
    c, s = w.pair()
    talk(c, s)
    w.r.nft('forward ip protocol tcp drop')
    c.close()
    time.sleep(9)


@run('what the server sends is dropped between: the server has the request and its ACKs get lost', {'half_open.idle': r''}, points=('c', 's'))
def acks_dropped(w):
    c, s = w.pair()
    talk(c, s)
    w.r.nft('forward ip saddr %s drop' % w.S)
    c.sendall(b'question')
    time.sleep(9)


@run('the path is cut for 6 s in a download and comes back: data repeated, then all is well', {'half_open.idle': r'server'}, at={'c': {}}, points=('c', 's'), allows=['half_open.idle'])
def outage(w):
    c, s = w.pair()
    talk(c, s)
    w.r.nft('forward ip protocol tcp drop')
    s.sendall(b'news' * 100)
    time.sleep(6)
    w.r.clear()
    c.recv(1000)
    time.sleep(8)
    talk(c, s)
    c.close()
    s.close()


@run('an outage of 1.5 s: TCP repairs it, nothing to say', points=('c', 's'))
def short_outage(w):
    c, s = w.pair()
    talk(c, s)
    w.r.nft('forward ip protocol tcp drop')
    s.sendall(b'news' * 100)
    time.sleep(1.5)
    w.r.clear()
    c.recv(1000)
    time.sleep(2)
    talk(c, s)
    c.close()
    s.close()


@run('the server`s link goes down: the router says host unreachable', {'icmp.unreachable': r'', 'half_open.idle': r'client'}, at={'s': {}}, points=('c', 'rc'))
def host_unreachable(w):
    c, s = w.pair()
    talk(c, s)
    w.s.do('ip', 'link', 'set', 'eth', 'down')
    c.sendall(b'question')
    time.sleep(10)


def too_large(w, icmp):
    w.r.do('ip', 'link', 'set', 'rc', 'mtu', '1200')
    if not icmp:
        w.r.nft('output icmp type destination-unreachable drop')
    listener = w.s.listen()
    c = w.c.connect(w.S)
    s = w.s.accept(listener)
    talk(c, s)
    c.sendall(b'a long answer please')
    s.recv(100)
    s.sendall(bytes(6000))
    return c, s


@run('path MTU 1200 toward the client, ICMP too big dropped: the server`s segments of 1448 octets do not get through, small ones do', {'path.mtu': r'1448 octets of server'}, at={'c': {}}, points=('c', 's'))
def path_mtu_download(w):
    too_large(w, False)
    time.sleep(14)


@run('the same; the client asks again with small segments while the large ones fail', {'path.mtu': r'1448 octets of server'}, at={'c': {'half_open.idle|': r''}}, points=('c', 's'), allows=['half_open.idle'])
def path_mtu_there(w):
    c, _ = too_large(w, False)
    for _ in range(6):
        time.sleep(2)
        c.sendall(b'still there?')


@run('path MTU 1200, ICMP too big arrives: path MTU discovery works', forbids=['path.mtu'], points=('c', 's'))
def path_mtu_discovered(w):
    c, s = too_large(w, True)
    got = 0
    while got < 6000:
        got += len(c.recv(65536))
    c.close()
    s.close()


@run('path MTU 1200 toward the server, ICMP dropped: an upload fails, its request of 5000 octets is never acknowledged', {'path.mtu': r'1448 octets of client'}, at={'s': {}}, points=('c', 's'))
def path_mtu_upload(w):
    w.s.do('ip', 'link', 'set', 'eth', 'mtu', '1500')
    w.r.do('ip', 'link', 'set', 'rs', 'mtu', '1200')
    w.r.nft('output icmp type destination-unreachable drop')
    c, s = w.pair()
    talk(c, s)
    c.sendall(bytes(5000))
    time.sleep(13)


# Handshakes

@run('no service on that port: RST', {'rst.refused': r'server'})
def port_closed(w):
    for _ in range(3):
        try:
            w.c.connect(w.S, 81)
        except ConnectionRefusedError:
            pass


@run('a firewall rejects by RST', {'rst.refused': r''}, at={'s': {}}, points=('c', 'rc'))
def reject_reset(w):
    w.r.nft('forward tcp dport 80 reject with tcp reset')
    try:
        w.c.connect(w.S)
    except OSError:
        pass


@run('a firewall rejects by ICMP port unreachable', {'icmp.unreachable': r''}, points=('c', 'rc'))
def reject_icmp(w):
    w.r.nft('forward tcp dport 80 reject with icmp type port-unreachable')
    try:
        w.c.connect(w.S)
    except OSError:
        pass


@run('a firewall rejects an open connection by ICMP admin prohibited', {'icmp.unreachable': r'', 'half_open.idle': r'client'}, points=('c', 'rc'))
def reject_icmp_open(w):
    c, s = w.pair()
    talk(c, s)
    w.r.nft('forward ip saddr 10.1.0.2 reject with icmp type admin-prohibited')
    c.sendall(b'question')
    time.sleep(8)


@run('a firewall resets an open connection: it answers the next request by RST', {'rst.abort': r'server.*device between refuses'}, points=('c', 'rc'))
def reject_reset_open(w):
    c, s = w.pair()
    talk(c, s)
    w.r.nft('forward ip saddr 10.1.0.2 reject with tcp reset')
    time.sleep(1)
    c.sendall(b'question')
    time.sleep(0.5)


@run('SYNs dropped', {'half_open.syn': r'server.*SYNs'}, points=('c', 'rc'))
def syn_dropped(w):
    w.r.nft('forward tcp dport 80 drop')
    s = w.c.socket()
    s.setblocking(False)
    s.connect_ex((w.S, 80))
    time.sleep(9)


@run('curl --connect-timeout 2 on an address that drops: two SYNs, nothing is known', points=('c',))
def connect_timeout_short(w):
    w.r.nft('forward tcp dport 80 drop')
    w.c.do('curl', '-s', '--connect-timeout', '2', 'http://%s/' % w.S, check=False)


@run('SYNs dropped for 1.5 s, then the handshake succeeds')
def syn_late(w):
    w.r.nft('forward tcp dport 80 drop')
    listener = w.s.listen()
    s = w.c.socket()
    s.setblocking(False)
    s.connect_ex((w.S, 80))
    time.sleep(1.5)
    w.r.clear()
    time.sleep(2)
    s.settimeout(5)
    t = w.s.accept(listener)
    talk(s, t)
    s.close()
    t.close()


@run('SYN,ACKs dropped between', {'half_open.syn': r'server'}, at={'s': {'half_open.syn_ack': r'server'}}, points=('c', 's'))
def syn_ack_dropped(w):
    w.r.nft('forward ip saddr %s drop' % w.S)
    w.s.listen(81)
    s = w.c.socket()
    s.setblocking(False)
    s.connect_ex((w.S, 81))
    time.sleep(9)


@run('the client`s ACK of the handshake and its data dropped between', {'half_open.not_accepted|half_open.idle': r''}, ['half_open.not_accepted', 'half_open.idle'],
     at={'s': {'half_open.syn_ack': r'server'}}, points=('c', 's'))
def final_ack_dropped(w):
    w.s.listen()
    w.r.nft('forward ip saddr 10.1.0.2 tcp flags & syn == 0 drop')
    c = w.c.connect(w.S)
    c.sendall(b'question')
    time.sleep(9)


@run('a full accept queue (backlog 1), nobody accepts: six clients connect at once over a link of 30 ms and ask', {'half_open.not_accepted|half_open.idle': r'accept'},
     ['half_open.syn', 'half_open.idle'], delayed=True, points=('c', 's'))
def accept_queue_full(w):
    w.s.listen(80, 1)
    cs = [w.c.socket() for _ in range(6)]
    for c in cs:
        c.setblocking(False)
        c.connect_ex((w.S, 80))
    time.sleep(0.5)
    for c in cs:
        try:
            c.send(b'question')
        except OSError:
            pass
    time.sleep(9)


@run('a full accept queue, nobody accepts: later SYNs are dropped', {'half_open.syn': r'server'}, ['half_open.not_accepted', 'half_open.idle'], points=('c', 's'))
def accept_queue_full_syns(w):
    w.s.listen(80, 1)
    cs = [w.c.socket() for _ in range(5)]
    for c in cs:
        c.setblocking(False)
        c.connect_ex((w.S, 80))
        time.sleep(0.2)
    time.sleep(9)


@run('TCP_DEFER_ACCEPT 10 s: the client connects and says nothing for 6 s; the server repeats its SYN,ACK by design', {}, ['half_open.not_accepted'], points=('c', 's'))
def defer_accept(w):
    listener = w.s.listen()
    listener.setsockopt(socket.IPPROTO_TCP, DEFER, 10)
    c = w.c.connect(w.S)
    time.sleep(6)
    c.sendall(b'question')
    s = w.s.accept(listener)
    talk(c, s)
    c.close()
    s.close()


# Floods and scans

@run('one connection, then hping3: 2,000 SYNs from random addresses to a service', {'flood': r'server'}, ['half_open.syn_ack', 'half_open.syn'], points=('rc', 's'), snaplen=80)
def syn_flood(w):
    w.s.listen(80, 5)
    w.r.do('ip', 'route', 'add', 'blackhole', 'default')
    w.c.connect(w.S).close()
    w.c.do('hping3', '-q', '-S', '-p', '80', '-c', '2000', '-i', 'u1000', '--rand-source', w.S, check=False)
    time.sleep(1)


@run('hping3: 1,200 SYNs from one address to a service; its kernel resets each SYN,ACK', {'flood': r'server'}, ['scan'], points=('rc',), snaplen=80)
def syn_flood_one_source(w):
    w.s.listen(80, 5)
    w.c.do('hping3', '-q', '-S', '-p', '80', '-c', '1200', '-i', 'u1000', w.S, check=False)


@run('80 closed ports asked', {'scan': r'client'}, ['rst.refused'], points=('c', 'rc'))
def scan_closed(w):
    for port in range(100, 180):
        try:
            w.c.connect(w.S, port).close()
        except OSError:
            pass


@run('150 filtered ports asked, a SYN each and a retry', {'scan': r'client'}, ['half_open.syn'], points=('c',))
def scan_filtered(w):
    w.r.nft('forward tcp dport 100-300 drop')
    socks = []
    for port in range(100, 250):
        s = w.c.socket()
        s.setblocking(False)
        s.connect_ex((w.S, port))
        socks.append(s)
    time.sleep(4)


@run('hping3 --scan of ports 1-300, most closed, three open', {'scan': r'client'}, ['rst.refused'], points=('rc',))
def scan_mixed(w):
    _ = [w.s.listen(p) for p in (22, 80, 143)]
    w.c.do('hping3', '-q', '--scan', '1-300', '-S', w.S, check=False)


@run('40 open ports of a host, connected and closed at once by RST', {'rst.probe': r''}, ['scan'], points=('c',))
def scan_open(w):
    _ = [w.s.listen(p) for p in range(100, 140)]
    for port in range(100, 140):
        reset(w.c.connect(w.S, port))


@run('haproxy on the router checks its server each 500 ms by a TCP connect, beside ordinary traffic through it', points=('c', 's'))
def health_checks(w):
    w.nginx()
    w.haproxy('', '', 'check inter 500')
    for _ in range(4):
        w.c.do('curl', '-s', '-o', '/dev/null', 'http://10.1.0.1:8080/')
        time.sleep(1)


@run('two clients behind one NAT address, each with one clock for its timestamps (as Linux before 4.10, and others), made of raw segments; the server drops the SYNs '
     'of the one whose clock is behind, as Linux before 4.12 did with tcp_tw_recycle (made with nft)', {'syn.paws': r'server'}, points=('c', 's'))
def paws_behind_nat(w):
    w.s.listen()
    w.c.nft('output tcp flags & rst != 0 drop')
    seen, since = Sniffer(w.c, 'eth'), time.time()

    def segment(clock, port, seq, ack, flags, echo=0):
        raw_segment(w.c, w.C, w.S, port, 80, seq, ack, flags, stamps=(clock + int((time.time() - since) * 1000), echo), window=0 if flags & 4 else 64240)
    for port in (40001, 40002, 40003):
        segment(700000000, port, port, 0, 2)
        time.sleep(0.2)
        got = [h for h in seen.headers() if h[0] == w.S and h[2] == port and h[5] == 0x12][0]
        segment(700000000, port, port + 1, got[3] + 1, 0x10, got[6])
        time.sleep(0.5)
        segment(700000000, port, port + 1, got[3] + 1, 0x11, got[6])
        time.sleep(0.3)
    w.s.nft('input tcp dport 80 drop')
    for wait in (1, 2, 4, 0.3):
        segment(300000000, 40009, 1234, 0, 2)
        time.sleep(wait)


@run('a service that answers three clients of one address in turn, whose timestamps have offsets of their own (Linux), and whose SYNs are then dropped for 8 s',
     {'half_open.syn': r'server'}, at={}, forbids=['syn.paws'], points=('c', 's'))
def stamps_of_their_own(w):
    listener = w.s.listen()
    for _ in range(5):
        c = w.c.connect(w.S)
        s = w.s.accept(listener)
        talk(c, s)
        c.close()
        s.close()
    w.s.nft('input tcp dport 80 drop')
    for _ in range(4):
        c = w.c.socket()
        c.setblocking(False)
        c.connect_ex((w.S, 80))
    time.sleep(8)


# Closing

@run('half-close: the client says all, shuts down, the server answers 2 s later', {'close.half': r''}, left=0)
def half_close(w):
    c, s = w.pair()
    c.sendall(b'question')
    c.shutdown(socket.SHUT_WR)
    while s.recv(100):
        pass
    time.sleep(2)
    s.sendall(b'answer' * 100)
    s.close()
    while c.recv(100):
        pass
    c.close()


@run('the client closes, the server never does: CLOSE_WAIT for 25 s; the client`s host forgets FIN_WAIT_2 after 12 s, and a keepalive of the server then draws a RST',
     {'close_wait.lingering': r'server.*CLOSE_WAIT for 1?\d\.\d s'}, ['fin_wait_2.lingering', 'rst.after_close', 'rst.idle'])
def close_wait(w):
    w.c.sysctl('net.ipv4.tcp_fin_timeout', 12)
    c, s = w.pair()
    talk(c, s)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 11)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 8)
    c.close()
    time.sleep(25)
    s.close()


@run('three clients close, the server never does, until the capture ends; a fourth connection is healthy and ends 14 s later', {}, ['close_wait.lingering'], left=3)
def close_wait_to_the_end(w):
    pairs = []
    for port in (80, 81, 82):
        c, s = w.pair(port)
        talk(c, s)
        c.close()
        pairs.append(s)
    time.sleep(14)
    c, s = w.pair(83)
    talk(c, s)
    c.close()
    s.recv(1)
    s.close()


@run('both close at once over a link of 30 ms', {'close.simultaneous': r''}, delayed=True)
def simultaneous_close(w):
    c, s = w.pair()
    talk(c, s)
    c.close()
    s.close()
    time.sleep(0.3)


@run('both connect at once over a link of 30 ms', {'open.simultaneous': r''}, delayed=True)
def simultaneous_open(w):
    # each needs the other's MAC address first
    w.c.do('ping', '-c', '1', '-W', '1', w.S, check=False)
    ends = []
    for host, peer in ((w.c, w.S), (w.s, w.C)):
        s = host.socket()
        s.bind(('0.0.0.0', 5000))
        s.setblocking(False)
        s.connect_ex((peer, 5000))
        ends.append(s)
    time.sleep(0.5)
    for s in ends:
        s.settimeout(5)
    talk(*ends)
    for s in ends:
        s.close()


@run('the same client port again within TIME_WAIT of the server', {'time_wait.reuse': r''})
def time_wait_reuse(w):
    listener = w.s.listen()
    for _ in range(2):
        c = w.c.connect(w.S, bound=41000)
        s = w.s.accept(listener)
        talk(c, s)
        s.close()
        c.recv(1)
        c.close()
        time.sleep(1.5)


# Healthy traffic

@run('TCP Fast Open, twice: first for the cookie, then with data in the SYN')
def fast_open(w):
    for host in (w.c, w.s):
        host.sysctl('net.ipv4.tcp_fastopen', 3)
    listener = w.s.socket()
    listener.bind(('0.0.0.0', 80))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 5)
    listener.listen(5)
    for _ in range(3):
        c = w.c.socket()
        c.sendto(b'question', FASTOPEN_DATA, (w.S, 80))
        s = w.s.accept(listener)
        s.recv(100)
        s.sendall(b'answer')
        c.recv(100)
        c.close()
        s.recv(1)
        s.close()


@run('ab -n 30 -c 5 on nginx, no keep-alive', points=('c', 's'))
def ab(w):
    w.nginx()
    w.c.do('ab', '-q', '-n', '30', '-c', '5', 'http://%s/' % w.S)


@run('ab -k -n 60 -c 5 on nginx, keep-alive', points=('c', 's'))
def ab_keep_alive(w):
    w.nginx()
    w.c.do('ab', '-q', '-k', '-n', '60', '-c', '5', 'http://%s/' % w.S)


@run('ab -n 400 -c 50 on python http.server', points=('rc',), snaplen=96)
def ab_python(w):
    w.s.start('/usr/bin/python3', '-m', 'http.server', '80', '--directory', w.scratch)
    time.sleep(1)
    w.c.do('ab', '-q', '-n', '400', '-c', '20', 'http://%s/' % w.S, check=False)


@run('curl, six downloads at once, some of 3 MB', points=('rc',), snaplen=80, offload=True)
def curl_parallel(w):
    w.nginx()
    w.c.do('curl', '-s', '-Z', *[x for n in range(6) for x in ('-o', '/dev/null', 'http://%s/%s' % (w.S, 'big' if n % 2 else ''))])


@run('a download of 3 MB over a link of 30 ms', points=('c', 's'), snaplen=80, delayed=True)
def download_delayed(w):
    w.nginx()
    w.c.do('curl', '-s', '-o', '/dev/null', 'http://%s/big' % w.S)


@run('ten pipelined requests on one connection')
def pipelined(w):
    w.nginx()
    s = w.c.connect(w.S)
    s.sendall(HTTP * 10)
    got = 0
    while got < 10 * 800:
        got += len(s.recv(65536))
    s.close()


@run('curl through haproxy in HTTP mode, on both of its sides', points=('c', 's'))
def through_haproxy(w):
    w.nginx()
    w.haproxy('mode http')
    for _ in range(4):
        w.c.do('curl', '-s', '-o', '/dev/null', 'http://10.1.0.1:8080/', 'http://10.1.0.1:8080/')


@run('curl through nginx on HTTP/1.0, server closes first', points=('c', 's'))
def http_1_0(w):
    w.nginx()
    for _ in range(3):
        w.c.do('curl', '-s', '-0', '-o', '/dev/null', 'http://%s/' % w.S)


@run('an open connection, captured from its middle on', late=True)
def midstream(w):
    c, s = w.pair()
    talk(c, s, 3)
    w.capture()
    talk(c, s, 5, 0.2)
    time.sleep(11)
    talk(c, s)
    c.close()
    s.close()


@run('a chat: lines both ways at random for 15 s', points=('c', 's'))
def chat(w):
    c, s = w.pair()
    for n in range(12):
        (c if n % 3 else s).sendall(b'line %d' % n)
        (s if n % 3 else c).recv(100)
        time.sleep(0.3 + n % 4 * 0.6)
    s.close()
    c.recv(1)
    c.close()


@run('a client connects and closes without a word, ten times', points=('c', 's'))
def connect_only(w):
    listener = w.s.listen()
    for _ in range(10):
        c = w.c.connect(w.S)
        s = w.s.accept(listener)
        c.close()
        s.recv(1)
        s.close()

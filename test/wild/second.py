"""second.py: a second set of runs, written when the rules of findings were finished, with other programs, times and roles than the first.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import signal
import socket
import subprocess
import time

from situations import HTTP, Sniffer, fill, forget, get, nat, raw_segment, reset, run, talk

SERVER_1_1 = ('import http.server,sys\nclass H(http.server.BaseHTTPRequestHandler):\n protocol_version="HTTP/1.1"; timeout=%s\n def log_message(*a): pass\n'
              ' def do_GET(s):\n  time.sleep(%s); s.send_response(200); s.send_header("Content-Length","2"); s.end_headers(); s.wfile.write(b"ok")\n'
              'http.server.ThreadingHTTPServer(("",80),H).serve_forever()')


def http_server(w, timeout, delay=0.0):
    """http_server starts Python's HTTP server on the server, which closes connections idle for `timeout` and answers after `delay`."""
    p = w.s.python(SERVER_1_1 % (timeout, delay))
    time.sleep(1)
    return p


def loss(w, percent):
    """loss drops so many of a hundred segments at random, both ways."""
    w.r.nft('forward ip protocol tcp numgen random mod 100 < %d drop' % percent)


# Idle connections

@run('Python http.server, HTTP/1.1, timeout 11 s: it closes the idle connection of a pool, the client closes', {'close.idle': r'after 11\.\d s'})
def http_server_timeout(w):
    http_server(w, 11)
    c = w.c.connect(w.S)
    get(c)
    c.recv(1)
    c.close()


@run('Python http.server, timeout 6 s: closes after 6 s; ordinary keep-alive, nothing worth a Note')
def http_server_timeout_short(w):
    http_server(w, 6)
    c = w.c.connect(w.S)
    for _ in range(3):
        get(c)
        time.sleep(1)
    c.recv(1)
    c.close()


@run('Python http.server, timeout 5 s, over a link of 30 ms: the client asks again 4.92 s after the answer, when the FIN is under way', {'rst.race': r'after [45]\.\d s'}, delayed=True)
def http_server_race(w):
    http_server(w, 5)
    c = w.c.connect(w.S)
    get(c)
    time.sleep(4.915)
    try:
        c.sendall(HTTP)
        time.sleep(0.5)
        c.recv(100)
    except OSError:
        pass
    c.close()


@run('haproxy in HTTP mode, timeout http-keep-alive 11 s: it closes the client`s idle connection, the client closes', {'close.idle': r'after 1[12]\.\d s'}, points=('c', 'rc'))
def haproxy_http_keep_alive(w):
    w.nginx()
    w.haproxy('mode http;timeout http-keep-alive 11s;timeout http-request 30s')
    c = w.c.connect('10.1.0.1', 8080)
    get(c)
    c.recv(1)
    c.close()


@run('socat -T 11 as a balancer, without linger: it closes both connections by FIN after 11 s', {'close.idle': r'after 11\.\d s'}, points=('c', 's'))
def socat_idle_close(w):
    listener = w.s.listen()
    w.r.start('socat', '-T', '11', 'TCP-LISTEN:8080,reuseaddr', 'TCP:%s:80' % w.S)
    time.sleep(0.5)
    c = w.c.connect('10.1.0.1', 8080)
    s = w.s.accept(listener)
    talk(c, s)
    for x in (c, s):
        x.recv(1)
        x.close()


@run('NAT whose conntrack forgets after 12 s and drops; the server keeps alive (idle 15 s, every 2 s, 3 of them) and gives up by RST', {'rst.keepalive': r'server.*3 keepalives', 'keepalive.unanswered': r''},
     at={'c': {}}, points=('c', 's'))
def nat_idle_keepalive(w):
    nat(w, 'prerouting iifname "rs" ct state invalid drop')
    c, s = w.pair()
    for name, value in (('TCP_KEEPIDLE', 15), ('TCP_KEEPINTVL', 2), ('TCP_KEEPCNT', 3)):
        s.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    talk(c, s, 2)
    time.sleep(24)


@run('NAT whose conntrack forgets after 12 s and rejects; four pooled connections are used again after 18 s', {'rst.no_connection': r'1[78]\.\d s'}, at={'s': {}}, points=('c', 's'))
def nat_pool_reject(w):
    nat(w, 'forward ct state invalid reject with tcp reset')
    listener = w.s.listen(5432)
    pairs = []
    for _ in range(4):
        c = w.c.connect(w.S, 5432)
        pairs.append((c, w.s.accept(listener)))
        talk(*pairs[-1])
    time.sleep(18)
    for c, _ in pairs:
        try:
            c.sendall(b'question')
            c.recv(10)
        except OSError:
            pass


@run('a balancer (device) resets both ends when a segment comes after 12 s of silence, as cloud balancers do: nft rejects what conntrack forgot, on the client`s side only', {'rst.no_connection': r'2\d\.\d s'},
     at={'s': {}}, points=('c', 's'))
def balancer_reset_when_asked(w):
    nat(w, 'forward iifname "rc" ct state invalid reject with tcp reset')
    c, s = w.pair()
    talk(c, s, 4, 0.3)
    time.sleep(21)
    try:
        c.sendall(b'question')
        c.recv(10)
    except OSError:
        pass


@run('long polling: the server answers each request after 13 s; nothing wrong')
def long_poll(w):
    http_server(w, 60, 13)
    c = w.c.connect(w.S)
    get(c)
    get(c)
    c.close()


@run('events pushed by the server every 3 s, the client silent but for ACKs', points=('c', 's'))
def events(w):
    c, s = w.pair()
    c.sendall(HTTP)
    s.recv(100)
    for n in range(6):
        s.sendall(b'data: %d\n\n' % n)
        c.recv(100)
        time.sleep(3)
    s.close()
    c.recv(1)
    c.close()


@run('a browser opens a second connection in advance and does not use it; nginx closes it after 11 s (client_header_timeout)', {'close.idle': r''})
def preconnect(w):
    w.nginx('client_header_timeout 11s;')
    a, b = w.c.connect(w.S), w.c.connect(w.S)
    get(a)
    a.close()
    b.recv(100)
    b.close()


# A database

@run('PostgreSQL: psql asks, sleeps 12 s in the server, asks, ends; and a second psql ends at once', points=('c', 's'))
def postgres(w):
    folder = '/usr/lib/postgresql/15/bin/'
    data = w.scratch + '/db'
    os.chmod(w.scratch, 0o777)
    nobody = ('setpriv', '--reuid=65534', '--regid=65534', '--clear-groups')
    w.s.do(*nobody, folder + 'initdb', '-D', data, '-U', 'me', '-A', 'trust', '-N', env={'LC_ALL': 'C', 'PATH': '/usr/sbin:/usr/bin:/sbin:/bin', 'HOME': w.scratch})
    with open(data + '/pg_hba.conf', 'a', encoding='ascii') as f:
        f.write('host all all 0.0.0.0/0 trust\n')
    w.s.start(*nobody, folder + 'postgres', '-D', data, '-h', '*', '-k', w.scratch)
    time.sleep(3)
    w.c.do(folder + 'psql', '-h', w.S, '-U', 'me', '-c', 'select 1', '-c', 'select pg_sleep(12)', '-c', 'select 2', 'postgres')
    w.c.do(folder + 'psql', '-h', w.S, '-U', 'me', '-c', 'select 3', 'postgres')


@run('PostgreSQL is killed (-9) with an open idle client: FIN, the client closes later')
def server_killed_idle(w):
    p = w.s.python('l=socket.socket();l.setsockopt(1,2,1);l.bind(("",80));l.listen(1);c=l.accept()[0]\nwhile 1: c.sendall(c.recv(99))')
    time.sleep(0.7)
    c = w.c.connect(w.S)
    for _ in range(3):
        c.sendall(b'question')
        c.recv(100)
    time.sleep(3)
    p.send_signal(signal.SIGKILL)
    time.sleep(2)
    c.close()


# TLS

@run('openssl s_server with a certificate that curl does not trust: curl ends it after the handshake, by alert and FIN or RST', allows=['rst.abort', 'rst.close', 'rst.after_close'], points=('c',))
def tls_untrusted(w):
    d = w.scratch
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', d + '/k', '-out', d + '/c', '-days', '2', '-subj', '/CN=s'], check=True, capture_output=True)
    w.s.start('openssl', 's_server', '-accept', '443', '-key', d + '/k', '-cert', d + '/c', '-www', '-quiet')
    time.sleep(1)
    w.c.do('curl', '-s', 'https://%s/' % w.S, check=False)


@run('openssl s_server and curl -k: a page over TLS, three times', points=('c', 's'))
def tls(w):
    d = w.scratch
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', d + '/k', '-out', d + '/c', '-days', '2', '-subj', '/CN=s'], check=True, capture_output=True)
    w.s.start('openssl', 's_server', '-accept', '443', '-key', d + '/k', '-cert', d + '/c', '-www', '-quiet')
    time.sleep(1)
    for _ in range(3):
        w.c.do('curl', '-sk', '-o', '/dev/null', 'https://%s/' % w.S, check=False)
        time.sleep(0.3)


# Servers that do not answer

@run('the server process is stopped (SIGSTOP) for 17 s; curl --max-time 14 gives up by FIN; the answer that comes then is answered by RST', {'rst.after_close': r'client.*so late', 'close.idle': r'after 14\.\d s'})
def server_stopped(w):
    p = http_server(w, 60)
    p.send_signal(signal.SIGSTOP)
    q = w.c.start('curl', '-s', '--max-time', '14', 'http://%s/' % w.S)
    time.sleep(17)
    p.send_signal(signal.SIGCONT)
    time.sleep(1)
    q.wait(3)


@run('haproxy in HTTP mode, timeout server 6 s, before a server that answers after 9 s: it gives up toward the server', {'rst.gave_up|rst.abort|rst.after_close': r'client'}, ['close.idle'], at={'c': {}}, points=('c', 's'))
def haproxy_server_timeout(w):
    http_server(w, 60, 9)
    w.haproxy('mode http;timeout server 6s')
    w.c.do('curl', '-s', '-o', '/dev/null', 'http://10.1.0.1:8080/', check=False)
    time.sleep(5)


@run('haproxy in TCP mode whose server has no such service: the client is accepted and closed, the server refuses', {'rst.refused': r'server'}, ['rst.abort', 'rst.close', 'close.idle'], at={'c': {}}, points=('c', 's'))
def haproxy_server_refuses(w):
    w.haproxy('')
    c = w.c.connect('10.1.0.1', 8080)
    c.sendall(b'question')
    try:
        c.recv(10)
    except OSError:
        pass


# The path

@run('1.5 MB with 2 of 100 segments lost at random, both ways: TCP repairs it', allows=['time_wait.fin_retransmission', 'half_open.idle'], points=('c', 's'), snaplen=80)
def lossy_download(w):
    w.nginx()
    loss(w, 2)
    w.c.do('curl', '-s', '-o', '/dev/null', '--max-time', '25', '-r', '0-1500000', 'http://%s/big' % w.S, check=False)


@run('40 small requests on one connection, 5 of 100 segments lost', allows=['time_wait.fin_retransmission'], points=('c', 's'))
def lossy_requests(w):
    w.nginx()
    loss(w, 5)
    c = w.c.connect(w.S)
    for _ in range(40):
        get(c)
    c.close()


@run('the client`s host loses its link in the middle of a download: the server repeats data, the ACKs end', {'half_open.idle': r'server'}, ['icmp.unreachable'], at={'c': {}}, points=('c', 's'))
def client_unplugged(w):
    c, s = w.pair()
    talk(c, s)
    w.c.do('ip', 'link', 'set', 'eth', 'down')
    s.sendall(b'news' * 300)
    time.sleep(12)


@run('the client`s host loses its link, then comes back without the connection: the server`s repeated data are answered by RST', {'rst.no_connection|half_open.idle': r''}, ['half_open.idle'], points=('c', 's'))
def client_rebooted(w):
    c, s = w.pair()
    talk(c, s)
    w.r.nft('forward ip daddr 10.1.0.2 drop')
    forget(w, w.c, c)
    s.sendall(b'news' * 100)
    time.sleep(7)
    w.r.clear()
    time.sleep(9)


@run('everything is dropped after a while, whatever its size (no path MTU): peer gone or path broken', {'half_open.idle|path.mtu': r'gone'}, at={'c': {}}, points=('c', 's'))
def cut_in_download(w):
    c, s = w.pair()
    talk(c, s)
    s.setblocking(False)
    w.r.nft('forward ip protocol tcp drop')
    s.send(bytes(30000))
    time.sleep(13)


@run('path MTU 1300 toward the client, ICMP dropped, nginx sends a page of 3 MB', {'path.mtu': r'1448 octets of server'}, at={'c': {}}, points=('c', 's'), snaplen=100)
def path_mtu_nginx(w):
    w.nginx()
    w.r.do('ip', 'link', 'set', 'rc', 'mtu', '1300')
    w.r.nft('output icmp type destination-unreachable drop')
    w.c.start('curl', '-s', '-o', '/dev/null', '--max-time', '14', 'http://%s/big' % w.S)
    time.sleep(15)


@run('TTL 1: the router says time exceeded to each of two SYNs, then Linux gives up', allows=['half_open.syn', 'icmp.unreachable'], points=('c',))
def ttl_exceeded(w):
    c = w.c.socket()
    c.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 1)
    c.setblocking(False)
    c.connect_ex((w.S, 80))
    time.sleep(9)


@run('an address without a host: the router says host unreachable', {'icmp.unreachable': r''}, ['half_open.syn'], points=('c',))
def no_such_host(w):
    c = w.c.socket()
    c.setblocking(False)
    c.connect_ex(('10.2.0.77', 80))
    time.sleep(6)


@run('the router has a route that says prohibited', {'icmp.unreachable': r''}, ['half_open.syn'], points=('c', 'rc'))
def route_prohibited(w):
    w.r.do('ip', 'route', 'add', 'prohibit', '10.9.0.0/24')
    for _ in range(2):
        c = w.c.socket()
        c.setblocking(False)
        c.connect_ex(('10.9.0.1', 443))
        time.sleep(1.5)


# Windows

@run('a slow reader: 2 KB a second with a small buffer for 14 s, its window is 0 now and then; nothing wrong', forbids=['rst.zero_window'], points=('c', 's'))
def slow_reader(w):
    listener = w.s.listen()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    c = w.c.connect(w.S)
    s = w.s.accept(listener)
    c.setblocking(False)
    try:
        c.send(bytes(24000))
    except BlockingIOError:
        pass
    for _ in range(12):
        s.recv(2000)
        time.sleep(1)
    s.setblocking(False)
    try:
        while s.recv(65536):
            time.sleep(0.3)
    except BlockingIOError:
        s.close()
    time.sleep(0.3)
    c.close()


@run('a slow reader that is closed with data unread: RST; its window had been 0 now and then', {'rst.abort|rst.zero_window': r'server'}, points=('c', 's'))
def slow_reader_closes(w):
    listener = w.s.listen()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    c = w.c.connect(w.S)
    s = w.s.accept(listener)
    fill(c, 4096)
    for _ in range(4):
        s.recv(3000)
        time.sleep(1)
    s.close()
    time.sleep(0.3)


@run('the reader of a download does not read for 22 s; curl-like client; then nginx (send_timeout 12 s) gives up by RST', {'rst.zero_window': r'client'}, points=('c', 's'), snaplen=80)
def nginx_send_timeout(w):
    w.nginx('send_timeout 12s; reset_timedout_connection on;')
    c = w.c.socket()
    c.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    c.settimeout(20)
    c.connect((w.S, 80))
    c.sendall(b'GET /big HTTP/1.1\r\nHost: s\r\n\r\n')
    time.sleep(22)


# Closing

@run('nc-like half-close with a slow report: the client says all, the server answers 12 s later and closes', {'close.half': r''}, left=0)
def half_close_slow(w):
    c, s = w.pair()
    c.sendall(b'question')
    c.shutdown(socket.SHUT_WR)
    while s.recv(100):
        pass
    time.sleep(12)
    s.sendall(b'report' * 100)
    s.close()
    while c.recv(100):
        pass
    c.close()


@run('the client uses a port again that it holds in TIME_WAIT itself (tcp_tw_reuse, SO_REUSEADDR)', {'time_wait.reuse': r'itself'})
def time_wait_own_reuse(w):
    w.c.sysctl('net.ipv4.tcp_tw_reuse', 1)
    w.c.sysctl('net.ipv4.ip_local_port_range', '40000 40001')
    listener = w.s.listen()
    for _ in range(4):
        c = w.c.connect(w.S)
        s = w.s.accept(listener)
        talk(c, s)
        c.close()
        s.recv(1)
        s.close()
        time.sleep(1.3)


@run('twelve ports for 60 connections that the server closes first: each port is used again in the server`s TIME_WAIT', {'time_wait.reuse': r''}, points=('c', 's'))
def few_ports(w):
    w.c.sysctl('net.ipv4.ip_local_port_range', '40000 40011')
    listener = w.s.listen()
    for _ in range(40):
        c = w.c.connect(w.S)
        s = w.s.accept(listener)
        talk(c, s)
        s.close()
        c.recv(1)
        c.close()
        time.sleep(0.1)


@run('a leak: eight clients come and go, the server closes none of their sockets; a keepalive of one shows it after 14 s', {'close_wait.lingering': r'server'}, ['fin_wait_2.lingering', 'rst.after_close'], left=8)
def close_wait_leak(w):
    listener = w.s.listen()
    left = []
    for _ in range(8):
        c = w.c.connect(w.S)
        s = w.s.accept(listener)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 14)
        talk(c, s)
        c.close()
        left.append(s)
        time.sleep(0.3)
    time.sleep(17)


@run('curl --max-time 2 in a download that is slow (limited by the server): the client closes by FIN, and if data come then, by RST', allows=['rst.abort', 'rst.close', 'rst.after_close'], points=('c', 's'))
def curl_aborts_download(w):
    w.nginx(location='location /big { limit_rate 8k; }')
    w.c.do('curl', '-s', '-o', '/dev/null', '--max-time', '2', 'http://%s/big' % w.S, check=False)
    time.sleep(2)


# Floods, scans, busy services

@run('one connection, then 350 SYNs from random addresses to a service that drops them (nft)', {'flood': r'server'}, ['half_open.syn'], points=('rs',), snaplen=80)
def flood_dropped(w):
    w.s.listen(81)
    w.c.connect(w.S, 81).close()
    w.s.nft('input tcp dport 80 drop')
    w.r.do('ip', 'route', 'add', 'blackhole', 'default')    # or the router drops what comes from addresses without a route
    w.c.do('hping3', '-q', '-S', '-p', '80', '-c', '350', '-i', 'u2000', '--rand-source', w.S, check=False)


@run('a busy service: 1,500 short connections in a few seconds, all complete', forbids=['flood', 'scan', 'rst.probe'], points=('rc',), snaplen=80)
def busy(w):
    w.nginx()
    w.c.do('ab', '-q', '-n', '1500', '-c', '40', 'http://%s/' % w.S, check=False)


@run('the service is down: a client tries 120 times in 12 s and is refused', {'rst.refused': r'server'}, forbids=['flood', 'scan'], points=('c',))
def down_refused(w):
    for _ in range(120):
        try:
            w.c.connect(w.S).close()
        except OSError:
            pass
        time.sleep(0.1)


@run('the service drops SYNs: twelve clients try for 9 s', {'half_open.syn': r'server'}, forbids=['flood', 'scan', 'syn.paws'], points=('c',))
def down_dropped(w):
    w.r.nft('forward tcp dport 80 drop')
    for _ in range(12):
        c = w.c.socket()
        c.setblocking(False)
        c.connect_ex((w.S, 80))
        time.sleep(0.1)
    time.sleep(8)


@run('hping3 ACK scan of 200 ports: a RST each; there was no connection', {'scan': r'client'}, forbids=['rst.no_connection'], points=('c', 'rc'))
def scan_ack(w):
    w.c.do('hping3', '-q', '-A', '-p', '++1', '-c', '200', '-i', 'u2000', w.S, check=False)


@run('hping3 FIN scan of 200 ports: a RST,ACK each; there was no connection', allows=['scan'], forbids=['rst.no_connection', 'rst.after_close', 'rst.abort'], points=('c', 'rc'))
def scan_fin(w):
    w.c.do('hping3', '-q', '-F', '-p', '++1', '-c', '200', '-i', 'u2000', w.S, check=False)


@run('a health checker sends a SYN every 400 ms and resets the SYN,ACK, beside four users', {'rst.probe': r'client'}, points=('c', 's'))
def health_checks_half_open(w):
    w.nginx()
    p = w.c.start('hping3', '-q', '-S', '-p', '80', '-i', 'u400000', w.S)
    for _ in range(4):
        w.c.do('curl', '-s', '-o', '/dev/null', 'http://%s/' % w.S)
        time.sleep(1)
    p.terminate()


# Stray and forged segments

@run('raw RSTs with wrong sequence numbers at an open connection (a blind attack): it goes on', {'rst.dropped|rst.challenged': r''}, ['rst.forged'], at={'s': {}}, points=('c', 's'))
def blind_resets(w):
    seen = Sniffer(w.r, 'rc')
    c, s = w.pair()
    talk(c, s, 5, 0.2)
    last = [h for h in seen.headers() if h[0] == w.C][-1]
    for n in range(6):
        raw_segment(w.r, w.S, w.C, 80, last[1], last[4] + 100000 * (n + 1) & 0xffffffff, 0, 4, 64, 7000 + n)
        time.sleep(0.1)
    talk(c, s, 3, 0.2)
    c.close()
    s.close()


@run('a device between resets one side only, with the TTL and the options of nobody; both ends were idle for 2 s', {'rst.abort|rst.idle|rst.forged|rst.close': r'TTL|device'}, ['rst.no_connection', 'rst.after_close'], device=True, points=('c',))
def device_resets_client(w):
    seen = Sniffer(w.r, 'rc')
    c, s = w.pair()
    talk(c, s, 5, 0.2)
    time.sleep(2)
    last = [h for h in seen.headers() if h[0] == w.C][-1]
    raw_segment(w.r, w.S, w.C, 80, last[1], last[4], last[3], 0x14, 243, 4321)
    time.sleep(0.5)


@run('the same segments twice in the capture (taken on every interface of the router)', {'duplicate': r''}, points=('any',))
def copies(w):
    w.nginx()
    w.c.do('ab', '-q', '-n', '10', '-c', '2', 'http://%s/' % w.S)


@run('a captured copy of each segment twice, and an idle close after 11 s', {'close.idle': r'after 11\.\d s'}, points=('any',))
def copies_idle_close(w):
    c, s = w.pair()
    talk(c, s, 2)
    time.sleep(11)
    s.close()
    c.recv(1)
    c.close()


# Healthy

@run('ssh: a file of 2 MB by scp, and a command', points=('c', 's'), snaplen=80)
def scp(w):
    d = w.scratch
    for name in ('host', 'user'):
        subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', d + '/' + name], check=True)
    os.rename(d + '/user.pub', d + '/authorized')
    os.makedirs('/run/sshd', exist_ok=True)
    config = w.file('sshd.conf', 'Port 22\nHostKey %s/host\nPidFile %s/sshd.pid\nAuthorizedKeysFile %s/authorized\nStrictModes no\nUsePAM no\nPermitRootLogin yes\n' % (d, d, d))
    w.s.start('/usr/sbin/sshd', '-D', '-f', config)
    time.sleep(1)
    with open(d + '/file', 'wb') as f:
        f.write(os.urandom(2 << 20))
    options = ('-i', d + '/user', '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null')
    w.c.do('scp', '-q', *options, d + '/file', 'root@%s:%s/copy' % (w.S, d), check=False)
    w.c.do('ssh', *options, 'root@' + w.S, 'ls /', check=False)


@run('a browser: six connections at once to nginx, kept, used again after 4 s, all closed by nginx after 8 s', points=('c', 's'))
def browser(w):
    w.nginx(keep_alive='8s')
    cs = [w.c.connect(w.S) for _ in range(6)]
    for _ in range(2):
        for c in cs:
            get(c)
        time.sleep(4)
    for c in cs:
        c.recv(1)
        c.close()


@run('a message of 200 KB each way, ten times, on a link of 30 ms', points=('c', 's'), snaplen=80, delayed=True)
def messages(w):
    c, s = w.pair()
    for _ in range(10):
        for a, b in ((c, s), (s, c)):
            pid = os.fork()
            if not pid:
                a.sendall(bytes(200000))
                os._exit(0)
            got = 0
            while got < 200000:
                got += len(b.recv(65536))
            os.waitpid(pid, 0)
    c.close()
    s.recv(1)
    s.close()


@run('long idle: 40 s between two requests, no keepalives, nothing between forgets', points=('c', 's'))
def long_idle(w):
    c, s = w.pair()
    talk(c, s)
    time.sleep(40)
    talk(c, s, 2)
    c.close()
    s.close()

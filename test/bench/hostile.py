#!/usr/bin/env python3
"""hostile.py: captures made to hurt: does tshark with the plugin survive them, and do time and memory grow with the capture and no faster?

    hostile.py [--plugin PATH] [--divide N] [--only WORD ...]

Each capture is made at half its size and at its size, in a temporary folder, and removed after use. Reported for each size: seconds of user CPU time and megabytes
of memory of tshark without and with the plugin, what the plugin adds a packet, and growth: what it adds to the whole against twice what it adds to the half
(1.00 is linear). --divide 50 makes all fifty times smaller: for CTest. Exit status 1 if a run fails, or says anything that it does not say without the plugin.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import argparse
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.path.insert(0, HERE)

import shark    # noqa: E402
import traffic  # noqa: E402
from traffic import packets  # noqa: E402

FIN, SYN, RST, PSH, ACK = traffic.FIN, traffic.SYN, traffic.RST, traffic.PSH, traffic.ACK
CLIENT, SERVER = 0x0a000001, 0xc0000201
ETHERNET = bytes.fromhex('0200000000020200000000010800')
TCP_HEAD, IP_HEAD, RECORD = struct.Struct('!HHIIBBHHH'), struct.Struct('!BBHHHBBHII'), struct.Struct('<IIII')


def folded(total):
    """folded returns the ones' complement checksum of a sum of 16-bit words."""
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def tcp_ip(src, dst, sport, dport, seq, ack, flags, data=b'', ident=0):
    """tcp_ip returns an IPv4 datagram with a TCP segment, quickly: addresses are numbers, data of an even length."""
    length = 20 + len(data)
    addresses = (src >> 16) + (src & 0xffff) + (dst >> 16) + (dst & 0xffff)
    total = addresses + 6 + length + sport + dport + (seq >> 16) + (seq & 0xffff) + (ack >> 16) + (ack & 0xffff) + (0x5000 | flags) + 502
    if data:
        total += sum(struct.unpack('!%dH' % (len(data) // 2), data))
    head = folded(0x4500 + 20 + length + ident + 0x4000 + 0x4006 + addresses)
    return (IP_HEAD.pack(0x45, 0, 20 + length, ident, 0x4000, 64, 6, head, src, dst)
            + TCP_HEAD.pack(sport, dport, seq, ack, 0x50, flags, 502, folded(total), 0) + data)


def lone_syns(count):
    """Each packet the SYN of another connection, from 2^24 addresses to one."""
    for i in range(count):
        yield tcp_ip(0x0b000000 + i * 2654435761 % 0xf00000, SERVER, 1024 + i * 40503 % 64000, 80, i * 2246822519 & 0xffffffff, 0, SYN)


def handshake(client, sport, seq, answer):
    yield tcp_ip(client, SERVER, sport, 4848, seq, 0, SYN)
    yield tcp_ip(SERVER, client, 4848, sport, answer, seq + 1 & 0xffffffff, SYN | ACK)
    yield tcp_ip(client, SERVER, sport, 4848, seq + 1 & 0xffffffff, answer + 1 & 0xffffffff, ACK)


def one_connection(count):
    """One connection without an end: data and its acknowledgement in turn."""
    yield from handshake(CLIENT, 40000, 1000, 5000)
    seq = 1001
    for i in range((count - 3) // 2):
        yield tcp_ip(CLIENT, SERVER, 40000, 4848, seq, 5001, PSH | ACK, b'\xc1\xc1', i * 2 & 0xffff)
        seq = seq + 2 & 0xffffffff
        yield tcp_ip(SERVER, CLIENT, 4848, 40000, 5001, seq, ACK, b'', i * 2 & 0xffff)


def one_tuple(count):
    """One 4-tuple used again and again, as soon as its connection is closed: seven packets each."""
    for i in range(count // 7):
        seq, answer = 1000 + i * 70000 & 0xffffffff, 5000 + i * 90000 & 0xffffffff
        yield from handshake(CLIENT, 40000, seq, answer)
        yield tcp_ip(CLIENT, SERVER, 40000, 4848, seq + 1 & 0xffffffff, answer + 1 & 0xffffffff, FIN | ACK)
        yield tcp_ip(SERVER, CLIENT, 4848, 40000, answer + 1 & 0xffffffff, seq + 2 & 0xffffffff, ACK)
        yield tcp_ip(SERVER, CLIENT, 4848, 40000, answer + 1 & 0xffffffff, seq + 2 & 0xffffffff, FIN | ACK)
        yield tcp_ip(CLIENT, SERVER, 40000, 4848, seq + 2 & 0xffffffff, answer + 2 & 0xffffffff, ACK)


def duplicates(count):
    """A handshake, then one data segment over and over."""
    yield from handshake(CLIENT, 40000, 1000, 5000)
    again = tcp_ip(CLIENT, SERVER, 40000, 4848, 1001, 5001, PSH | ACK, b'\xc1' * 100, 77)
    for _ in range(count - 3):
        yield again


def retransmissions(count):
    """The same, but each time sent anew: the IP identification differs."""
    yield from handshake(CLIENT, 40000, 1000, 5000)
    for i in range(count - 3):
        yield tcp_ip(CLIENT, SERVER, 40000, 4848, 1001, 5001, PSH | ACK, b'\xc1' * 100, i & 0xffff)


def resets(count):
    """An open connection, and forged RSTs and SYNs whose sequence numbers miss: a finding or none for each, but not a step."""
    yield from handshake(CLIENT, 40000, 1000, 5000)
    for i in range(count - 3):
        yield tcp_ip(CLIENT, SERVER, 40000, 4848, 1001 + i * 2654435761 & 0xffffffff, 5001, SYN if i % 2 else RST, b'', i & 0xffff)


def flapping(count):
    """One 4-tuple, SYN and RST,ACK in turn: a connection for every two packets."""
    for i in range(count // 2):
        seq = i * 100000 & 0xffffffff
        yield tcp_ip(CLIENT, SERVER, 40000, 4848, seq, 0, SYN)
        yield tcp_ip(SERVER, CLIENT, 4848, 40000, 0, seq + 1 & 0xffffffff, RST | ACK)


def time_waits(count):
    """Connections that all end in TIME_WAIT at one client, in the same minute."""
    for i in range(count // 7):
        client, sport, seq, answer = CLIENT + i // 60000, 1024 + i % 60000, i * 31337 & 0xffffffff, i * 7919 & 0xffffffff
        yield from handshake(client, sport, seq, answer)
        yield tcp_ip(client, SERVER, sport, 4848, seq + 1 & 0xffffffff, answer + 1 & 0xffffffff, FIN | ACK)
        yield tcp_ip(SERVER, client, 4848, sport, answer + 1 & 0xffffffff, seq + 2 & 0xffffffff, ACK)
        yield tcp_ip(SERVER, client, 4848, sport, answer + 1 & 0xffffffff, seq + 2 & 0xffffffff, FIN | ACK)
        yield tcp_ip(client, SERVER, sport, 4848, seq + 2 & 0xffffffff, answer + 2 & 0xffffffff, ACK)


def outer(payload, protocol):
    return packets.ip4(payload, '198.51.100.1', '198.51.100.2', protocol=protocol)


def nested(segment, depth):
    """nested yields a segment in 0 to depth - 1 tunnels of IP in IP; of GRE; of 802.11 in GRE, where each 802.11 frame holds the segment too: a TCP layer in every
    tunnel; and beside as many copies of itself in one 802.11 frame."""
    in_ip = in_gre = in_frame = segment
    for n in range(depth):
        if n % 5 == 0:
            yield in_ip
            yield in_gre
            yield outer(packets.gre(packets.amsdu([segment] * (n % 400 + 1), True), 0x8200), 47)
            if len(in_frame) < 60000:
                yield in_frame
        in_ip, in_gre = outer(in_ip, 4), outer(packets.gre(in_gre), 47)
        if len(in_frame) < 60000:
            in_frame = outer(packets.gre(packets.amsdu([segment, in_frame], True), 0x8200), 47)


def tunnels(count):
    """Tunnels in tunnels, 600 deep, which is deeper than Wireshark goes (500 levels), around a handshake; deep and shallow mixed."""
    every = [datagram for segment in handshake(CLIENT, 40000, 1000, 5000) for datagram in nested(segment, 600)]
    for i in range(count):
        yield every[i * 997 % len(every)]


# name: generator, packets
CAPTURES = {
    'a million lone SYNs': (lone_syns, 1000000),
    'one connection of ten million segments': (one_connection, 10000000),
    'one 4-tuple used 50,000 times': (one_tuple, 350000),
    'one 4-tuple refused 250,000 times': (flapping, 500000),
    '500,000 duplicates of a segment': (duplicates, 500000),
    '500,000 retransmissions of a segment': (retransmissions, 500000),
    '500,000 forged RSTs and SYNs': (resets, 500000),
    '100,000 connections into TIME_WAIT': (time_waits, 700000),
    'tunnels in tunnels, TCP in each': (tunnels, 10000),
}


def write(path, generator, count, gap):
    """write writes the capture; `gap` microseconds lie between packets. Returns the number of packets."""
    written, time = 0, 0
    with open(path, 'wb') as f:
        f.write(packets.pcap([], packets.ETHERNET))
        parts = []
        for datagram in generator(count):
            size = 14 + len(datagram)
            parts.append(RECORD.pack(packets.EPOCH + time // 1000000, time % 1000000, size, size))
            parts.append(ETHERNET)
            parts.append(datagram)
            time += gap
            written += 1
            if len(parts) > 30000:
                f.write(b''.join(parts))
                parts = []
        f.write(b''.join(parts))
    os.chmod(path, 0o644)
    return written


def measure(tool, path, arguments):
    """measure runs tshark and returns seconds of user CPU time, megabytes of memory, and the lines it said, without times and process numbers."""
    command = [shark.tshark(), '-n', '-r', path, *arguments]
    process = subprocess.Popen(shark.unprivileged(command), env=tool.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               text=True, errors='replace')
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    if status:
        raise RuntimeError('%s: status %d: %s' % (' '.join(command), status, said.strip()[-500:]))
    return usage.ru_utime, usage.ru_maxrss / 1024, set(re.sub(r'\(tshark:\d+\) [0-9:.]+', '', said).splitlines())


class Hostile:
    """tshark without and with the plugin, and a folder."""

    def __init__(self, plugin):
        self.tools = (shark.Shark(), shark.Shark(plugin))
        for tool in self.tools:
            tool.check()
        self.folder = tempfile.mkdtemp(prefix='tcpfsm-hostile-')
        os.chmod(self.folder, 0o755)

    def close(self):
        for tool in self.tools:
            tool.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, name, count, arguments):
        """run returns (packets, [(seconds, megabytes) without, with the plugin])."""
        path = os.path.join(self.folder, 'hostile.pcap')
        need, free = count * (20000 if CAPTURES[name][0] is tunnels else 250), shutil.disk_usage(self.folder).free
        if need > free // 2:
            raise RuntimeError('%s: needs %d megabytes, %d are free' % (name, need >> 20, free >> 20))
        try:
            written = write(path, CAPTURES[name][0], count, 20)
            results = [measure(tool, path, arguments) for tool in self.tools]
            new = sorted(results[1][2] - results[0][2])     # beyond what Wireshark says of such a capture without the plugin
            if new:
                raise RuntimeError('%s: with the plugin, tshark says: %s' % (name, '; '.join(new)[:500]))
            return written, results
        finally:
            os.unlink(path)


def growth(half, whole):
    """growth returns what is added to the whole, against twice what is added to the half."""
    return '%.2f' % (whole / (2 * half)) if half > 0.02 else '-'


def report(name, results):
    """report prints the lines of a capture."""
    (small, a), (large, b) = results
    for count, r in results:
        seconds, megabytes = r[1][0] - r[0][0], r[1][1] - r[0][1]
        last = count == large
        print('| %-40s | %9d | %7.2f | %7.2f | %7.2f | %8.0f | %8.1f | %8.1f | %6.1f | %7s | %7s |' % (
            name if not last else '', count, r[0][0], r[1][0], r[1][0] / r[0][0], seconds * 1e9 / count, r[0][1], r[1][1], megabytes * 2**20 / count,
            growth(a[1][0] - a[0][0], seconds) if last else '', growth(a[1][1] - a[0][1], megabytes) if last else ''), flush=True)


def main():
    parser = argparse.ArgumentParser(description='Captures made to hurt.')
    built = os.path.join(os.path.dirname(os.path.dirname(HERE)), 'build-bench', 'plugin', 'tcpfsm.so')
    parser.add_argument('--plugin', default=os.environ.get('TCPFSM_PLUGIN') or built, help='tcpfsm.so; default: TCPFSM_PLUGIN, or build-bench')
    parser.add_argument('--divide', type=int, default=1, metavar='N', help='make all captures so many times smaller')
    parser.add_argument('--only', nargs='+', metavar='WORD', help='captures whose name has the word')
    parser.add_argument('--run', default='', help='how tshark is run, such as --run="-2 -Y tcp"; default: text of all packets')
    arguments = parser.parse_args()
    hostile, failed = Hostile(arguments.plugin), 0
    head = ('packets', 's bare', 's with', 'ratio', 'ns added', 'MB bare', 'MB with', 'B/pkt', 'growth', 'of MB')
    print('| %-40s | %9s | %7s | %7s | %7s | %8s | %8s | %8s | %6s | %7s | %7s |' % (
        'capture' + (', tshark ' + arguments.run if arguments.run else ''), *head))
    print('|' + '|'.join('-' * n for n in (42, 11, 9, 9, 9, 10, 10, 10, 8, 9, 9)) + '|')
    try:
        for name, (_, count) in CAPTURES.items():
            if arguments.only and not any(w in name for w in arguments.only):
                continue
            try:
                report(name, [hostile.run(name, n // arguments.divide, arguments.run.split()) for n in (count // 2, count)])
            except RuntimeError as error:
                print('FAILED: %s' % error, flush=True)
                failed += 1
    finally:
        hostile.close()
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())

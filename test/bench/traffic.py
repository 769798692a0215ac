"""traffic.py: captures to measure with: many small connections, some at a time, as between browsers and servers. The same number of packets gives the same bytes.

Handshake with the options of Linux, a few requests and answers, FINs from either side, now and then a RST, a refused or unanswered SYN, a retransmission.
The payload is of no protocol Wireshark knows: dissecting HTTP would make Wireshark's own part larger, and what the plugin adds to it look smaller.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import random
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(HERE)), 'captures'))

import packets  # noqa: E402

PORT = 4848                 # of all servers; no dissector claims it
AT_A_TIME = 40
SYN_OPTIONS = bytes.fromhex('020405b4 0402')
FIN, SYN, RST, PSH, ACK = (packets.FLAGS[name] for name in ('FIN', 'SYN', 'RST', 'PSH', 'ACK'))


def ends(lost, pick):
    """ends yields the last segments: (from client, flags, bytes of data)."""
    first = pick.random() < 0.6
    if lost < 0.06:
        yield first, RST | ACK, 0
    elif lost < 0.12:
        yield first, FIN | ACK, 0
        yield not first, RST, 0
    elif lost < 0.15:
        return
    elif lost < 0.5:
        yield first, FIN | ACK, 0
        yield not first, FIN | ACK, 0
        yield first, ACK, 0
    else:
        yield first, FIN | ACK, 0
        yield not first, ACK, 0
        yield not first, FIN | ACK, 0
        yield first, ACK, 0


def life(pick):
    """life yields the segments of one connection: (from client, flags, bytes of data)."""
    kind = pick.random()
    yield True, SYN, 0
    if kind < 0.03:
        yield False, RST | ACK, 0
        return
    if kind < 0.05:
        yield True, SYN, 0
        yield True, SYN, 0
        return
    yield False, SYN | ACK, 0
    yield True, ACK, 0
    for _ in range(1 if kind < 0.8 else 3 if kind < 0.97 else 12):
        yield True, PSH | ACK, pick.randint(80, 500)
        yield False, ACK, 0
        answer = pick.randint(1, 5)
        for i in range(answer):
            yield False, ACK | (PSH if i == answer - 1 else 0), pick.randint(100, 1400)
            if i % 2 or i == answer - 1:
                yield True, ACK, 0
    yield from ends(pick.random(), pick)


class Connection:
    """One connection: what has been sent, and the segments to come."""

    def __init__(self, number, pick):
        self.client = '10.%d.%d.%d' % (pick.randint(0, 3), pick.randint(0, 3), pick.randint(1, 200))
        self.server = '192.0.2.%d' % pick.randint(1, 12)
        self.port = 32768 + number % 28232
        self.next = [pick.getrandbits(32), pick.getrandbits(32)]
        self.begin = list(self.next)
        self.segments = life(pick)
        self.ident = number & 0xffff

    def data(self, side, size):
        """data returns the payload of a segment."""
        return bytes([0xc1]) * size

    def service(self):
        """service returns the server's port."""
        return PORT

    def frame(self, side, flags, size, time):
        """frame returns the bytes of the next segment; side 0 is the client."""
        seq = self.begin[side] if flags & SYN else self.next[side]
        stamps = b'\x08\x0a' + struct.pack('!II', 5000 + time // 1000 & 0xffffffff, 9000 + time // 1000 & 0xffffffff if flags & ACK else 0)
        options = (SYN_OPTIONS + stamps + b'\x01\x03\x03\x07') if flags & SYN else b'' if flags & RST else b'\1\1' + stamps
        src, dst = (self.client, self.server)[::1 - 2 * side]
        port = self.service()
        seg = {'sport': (self.port, port)[side], 'dport': (port, self.port)[side], 'seq': seq, 'ack': self.next[1 - side] if flags & ACK else 0,
               'flags': flags, 'window': 502, 'options': options, 'data': self.data(side, size)}
        if not flags & RST:
            self.next[side] = seq + size + (1 if flags & (SYN | FIN) else 0) & 0xffffffff
        self.ident = self.ident + 1 & 0xffff
        return packets.ethernet(packets.ip4(packets.tcp(seg, src, dst), src, dst, ident=self.ident), side == 0)


def frames(count, seed=1, kind=Connection):
    """frames yields the first `count` frames, of connections of that class: (time in microseconds, bytes)."""
    pick = random.Random(seed)
    active, opened, time = [], 0, 0
    while count:
        if len(active) < AT_A_TIME:
            active.append(kind(opened, pick))
            opened += 1
        connection = active[pick.randrange(len(active))]
        segment = next(connection.segments, None)
        if segment is None:
            active.remove(connection)
            continue
        time += pick.randint(20, 400)
        client, flags, size = segment
        before = list(connection.next)
        raw = connection.frame(0 if client else 1, flags, size, time)
        yield time, raw
        count -= 1
        if size and count and pick.random() < 0.01:     # sent again
            after, connection.next = connection.next, before
            yield time + 10, connection.frame(0 if client else 1, flags, size, time + 10)
            connection.next = after
            time += 10
            count -= 1


def write(path, count):
    """write writes a capture of `count` packets, which everybody may read."""
    with open(path, 'wb') as f:
        f.write(packets.pcap([(time, raw, raw) for time, raw in frames(count)], packets.ETHERNET))
    os.chmod(path, 0o644)


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit('usage: traffic.py PACKETS FILE.pcap')
    write(sys.argv[2], int(sys.argv[1]))

#!/usr/bin/env python3
"""batch.py: how long tshark takes for a report over many packets, and what leaving out the rest of Wireshark gains: doc/batch.md has the table.

    batch.py [--plugin PATH] [--packets N] [--rounds N]       packets a second for each way of skipping what is not TCP
    batch.py [--plugin PATH] --grow N [N ...]                 time and memory of conv and ladder at growing sizes
    batch.py --write N FILE.pcap                              the capture of mixed traffic alone

The mixed capture: of ten packets seven are TCP, with HTTP, records of TLS and unknown payload on ports of their own, the others DNS, NTP, syslog and unknown UDP.
Time is user and system CPU of tshark; the ways take turns; the median of the rounds counts. Every way must say the same about every connection.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import argparse
import json
import os
import random
import re
import statistics
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), HERE]

import shark    # noqa: E402
import traffic  # noqa: E402
import packets  # noqa: E402

BUILT = os.path.join(os.path.dirname(os.path.dirname(HERE)), 'build-bench', 'plugin', 'tcpfsm.so')
HTTP, TLS, UNKNOWN = 80, 443, traffic.PORT
CONV = ['-n', '-q', '-z', 'tcpfsm,conv,format=json']


def payload(kind, from_client, size, pick):
    """payload returns so many bytes of application data, as that kind of connection has them."""
    if kind == HTTP:
        head = b'GET /%06d HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: bench\r\n\r\n' % pick.randrange(10 ** 6) if from_client else \
            b'HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n' % max(size - 90, 0)
        return (head + bytes([0xc1]) * size)[:size]
    if kind == TLS and size > 5:
        return struct.pack('!BHH', 23, 0x0303, size - 5) + pick.randbytes(size - 5)
    return bytes([0xc1]) * size


def datagram(pick, ident):
    """datagram returns an Ethernet frame with one UDP datagram."""
    client, server = '10.0.%d.%d' % (pick.randint(0, 3), pick.randint(1, 200)), '192.0.2.%d' % pick.randint(1, 12)
    kind = pick.random()
    if kind < 0.4:
        name = b''.join(bytes([len(label)]) + label for label in (b'host%d' % pick.randrange(1000), b'example', b'com')) + b'\0'
        port, data = 53, struct.pack('!HHHHHH', ident & 0xffff, 0x0100, 1, 0, 0, 0) + name + struct.pack('!HH', 1, 1)
    elif kind < 0.5:
        port, data = 123, b'\x23' + bytes(47)
    elif kind < 0.6:
        port, data = 514, b'<13>Jan  1 00:00:00 host daemon: message %d' % ident
    else:
        port, data = 40000 + pick.randrange(2000), pick.randbytes(pick.randint(20, 1200))
    return packets.ethernet(packets.ip4(packets.udp(data, client, server, 30000 + pick.randrange(20000), port), client, server, protocol=17, ident=ident & 0xffff), True)


class Connection(traffic.Connection):
    """A connection of traffic.py whose payload and server's port are those of a kind."""

    def __init__(self, number, pick):
        super().__init__(number, pick)
        self.pick, self.kind = pick, (HTTP, TLS, TLS, UNKNOWN)[number % 4]

    def data(self, side, size):
        return payload(self.kind, side == 0, size, self.pick)

    def service(self):
        return self.kind


def mixed(count, seed=1):
    """mixed yields the first `count` frames of the mixed capture: (time in microseconds, bytes)."""
    pick, stream, time = random.Random(seed), traffic.frames(count, seed, Connection), 0
    for i in range(count):
        if pick.random() < 0.3:
            yield time + 1, datagram(pick, i)
        else:
            time, raw = next(stream)
            yield time, raw


def write(path, count, source=mixed):
    """write writes a capture, a frame at a time, which everybody may read."""
    with open(path, 'wb') as f:
        f.write(packets.pcap([], packets.ETHERNET))
        for time, raw in source(count):
            f.write(packets.pcap([(time, raw, raw)], packets.ETHERNET)[24:])
    os.chmod(path, 0o644)


def heuristics(*transports):
    """heuristics returns the arguments that turn off what guesses protocols by their payload, as far as their short names are made of protocol and transport."""
    listed = subprocess.run([shark.tshark(), '-G', 'heuristic-decodes'], capture_output=True, text=True).stdout
    names = sorted({'%s_%s' % (name, layer) for layer, name, on in (line.split('\t') for line in listed.split('\n') if line) if layer in transports and on == 'T'})
    while True:
        arguments = [x for n in names for x in ('--disable-heuristic', n)]
        said = subprocess.run([shark.tshark(), '-c', '1', '-r', os.path.join(shark.CAPTURES, 'tour.pcapng'), *arguments], capture_output=True, text=True).stderr
        unknown = re.findall(r"No such protocol (\S+), can't disable", said)
        if not unknown:
            return arguments
        names = [n for n in names if n not in unknown]


def ways():
    """ways returns the ways: name, program before tshark (a filter of packets) or None, arguments of tshark beside the report's."""
    nothing_above = ['-d', 'tcp.port==1-65535,data']
    light = ['-o', 'tcp.desegment_tcp_streams:FALSE', '-o', 'tcp.analyze_sequence_numbers:FALSE', '-o', 'tcp.calculate_timestamps:FALSE']
    return [
        ('as it comes', None, []),
        ('`--disable-protocol udp`', None, ['--disable-protocol', 'udp']),
        ('`--disable-heuristic`, each of TCP and UDP', None, heuristics('tcp', 'udp')),
        ('`--disable-protocol http --disable-protocol tls`', None, ['--disable-protocol', 'http', '--disable-protocol', 'tls']),
        ('`-d tcp.port==1-65535,data`', None, nothing_above),
        ('`-d`, without UDP', None, ['--disable-protocol', 'udp', *nothing_above]),
        ('the same, and three preferences of TCP off', None, ['--disable-protocol', 'udp', *nothing_above, *light]),
        ('tcpdump first', ['tcpdump', '-n', '-w', '-', 'tcp or icmp or icmp6 or (ip[6:2] & 0x1fff != 0)', '-r'], []),
        ('tcpdump first, and all of that', ['tcpdump', '-n', '-w', '-', 'tcp or icmp or icmp6 or (ip[6:2] & 0x1fff != 0)', '-r'], [*nothing_above, *light]),
    ]


def measure(tool, before, capture, arguments):
    """measure runs tshark over a capture; returns (CPU seconds, also of the filter before it, memory of tshark in MiB, output)."""
    with tempfile.TemporaryFile() as out:
        first = subprocess.Popen([*before, capture], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) if before else None
        main_one = subprocess.Popen(shark.unprivileged([shark.tshark(), '-r', '-' if before else capture, *arguments]), stdin=first.stdout if first else subprocess.DEVNULL,
                                    stdout=out, stderr=subprocess.DEVNULL, env=tool.environment)
        if first:
            first.stdout.close()
        usages = []
        for process in filter(None, [main_one, first]):
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            assert process.returncode == 0, (process.args, process.returncode)
            usages.append(usage)
        out.seek(0)
        return sum(u.ru_utime + u.ru_stime for u in usages), usages[0].ru_maxrss / 1024, out.read()


def gist(out):
    """gist returns a report of conv without what counts frames or begins at the first of them: both change with a filter before tshark."""
    connections = [json.loads(line) for line in out.decode().split('\n') if line.startswith('{')]
    return [{k: v for k, v in c.items() if k not in ('first_frame', 'opened_in', 'closed_in', 'start', 'findings')} for c in connections]


def skip_table(tool, folder, count, rounds):
    """skip_table prints packets a second for each way."""
    small, large = os.path.join(folder, 'small.pcap'), os.path.join(folder, 'large.pcap')
    write(small, 1000)
    write(large, count)
    rows, said = ways(), {}
    seconds = {name: [] for name, _, _ in rows}
    for _ in range(rounds):
        for name, before, arguments in rows:
            start = measure(tool, before, small, [*CONV, *arguments])[0]
            time, _, out = measure(tool, before, large, [*CONV, *arguments])
            seconds[name].append(time - start)
            said[name] = gist(out)
    print('| tshark -n -q -z tcpfsm,conv | CPU seconds | packets a second | times | same report |\n|---|---|---|---|---|')
    base = statistics.median(seconds[rows[0][0]])
    for name, _, _ in rows:
        time = statistics.median(seconds[name])
        print('| %s | %.1f | %d | %.2f | %s |' % (name, time, count / time, base / time, 'yes' if said[name] == said[rows[0][0]] and said[name] else 'NO'))


def grow_table(tool, folder, sizes):
    """grow_table prints time and memory of reports at growing sizes; the capture is the one of traffic.py, TCP only."""
    reports = [('conv', ['-n', '-q', '-z', 'tcpfsm,conv,format=json']), ('ladder', ['-n', '-q', '-z', 'tcpfsm,ladder,5']), ('nothing', ['-n', '-q'])]
    print('| packets | ' + ' | '.join('%s: CPU s | µs a packet | MiB' % name for name, _ in reports) + ' |')
    print('|---' * (1 + 3 * len(reports)) + '|')
    path = os.path.join(folder, 'grow.pcap')
    write(path, max(sizes), traffic.frames)
    for size in sizes:
        cells = []
        for _, arguments in reports:
            time, memory, out = measure(tool, None, path, ['-c', str(size), *arguments])
            cells.append('%.1f | %.2f | %d' % (time, time / size * 1e6, memory))
        print('| %d | %s |' % (size, ' | '.join(cells)), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--plugin', default=BUILT)
    parser.add_argument('--packets', type=int, default=1000000)
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--grow', type=int, nargs='+')
    parser.add_argument('--write', nargs=2)
    options = parser.parse_args()
    if options.write:
        return write(options.write[1], int(options.write[0]))
    tool = shark.Shark(options.plugin)
    folder = tempfile.mkdtemp(prefix='tcpfsm-batch-')
    os.chmod(folder, 0o755)
    try:
        if options.grow:
            grow_table(tool, folder, options.grow)
        else:
            skip_table(tool, folder, options.packets, options.rounds)
    finally:
        subprocess.run(['rm', '-rf', folder], check=True)
        tool.close()
    return 0


if __name__ == '__main__':
    sys.exit(main())

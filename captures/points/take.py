#!/usr/bin/python3
"""take.py: merges the captures of a recorded run of real sockets that were taken beside its client and beside its server, and writes what is known of the run.

    take.py FOLDER NAME [AHEAD] [POINTS]    FOLDER/NAME.c.pcap, FOLDER/NAME.s.pcap and FOLDER/NAME.truth.json become NAME.pcapng and NAME.txt

AHEAD: by so many seconds the clock of the server's host is ahead; the new name says so. POINTS: which captures are merged, "c s" unless named; "c rs s" adds one
on the way. The first is interface 0 of the merged capture, and so on. It needs editcap, mergecap and tshark.

A line of the text, whose frames are those of the merged capture:

    cases N ...                             situations of doc/cases.md that it shows
    connection N client ADDRESS PORT server ADDRESS PORT
    state N FRAME client|server STATE       what the kernel of that host said (`ss`) when this frame was the last one captured beside it. Alternatives are joined by "|"
    lost FRAME                              the network lost what this frame holds
    made FRAME                              the network made what this frame holds, in the name of its sender
    twice FRAME                             the network duplicated what this frame holds

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
FIELDS = ['frame.number', 'frame.interface_id', 'ip.src', 'ipv6.src', 'tcp.srcport', 'tcp.seq_raw', 'tcp.len', 'tcp.flags']
BITS = {'F': 1, 'S': 2, 'R': 4, 'P': 8, 'A': 16}
NEAR = {'c': 'client', 's': 'server'}


def times(path):
    """times returns the time of each record of a pcap file, nanoseconds."""
    with open(path, 'rb') as f:
        data = f.read()
    scale, at, found = 1 if data[:4] == b'\x4d\x3c\xb2\xa1' else 1000, 24, []
    while at < len(data):
        seconds, fraction, length = struct.unpack_from('<III', data, at)
        found.append(seconds * 10**9 + fraction * scale)
        at += 16 + length
    return found


def merge(folder, name, ahead, points, target):
    """merge writes the merged capture. The names of its parts are kept in it: they are given without a folder."""
    with tempfile.TemporaryDirectory() as scratch:
        parts = []
        for point in points:
            parts.append({'c': 'client', 's': 'server'}.get(point, 'between') + '.pcap')
            source, part = os.path.join(folder, '%s.%s.pcap' % (name, point)), os.path.join(scratch, parts[-1])
            subprocess.run(['editcap', '-F', 'nsecpcap', '-t', str(ahead if point == 's' else 0), source, part], check=True)
        subprocess.run(['mergecap', '-I', 'none', '-w', 'both.pcapng', *parts], cwd=scratch, check=True)
        shutil.copy(os.path.join(scratch, 'both.pcapng'), target)


def segments(path, folder, name, points):
    """segments yields (frame, point, number at that point, time there without AHEAD, source, flags, seq, len) of the merged capture."""
    out = subprocess.run(['tshark', '-n', '-o', 'tcp.desegment_tcp_streams:FALSE', '-r', path, '-T', 'fields', '-E', 'occurrence=f',
                          *[x for f in FIELDS for x in ('-e', f)]], capture_output=True, text=True, check=True).stdout
    clock, count = {p: times(os.path.join(folder, '%s.%s.pcap' % (name, p))) for p in points}, dict.fromkeys(points, 0)
    for line in out.split('\n')[:-1]:
        frame, interface, v4, v6, port, seq, length, flags = line.split('\t')
        point = points[int(interface)]
        count[point] += 1
        if port:
            yield (int(frame), point, count[point], clock[point][count[point] - 1], '%s.%s' % (v4 or v6, port), int(flags, 16) & 31, int(seq), int(length))


def event_frame(event, found, points):
    """event_frame returns the frame of a wire event: of the last such segment that left before it, or, for what was made, of the first that arrived after it."""
    made = event['what'] == 'inject'
    point = points[0] if (event['dir'] == 'c2s') != made else points[-1]
    like = (event['src'], sum(BITS[x] for x in event['flags'] if x in BITS), event['seq'], event['len'])
    frames = [f for f, p, _, t, *rest in found if p == point and tuple(rest) == like and (t > event['t']) == made]
    return (frames[0] if made else frames[-1]) if frames else None


def states(truth, found, points):
    """states yields the lines of states, without repetitions and changes that no segment shows (timers)."""
    frame_of, last = {(p, k): f for f, p, k, *_ in found}, {}
    for sample in truth['samples']:
        for point in (points[0], points[-1]):
            side, frame = NEAR[point], frame_of.get((point, sample['tuple_frame'][point]))
            if frame is None or last.get((sample['tuple'], side)) == frame:
                continue
            last[sample['tuple'], side] = frame
            listener = sample.get('listener' if side == 'server' else 'client_listener')
            state = 'CLOSED|LISTEN' if sample[side] == 'CLOSED' and listener else sample[side]
            yield 'state %d %4d  %s %s' % (sample['tuple'], frame, side, state)


def text(truth, found, points, ahead):
    """text returns the file beside the capture."""
    events = []
    for event in truth['wire_events']:
        word = {'drop': 'lost', 'inject': 'made', 'dup': 'twice'}.get(event['what'])
        frame = event_frame(event, found, points) if word else None
        if frame:
            events.append('%s %d' % (word, frame))
    kinds = {e.split()[0] for e in events}
    cases = [130] + [131] * bool(ahead) + [132] * ('lost' in kinds) + [133] * ('made' in kinds)
    out = ['# %s. Kernel %s.' % (truth['description'], truth['kernel']), '# SPDX-License-Identifier: GPL-2.0-or-later',
           'cases %s' % ' '.join(map(str, cases))]
    for n, t in enumerate(truth['tuples']):
        out.append('connection %d client %s %d server %s %d' % (n, *t['client'], *t['server']))
    out += states(truth, found, points)
    return '\n'.join(out + events) + '\n'


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    folder, name = sys.argv[1:3]
    ahead, points = float(sys.argv[3]) if len(sys.argv) > 3 else 0, (sys.argv[4] if len(sys.argv) > 4 else 'c s').split()
    new = name + ('.clock' if ahead else '') + ('.three' if len(points) > 2 else '')
    target = os.path.join(HERE, new + '.pcapng')
    merge(folder, name, ahead, points, target)
    with open(os.path.join(folder, name + '.truth.json'), encoding='utf-8') as f:
        truth = json.load(f)
    with open(os.path.join(HERE, new + '.txt'), 'w', encoding='utf-8') as f:
        f.write(text(truth, list(segments(target, folder, name, points)), points, ahead))


if __name__ == '__main__':
    main()

#!/usr/bin/python3
"""golden.py: the right answers of every capture as text, in the layout of RFC 9293's figures.

    golden.py --update                           write golden/*.txt from the scenarios of ../captures (not from the plugin)
    golden.py --check                            do golden/*.txt and the scenarios say the same?
    golden.py --plugin tcpfsm.so [NAME...]       what does the plugin say otherwise? (a unified diff)
    golden.py --plugin tcpfsm.so --print NAME    print what the plugin says

SPDX-License-Identifier: GPL-2.0-or-later
"""
import argparse
import difflib
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
GOLDEN = os.path.join(HERE, 'golden')
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), 'captures')]

import make  # noqa: E402
import scenario  # noqa: E402
import shark  # noqa: E402

CONTROLS = ((0x02, 'SYN'), (0x01, 'FIN'), (0x04, 'RST'), (0x10, 'ACK'), (0x20, 'URG'))
ENDS = ('client', 'server')


def segment_text(s):
    """segment_text returns a segment as the RFC prints it: <SEQ=101><ACK=301><DATA=10><CTL=ACK>. PSH, ECE and CWR have no part in the states."""
    parts = ['<SEQ=%d>' % s.seq]
    if s.flags & 0x10:
        parts.append('<ACK=%d>' % s.ack)
    if s.length:
        parts.append('<DATA=%d>' % s.length)
    return ''.join(parts) + '<CTL=%s>' % ','.join(name for bit, name in CONTROLS if s.flags & bit)


def state_text(s, i):
    """state_text returns the state of client (0) or server (1)."""
    return s.state[i] + (' (assumed)' if s.assumed[i] else '')


def finding_text(name, who, frame):
    """finding_text returns the line of a finding."""
    about = ', '.join(([who] if who else []) + (['frame %d' % frame] if frame else []))
    return '     %s%s' % (name, ' (%s)' % about if about else '')


def segment_lines(s):
    """segment_lines returns the lines of one segment: states and segment, then passages of more than one transition, then findings."""
    arrow = '-->' if s.side == 'C' else '<--'
    out = ['%3d  %-22s %s %-50s %s %s' % (s.frame, state_text(s, 0), arrow, segment_text(s), arrow, state_text(s, 1))]
    out += ['     %s %s' % (ENDS[i], ' -> '.join(path)) for i, path in sorted(s.paths.items())]
    return out + [finding_text(*f) for f in sorted(s.findings)]


def layout(segments, stray):
    """layout returns the text of a capture's connections, one after the other. stray: (frame, findings) without a segment."""
    lines = []
    for n in sorted({s.number for s in segments}):
        mine = [s for s in segments if s.number == n]
        use = '' if mine[0].incarnation == 1 else ', use %d of these ports' % mine[0].incarnation
        lines += ['', 'connection %d: client %s, server %s%s' % (n, mine[0].client, mine[0].server, use)]
        for s in mine:
            lines += segment_lines(s)
    for frame, findings in stray:
        if findings:
            lines += ['', 'frame %d, no segment' % frame] + [finding_text(*f) for f in sorted(findings)]
    return '\n'.join(lines) + '\n'


def expected(cap):
    """expected returns the golden text of a capture: the right answers of its scenario."""
    head = ['%s: %s' % (cap.file, cap.set['title'])] + ['  ' + note for note in cap.notes]
    return '\n'.join(head) + '\n' + layout(cap.segments, cap.stray)


def finding_of(name, message):
    """finding_of reads from the message of an expert item whom it is about (the first endpoint it names) and its first frame."""
    who = re.search(r'\b(client|server)\b(?= [0-9\[])', message, re.I)
    frame = re.search(r'\bframe (\d+)', message)
    return name, who.group(1).lower() if who else '', int(frame.group(1)) if frame else 0


def findings_of(tree):
    """findings_of returns the findings of one subtree."""
    names, messages = shark.values(tree, 'tcpfsm.finding'), shark.values(tree, '_ws.expert.message')
    return [finding_of(n, m) for n, m in zip(names, messages + [''] * len(names))]


def sent_by_client(tcp, source, client, server):
    """sent_by_client tells by port, or by address where the ports are equal, whether the client sent a segment. A self-connect is the client's."""
    if client.rpartition(':')[2] != server.rpartition(':')[2]:
        return shark.value(tcp, 'tcp.srcport') == client.rpartition(':')[2]
    return client.rpartition(':')[0].strip('[]') == source


def said(frame, source, tcp, tree):
    """said returns the plugin's answer for one TCP layer as a Segment. source: the address it came from."""
    client, server = shark.value(tree, 'tcpfsm.client'), shark.value(tree, 'tcpfsm.server')
    paths = {}
    for edge in shark.values(tree, 'tcpfsm.transition'):
        who, old, _, new = edge.split()
        paths.setdefault(ENDS.index(who), [old]).append(new)
    s = scenario.Segment(
        frame=frame, number=int(shark.value(tree, 'tcpfsm.connection', '-1')), incarnation=int(shark.value(tree, 'tcpfsm.incarnation', '0')),
        client=client, server=server, side='C' if sent_by_client(tcp, source, client, server) else 'S',
        seq=int(shark.value(tcp, 'tcp.seq_raw', '0')), ack=int(shark.value(tcp, 'tcp.ack_raw', '0')),
        flags=int(shark.value(tcp, 'tcp.flags', '0'), 16), length=int(shark.value(tcp, 'tcp.len', '0')), paths={i: p for i, p in paths.items() if len(p) > 2},
        state=[shark.value(tree, 'tcpfsm.%s.state' % e) for e in ENDS], assumed=[shark.value(tree, 'tcpfsm.%s.certain' % e) not in ('1', 'True') for e in ENDS])
    s.findings = findings_of(tree)
    return s


def answers(tool, cap, *arguments):
    """answers returns what the plugin says of a capture, as golden text below its heading."""
    segments, stray = [], []
    for packet in tool.packets(os.path.join(shark.CAPTURES, cap.file), *arguments):
        sources = [shark.value(p, p.get('name') + '.src') for name in ('ip', 'ipv6') for p in shark.layers(packet.element, name)]
        for tcp, tree in zip(packet.tcp, packet.tcpfsm):
            segments.append(said(packet.number, sources[-1] if sources else '', tcp, tree))
        if not packet.tcp and packet.tcpfsm:
            stray.append((packet.number, findings_of(packet.tcpfsm[0])))
    return layout(segments, stray)


def body(text):
    """body returns a golden text without its heading."""
    return text[text.index('\n\nconnection ') + 1:]


def difference(tool, cap, *arguments):
    """difference returns a unified diff of the golden file and the plugin; empty if they agree."""
    with open(os.path.join(GOLDEN, cap.name + '.txt'), encoding='utf-8') as f:
        want = body(f.read())
    return '\n'.join(difflib.unified_diff(want.split('\n'), answers(tool, cap, *arguments).split('\n'), 'right', 'plugin', lineterm='', n=20))


def differing(caps):
    """differing returns names of golden files that do not say what the scenarios say, and of those missing or left over."""
    known = {cap.name + '.txt': expected(cap) for _, cap in caps}
    have = set(os.listdir(GOLDEN))
    return sorted((have ^ set(known)) | {n for n in have & set(known) if open(os.path.join(GOLDEN, n), encoding='utf-8').read() != known[n]})


def update(caps):
    """update writes the golden files and removes those that no capture has."""
    os.makedirs(GOLDEN, exist_ok=True)
    for name in set(os.listdir(GOLDEN)) - {cap.name + '.txt' for _, cap in caps}:
        os.remove(os.path.join(GOLDEN, name))
    for _, cap in caps:
        with open(os.path.join(GOLDEN, cap.name + '.txt'), 'w', encoding='utf-8') as f:
            f.write(expected(cap))


def compare(plugin, caps, show):
    """compare prints what the plugin says otherwise (show: all it says) and returns how many captures differ."""
    tool, bad = shark.Shark(plugin), 0
    tool.check()
    for cap in caps:
        text = answers(tool, cap) if show else difference(tool, cap)
        bad += bool(text)
        print('=== %s\n%s' % (cap.name, text) if text else 'same  %s' % cap.name)
    tool.close()
    return bad


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--update', action='store_true')
    ap.add_argument('--check', action='store_true')
    ap.add_argument('--plugin')
    ap.add_argument('--print', action='store_true')
    ap.add_argument('names', nargs='*')
    a = ap.parse_args()
    caps = make.captures()
    if a.update:
        update(caps)
    if a.check:
        wrong = differing(caps)
        print('\n'.join(wrong))
        sys.exit(bool(wrong))
    if a.plugin:
        bad = compare(a.plugin, [cap for _, cap in caps if not a.names or cap.name in a.names], a.print)
        sys.exit(bool(bad) and not a.print)


if __name__ == '__main__':
    main()

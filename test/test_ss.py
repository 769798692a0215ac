"""tcpfsm,ss against real sockets: what the report prints for a moment, beside what ss said on the host at that moment.

The runs are those of ../shared/lab, where it is: each a capture beside the client and one beside the server, and samples of both hosts. All are read as one
capture: each run gets addresses and a time of its own, so that two runs of tshark do for thousands of samples. TCPFSM_LAB=separate reads every capture as it
was recorded, which takes minutes and must give the same.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import collections
import glob
import ipaddress
import json
import os
import re
import shutil
import struct
import tempfile

import pytest

import conftest
import packets
import shark

LAB = os.path.join(shark.SHARED, 'lab')
AGREEMENT = {'named': 95.0, 'random': 93.5}
STATES = dict(zip('LISTEN SYN-SENT SYN-RECV ESTAB FIN-WAIT-1 FIN-WAIT-2 CLOSE-WAIT CLOSING LAST-ACK TIME-WAIT'.split(),
                  'LISTEN SYN_SENT SYN_RECEIVED ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 CLOSE_WAIT CLOSING LAST_ACK TIME_WAIT'.split()))
GAP = 10**9         # nanoseconds between one run and the next

# One judgement: a sample of one end, and where to look for it in the capture.
Question = collections.namedtuple('Question', 'run side real at local peer step')


def frames(path):
    """frames returns (time in nanoseconds, bytes) of each packet of a classic pcap file of Ethernet frames."""
    with open(path, 'rb') as f:
        data = f.read()
    magic, link = struct.unpack('<I', data[:4])[0], struct.unpack('<I', data[20:24])[0]
    assert link == packets.ETHERNET
    found, at = [], 24
    while at + 16 <= len(data):
        seconds, fraction, kept, _ = struct.unpack('<IIII', data[at:at + 16])
        found.append((seconds * 10**9 + fraction * (1 if magic == 0xa1b23c4d else 1000), data[at + 16:at + 16 + kept]))
        at += 16 + kept
    return found


def socket(address, port):
    """socket returns an address, as bytes, and a port as ss prints them."""
    return ('%s:%d' if len(address) == 4 else '[%s]:%d') % (ipaddress.ip_address(address), port)


class Joined:
    """Captures put one after the other. own_addresses: each gets addresses of its own, from 10.0.0.0/8 and fd00::/8 by its number."""

    def __init__(self, own_addresses=True):
        self.frames, self.questions, self.clock, self.number, self.own = [], [], 0, 0, own_addresses

    def renamed(self, address):
        """renamed returns what an address becomes in the capture added now."""
        raw = packets.packed(address)
        if not self.own:
            return raw
        number = struct.pack('!H', self.number)
        return b'\x0a' + number + raw[-1:] if len(raw) == 4 else b'\xfd' + number + raw[3:]

    def add(self, run, truth, side, path):
        """add appends the capture beside one side of a run, and the samples of that side."""
        read = frames(path)
        if not read:
            return
        self.number += 1
        start, vantage = read[0][0], side[0]
        pairs = {(a, b) for t in truth['tuples'] for a in (t['client'][0], t['server'][0]) for b in (t['client'][0], t['server'][0])}
        change = [(packets.packed(a) + packets.packed(b), self.renamed(a) + self.renamed(b)) for a, b in sorted(pairs)]
        for when, raw in read:
            for old, new in change:     # in IP headers, and in those quoted by ICMP
                if old in raw:
                    raw = raw.replace(old, new)
                    break
            self.frames.append((self.clock + when - start, raw))
        last = read[-1][0]
        for s in truth['samples']:
            if not s['tuple_frame'][vantage] or s['t'] < start:
                continue
            last = max(last, s['t'])
            ends = truth['tuples'][s['tuple']]
            ends = [socket(self.renamed(ends[e][0]), ends[e][1]) for e in ('client', 'server')]
            local, peer = ends if side == 'client' else ends[::-1]
            real = 'no socket' if s[side] in ('CLOSED', 'LISTEN') else s[side]
            self.questions.append(Question(run, side, real, self.clock + s['t'] - start, local, peer, s['step']))
        self.clock += last - start + GAP

    def answers(self, tool):
        """answers asks one tshark for every sample; returns [(question, state that the report prints, whether it is marked as assumed)]."""
        folder = tempfile.mkdtemp(dir=tool.home)
        os.chmod(folder, 0o755)
        path = os.path.join(folder, 'joined.pcap')
        with open(path, 'wb') as f:
            f.write(struct.pack('<IHHiIII', 0xa1b23c4d, 2, 4, 0, 0, 262144, packets.ETHERNET))
            for when, raw in self.frames:
                f.write(struct.pack('<IIII', packets.EPOCH + when // 10**9, when % 10**9, len(raw), len(raw)) + raw)
        asked = sorted({('%.9f' % (q.at / 1e9), q.local.rsplit(':', 1)[0].strip('[]')) for q in self.questions})
        out = tool.checked('-n', '-q', '-r', path, *[x for at, host in asked for x in ('-z', 'tcpfsm,ss,at=%s,host=%s' % (at, host))])
        shutil.rmtree(folder)
        found, now = {}, None
        for line in out.split('\n'):
            at = re.search(r' ([0-9.]+) seconds after the first frame', line)
            now = at.group(1) if at else now
            word = line.split()
            if len(word) >= 5 and word[0] in STATES and word[0] != 'LISTEN':
                found[now, word[3], word[4]] = STATES[word[0]], word[-1] == 'assumed'
        return [(q, *found.get(('%.6f' % (q.at / 1e9), q.local, q.peer), ('no socket', False))) for q in self.questions]


def judgements(tool, kind):
    """judgements returns the answers for all runs of a kind, in two halves side by side."""
    bases = sorted(f[:-len('.truth.json')] for f in glob.glob(os.path.join(LAB, kind, '*.truth.json')))
    separate = os.environ.get('TCPFSM_LAB') == 'separate'
    groups = [[b] for b in bases] if separate else [bases[::2], bases[1::2]]

    def judge(group):
        answers, joined = [], Joined(not separate)
        for base in group:
            with open(base + '.truth.json', encoding='utf-8') as f:
                truth = json.load(f)
            for side in ('client', 'server'):
                joined.add(os.path.basename(base), truth, side, '%s.%s.pcap' % (base, side[0]))
                if separate and joined.questions:
                    answers += joined.answers(tool)
                    joined = Joined(False)
        return answers or (joined.answers(tool) if joined.questions else [])
    return [a for answers in conftest.in_pairs(judge, groups) for a in answers]


@pytest.mark.skipif(not os.path.isdir(LAB), reason='no recorded runs of real sockets beside the repository')
@pytest.mark.parametrize('kind', AGREEMENT)
def test_ss_agrees_with_real_sockets(with_plugin, kind):
    answers = judgements(with_plugin, kind)
    wrong = [a for a in answers if a[0].real != a[1]]
    agreement = 100.0 * (len(answers) - len(wrong)) / len(answers)
    print('\n%s: tcpfsm,ss agrees with ss in %d of %d samples, %.2f %%' % (kind, len(answers) - len(wrong), len(answers), agreement))
    print('of the other %d, %d are marked as assumed; ss said, we say, how often:' % (len(wrong), sum(assumed for _, _, assumed in wrong)))
    for (real, said), count in collections.Counter((q.real, said) for q, said, _ in wrong).most_common():
        print('  %-13s %-13s %4d' % (real, said, count))
    if os.environ.get('TCPFSM_LAB'):
        for q, said, assumed in sorted(wrong):
            print('%s %s: ss said %s, we %s%s (%s)' % (q.run, q.side, q.real, said, ', assumed' if assumed else '', q.step))
    assert len(answers) > 2000
    assert agreement >= AGREEMENT[kind]

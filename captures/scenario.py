"""scenario.py: the little language in which the captures of this folder are written, with the right answer beside every segment.

A scenario file holds captures. Each begins with `capture NAME` and some settings; then every line is a step:

    capture rst_out_of_window
      title   A RST far outside the window is dropped
      C SYN                     | SYN_SENT       LISTEN?
      S SYN,ACK                 | ESTABLISHED?   SYN_RECEIVED?
      C ACK 10                  | ESTABLISHED    ESTABLISHED?
      S RST seq=snd+900000000   | =              =
        ! rst.dropped client

`C` and `S` are the client and the server (`b.C` in a capture with a connection b), then come the control bits, the bytes of data and options. Sequence and
acknowledgement numbers follow from what was sent and delivered before; seq= and ack= override them and know the words iss, snd, rcv. Right of the bar stand
the states of client and server after the segment, as RFC 9293 and the rules of inference have them: `?` means assumed (more than one state possible), `=` as
in the line before, `CLOSE_WAIT>LAST_ACK` two transitions in one segment, `new` that a new connection begins here. `! NAME [client|server] [FRAME]` is a finding
made at the segment above: whom it is about, and the frame it names as evidence. Without a time a step follows the one before by 20 ms.

Settings: title rfc cases note client server connection link frame snaplen step format comment, and timestamps (the options of a present-day stack: MSS, SACK,
          window scale, timestamps). A capture whose steps have @ times is put into the order of time.
Options:  seq= ack= iss= win= ttl= id= opt=HEX sack=A-B text="..." frame=LAYERS cut=BYTES again=FRAME (sent again) copy=FRAME (captured again)
          hold (shares a frame with the next step)  lost (captured, not delivered)  unseen (delivered, not captured)
          forged (by a third party)  pad tso bad (padding; total length 0; bad checksum)
Others:   +SECONDS or @SECONDS before a step (after the last one; since the beginning); as=WORD names a frame for later findings;
          `wait SECONDS`; `skip C BYTES` (sent, neither delivered nor captured); `icmp TYPE/CODE of FRAME from ADDRESS`;
          `handshake`, `request`, `close` (the usual lines with the usual answers, see MACROS);
          `remark TEXT`, a packet comment for the frame that follows (pcapng).

SPDX-License-Identifier: GPL-2.0-or-later
"""
import re
import shlex
import struct

import packets

M32 = 0xffffffff
SETTINGS = ('title', 'rfc', 'cases', 'note', 'client', 'server', 'connection', 'link', 'frame', 'snaplen', 'step', 'format', 'comment', 'timestamps')
STATES = ('CLOSED LISTEN SYN_SENT SYN_RECEIVED ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 CLOSE_WAIT CLOSING LAST_ACK TIME_WAIT').split()
MACROS = {
    # a handshake in the middle of the path: the server's last step is only assumed
    'handshake': ['C SYN | SYN_SENT LISTEN?', 'S SYN,ACK | ESTABLISHED? SYN_RECEIVED?', 'C ACK | ESTABLISHED ESTABLISHED?'],
    # ten bytes and their acknowledgement: it proves that the server is ESTABLISHED
    'request': ['C ACK 10 | = =', 'S ACK | = ESTABLISHED'],
    # the client closes first, four segments (RFC 9293 figure 12)
    'close': ['C FIN,ACK | FIN_WAIT_1 CLOSE_WAIT?', 'S ACK | FIN_WAIT_2? CLOSE_WAIT', 'S FIN,ACK | TIME_WAIT? LAST_ACK', 'C ACK | TIME_WAIT CLOSED?'],
}


class ScenarioError(Exception):
    """A line of a scenario file that means nothing; the text says which and why."""


class Side:
    """One endpoint: its address and its place in sequence space."""

    def __init__(self, endpoint, iss):
        host, _, port = endpoint.rpartition(':')
        self.host, self.port, self.name = host.strip('[]'), int(port), endpoint
        self.iss = self.snd = int(iss)
        self.rcv = self.offer = None    # RCV.NXT; what it would be if a SYN that arrived were accepted
        self.beyond, self.stamp, self.echo = [], None, 0
        self.ident = 0x1000 + self.port % 0x1000

    def deliver(self, seq, end):
        """deliver takes the bytes [seq, end) and moves RCV.NXT over all that is now contiguous."""
        self.beyond.append((seq, end))
        moved = True
        while moved and self.rcv is not None:
            moved = False
            for left, right in self.beyond:
                if (left - self.rcv & M32) >= 1 << 31 or left == self.rcv:
                    if 0 < (right - self.rcv & M32) < 1 << 31:
                        self.rcv, moved = right, True


class Connection:
    """Two sides, and what has been said of their states so far."""

    def __init__(self, client, client_iss, server, server_iss):
        self.side = {'C': Side(client, client_iss), 'S': Side(server, server_iss)}
        self.said = ['CLOSED?', 'LISTEN?']
        self.number, self.incarnation = None, 0


class Segment:
    """What the plugin must say of one captured segment. state: client's and server's; assumed: likewise; paths: the states passed through, by side."""

    def __init__(self, **values):
        self.findings = []
        self.__dict__.update(values)


class Capture:
    """One capture: frames [(microseconds, bytes on the wire, bytes captured)] and the right answers (segments)."""

    def __init__(self, name):
        self.name, self.notes, self.frames, self.segments, self.comments = name, [], [], [], {}
        self.set = {'title': '', 'rfc': '', 'cases': '', 'link': 'ethernet', 'frame': 'eth ip tcp', 'snaplen': '0', 'step': '0.02',
                    'format': 'pcap', 'comment': '', 'client': '10.0.0.1:40000 1000', 'server': '10.0.0.2:80 5000'}
        self.named, self.connections, self.sent, self.clock = {}, 0, {}, 0
        self.labels = {}
        self.stray = []         # findings on frames without a segment: (frame, finding)

    @property
    def file(self):
        """file is the name of the capture file."""
        return self.name + '.' + self.set['format']

    def data(self):
        """data returns the bytes of the capture file."""
        link = {'ethernet': packets.ETHERNET, 'raw': packets.RAW_IP, '802.11': packets.IEEE802_11}[self.set['link']]
        if self.set['format'] == 'pcapng':
            return packets.pcapng(self.frames, link, self.set['comment'], self.comments)
        return packets.pcap(self.frames, link)

    def connection(self, name):
        """connection returns the connection called name; `a` is the one of the settings client and server."""
        if name not in self.named:
            if name != 'a':
                raise ScenarioError('no connection %s' % name)
            self.named['a'] = Connection(*(self.set['client'].split() + self.set['server'].split()))
        return self.named[name]


def number(text, side, default):
    """number evaluates seq= and ack=: an integer, or iss, snd or rcv plus or minus one."""
    if text is None:
        return default
    m = re.fullmatch(r'(iss|snd|rcv)?([+-]?\d+)?', text)
    if not m or not text:
        raise ScenarioError('not a number: %s' % text)
    return (getattr(side, m.group(1)) if m.group(1) else 0) + int(m.group(2) or 0) & M32


def options_bytes(opt, side, flags, stamp, echo):
    """options_bytes returns the TCP options of a step: opt=HEX and sack=A-B; with a stamp (TSval, None without timestamps) those of a present-day stack too."""
    raw = bytes.fromhex(opt.get('opt', ''))
    if stamp is not None and flags & 0x14 != 4:     # a RST without ACK comes from no connection and has no options
        before, after = (bytes.fromhex('020405b40402'), bytes.fromhex('01030307')) if flags & 2 else (b'\1\1', b'')
        raw += before + struct.pack('!BBII', 8, 10, stamp, echo) + after
    if 'sack' in opt:
        left, right = (number(t, side, 0) for t in opt['sack'].split('-'))
        raw += struct.pack('!BBBBII', 1, 1, 5, 10, left, right)
    return raw


def compose(cap, layers, datagram_of, side_is_client, pad=False):
    """compose puts the layers around a segment, innermost first, and returns the frames (more than one if a layer fragments)."""
    raws, kind, tags = None, packets.IPV4, []
    inner = [(side_is_client, '198.51.100.1', '198.51.100.2'), (side_is_client, '203.0.113.1', '203.0.113.2')]
    outer = 0
    for layer in reversed(layers.split()):
        word, _, argument = layer.partition(':')
        if word == 'tcp':
            continue
        src, dst = inner[min(outer, 1)][1:] if side_is_client else inner[min(outer, 1)][:0:-1]
        if word in ('ip', 'ip6', 'ah'):
            if raws is None:
                raws, kind = datagram_of(word, argument)
            elif word == 'ip':
                raws = [packets.ip4(r, src, dst, protocol={'gre': 47, 'vxlan': 17, 'ip': 4, 'ip6': 41}[before], ident=0x4000 + len(cap.frames) + n, fragment=0)
                        for n, r in enumerate(raws)]
                kind, outer = packets.IPV4, outer + 1
        elif word == 'gre':
            raws = [packets.gre(r, kind) for r in raws]
        elif word == 'vxlan':
            raws = [packets.vxlan(r, int(argument or 1), src, dst) for r in raws]
        elif word == 'vlan':
            vlan, _, tpid = argument.partition(':')
            tags.insert(0, (int(tpid or '8100', 16), int(vlan)))
        elif word == 'eth':
            raws, tags = [packets.ethernet(r, side_is_client, tags, kind) for r in raws], []
            raws = [r + b'\0' * (60 - len(r)) for r in raws] if pad else raws
        elif word == 'amsdu':
            raws = [packets.amsdu(raws, side_is_client)]
        else:
            raise ScenarioError('no layer %s' % word)
        before = word
    return raws


def by_time(cap):
    """by_time puts the frames of a capture into the order of time and renumbers what refers to them."""
    order = sorted(range(len(cap.frames)), key=lambda n: cap.frames[n][0])
    renumber = {old + 1: new + 1 for new, old in enumerate(order)}
    renumber[0] = 0
    cap.frames = [cap.frames[n] for n in order]
    cap.comments = {renumber[n]: text for n, text in cap.comments.items()}
    for s in cap.segments:
        s.frame = renumber[s.frame]
        s.findings = [(name, who, renumber[frame]) for name, who, frame in s.findings]
    cap.segments.sort(key=lambda s: s.frame)
    first = {}
    for s in cap.segments:
        s.number = first.setdefault(s.number, len(first))


class Reader:
    """Reads scenario files into captures."""

    def __init__(self):
        self.captures, self.cap, self.line, self.note_next = [], None, '', None

    def read(self, text, where):
        """read takes the text of one scenario file; where names it in errors."""
        for n, line in enumerate(text.splitlines(), 1):
            body = line.split(' # ')[0].strip() if not line.strip().startswith('#') else ''
            if not body:
                continue
            try:
                self.one(body)
            except (ScenarioError, KeyError, IndexError, TypeError, ValueError) as e:
                raise ScenarioError('%s:%d: %s: %r' % (where, n, line.strip(), e)) from e

    def one(self, body):
        """one reads one line."""
        word, _, rest = body.partition(' ')
        rest = rest.strip()
        if word == 'capture':
            self.cap = Capture(rest)
            self.captures.append(self.cap)
        elif word in SETTINGS:
            self.setting(word, rest)
        elif word == '!':
            self.finding(rest.split())
        elif word in MACROS or word.partition('.')[2] in MACROS:
            name, _, macro = word.rpartition('.')
            for step in MACROS[macro]:
                self.step((name + '.' if name else '') + step)
        elif word == 'wait':
            self.cap.clock += round(float(rest) * 1e6)
        elif word == 'skip':
            side, count = rest.split()
            self.sides(side)[1].snd += int(count)
        elif word == 'remark':
            self.note_next = rest
        elif word == 'icmp':
            self.icmp(rest.split())
        else:
            self.step(body)

    def setting(self, word, rest):
        """setting stores a line such as `title ...`."""
        if word == 'note':
            self.cap.notes.append(rest)
        elif word == 'connection':
            name, client, ci, server, si = rest.split()
            self.cap.named[name] = Connection(client, ci, server, si)
        else:
            self.cap.set[word] = rest

    def sides(self, word):
        """sides returns connection, sender and receiver of `C`, `S`, `b.C`."""
        name, _, side = word.rpartition('.')
        c = self.cap.connection(name or 'a')
        return c, c.side[side], c.side['S' if side == 'C' else 'C']

    def finding(self, words):
        """finding stores a line such as `! rst.refused server 1`."""
        who = [w for w in words[1:] if w in ('client', 'server')]
        frame = [self.cap.labels[w] if w in self.cap.labels else int(w) for w in words[1:] if w not in who]
        made = (words[0], who[0] if who else '', frame[0] if frame else 0)
        if self.cap.stray and self.cap.stray[-1][0] == len(self.cap.frames):
            self.cap.stray[-1][1].append(made)
        else:
            self.cap.segments[-1].findings.append(made)

    def icmp(self, words):
        """icmp puts an ICMP error into the capture that quotes the datagram of an earlier frame."""
        kind, code = (int(x) for x in words[0].split('/'))
        quoted = self.cap.sent[int(words[2])]
        self.cap.clock += round(float(self.cap.set['step']) * 1e6)
        raw = packets.icmp_quote(quoted['datagram'], kind, code, words[4], quoted['src'].host)
        self.put([packets.ethernet(raw, False)], {})
        self.cap.stray.append((len(self.cap.frames), []))

    def step(self, body):
        """step reads `[+T] SIDE FLAGS [LEN] [options] [| CLIENT SERVER [new]]`."""
        left, _, right = body.partition('|')
        words = shlex.split(left)
        cap, gap = self.cap, self.cap.set['step']
        if words[0][0] in '+@':
            gap = words.pop(0)
            cap.clock = 0 if gap[0] == '@' else cap.clock
            gap = gap[1:]
        side, control = words.pop(0), words.pop(0)
        size = int(words.pop(0)) if words and words[0].isdigit() else 0
        opt = dict(w.split('=', 1) if '=' in w else (w, True) for w in words)
        cap.clock += round(float(gap) * 1e6)
        c, by, to = self.sides(side)
        if 'copy' in opt:
            sent = dict(cap.sent[int(opt['copy'])])
        else:
            sent = self.send(by, to, 0 if control == 'none' else sum(packets.FLAGS[f] for f in control.split(',')), size, opt)
        sent.update(src=by, dst=to)
        if 'unseen' in opt:
            return
        raws = compose(cap, opt.get('frame', cap.set['frame']), lambda w, a: self.datagram(sent, w, a, opt), by is c.side['C'], 'pad' in opt)
        if 'hold' in opt:       # kept for the next step, which shares the frame
            self.held = (sent, right, c, side)
            return
        self.put(raws, opt)
        cap.sent[len(cap.frames)] = sent
        cap.labels[opt.get('as')] = len(cap.frames)
        self.expect(c, side[-1], sent, right.split())

    def send(self, by, to, flags, size, opt):
        """send works out the numbers of a segment and lets it arrive; returns its header and data."""
        data = opt['text'].encode().decode('unicode_escape').encode() if 'text' in opt else b'x' * size
        old = self.cap.sent[int(opt['again'])] if 'again' in opt else None
        if old:
            flags, data = old['flags'], old['data']
        syn, fin = bool(flags & 2), bool(flags & 1)
        if syn and flags & 16 and by.offer is not None and 'forged' not in opt:
            by.rcv, by.offer, by.beyond = by.offer, None, []
        seq = old['seq'] if old else number(opt.get('seq'), by, int(opt['iss']) if 'iss' in opt else by.iss if syn else by.snd)
        ack = number(opt.get('ack'), by, by.rcv if flags & 16 else 0)
        end = seq + len(data) + syn + fin & M32
        if 'forged' not in opt and not flags & 4 and not old:
            if syn:
                by.iss, by.snd = seq, end
            elif 0 < (end - by.snd & M32) < 1 << 31:
                by.snd = end
        if 'lost' not in opt and 'forged' not in opt and not flags & 4:
            if syn and (flags & 16 or to.rcv is None):
                to.rcv, to.beyond = seq + 1 & M32, []
                to.deliver(seq + 1 & M32, end)
                to.offer = None if flags & 16 else to.rcv
            elif syn:
                to.offer = end
            else:
                to.deliver(seq, end)
        by.ident = by.ident + 1 & 0xffff
        by.stamp = self.cap.clock // 1000 + by.port * 1000 if 'timestamps' in self.cap.set else None
        options = options_bytes(opt, by, flags, by.stamp, by.echo)
        to.echo = (by.stamp or 0) if 'lost' not in opt else to.echo
        return {'sport': by.port, 'dport': to.port, 'seq': seq, 'ack': ack, 'flags': flags | (8 if data and not flags & 7 else 0), 'data': data,
                'window': int(opt.get('win', 0 if flags & 20 == 4 else 64240)), 'options': options or (old['options'] if old else b''), 'bad_checksum': 'bad' in opt,
                'ident': int(opt.get('id', by.ident)), 'ttl': int(opt.get('ttl', 64))}

    def datagram(self, sent, word, argument, opt):
        """datagram returns the IP datagrams that carry a segment, and their EtherType. argument: `frag`, `tail` (fragments, last one first), `opts` (IPv4
        options), `ext` (IPv6 extension headers)."""
        src, dst = sent['src'].host, sent['dst'].host
        raw = packets.tcp(sent, src, dst)
        ttl = int(opt.get('ttl', sent['ttl']))
        if ':' in src:
            extension = bytes.fromhex('3c00010400000000' + '0600010400000000') if argument == 'ext' else b''
            sent['datagram'] = packets.ip6(raw, src, dst, hops=ttl, extension=extension)
            return [sent['datagram']], packets.IPV6
        if word == 'ah':
            sent['datagram'] = packets.ip4(packets.authentication_header(raw), src, dst, protocol=51, ident=sent['ident'], ttl=ttl)
        elif argument in ('frag', 'tail') and len(raw) > 24:
            parts = [packets.ip4(part, src, dst, ident=sent['ident'], ttl=ttl, fragment=place) for part, place in ((raw[:24], 0x2000), (raw[24:], 3))]
            sent['datagram'] = parts[0]
            return parts if argument == 'frag' else parts[::-1], packets.IPV4
        else:
            options = b'\x94\x04\0\0' if argument == 'opts' else b''
            sent['datagram'] = packets.ip4(raw, src, dst, ident=sent['ident'], ttl=ttl, options=options, total=0 if 'tso' in opt else None)
        held = getattr(self, 'held', None)
        return ([held[0]['datagram']] if held else []) + [sent['datagram']], packets.IPV4

    def put(self, raws, opt):
        """put appends frames to the capture at the present time; a second fragment follows after 10 microseconds."""
        for n, raw in enumerate(raws):
            snap = int(opt.get('cut', 0)) or int(self.cap.set['snaplen'])
            self.cap.frames.append((self.cap.clock + 10 * n, raw, raw[:snap] if snap else raw))
            if self.note_next:
                self.cap.comments[len(self.cap.frames)], self.note_next = self.note_next, None

    def expect(self, c, side, sent, words):
        """expect stores what the plugin must say of the segment just captured, and of one held for the same frame before it."""
        held = getattr(self, 'held', None)
        if held:
            self.held = None
            self.expect(held[2], held[3][-1], held[0], held[1].split())
        if len(words) < 2:
            raise ScenarioError('a captured segment needs the states after it: | CLIENT SERVER')
        if c.number is None or 'new' in words:
            c.number, c.incarnation = self.cap.connections, c.incarnation + 1
            self.cap.connections += 1
        paths, state, assumed = {}, [], []
        for i in (0, 1):
            said = c.said[i] if words[i] == '=' else words[i]
            steps = said.rstrip('?').split('>')
            steps = steps[1:] if len(steps) > 1 and steps[0] == c.said[i].rstrip('?') else steps
            if any(s not in STATES for s in steps):
                raise ScenarioError('no state %s' % said)
            if len(steps) > 1:
                paths[i] = [c.said[i].rstrip('?')] + steps
            c.said[i] = steps[-1] + ('?' if said.endswith('?') else '')
            state.append(steps[-1])
            assumed.append(said.endswith('?'))
        self.cap.segments.append(Segment(
            frame=len(self.cap.frames), number=c.number, incarnation=c.incarnation, client=c.side['C'].name, server=c.side['S'].name, side=side,
            seq=sent['seq'], ack=sent['ack'], flags=sent['flags'], length=len(sent['data']), state=state, assumed=assumed, paths=paths))

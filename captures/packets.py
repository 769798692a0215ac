"""packets.py: bytes of TCP segments, of what may lie around them, and of capture files. Python's standard library only; the same input gives the same bytes.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import ipaddress
import struct

FLAGS = {'FIN': 0x01, 'SYN': 0x02, 'RST': 0x04, 'PSH': 0x08, 'ACK': 0x10, 'URG': 0x20, 'ECE': 0x40, 'CWR': 0x80}
ETHERNET, RAW_IP, IEEE802_11 = 1, 101, 105
IPV4, IPV6, VLAN, SERVICE_VLAN = 0x0800, 0x86dd, 0x8100, 0x88a8
EPOCH = 1767225600          # 2026-01-01 00:00:00 UTC: time 0 of every scenario


def checksum(data):
    """checksum returns the ones' complement sum of RFC 1071 over data."""
    if len(data) % 2:
        data += b'\0'
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def packed(address):
    """packed returns an IPv4 or IPv6 address as 4 or 16 bytes."""
    return ipaddress.ip_address(address).packed


def pseudo(src, dst, protocol, length):
    """pseudo returns the pseudo header that TCP and UDP checksums cover (RFC 9293 section 3.1, RFC 8200 section 8.1)."""
    if len(packed(src)) == 4:
        return packed(src) + packed(dst) + struct.pack('!BBH', 0, protocol, length)
    return packed(src) + packed(dst) + struct.pack('!IHBB', length, 0, 0, protocol)


def tcp(seg, src, dst):
    """tcp returns a TCP segment; seg is a dict with sport dport seq ack flags window options data, and bad_checksum."""
    options = seg['options'] + b'\1' * (-len(seg['options']) % 4)
    head = struct.pack('!HHIIBBHHH', seg['sport'], seg['dport'], seg['seq'], seg['ack'], (20 + len(options)) << 2, seg['flags'] & 0xff, seg['window'], 0, 0)
    raw = head + options + seg['data']
    total = checksum(pseudo(src, dst, 6, len(raw)) + raw) ^ (0x5555 if seg.get('bad_checksum') else 0)
    return raw[:16] + struct.pack('!H', total) + raw[18:]


def udp(payload, src, dst, sport, dport):
    """udp returns a UDP datagram with its checksum."""
    head = struct.pack('!HHHH', sport, dport, 8 + len(payload), 0)
    total = checksum(pseudo(src, dst, 17, 8 + len(payload)) + head + payload) or 0xffff
    return head[:6] + struct.pack('!H', total) + payload


def ip4(payload, src, dst, protocol=6, ident=0, ttl=64, options=b'', total=None, fragment=0x4000):
    """ip4 returns an IPv4 datagram. fragment: flags and offset as on the wire (0x4000: don't fragment). total: a total length to lie about."""
    options += b'\0' * (-len(options) % 4)
    size = 20 + len(options)
    length = size + len(payload) if total is None else total
    head = struct.pack('!BBHHHBBH', 0x40 | size >> 2, 0, length, ident, fragment, ttl, protocol, 0) + packed(src) + packed(dst) + options
    return head[:10] + struct.pack('!H', checksum(head)) + head[12:] + payload


def ip6(payload, src, dst, protocol=6, hops=64, extension=b''):
    """ip6 returns an IPv6 datagram. extension: extension headers whose last one names TCP; they begin with a destination options header."""
    return struct.pack('!IHBB', 6 << 28, len(extension) + len(payload), 60 if extension else protocol, hops) + packed(src) + packed(dst) + extension + payload


def ethernet(payload, from_client, tags=(), kind=IPV4):
    """ethernet returns a frame between two locally administered addresses; tags are (TPID, VLAN id) pairs, outermost first."""
    client, server = bytes.fromhex('020000000001'), bytes.fromhex('020000000002')
    raw = server + client if from_client else client + server
    for tpid, vlan in tags:
        raw += struct.pack('!HH', tpid, vlan)
    return raw + struct.pack('!H', kind) + payload


def icmp_quote(datagram, kind, code, router, to):
    """icmp_quote returns an ICMP error from router that quotes the header of datagram and all of its first 28 bytes after that."""
    quoted = datagram[:20 + 28]
    body = struct.pack('!BBHI', kind, code, 0, 0) + quoted
    return ip4(body[:2] + struct.pack('!H', checksum(body)) + body[4:], router, to, protocol=1, ident=7, fragment=0)


def authentication_header(payload, protocol=6):
    """authentication_header puts an AH (RFC 4302) with an arbitrary 12-byte check value before payload."""
    return struct.pack('!BBHII', protocol, 4, 0, 0x1001, 1) + bytes(range(12)) + payload


def vxlan(frame, vni, src, dst):
    """vxlan wraps an Ethernet frame in VXLAN (RFC 7348) over UDP port 4789."""
    return udp(struct.pack('!II', 0x08000000, vni << 8) + frame, src, dst, 49152, 4789)


def gre(payload, kind=IPV4):
    """gre puts a GRE header (RFC 2784) before payload."""
    return struct.pack('!HH', 0, kind) + payload


def amsdu(datagrams, from_client):
    """amsdu returns an 802.11 QoS data frame that carries several datagrams as one A-MSDU (IEEE 802.11 9.3.2.2)."""
    client, server = bytes.fromhex('020000000001'), bytes.fromhex('020000000002')
    to, by = (server, client) if from_client else (client, server)
    raw = struct.pack('<HH', 0x0288, 0) + to + bytes.fromhex('0200000000aa') + by + struct.pack('<HH', 0, 0x0080)
    for n, datagram in enumerate(datagrams):
        msdu = bytes.fromhex('aaaa03000000') + struct.pack('!H', IPV4) + datagram
        raw += to + by + struct.pack('!H', len(msdu)) + msdu
        if n + 1 < len(datagrams):
            raw += b'\0' * (-(14 + len(msdu)) % 4)
    return raw


def pcap(frames, link):
    """pcap returns a capture file of (time in microseconds, bytes on the wire, bytes captured), classic format."""
    out = [struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 262144, link)]
    for when, raw, kept in frames:
        out.append(struct.pack('<IIII', EPOCH + when // 1000000, when % 1000000, len(kept), len(raw)) + kept)
    return b''.join(out)


def block(kind, body):
    """block returns a pcapng block."""
    body += b'\0' * (-len(body) % 4)
    return struct.pack('<II', kind, len(body) + 12) + body + struct.pack('<I', len(body) + 12)


def option(code, text):
    """option returns a pcapng option holding text."""
    raw = text.encode()
    return struct.pack('<HH', code, len(raw)) + raw + b'\0' * (-len(raw) % 4)


def pcapng(frames, link, comment, comments=None):
    """pcapng returns a capture file of the same frames with a comment on its section; comments maps frame numbers to comments."""
    end = struct.pack('<HH', 0, 0)
    out = [block(0x0a0d0d0a, struct.pack('<IHHq', 0x1a2b3c4d, 1, 0, -1) + option(1, comment) + option(4, 'captures/make.py') + end),
           block(1, struct.pack('<HHI', link, 0, 262144) + option(2, 'eth0') + end)]
    for number, (when, raw, kept) in enumerate(frames, 1):
        stamp = EPOCH * 1000000 + when
        body = struct.pack('<IIIII', 0, stamp >> 32, stamp & 0xffffffff, len(kept), len(raw)) + kept + b'\0' * (-len(kept) % 4)
        note = (comments or {}).get(number)
        out.append(block(6, body + (option(1, note) + end if note else b'')))
    return b''.join(out)

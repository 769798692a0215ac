#!/usr/bin/env python3
# make_corpus.py: writes the seed corpus, one file a behaviour, from the readable lists below; with --check, says whether the files are what it would write.
#
# Files whose name begins with "found-" came from fuzzing and are left alone.
#
# A line of a behaviour:  SENDER FLAGS SEQ [ACK] [+LEN] [@MILLISECONDS] [option=value ...]
#   SENDER  c or s; FLAGS of S F R P A U; SEQ and ACK count from the sender's and the peer's first ISN; 2:N from its second; *:N anywhere (N times 65537)
#   options: has=BYTE (bits as target.c reads them), win=N, id=N, ttl=N, scale=N, digest=N, sack, icmp
#
# SPDX-License-Identifier: GPL-2.0-or-later
import pathlib
import struct
import sys

BIT = {'F': 1, 'S': 2, 'R': 4, 'P': 8, 'A': 16, 'U': 32}
HANDSHAKE = 'c S 0; s SA 0 1; c A 1 1; '
OPEN = HANDSHAKE + 'c PA 1 1 +10; s A 1 11; s PA 1 11 +20; c A 11 21; '
# after OPEN: c is at 11, s is at 21

BEHAVIOURS = {
    'lone_syn': 'c S 0',
    'syn_unanswered': 'c S 0; c S 0 @1000; c S 0 @3000; c S 0 @7000',
    'handshake': HANDSHAKE,
    'close_by_client': OPEN + 'c FA 11 21; s A 21 12; s FA 21 12; c A 12 22',
    'close_by_server': OPEN + 's FA 21 11; c A 11 22; c FA 11 22; s A 22 12',
    'close_three_segments': OPEN + 'c FA 11 21; s FA 21 12; c A 12 22',
    'close_simultaneous': OPEN + 'c FA 11 21; s FA 21 11; c A 12 22; s A 22 12',
    'close_half': OPEN + 'c FA 11 21; s A 21 12; s PA 21 12 +50; c A 12 71; s FA 71 12 @9000; c A 12 72',
    'open_simultaneous': 'c S 0; s S 0; c SA 0 1; s SA 0 1; c A 1 1',
    'open_split': 'c S 0; s A 0 1; s S 0; c SA 0 1; s A 1 1',
    'refused': 'c S 0; s RA 0 1',
    'refused_number_zero': 'c S 0; s RA *:0 1',
    'abort': OPEN + 'c R 11',
    'abort_with_ack': OPEN + 's RA 21 11',
    'rst_in_window': OPEN + 's R 500; c A 11 21',
    'rst_outside': OPEN + 's R *:3000; c PA 11 21 +5; s A 21 16',
    'rst_forged_goes_on': OPEN + 's R 21 ttl=12; s PA 21 11 +10 @5; c A 11 31 @1',
    'data_after_close': OPEN + 'c FA 11 21; s A 21 12; s PA 21 12 +50; c R 12',
    'half_open_reboot': OPEN + 'c S 2:0 @9000; s A 21 11; c R 11; c S 2:0 @1000; s SA 2:0 2:1; c A 2:1 2:1',
    'half_open_no_connection': OPEN + 'c PA 11 21 +10 @60000; s R 21',
    'old_duplicate_syn': OPEN + 'c S 2:0; s A 21 11; c PA 11 21 +5; s A 21 16',
    'time_wait_reuse': OPEN + 'c FA 11 21; s FA 21 12; c A 12 22; c S 2:0 @2000; s SA 2:0 2:1; c A 2:1 2:1',
    'time_wait_reuse_by_server_role': OPEN + 's FA 21 11; c FA 11 22; s A 22 12; c S 2:0 @500; s SA 2:0 2:1; c A 2:1 2:1',
    'time_wait_rejects_syn': OPEN + 's FA 21 11; c FA 11 22; s A 22 12; c S *:5 @500; s A 22 12; c R 12',
    'time_wait_fin_again': OPEN + 'c FA 11 21; s FA 21 12; c A 12 22; s FA 21 12 @200; c A 12 22',
    'time_wait_expires': OPEN + 'c FA 11 21; s FA 21 12; c A 12 22; s A 22 12 @61000',
    'fin_again': OPEN + 'c FA 11 21; c FA 11 21 @200; c FA 11 21 @400; s A 21 12',
    'fin_rollback': OPEN + 'c FA 11 21; s A 21 12; c FA 11 21 @200; s A 21 12',
    'fin_beyond_gap': OPEN + 'c FA 50 21; s A 21 11; c PA 11 21 +39; s A 21 51',
    'fin_with_data_again': OPEN + 'c PA 11 21 +10; c FA 21 21; c FA 11 21 +10 @200; s A 21 22',
    'syn_ack_again': 'c S 0; s SA 0 1; c A 1 1; s SA 0 1 @1000; c A 1 1; c PA 1 1 +10; s A 1 11',
    'syn_ack_before_syn': 's SA 0 1; c S 0 @0; c A 1 1',
    'ack_before_data': OPEN + 's A 21 61; c PA 11 21 +50',
    'midstream_data': 'c PA 100 200 +10; s A 200 110; c FA 110 200; s A 200 111',
    'midstream_fin': 's FA 100 200; c A 200 101',
    'midstream_rst': 's R 100',
    'one_direction_client': 'c S 0; c A 1 1; c PA 1 1 +10; c A 11 21; c FA 11 21; c A 12 22',
    'one_direction_server': 's SA 0 1; s A 1 11; s PA 1 11 +20; s A 21 12; s FA 21 12',
    'missed_segments': HANDSHAKE + 's A 5001 9001; c A 9001 5001; c FA 9001 5001; s FA 5001 9002',
    'duplicates_of_the_capture': 'c S 0 id=1 has=2; c S 0 id=1 has=2; s SA 0 1 id=9 has=2; s SA 0 1 id=9 has=2; c A 1 1 id=2 has=2; c A 1 1 id=2 has=2',
    'keepalive': OPEN + 'c A 10 21 @10000; s A 21 11; c A 10 21 @10000; c A 10 21 @10000; c R 11 @10000',
    'zero_window': OPEN + 's A 21 11 win=0; c A 11 21 +1 @1000; s A 21 11 win=0',
    'fast_open': 'c S 0 +10 has=18; s SA 0 11; s PA 1 11 +10; c A 11 11',
    'window_scale': 'c S 0 scale=7 has=8; s SA 0 1 scale=9 has=8; c A 1 1 win=100; s R 21 @1; s R 12000',
    'sack_and_rst': OPEN + 'c PA 31 21 +10; s A 21 11 sack id=20 digest=10; s R 21',
    'timestamps': 'c S 0 has=4; s SA 0 1 has=4; c A 1 1 has=4; c PA 1 1 +10 has=4 digest=200; c PA 1 1 +10 has=4',
    'bad_checksum': HANDSHAKE + 'c FA 1 1 has=64; c PA 1 1 +5; s A 1 6',
    'no_length': OPEN + 'c FA 11 21 has=32; s A 21 12',
    'fastclose': OPEN + 'c A 11 21 has=128; s R 21',
    'icmp_refused': 'c S 0; c S 0 icmp digest=1; c S 0 @1000; c S 0 icmp',
    'syn_fin': 'c SF 0; s SA 0 1; c A 1 1',
    'syn_rst': HANDSHAKE + 'c SR 1',
    'all_flags': HANDSHAKE + 'c SFRPAU 1 1 +7; s SFRPAU 1 1 +7',
    'no_flags': HANDSHAKE + 'c  1 +7; s  1',
    'clock_goes_back': HANDSHAKE + 'c FA 1 1 @-40; s FA 1 2 @-100; c A 2 2 @-100',
    'wild_numbers': 'c S *:1; s SA *:40000 *:9; c A *:65535 *:32767; s FA *:32768 *:1; c R *:2; s PA *:3 *:4 +65535',
}
HEADERS = {'': (0, 0x10, 0x7f, 0x01), '.near': (1, 0xff, 0x80, 0xff), '.self': (8, 0x7f, 0x7f, 0)}


def number(word):
    """The mode and offset of a sequence number."""
    mode, colon, value = word.rpartition(':')
    if not colon:
        mode, value = '', word
    return {'': 0, '2': 1, '+': 2, '*': 3}[mode], int(value) & 0xffff


def record(line, frame):
    """One line as RECORD_SIZE bytes."""
    parts = line.split(' ')
    sender, flags, rest = parts[0], parts[1], [p for p in parts[2:] if p]
    options = dict(win=4000, id=frame & 255, ttl=64, scale=0, digest=frame & 255, has=0)
    numbers, length, time, sack, icmp = [], 0, 1, 0, 0
    for word in rest:
        if word.startswith('+') and ':' not in word:
            length = int(word[1:])
        elif word.startswith('@'):
            time = int(word[1:])
        elif word == 'sack':
            sack = 1
        elif word == 'icmp':
            icmp = 1
        elif '=' in word:
            name, value = word.split('=')
            options[name] = int(value)
        else:
            numbers.append(number(word))
    seq, ack = (numbers + [(0, 0)])[:2]
    unit, count = (3, -time) if time < 0 else (1, time) if time < 256 else (2, min(255, time // 1000))
    where = seq[0] | ack[0] << 2 | sack << 4 | icmp << 5 | unit << 6
    return struct.pack('>BBBBHHHHBBBB', (options['has'] & 0xfe) | (sender == 's'), sum(BIT[f] for f in flags), where, count, seq[1], ack[1], length,
        options['win'],
                       options['id'], options['ttl'], options['scale'], options['digest'])


def files():
    """Every file of the corpus: name and bytes."""
    for name, text in BEHAVIOURS.items():
        lines = [line.strip() for line in text.split(';') if line.strip()]
        body = b''.join(record(line, i + 1) for i, line in enumerate(lines))
        for suffix, header in HEADERS.items():
            if not suffix or name.startswith(('close', 'open', 'time_wait', 'fin')):
                yield name + suffix, bytes(header) + body


def main():
    folder = pathlib.Path(__file__).resolve().parent / 'corpus'
    written = dict(files())
    if sys.argv[1:] == ['--check']:
        there = {f.name: f.read_bytes() for f in folder.iterdir() if not f.name.startswith('found-')}
        wrong = sorted(name for name in there.keys() | written.keys() if there.get(name) != written.get(name))
        sys.exit(f'not what make_corpus.py writes: {" ".join(wrong)}' if wrong else 0)
    if sys.argv[1:]:
        sys.exit('usage: make_corpus.py [--check]')
    folder.mkdir(exist_ok=True)
    for name, content in written.items():
        (folder / name).write_bytes(content)


if __name__ == '__main__':
    main()

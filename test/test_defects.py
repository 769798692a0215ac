"""Defects of the plugin's reports, counters and files that were found in use, each as the command that showed it.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import re
import shutil
import struct
import subprocess
import tempfile
import time

import pytest

import conftest
import packets
import shark

TOUR = conftest.capture_path('tour.pcapng')
FIN, SYN, RST, PSH, ACK = (packets.FLAGS[f] for f in 'FIN SYN RST PSH ACK'.split())
SECOND = 10**9


def segment(src, dst, flags, seq, ack=0, data=b''):
    """segment returns an IPv4 datagram with a TCP segment; src and dst are (address, port)."""
    header = {'sport': src[1], 'dport': dst[1], 'seq': seq, 'ack': ack, 'flags': flags, 'window': 65535, 'options': b'', 'data': data}
    return packets.ip4(packets.tcp(header, src[0], dst[0]), src[0], dst[0])


def closed(client, server, at, step=SECOND // 1000, first=None):
    """closed returns (time, datagram) of a connection that `first`, or else the client, closes first, from nanosecond `at` on."""
    one, other = (server, client) if first == server else (client, server)
    a, b = (501, 101) if first == server else (101, 501)
    sent = [segment(client, server, SYN, 100), segment(server, client, SYN | ACK, 500, 101), segment(client, server, ACK, 101, 501),
            segment(one, other, FIN | ACK, a, b), segment(other, one, FIN | ACK, b, a + 1), segment(one, other, ACK, a + 1, b + 1)]
    return [(at + i * step, raw) for i, raw in enumerate(sent)]


def pcapng(frames, offset=0, resolution=9):
    """pcapng returns a capture of raw IP frames (nanoseconds since 1970, bytes); offset: if_tsoffset in seconds."""
    end, out = struct.pack('<HH', 0, 0), [packets.block(0x0a0d0d0a, struct.pack('<IHHq', 0x1a2b3c4d, 1, 0, -1))]
    for shift in sorted({o for _, _, o in [(t, r, o) for t, r, *x in frames for o in [x[0] if x else offset]]}):
        options = struct.pack('<HHBxxx', 9, 1, resolution) + struct.pack('<HHq', 14, 8, shift) + end
        out.append(packets.block(1, struct.pack('<HHI', packets.RAW_IP, 0, 262144) + options))
    shifts = sorted({x[0] if x else offset for _, _, *x in frames})
    for when, raw, *x in frames:
        body = struct.pack('<IIIII', shifts.index(x[0] if x else offset), when >> 32 & 0xffffffff, when & 0xffffffff, len(raw), len(raw))
        out.append(packets.block(6, body + raw))
    return b''.join(out)


@pytest.fixture(scope='module')
def folder(with_plugin):
    """folder is a folder that the unprivileged tshark of the tests may write to."""
    path = tempfile.mkdtemp(dir=with_plugin.home)
    os.chmod(path, 0o777)
    return path


def put(folder, name, data):
    """put writes a file that anybody may read and write, and returns its path."""
    path = os.path.join(folder, name)
    with open(path, 'wb') as f:
        f.write(data)
    os.chmod(path, 0o666)
    return path


def read(path):
    """read returns the bytes of a file."""
    with open(path, 'rb') as f:
        return f.read()


def z(tool, capture, *what, option=''):
    """z runs tshark -q with some -z and returns the finished process."""
    return tool.run('-n', '-q', '-r', capture, *option.split(), *[x for w in what for x in ('-z', w)])


# A new session of tshark -M begins with an empty store.

@pytest.mark.parametrize('what', ['conv', 'ladder,5', 'ss', 'hosts', 'timeline', 'table', 'tree'])
def test_session_reset(with_plugin, what):
    for size in (20, 40, 50):
        r = z(with_plugin, TOUR, 'tcpfsm,' + what, option='-M %d' % size)
        assert r.returncode in (0, 1) and 'Segmentation' not in r.stderr, r.stderr
        assert len([line for line in r.stderr.split('\n') if 'tcpfsm,' + what.split(',')[0] in line and 'anew' in line]) == 1, r.stderr


def test_last_session_only(with_plugin, folder):
    """What a report says of the last session is what it says of that session's frames alone."""
    frames = [f for i in range(4) for f in closed(('10.0.0.%d' % (i + 1), 1000), ('10.0.9.9', 80), i * SECOND)]
    every, last = put(folder, 'sessions.pcapng', pcapng(frames)), put(folder, 'session.pcapng', pcapng(frames[18:]))
    for what in ('conv', 'ss', 'hosts', 'timeline', 'table', 'tree'):
        one, all_but = z(with_plugin, last, 'tcpfsm,' + what).stdout, z(with_plugin, every, 'tcpfsm,' + what, option='-M 6').stdout
        if what in ('table', 'tree'):       # times of Wireshark's own, which begin with the file
            one, all_but = (re.sub(r'[0-9.]{5,} *', '', text) for text in (one, all_but))
        assert one == all_but, what


# svg=FILE harms no file.

def test_svg_keeps_a_file_when_there_is_nothing_to_draw(with_plugin, folder):
    keep = put(folder, 'keep.svg', b'precious')
    link = os.path.join(folder, 'link.svg')
    os.symlink(keep, link)
    for name in (keep, link):
        assert z(with_plugin, TOUR, 'tcpfsm,ladder,99,svg=' + name).returncode == 1
        assert read(keep) == b'precious' and os.path.islink(link)
    assert z(with_plugin, TOUR, 'tcpfsm,ladder,0,svg=' + keep, 'tcpfsm,conv,format=xml').returncode
    assert z(with_plugin, '/nonexistent.pcap', 'tcpfsm,ladder,0,svg=' + keep).returncode
    assert read(keep) == b'precious'


def test_svg_replaces_a_file_at_once(with_plugin, folder):
    keep = put(folder, 'replaced.svg', b'old')
    link = os.path.join(folder, 'link_to_replaced.svg')
    os.symlink(keep, link)
    before = set(os.listdir(folder))
    assert z(with_plugin, TOUR, 'tcpfsm,ladder,3,svg=' + link).returncode == 0
    assert read(keep).startswith(b'<svg') and os.path.islink(link) and set(os.listdir(folder)) == before
    assert os.stat(keep).st_mode & 0o777 == 0o666


def test_svg_refuses_what_is_no_file(with_plugin, folder):
    os.mkdir(os.path.join(folder, 'directory'))
    for name in ('/dev/null', os.path.join(folder, 'directory')):
        kind = os.stat(name).st_mode
        r = z(with_plugin, TOUR, 'tcpfsm,ladder,0,svg=' + name)
        assert r.returncode and 'regular file' in r.stderr and os.stat(name).st_mode == kind


def test_svg_refuses_the_capture(with_plugin, folder):
    own = put(folder, 'self.pcap', read(conftest.capture_path('fig12_normal_close.pcap')))
    before, link = read(own), os.path.join(folder, 'self_link.svg')
    os.link(own, link)
    for name in (own, link):
        r = z(with_plugin, own, 'tcpfsm,timeline,svg=' + name)
        assert r.returncode == 1 and 'in use' in r.stderr
        assert read(own) == before


def test_svg_goes_to_a_pipe(with_plugin):
    r = z(with_plugin, TOUR, 'tcpfsm,timeline,svg=/dev/stdout')
    assert r.returncode == 0 and r.stdout.startswith('<svg') and r.stdout.endswith('</svg>\n')


def test_one_svg_for_two_reports_is_refused(with_plugin, folder):
    path = os.path.join(folder, 'both.svg')
    r = z(with_plugin, TOUR, 'tcpfsm,timeline,svg=' + path, 'tcpfsm,ladder,0,svg=%s/./both.svg' % folder)
    assert r.returncode == 1 and 'another report' in r.stderr and not os.path.exists(path)


def test_svg_of_a_full_disk(with_plugin):
    if not os.path.exists('/dev/full'):
        pytest.skip('no /dev/full')
    assert z(with_plugin, TOUR, 'tcpfsm,timeline,svg=/dev/full').returncode == 1


# One clock ahead.

def waits(extra):
    """waits returns 60 connections 10 s apart of one client to one server, after one whose last segments bear a time `extra` seconds ahead."""
    client, server = '10.0.0.1', ('10.0.0.2', 80)
    first = closed((client, 40999), server, 0)
    frames = [(t + extra * SECOND if i >= 3 else t, raw) for i, (t, raw) in enumerate(first)]
    return frames + [f for i in range(60) for f in closed((client, 41000 + i), server, (10 * i + 10) * SECOND)]


def peak(text, what):
    """peak returns the peak that tcpfsm,hosts prints for a line."""
    return int(re.search(r'^  %s +(\d+) +(\d+)' % re.escape(what), text, re.M).group(2))


@pytest.mark.parametrize('extra, most', [(0, 6), (3600, 7)])
def test_time_wait_ends_by_time(with_plugin, folder, extra, most):
    path = put(folder, 'waits_%d.pcapng' % extra, pcapng(waits(extra)))
    option = ['-o', 'tcpfsm.ephemeral_ports:40000-40099']
    rows = with_plugin.rows(path, ['tcpfsm.client.time_wait', 'tcpfsm.pressure.time_wait', 'tcpfsm.finding'], *option)
    assert max(int(r[0]) for r in rows) == most and max(int(r[1] or 0) for r in rows) == most
    assert not any('pressure' in r[2] for r in rows)
    out = with_plugin.checked('-n', '-q', '-r', path, *option, '-z', 'tcpfsm,hosts')
    assert peak(out, 'TIME_WAIT') == peak(out, 'TIME_WAIT toward 10.0.0.2:80') == most


def test_fields_and_report_count_alike(with_plugin):
    """The highest value of a field is the peak of the report, in every capture of ours that has sockets in TIME_WAIT or CLOSE_WAIT."""
    for name in ('tour.pcapng', 'time_wait_many.pcap', 'close_wait_many.pcap', 'time_wait_expired.pcap', 'time_wait_reused.pcap', 'fin_retransmitted.pcap'):
        path, most = conftest.capture_path(name), {}
        fields = ['ip.src', 'ip.dst', 'tcpfsm.client', 'tcpfsm.client.time_wait', 'tcpfsm.client.close_wait', 'tcpfsm.server', 'tcpfsm.server.time_wait',
                  'tcpfsm.server.close_wait']
        for row in with_plugin.rows(path, fields, '-Y', 'tcpfsm.client.time_wait && !icmp'):
            for at in (2, 5):
                for column, state in ((at + 1, 'TIME_WAIT'), (at + 2, 'CLOSE_WAIT')):
                    key = row[at].rsplit(':', 1)[0], state
                    most[key] = max(most.get(key, 0), int(row[column]))
        host, said = None, {}
        for line in with_plugin.checked('-n', '-q', '-r', path, '-z', 'tcpfsm,hosts').split('\n')[1:-1]:
            word = line.split()
            if not line.startswith(' '):
                host = line
            elif word[0] in ('TIME_WAIT', 'CLOSE_WAIT') and word[1].isdigit():
                said[host, word[0]] = int(word[2])
        assert said == {k: v for k, v in most.items() if v}, name


# TIME_WAIT grouped by what it costs.

def test_hosts_group_by_service(with_plugin, folder):
    server = ('10.0.0.2', 80)
    many = [f for i in range(500) for f in closed(('10.0.0.1', 40000 + i), server, i * SECOND // 100, first=server)]
    out = z(with_plugin, put(folder, 'served.pcapng', pcapng(many)), 'tcpfsm,hosts').stdout
    assert len(out.split('\n')) < 25, out
    line = [x for x in out.split('\n') if 'TIME_WAIT on 10.0.0.2:80' in x]
    assert len(line) == 1 and line[0].split()[3:5] == ['500', '500'] and 'harmless' in line[0] and 'ephemeral' in line[0]
    assert not re.search(r'10\.0\.0\.1:4', out)
    assert peak(out, 'CLOSE_WAIT toward 10.0.0.2:80') == 1
    opened = [f for i in range(20) for f in closed(('10.0.0.1', 40000 + i), server, i * SECOND // 100)]
    out = z(with_plugin, put(folder, 'opened.pcapng', pcapng(opened)), 'tcpfsm,hosts').stdout
    assert re.search(r'^  TIME_WAIT toward 10\.0\.0\.2:80 +20 +20  at \S+  0\.07 % of 28232 ephemeral ports$', out, re.M), out
    assert peak(out, 'CLOSE_WAIT on 10.0.0.2:80') == 1


# Times at the edges.

def test_json_before_1970(with_plugin, folder):
    path = put(folder, 'before.pcapng', pcapng(closed(('10.0.0.1', 1), ('10.0.0.2', 2), SECOND // 2), offset=-5))
    line = json.loads(z(with_plugin, path, 'tcpfsm,conv,format=json').stdout)
    assert line['start_epoch'] == -4.5
    assert '"start_epoch":-4.500000000' in z(with_plugin, path, 'tcpfsm,conv,format=json').stdout


def test_times_that_no_clock_shows(with_plugin, folder):
    frames = [(t, raw, (-1)**i * 2**62) for i, (t, raw) in enumerate(closed(('10.0.0.1', 1), ('10.0.0.2', 2), 0))]
    path = put(folder, 'extreme.pcapng', pcapng(frames))
    line = json.loads(z(with_plugin, path, 'tcpfsm,conv,format=json').stdout)
    for side in ('client', 'server'):
        assert all(seconds >= 0 for seconds in line[side]['seconds_in'].values())
    for row in with_plugin.rows(path, ['tcpfsm.client.time_in_state', 'tcpfsm.server.time_in_state']):
        assert not any(v.startswith('-') for v in row)


def test_time_in_states_adds_up_after_time_wait(with_plugin, folder):
    """What ended by the clock and goes on as CLOSED is counted once."""
    client, server = ('10.0.0.1', 1000), ('10.0.0.2', 80)
    frames = closed(client, server, 0) + [(100 * SECOND, segment(client, server, RST, 102)), (300 * SECOND, segment(server, client, RST, 502))]
    line = json.loads(z(with_plugin, put(folder, 'adds_up.pcapng', pcapng(frames)), 'tcpfsm,conv,format=json').stdout)
    assert line['client']['seconds_in']['TIME_WAIT'] == 60
    for side in ('client', 'server'):
        assert abs(sum(line[side]['seconds_in'].values()) - 300) < 1e-6, line


# Reports asked for oddly.

def test_two_tables_count_once(with_plugin):
    one, two = (z(with_plugin, TOUR, *['tcpfsm,table'] * n).stdout for n in (1, 2))
    assert one and set(two.split('\n')) == set(one.split('\n'))


@pytest.mark.parametrize('what, said', [('conv,format=csv,format=json', 'format is given twice'), ('conv,format=csv,format=csv', 'format is given twice'),
                                        ('ss,at=1,at=2', 'at is given twice'), ('ss,host=10.0.0.1,host=10.0.0.2', 'host is given twice'),
                                        ('conv,format=csv,tcp.port==80,format=json', 'format is given twice')])
def test_contradicting_arguments(with_plugin, what, said):
    r = with_plugin.run('-n', '-q', '-r', TOUR, '-z', 'tcpfsm,' + what)
    assert r.returncode and re.search(said, r.stderr), r.stderr


def test_svg_takes_the_rest(with_plugin, folder):
    path = os.path.join(folder, 'a.svg,format=csv')
    assert z(with_plugin, TOUR, 'tcpfsm,ladder,3,svg=' + path).returncode == 0 and os.path.getsize(path)


def test_options_after_the_filter(with_plugin):
    assert z(with_plugin, TOUR, 'tcpfsm,conv,tcp.port in {443, 80},format=json').stdout == z(with_plugin, TOUR,
                                                                                          'tcpfsm,conv,format=json,tcp.port in {443, 80}').stdout != ''


def test_stdout_that_is_full(with_plugin):
    if not os.path.exists('/dev/full'):
        pytest.skip('no /dev/full')
    with open('/dev/full', 'wb') as full:
        r = subprocess.run(shark.unprivileged([shark.tshark(), '-n', '-q', '-r', TOUR, '-z', 'tcpfsm,conv,format=json']), stdout=full, stderr=subprocess.PIPE,
                           env=with_plugin.environment, text=True, timeout=60)
    assert r.returncode == 1 and 'cannot be written' in r.stderr


@pytest.mark.parametrize('arguments', [['-q', '-z', 'tcpfsm,conv,tcpfsm.outcome == "normal close"'], ['-Y', 'tcpfsm.closed_in'],
                                       ['-q', '-z', 'io,stat,0,tcpfsm.zeek.history'], ['-q', '-z', 'tcpfsm,conv,tcpfsm.next_change_in']])
def test_one_pass_says_that_it_needs_two(with_plugin, arguments):
    r = with_plugin.run('-n', '-r', TOUR, *arguments)
    said = [line for line in r.stderr.split('\n') if 'tcpfsm' in line]
    assert len(said) == 1 and '-2' in said[0] and re.search(r'tcpfsm\.(outcome|closed_in|zeek\.history|next_change_in)\b', said[0]), r.stderr
    assert 'tcpfsm' not in with_plugin.run('-2', '-n', '-r', TOUR, *arguments).stderr
    assert 'tcpfsm' not in with_plugin.run('-n', '-r', TOUR, '-Y', 'tcpfsm.outcome_so_far').stderr


def test_ladder_marks_what_was_sent_again(with_plugin, folder):
    """Sent again is marked lost unless something between acknowledges it, also by an ACK that a lower one follows."""
    client, server = ('10.0.0.1', 1000), ('10.0.0.2', 80)
    data, ack = ((lambda seq: segment(client, server, ACK | PSH, seq, 501, b'x' * 10)), (lambda to: segment(server, client, ACK, 501, to)))
    sent = [data(101), data(101), data(111), ack(121), ack(111), data(111), data(121), ack(111), data(121)]
    frames = closed(client, server, 0)[:3]
    frames += [((i + 5) * SECOND // 1000, raw) for i, raw in enumerate(sent)]
    out = z(with_plugin, put(folder, 'again.pcapng', pcapng(frames)), 'tcpfsm,ladder,0').stdout
    lost = [int(line.split()[0]) for line in out.split('\n') if re.match(r' +\d+ ', line) and '...' in line]
    again = re.findall(r'again: first sent in frame (\d+)', out)
    assert lost == [4, 10] and again == ['4', '6', '10'], out


def test_expert_items_have_descriptions(with_plugin):
    items = [line.split('\t') for line in with_plugin.checked('-G', 'fields').split('\n') if line.startswith('F\t')]
    items = [i for i in items if i[3] == 'FT_NONE' and i[2].startswith('tcpfsm.')]
    assert len(items) > 30
    for i in items:
        assert re.match(r'(Chat|Note|Warning): .{10}', i[-1]), i


# Somebody else has IP protocol 6: said where the user looks.

TAKES = '''local p, tcp = Proto("takes", "Takes TCP"), Dissector.get("tcp")
function p.dissector(tvb, pinfo, tree) tcp:call(tvb, pinfo, tree) end
function p.init() DissectorTable.get("ip.proto"):set(6, p) end
'''


@pytest.mark.skipif(not all(map(shutil.which, ('wireshark', 'Xvfb', 'xdotool'))), reason='no Wireshark with windows to drive')
def test_missed_layers_are_reported_in_a_window(with_plugin, folder):
    script = put(folder, 'takes.lua', TAKES.encode())
    if 'with Lua' not in ' '.join(with_plugin.run('-v').stdout.split()):
        pytest.skip('Wireshark without Lua')
    r = with_plugin.run('-n', '-r', TOUR, '-X', 'lua_script:' + script)
    assert len([line for line in r.stderr.split('\n') if line.startswith('tcpfsm: another plugin')]) == 1
    read_end, write_end = os.pipe()
    screen = subprocess.Popen(['Xvfb', '-displayfd', str(write_end), '-screen', '0', '1400x900x24', '-nolisten', 'tcp'], pass_fds=[write_end],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write_end)
    with os.fdopen(read_end) as f:
        environment = dict(with_plugin.environment, DISPLAY=':' + f.readline().strip(), XDG_CONFIG_HOME=os.path.join(folder, 'config'))
    window = subprocess.Popen(shark.unprivileged(['wireshark', '-n', '-X', 'lua_script:' + script, '-r', TOUR]), env=environment, cwd=folder,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        titles = []
        for _ in range(100):
            found = subprocess.run(['xdotool', 'search', '--onlyvisible', '--class', '.'], env=environment, capture_output=True, text=True).stdout.split()
            titles = [subprocess.run(['xdotool', 'getwindowname', w], env=environment, capture_output=True, text=True).stdout.strip() for w in found]
            if 'tour.pcapng' in titles and 'Wireshark' in titles:
                break
            time.sleep(0.1)
        assert 'tour.pcapng' in titles and 'Wireshark' in titles, titles
    finally:
        for process in (window, screen):
            process.kill()
            process.wait()


# Numbers of the reports and the hook, on both sides of each.

@pytest.mark.parametrize('pause, silent', [(SECOND, False), (SECOND + 1, True)])
def test_silence_is_more_than_a_second(with_plugin, folder, pause, silent):
    client, server = ('10.0.0.1', 1000), ('10.0.0.2', 80)
    frames = [(0, segment(client, server, SYN, 100)), (pause, segment(server, client, SYN | ACK, 500, 101))]
    path = put(folder, 'pause_%d.pcapng' % pause, pcapng(frames))
    drawing = os.path.join(folder, 'pause.svg')
    assert ('of silence' in z(with_plugin, path, 'tcpfsm,ladder,0').stdout) == silent
    assert z(with_plugin, path, 'tcpfsm,ladder,0,svg=' + drawing).returncode == 0
    assert (b'of silence' in read(drawing)) == silent


@pytest.mark.parametrize('connections, drawn', [(200, '200 connections in'), (201, ', the first 200 drawn')])
def test_a_timeline_draws_two_hundred(with_plugin, folder, connections, drawn):
    frames = [(i * SECOND, segment(('10.0.0.1', 1000 + i), ('10.0.0.2', 80), SYN, 100)) for i in range(connections)]
    out = z(with_plugin, put(folder, 'timeline_%d.pcapng' % connections, pcapng(frames)), 'tcpfsm,timeline').stdout
    assert drawn in out.split('\n')[0] and len(re.findall(r'^ +\d+ 10\.0\.0\.1:', out, re.M)) == 200
    assert (', the first' in out) == (connections > 200)


@pytest.mark.parametrize('kept, followed', [(13, False), (14, True), (19, True), (20, True)])
def test_a_header_cut_short(with_plugin, folder, kept, followed):
    """The flags are the fourteenth byte: a header cut before them is not read."""
    raw = segment(('10.0.0.1', 1000), ('10.0.0.2', 80), SYN, 100)
    path = put(folder, 'cut_%d.pcap' % kept, packets.pcap([(0, raw, raw[:20 + kept])], packets.RAW_IP))
    assert (z(with_plugin, path, 'tcpfsm,conv').stdout.count('10.0.0.1:1000') == 1) == followed


@pytest.mark.parametrize('offset, followed', [(4, False), (5, True)])
def test_a_header_shorter_than_its_own(with_plugin, folder, offset, followed):
    """A data offset below 5 is no TCP header: its receiver drops it."""
    raw = bytearray(segment(('10.0.0.1', 1000), ('10.0.0.2', 80), SYN, 100))
    raw[32] = offset << 4
    path = put(folder, 'offset_%d.pcapng' % offset, pcapng([(0, bytes(raw))]))
    rows = with_plugin.rows(path, ['tcpfsm.client.state'], '-o', 'tcp.check_checksum:FALSE')
    assert (rows == [['SYN_SENT']]) == followed, rows


def test_a_nested_header_is_followed_once(with_plugin, folder):
    inner = segment(('10.0.0.1', 1000), ('10.0.0.2', 80), SYN, 100)
    for i in range(5):
        inner = packets.ip4(inner, '10.1.%d.1' % i, '10.1.%d.2' % i, protocol=4)
    path = put(folder, 'nested.pcapng', pcapng([(0, inner)]))
    assert z(with_plugin, path, 'tcpfsm,conv').stdout.count('10.0.0.1:1000') == 1

"""The reports of tshark -z: compared with hand-checked goldens, refused with one line where an argument is wrong, and cheap. test_ss.py
compares tcpfsm,ss with real sockets.

Goldens are in golden_reports/: NAME.txt holds what `tshark -n -q -r captures/... -z REPORT` printed. To write them again after looking at the difference:

    TCPFSM_GOLDEN=update python3 -m pytest test_reports.py

SPDX-License-Identifier: GPL-2.0-or-later
"""
import csv
import functools
import glob
import io
import json
import os
import re
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as ET

import pytest

import conftest
import shark

GOLDEN = os.path.join(shark.HERE, 'golden_reports')
DOC = os.path.join(os.path.dirname(shark.HERE), 'doc')
TOUR = conftest.capture_path('tour.pcapng')
WIRESHARKS_OWN = ('tree', 'table')      # layouts of Wireshark's, which differ between versions
STATES = 'CLOSED LISTEN SYN_SENT SYN_RECEIVED ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 CLOSE_WAIT CLOSING LAST_ACK TIME_WAIT'.split()
SVG = '{http://www.w3.org/2000/svg}'

# name of the golden: capture, what follows -z
REPORTS = {
    'diagnosis': ('tour.pcapng', 'tcpfsm,diagnosis'),
    'diagnosis_json': ('tour.pcapng', 'tcpfsm,diagnosis,format=json'),
    'diagnosis_filter': ('tour.pcapng', 'tcpfsm,diagnosis,tcp.port in {443, 6379}'),
    'diagnosis_healthy': ('fig12_normal_close.pcap', 'tcpfsm,diagnosis'),
    'diagnosis_healthy_json': ('fig12_normal_close.pcap', 'tcpfsm,diagnosis,format=json'),
    'diagnosis_scan': ('port_scan.pcap', 'tcpfsm,diagnosis'),
    'diagnosis_missing': ('ack_of_uncaptured_data.pcap', 'tcpfsm,diagnosis'),
    'diagnosis_one_direction': ('one_direction.pcap', 'tcpfsm,diagnosis'),
    'diagnosis_copies': ('routed_duplicates.pcap', 'tcpfsm,diagnosis'),
    'diagnosis_snaplen': ('snaplen_data.pcap', 'tcpfsm,diagnosis'),
    'conv': ('tour.pcapng', 'tcpfsm,conv'),
    'conv_csv': ('tour.pcapng', 'tcpfsm,conv,format=csv'),
    'conv_json': ('tour.pcapng', 'tcpfsm,conv,format=json'),
    'conv_filter': ('tour.pcapng', 'tcpfsm,conv,tcpfsm.finding contains "rst."'),
    'conv_reuse': ('time_wait_reused.pcap', 'tcpfsm,conv'),
    'conv_ipv6': ('ipv6.pcap', 'tcpfsm,conv'),
    'conv_simultaneous': ('simultaneous_close.pcap', 'tcpfsm,conv'),
    'ss': ('tour.pcapng', 'tcpfsm,ss'),
    'ss_at': ('tour.pcapng', 'tcpfsm,ss,at=2.5'),
    'ss_netstat': ('tour.pcapng', 'tcpfsm,ss,frame=28,style=netstat'),
    'ss_ios': ('tour.pcapng', 'tcpfsm,ss,host=192.168.1.20,style=ios,frame=20'),
    'ss_ipv6': ('ipv6.pcap', 'tcpfsm,ss,frame=5'),
    'ss_zero_window': ('zero_window_probe.pcap', 'tcpfsm,ss,frame=5'),
    'ss_time_wait_over': ('tour.pcapng', 'tcpfsm,ss,at=60.666,host=192.168.1.20'),
    'ss_refused': ('syn_refused.pcap', 'tcpfsm,ss'),
    'hosts': ('tour.pcapng', 'tcpfsm,hosts'),
    'hosts_time_wait_expired': ('time_wait_expired.pcap', 'tcpfsm,hosts'),
    'ladder_lingering': ('tour.pcapng', 'tcpfsm,ladder,3'),
    'ladder_rollback': ('tour.pcapng', 'tcpfsm,ladder,4'),
    'ladder_unanswered': ('tour.pcapng', 'tcpfsm,ladder,6'),
    'ladder_gap': ('fin_beyond_gap.pcap', 'tcpfsm,ladder,0'),
    'ladder_figure_13': ('fig13_simultaneous_close.pcap', 'tcpfsm,ladder,0'),
    'ladder_midstream': ('midstream_data.pcap', 'tcpfsm,ladder,0'),
    'ladder_icmp': ('icmp_port_unreachable.pcap', 'tcpfsm,ladder,0'),
    'path': ('points/random-41.pcapng', 'tcpfsm,path'),
    'path_csv': ('points/random-41.pcapng', 'tcpfsm,path,format=csv'),
    'path_json': ('points/random-41.pcapng', 'tcpfsm,path,format=json'),
    'path_clock': ('points/forged_rst_exact.clock.pcapng', 'tcpfsm,path'),
    'path_filter': ('points/random-41.pcapng', 'tcpfsm,path,tcp.port == 40002'),
    'path_one_point': ('tour.pcapng', 'tcpfsm,path'),
    'ladder_points': ('points/random-41.pcapng', 'tcpfsm,ladder,0'),
    'ladder_points_clock': ('points/random-41.clock.pcapng', 'tcpfsm,ladder,1'),
    'ladder_points_crossing': ('points/simultaneous_close-st.pcapng', 'tcpfsm,ladder,0'),
    'timeline': ('tour.pcapng', 'tcpfsm,timeline'),
    'tree': ('tour.pcapng', 'tcpfsm,tree'),
    'table': ('tour.pcapng', 'tcpfsm,table'),
}

WRONG = {
    'conv,format=xml': 'format is text, csv or json', 'conv,': 'missing after the comma', 'conv,format=csv,': 'missing after the comma',
    'diagnosis,format=csv': 'format is text or json', 'diagnosis,': 'missing after the comma', 'diagnosisx': 'no such report',
    'diagnosis,tcp.prt==1': 'tcp.prt',
    'path,format=xml': 'format is text, csv or json', 'path,': 'missing after the comma', 'pathx': 'no such report', 'path,tcp.prt==1': 'tcp.prt',
    'convx': 'no such report', 'conv.format=csv': 'no such report',
    'conv,tcp.prt==1': 'tcp.prt', 'ss,at=x': 'number of seconds', 'ss,at=-1': 'number of seconds', 'ss,at=inf': 'number of seconds',
    'ss,at=nan': 'number of seconds',
    'ss,at=': 'number of seconds', 'ss,at=1,frame=2': 'exclude each other', 'ss,frame=2,at=1': 'exclude each other', 'ss,frame=0': 'number from 1 on',
    'ss,frame=4294967296': 'number from 1 on', 'ss,host=foo': 'IPv4 or IPv6 address', 'ss,style=bsd': 'ss, netstat or ios', 'ss,tcp': 'no such argument',
    'ss,x=1': 'no such argument',
    'hosts,x': 'no such argument', 'ladder': 'is missing', 'ladder,x': 'number of tcp.stream', 'ladder,-1': 'number of tcp.stream',
    'ladder,3,4': 'one STREAM', 'ladder,3,': 'missing after the comma',
    'ladder,svg=/tmp/never.svg': 'is missing', 'ladder,3,svg=/nonexistent/x.svg': 'cannot be written', 'timeline,foo': 'no such argument',
    'timeline,svg=': 'no such argument',
}


@functools.lru_cache(None)
def report(tool, capture, *what, option=''):
    """report returns what tshark prints for one -z or several, in the order in which they were asked for."""
    return tool.checked('-n', '-q', '-r', capture, *option.split(), *[x for w in reversed(what) for x in ('-z', w)])


def tidy(text):
    """tidy removes what differs between Wireshark's versions in its own stats tree: blanks at the ends and between columns, lines of signs."""
    return '\n'.join(re.sub(r'(?<=\S) {2,}', '  ', line.rstrip()) for line in text.split('\n') if not re.match(r'^[-=]+$', line)).strip('\n') + '\n'


def golden(name):
    """golden returns the text of a golden."""
    with open(os.path.join(GOLDEN, name + '.txt'), encoding='utf-8') as f:
        return f.read()


def alike(name):
    """alike returns the names of the goldens that one call of tshark prints together with this one."""
    return [name] if name in WIRESHARKS_OWN else [n for n in REPORTS if REPORTS[n][0] == REPORTS[name][0] and n not in WIRESHARKS_OWN]


@pytest.mark.parametrize('name', REPORTS)
def test_golden(with_plugin, name):
    """One call of tshark prints all reports of a capture. Where they are not the goldens, one after the other, each is printed for itself."""
    capture, what = REPORTS[name]
    path, update = conftest.capture_path(capture), os.environ.get('TCPFSM_GOLDEN') == 'update'
    together = [] if update else alike(name)
    if len(together) > 1 and report(with_plugin, path, *[REPORTS[n][1] for n in together]) == ''.join(map(golden, together)):
        return
    out = report(with_plugin, path, what)
    if name in WIRESHARKS_OWN:
        out = tidy(out)
    if update:
        with open(os.path.join(GOLDEN, name + '.txt'), 'w', encoding='utf-8') as f:
            f.write(out)
    assert out == golden(name)


def test_two_passes_print_the_same(with_plugin):
    for names in (alike('conv'), ['tree'], ['table']):
        what = [REPORTS[n][1] for n in names]
        assert report(with_plugin, TOUR, *what, option='-2') == report(with_plugin, TOUR, *what)


@pytest.fixture(scope='module')
def refused(with_plugin):
    """refused is how tshark ended for each of WRONG."""
    return dict(zip(WRONG, conftest.in_pairs(lambda what: with_plugin.run('-n', '-q', '-r', TOUR, '-z', 'tcpfsm,' + what), WRONG)))


@pytest.mark.parametrize('what', WRONG)
def test_wrong_argument(refused, what):
    r = refused[what]
    lines = [line for line in r.stderr.split('\n') if 'tcpfsm' in line]
    assert r.returncode != 0 and not r.stdout.strip()
    assert len(lines) == 1 and WRONG[what] in lines[0] and 'The form is -z tcpfsm,' in lines[0]


def test_unknown_report_is_refused(with_plugin):
    assert with_plugin.run('-n', '-q', '-r', TOUR, '-z', 'tcpfsm').returncode != 0
    assert with_plugin.run('-n', '-q', '-r', TOUR, '-z', 'tcpfsm,nothing').returncode != 0


def test_ladder_of_no_stream(with_plugin):
    r = with_plugin.run('-n', '-q', '-r', TOUR, '-z', 'tcpfsm,ladder,99')
    assert 'no TCP stream 99' in r.stderr and not r.stdout.strip() and r.returncode == 1
    r = with_plugin.run('-n', '-q', '-r', TOUR, '-z', 'tcpfsm,ladder,99', '-z', 'tcpfsm,hosts')
    assert r.stdout == golden('hosts') and r.returncode == 1


def test_listed_in_help(with_plugin):
    r = with_plugin.run('-z', 'help')
    listed = set((r.stdout + r.stderr).split())
    assert {'tcpfsm,diagnosis', 'tcpfsm,tree', 'tcpfsm,conv', 'tcpfsm,path', 'tcpfsm,ss', 'tcpfsm,hosts', 'tcpfsm,ladder', 'tcpfsm,timeline', 'tcpfsm,table'} <= listed
    assert 'tcpfsm' not in listed


def test_csv_and_json_say_the_same(with_plugin):
    rows = list(csv.DictReader(io.StringIO(report(with_plugin, TOUR, 'tcpfsm,conv,format=csv'))))
    objects = [json.loads(line) for line in report(with_plugin, TOUR, 'tcpfsm,conv,format=json').split('\n') if line]
    assert len(rows) == len(objects) == 7
    for row, o in zip(rows, objects):
        assert int(row['connection']) == o['connection'] and row['outcome'] == o['outcome'] and row['closed_by'] == o['closed_by']
        assert row['findings'].split() == list(dict.fromkeys(f['name'] for f in o['findings']))
        for side in ('client', 'server'):
            assert row[side + '_state'] == o[side]['state'] in o[side]['possible']
            assert row[side + '_certain'] == str(o[side]['certain']).lower()
            assert {s: float(row['%s_%s' % (side, s)]) for s in STATES if row['%s_%s' % (side, s)]} == o[side]['seconds_in']


def test_time_in_states_adds_up(with_plugin):
    """From its first segment to the end of the capture, each end of a connection is always in some state."""
    end = 37.038
    for line in report(with_plugin, TOUR, 'tcpfsm,conv,format=json').split('\n')[:-1]:
        o = json.loads(line)
        for side in ('client', 'server'):
            assert abs(sum(o[side]['seconds_in'].values()) - (end - o['start'])) < 1e-6


def svg(tool, what, name, document, capture=TOUR):
    """svg returns the drawing that a report wrote, as an XML element; document is the same one in doc/. The folder is the tool's own: tshark runs as nobody."""
    folder = tempfile.mkdtemp(dir=tool.home)
    os.chmod(folder, 0o777)
    path = os.path.join(folder, name)
    assert report(tool, capture, '%s,svg=%s' % (what, path)).strip() == ''
    shown = os.path.join(DOC, document)
    if os.environ.get('TCPFSM_GOLDEN') == 'update':
        shutil.copyfile(path, shown)
    with open(path, encoding='utf-8') as f, open(shown, encoding='utf-8') as g:
        assert f.read() == g.read(), 'doc/%s is not what is drawn' % document
    return ET.parse(path).getroot()


def test_ladder_svg(with_plugin):
    root = svg(with_plugin, 'tcpfsm,ladder,4', 'a,b.svg', 'ladder.svg')
    text = [t.text or '' for t in root.iter(SVG + 'text')]
    assert '192.168.1.20:51520' in text and '<SEQ=0><CTL=SYN>' in text and 'TIME_WAIT?' in text and any(t.startswith('rollback') for t in text)
    assert len([r for r in root.iter(SVG + 'rect') if r.get('class') == 'tw']) == 4     # frames 36 to 39
    assert 'prefers-color-scheme:dark' in root.find(SVG + 'style').text
    inside(root)


def test_ladder_of_two_points_svg(with_plugin):
    root = svg(with_plugin, 'tcpfsm,ladder,0', 'points.svg', 'ladder-two-points.svg', conftest.capture_path('points/random-41.pcapng'))
    text = [t.text or '' for t in root.iter(SVG + 'text')]
    assert any(t.startswith('made between the points') for t in text) and any(t.startswith('Beside the client: interface 0') for t in text)
    assert len([p for p in root.iter(SVG + 'path') if p.get('class') == 'w']) == 2      # lost: frames 17 and 21
    assert len([c for c in root.iter(SVG + 'circle') if c.get('class') == 'w']) == 1    # made: frame 11
    inside(root)


def test_ladder_of_two_points_has_each_segment_once(with_plugin):
    """Twice as many frames as lines, but for what was lost or made; the order is that of each end, whatever the clocks say."""
    for name, stream in (('random-41', 1), ('random-41.clock', 1), ('close_client_first', 0)):
        path = conftest.capture_path('points/%s.pcapng' % name)
        text = report(with_plugin, path, 'tcpfsm,ladder,%d' % stream)
        lines = [line for line in text.split('\n') if '<SEQ=' in line]
        frames = [[int(x) for x in re.findall(r'^ *(\d+) +\d+\.\d{6} |\d+\.\d{6} +(\d+)$', line) for x in x if x] for line in lines]
        # not by tcp.stream: where the clocks differ, Wireshark 4.4 begins a stream with the second copy of a SYN
        captured = with_plugin.rows(path, ['frame.number'], '-Y', 'tcpfsm.connection == %s' % re.match(r'Connection (\d+)', text).group(1))
        assert sorted(f for line in frames for f in line) == [int(r[0]) for r in captured]
        assert lines == sorted(lines, key=lambda line: float(re.search(r'\d+\.\d{6}', line).group()))


def test_timeline_svg(with_plugin):
    root = svg(with_plugin, 'tcpfsm,timeline', 'timeline.svg', 'timeline.svg')
    titles = [t.text for t in root.iter(SVG + 'title')]
    assert any(t.startswith('CLOSE_WAIT 34.0 s') for t in titles)
    assert len([p for p in root.iter(SVG + 'path') if p.get('class') in ('kw', 'kc')]) == 2
    inside(root)


def inside(root):
    """inside checks that no bar lies outside the drawing."""
    width, height = float(root.get('width')), float(root.get('height'))
    for r in root.iter(SVG + 'rect'):
        x, y = float(r.get('x', 0)), float(r.get('y', 0))
        assert 0 <= x and x + float(r.get('width')) <= width + 2 and 0 <= y and y + float(r.get('height')) <= height


EVERY = ['tcpfsm,' + what for what in ('diagnosis', 'diagnosis,format=json', 'conv', 'conv,format=csv', 'conv,format=json', 'path', 'path,format=csv', 'path,format=json', 'ss', 'ss,at=0',
                                        'ss,frame=1,style=ios', 'hosts', 'ladder,0', 'timeline', 'tree', 'table')]


def test_every_capture_has_reports(with_plugin):
    """No capture of ours, odd as they are, makes a report fail; JSON stays JSON."""
    own = sorted(glob.glob(os.path.join(shark.CAPTURES, '*.pcap')))
    assert len(own) > 80
    objects = 0
    for out in conftest.in_pairs(lambda path: report(with_plugin, path, *EVERY), own[::5]):
        assert 'Sockets' in out and 'States entered' in out and 'columns' not in out
        objects += len([json.loads(line) for line in out.split('\n') if line.startswith('{')])
    assert objects >= len(own) // 5


# doc/batch.md: its commands, and the index templates

BLOCK = re.compile(r'<!-- test needs: ([^;]*)(?:; after: (\d+))?; expect: (.*?) -->\n```sh\n(.*?)```', re.S)


def blocks():
    """blocks returns the marked commands of doc/batch.md: (programs needed, number of the block to run first or '', pattern expected, text)."""
    with open(os.path.join(DOC, 'batch.md'), encoding='utf-8') as f:
        return BLOCK.findall(f.read())


@pytest.fixture(scope='module')
def batch(with_plugin):
    """batch runs a block of doc/batch.md, once, in a folder with a few captures: batch(number) is the finished process."""
    folder = tempfile.mkdtemp(dir=with_plugin.home)
    os.mkdir(os.path.join(folder, 'captures'))
    for name in ('tour.pcapng', 'rst_exact.pcap', 'simultaneous_close.pcap', 'ipv6.pcap'):
        shutil.copy(conftest.capture_path(name), os.path.join(folder, 'captures'))
    subprocess.run(['chmod', '-R', 'a+rwX', folder], check=True)
    environment = dict(with_plugin.environment, HOME=with_plugin.home, PARALLEL_HOME=folder, TMPDIR=folder)

    @functools.lru_cache(None)
    def run(number):
        _, after, _, text = blocks()[number]
        if after:
            assert run(int(after)).returncode == 0
        command = shark.unprivileged(['bash', '-c', 'set -e -o pipefail\n' + text])
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    return run


@pytest.mark.parametrize('number', range(len(blocks())))
def test_batch_command(batch, number):
    needs, _, expect, _ = blocks()[number]
    missing = [p for p in needs.split() if not shutil.which(p)]
    if missing:
        pytest.skip('not installed: ' + ' '.join(missing))
    r = batch(number)
    assert r.returncode == 0, r.stderr
    assert re.search(expect, r.stdout, re.M), r.stdout + r.stderr


def template(name):
    """template returns the properties of an index template, after reading it as JSON."""
    with open(os.path.join(DOC, name), encoding='utf-8') as f:
        t = json.load(f)
    assert t['index_patterns'] and t['template']['mappings']['dynamic'] in ('strict', False)
    return t['template']['mappings']['properties']


def unmapped(document, properties, path=''):
    """unmapped returns the fields of a document that a strict mapping would refuse, and those whose type does not fit."""
    found = []
    for key, value in document.items():
        if key not in properties:
            found.append(path + key)
            continue
        p = properties[key]
        for v in value if isinstance(value, list) else [value]:
            if 'properties' in p:
                found += unmapped(v, p['properties'], path + key + '.') if isinstance(v, dict) else [path + key]
            else:
                fits = {'long': int, 'integer': int, 'double': float, 'boolean': bool}.get(p['type'], str)
                found += [] if isinstance(v, fits) or (fits is float and isinstance(v, int)) else [path + key]
    return found


EXCERPT = re.compile(r'(<!-- golden: (\w+)(?:; (\w+) (\d+))? -->\n```\w*\n)(.*?)(```)', re.S)


def excerpt(match):
    """excerpt returns a block of a document as its golden has it: whole, its first columns, those from a column on, or one line of JSON laid out."""
    with open(os.path.join(GOLDEN, match[2] + '.txt'), encoding='utf-8') as f:
        lines = f.read().rstrip('\n').split('\n')
    n = int(match[4] or 0)
    if match[3] == 'json':
        lines = json.dumps(json.loads(lines[n - 1]), indent=2).split('\n')
    elif match[3] == 'columns':
        lines = [line[:n] for line in lines]
    elif match[3] == 'from':
        lines = [line[n - 1:] for line in lines]
    return match[1] + ''.join(line.rstrip() + '\n' for line in lines) + match[6]


@pytest.mark.parametrize('name, blocks_shown', [('reports.md', 11), ('two-captures.md', 2)])
def test_document_shows_what_is_printed(name, blocks_shown):
    path = os.path.join(DOC, name)
    with open(path, encoding='utf-8') as f:
        text = f.read()
    shown = EXCERPT.sub(excerpt, text)
    if os.environ.get('TCPFSM_GOLDEN') == 'update':
        with open(path, 'w', encoding='utf-8') as f:
            f.write(shown)
    else:
        assert text == shown
    assert len(EXCERPT.findall(text)) >= blocks_shown


def test_template_of_connections(with_plugin):
    properties = template('opensearch-connections.json')
    for capture in ('tour.pcapng', 'ipv6.pcap', 'simultaneous_close.pcap', 'midstream_rst.pcap'):
        for line in report(with_plugin, conftest.capture_path(capture), 'tcpfsm,conv,format=json').split('\n')[:-1]:
            assert unmapped(json.loads(line), properties) == []
    for side in ('client', 'server'):
        assert sorted(properties[side]['properties']['seconds_in']['properties']) == sorted(STATES)


def test_template_of_packets(with_plugin):
    names = set(template('opensearch-packets.json')['layers']['properties'])
    registered = {line.split('\t')[2].replace('.', '_') for line in with_plugin.checked('-G', 'fields').split('\n') if line.startswith('F\t')}
    assert names <= registered
    with open(os.path.join(DOC, 'batch.md'), encoding='utf-8') as f:
        asked = {name.replace('.', '_') for name in re.findall(r' -e ((?:tcpfsm|frame|_ws)\.\S+)', f.read())}
    assert asked and asked <= names

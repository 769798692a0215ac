"""What the README, the manual and the profile say is so: their fields exist, their filters work, their excerpts are real.

    TCPFSM_PLUGIN=build/plugin/tcpfsm.so python3 test/test_documents.py     # write the README's excerpts anew, the same frames

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import re
import shlex
import shutil
import subprocess

import pytest

import conftest
import shark

ROOT = os.path.dirname(shark.HERE)
PROFILE = 'TCP State Machine'
TOUR = conftest.capture_path('tour.pcapng')
DOCUMENTS = ('README.md', 'CONTRIBUTING.md', 'doc/decisions.md', 'doc/tcpfsm.7.in', 'doc/fields.md', 'doc/tutorial.md') + tuple(
    'profile/%s/%s' % (PROFILE, f) for f in ('preferences', 'colorfilters', 'dfilter_buttons', 'io_graphs', 'recent'))


def text(name):
    with open(os.path.join(ROOT, name), encoding='utf-8') as f:
        return f.read()


def profile(name):
    """profile returns the lines of one of the profile's files, without comments."""
    return [line for line in text('profile/%s/%s' % (PROFILE, name)).splitlines() if line and not line.startswith('#')]


def colours():
    """colours returns (name, filter, background, text) of each colouring rule, colours as three numbers of 16 bits."""
    for line in profile('colorfilters'):
        name, wanted, both = re.fullmatch(r'@([^@]+)@([^@]+)@(.*)', line).groups()
        back, front = re.fullmatch(r'\[([\d,]+)\]\[([\d,]+)\]', both).groups()
        yield name, wanted, [int(n) for n in back.split(',')], [int(n) for n in front.split(',')]


def buttons():
    """buttons returns (label, filter) of each filter button."""
    for line in profile('dfilter_buttons'):
        _, label, wanted, _ = re.fullmatch(r'"(.*?)","(.*?)","(.*?)","(.*?)"', line).groups()
        yield label, wanted.replace(r'\x22', '"')


def symptoms():
    """symptoms returns (symptom, filter) of the README's table, the filters in its last column among them."""
    rows = re.findall(r'^\| ([^|`]+) \| (`[^|]+) \| ([^|]+) \|$', text('README.md').split('## Five questions')[1].split('\n## ')[0], re.M)
    for symptom, wanted, shown in rows:
        for each in re.findall('`([^`]+)`', wanted) + re.findall('`([^`]+)`', shown):
            yield symptom, each


def graphs():
    """graphs returns (name, filter, value on the y axis, field) of each I/O graph."""
    for line in profile('io_graphs'):
        cells = re.findall(r'"([^"]*)"', line)
        assert len(cells) == 9 and cells[0] in ('Enabled', 'Disabled'), line
        yield cells[1], cells[2].replace(r'\x22', '"'), cells[5], cells[6]


FILTERS = [pair for pair in symptoms()] + [pair for pair in buttons()] + [(name, wanted) for name, wanted, _, _ in colours()] + [
    (name, wanted) for name, wanted, _, _ in graphs() if wanted]


@pytest.fixture(scope='module')
def names(with_plugin):
    """names is the set of tcpfsm's registered field names."""
    rows = [line.split('\t') for line in with_plugin.checked('-G', 'fields').split('\n')]
    return {'tcpfsm'} | {r[2] for r in rows if r[0] == 'F' and re.match(r'tcpfsm\b', r[2])}


def shark_with_profile(plugin):
    """shark_with_profile returns tshark with the plugin and the profile; close it when done."""
    tool = shark.Shark(plugin)
    tool.check()
    folder = os.path.join(tool.home, '.config/wireshark/profiles')
    os.makedirs(folder)
    shutil.copytree(os.path.join(ROOT, 'profile', PROFILE), os.path.join(folder, PROFILE))
    subprocess.run(['chmod', '-R', 'a+rwX', tool.home], check=True)
    return tool


@pytest.fixture(scope='module')
def with_profile(plugin):
    tool = shark_with_profile(plugin)
    yield tool
    tool.close()


@pytest.mark.parametrize('document', DOCUMENTS)
def test_fields_named_exist(names, document):
    found = set(re.findall(r'\btcpfsm(?:\.[a-z][a-z_0-9]*)+', text(document).replace('\\-', '-')))
    other = {'tcpfsm.so', 'tcpfsm.7', 'tcpfsm.7.in', 'tcpfsm.h', 'tcpfsm.client.'}
    assert sorted(n for n in found if n not in names | other) == []


def test_manual_names_every_field(names):
    manual = text('doc/tcpfsm.7.in')
    assert '@FINDINGS_WARN@' in manual and '@FINDINGS_NOTE@' in manual and '@FINDINGS_CHAT@' in manual
    findings = {'tcpfsm.' + n for n in re.findall(r'^TCPFSM_FINDING_ROW\(\w+, "([^"]+)"', text('plugin/diagnosis/findings.def'), re.M)}
    assert len(findings) > 30
    missing = [n for n in names - findings if n.replace('.server', '.client') not in manual]
    assert sorted(missing) == []


def test_there_are_filters():
    assert len({s for s, _ in symptoms()}) == 5 and len(list(buttons())) >= 5 and len(list(colours())) >= 5


def passes(wanted):
    """passes returns the option for the passes that a filter needs."""
    return ['-2'] if re.search(r'tcpfsm\.outcome\b', wanted) else []


def test_leak_filters_find_sockets_left_to_the_end(with_plugin):
    """No segment came while the socket stayed in CLOSE_WAIT: the finding cannot be made, and the outcome says it, for the README's filter and the button."""
    leaks = [wanted for name, wanted in FILTERS if 'CLOSE_WAIT leaks' in name and 'state' not in wanted]
    assert len(leaks) == 2
    for wanted in leaks:
        for capture, frames in (('close_wait_to_the_end', list('1234567')), ('half_close', [])):
            rows = with_plugin.rows(conftest.capture_path(capture + '.pcap'), ['frame.number'], *passes(wanted), '-Y', wanted)
            assert [r[0] for r in rows] == frames, (capture, wanted)


def test_filters_are_accepted(with_plugin):
    filters = sorted({wanted for _, wanted in FILTERS})
    # what is known at the end of the capture only takes two passes, and tshark says so where it has one
    runs = conftest.in_pairs(lambda wanted: with_plugin.run('-r', conftest.capture_path('fig12_normal_close.pcap'), *passes(wanted), '-Y', wanted), filters)
    assert [(wanted, run.stderr) for wanted, run in zip(filters, runs) if run.returncode or run.stderr] == []


@pytest.mark.parametrize('symptom,wanted', [s for s in symptoms() if 'pressure' not in s[1]])
def test_symptoms_are_found_in_the_tour(with_plugin, symptom, wanted):
    assert with_plugin.checked('-r', TOUR, '-Y', wanted).strip()


def test_healthy_connection_has_no_symptom(with_plugin):
    """A normal close passes through TIME_WAIT, in the filters too, but no filter on findings matches it."""
    for symptom, wanted in symptoms():
        if 'tcpfsm.finding' in wanted:
            assert with_plugin.checked('-r', conftest.capture_path('fig12_normal_close.pcap'), '-Y', wanted) == '', symptom


def listed():
    """listed returns (group, label, filter) of each row of filters.def."""
    rows = re.findall(r'^TCPFSM_FILTER_ROW\(\w+, "(\w*)", "([^"]+)", "((?:[^"\\]|\\.)+)", "[^"]+"\)$', text('plugin/reports/filters.def'), re.M)
    assert len(rows) == text('plugin/reports/filters.def').count('\nTCPFSM_FILTER_ROW(')
    return [(group, label, wanted.replace('\\"', '"')) for group, label, wanted in rows]


def test_filters_have_the_same_words_everywhere():
    """README, buttons and the Tools menu: the menu is compiled from filters.def, and has no filter of its own."""
    assert [('//'.join(filter(None, (group, label))), wanted) for group, label, wanted in listed()] == list(buttons())
    menu = text('plugin/reports/menu.c')
    assert '#include "reports/filters.def"' in menu and '{group, label, filter, menu}' in menu and 'tcpfsm.' not in menu.split('SPDX')[1]
    known = {label: wanted for _, label, wanted in listed()}
    first = {}
    for symptom, wanted in symptoms():
        first.setdefault(symptom, wanted)
    assert len(first) == 5 and first == {symptom: known[symptom] for symptom in first}
    graphed = {name: wanted for name, wanted, _, _ in graphs() if wanted}
    assert graphed == {name: known[name] for name in graphed} and graphed


def test_the_readme_names_entries_that_exist():
    """What the README calls by the name of a button or an entry is one."""
    readme = ' '.join(text('README.md').split('## Five questions')[1].split('\n## ')[0].split())
    labels = {label for _, label, _ in listed()} | {group for group, _, _ in listed()}
    for named in ('Symptom', 'Findings', 'Resets', 'State changes of this connection'):
        assert named in labels and re.search(r'\*(Connection, )?%s\*' % named, readme), named


def test_graphs_name_fields_that_exist(names):
    for name, wanted, axis, field in graphs():
        assert (axis == 'MAX(Y Field)') == bool(field) and (not field or field in names), name


WINDOW, FIRST = 1280, 750       # pixels: what the columns fit, and Wireshark's window at its very first start
MARGIN = 52                     # the scroll bar and the map beside the packet list


def test_columns_fit_the_window():
    """At 1280 pixels all columns are in view, and 30 characters of an address; in Wireshark's first window Info is. A character is 8 pixels wide."""
    recent = [line for line in profile('recent') if line.startswith('column.width: ')]
    cells = recent[0][len('column.width: '):].split(', ')
    widths = dict(zip(cells[::2], map(int, cells[1::2])))
    titles = re.findall(r'^\t"([^"]+)", "([^"]+)"', text('profile/%s/preferences' % PROFILE), re.M)
    order = [re.sub(r'(%Cus:[^:]+):.*', r'\1', what) for _, what in titles]
    assert list(widths) == order and sum(widths.values()) <= WINDOW - MARGIN
    before = sum(widths[c] for c in order[:order.index('%i')])
    assert before + 20 * 8 <= FIRST - MARGIN, before
    assert min(widths['%s'], widths['%d']) >= 30 * 8
    assert min(widths[c] for c in order if c.endswith('.shown')) >= len('SYN_RECEIVED?') * 8
    assert widths['%t'] >= len('100.123456') * 8


def test_profile_columns(with_profile):
    lines = with_profile.checked('-r', TOUR, '-C', PROFILE).splitlines()
    assert re.search(r'^ *1 +0\.0+ SYN_SENT LISTEN\? .* 192\.168\.1\.20 → 192\.168\.1\.5', lines[0])
    assert any('CLOSED? CLOSED rst.refused' in line for line in lines)


def test_profile_colours(with_profile):
    run = with_profile.run('-r', TOUR, '-C', PROFILE, '--color', '-T', 'fields', '-e', 'frame.number', '-e', 'frame.coloring_rule.name')
    assert (run.returncode, run.stderr) == (0, '')
    rules = dict(line.split('\t') for line in run.stdout.splitlines())
    assert (rules['19'], rules['15'], rules['17'], rules['6']) == ('TCP: reset', 'TCP: CLOSE_WAIT', 'TCP: TIME_WAIT', 'TCP: opening')
    assert (rules['14'], rules['16']) == ('TCP: CLOSE_WAIT, assumed', 'TCP: TIME_WAIT, assumed')


def test_assumed_states_are_paler():
    rules = {name: back for name, _, back, _ in colours()}
    pairs = [(name, name + ', assumed') for name in rules if name + ', assumed' in rules]
    assert len(pairs) == 5
    for proven, assumed in pairs:
        assert all(a > b for a, b in zip(rules[assumed], rules[proven])), proven


@pytest.mark.parametrize('name,back,front', [(n, b, f) for n, _, b, f in colours()])
def test_colours_are_readable(name, back, front):
    """The contrast of text and background is at least 7 to 1 (WCAG 2, relative luminance)."""
    def luminance(rgb):
        parts = [v / 65535 for v in rgb]
        parts = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    dark, light = sorted((luminance(back), luminance(front)))
    assert (light + 0.05) / (dark + 0.05) >= 7


def test_colours_are_causal():
    """Nothing that is known only later decides a colour."""
    for _, wanted, _, _ in colours():
        assert not re.search(r'outcome|closed_in|next_change_in', wanted)


def excerpts():
    """excerpts returns (command, lines) of each block of the README that begins with a prompt."""
    for block in re.findall(r'^```text\n\$ (.+?)\n```$', text('README.md'), re.M | re.S):
        command, _, lines = block.partition('\n')
        yield command, lines.splitlines()


def up_to_the_length(line):
    """up_to_the_length cuts a packet list line before its Info text, which is Wireshark's, differs between versions and may be cut."""
    m = re.match(r' *\d+ +[\d.]+ +[A-Z_0-9]+\?? [A-Z_0-9]+\?? (?:[a-z_]+\.[a-z_]+ )?', line)
    return ' '.join((m.group() if m else line).split())


def output(tool, command):
    """output returns the lines a command of the README prints."""
    words = shlex.split(command.split(' | cut ')[0])
    assert words[0] == 'tshark'
    lines = tool.checked(*[os.path.join(ROOT, w) if w.startswith('captures/') else w for w in words[1:]]).splitlines()
    width = re.search(r' \| cut -c 1-(\d+)$', command)
    return [line[:int(width.group(1))] if width else line for line in lines]


def test_excerpts_are_real(with_profile):
    found = list(excerpts())
    assert len(found) >= 2
    for command, lines in found:
        real = [up_to_the_length(line) for line in output(with_profile, command)]
        assert [line for line in lines if line != '...' and up_to_the_length(line) not in real] == [], command


TUTORIAL = os.path.join(ROOT, 'doc', 'tutorial.pcap.gz')
CONTROLS = (('SYN', 0x02), ('FIN', 0x01), ('RST', 0x04), ('PSH', 0x08), ('ACK', 0x10))


def test_tables_of_the_tutorial_are_real(with_plugin):
    """Each row of a table of frames says what the capture beside the tutorial shows: control bits, both states, and the finding where there is such a column."""
    fields = ['frame.number', 'tcp.flags', 'tcpfsm.client.shown', 'tcpfsm.server.shown', 'tcpfsm.finding']
    real = {row[0]: row for row in with_plugin.rows(TUTORIAL, fields)}
    tables = re.findall(r'^\| frame \| packet \| client \| server \| ([a-z ]+) \|\n\|[-|]+\n((?:\|.*\n)+)', text('doc/tutorial.md'), re.M)
    rows = [(last, [cell.strip() for cell in line.strip('|\n').split('|')]) for last, lines in tables for line in lines.splitlines()]
    assert len(rows) >= 14
    for last, (frame, packet, client, server, said) in rows:
        _, flags, *states, finding = real[frame]
        assert packet == ', '.join(name for name, bit in CONTROLS if int(flags, 16) & bit), frame
        assert states == [client, server], frame
        assert last != 'finding' or said.strip('`') == finding, frame


def test_the_tutorials_page_is_real(with_plugin):
    """What part 7 shows of the diagnosis; and the sockets of part 5 are what the report of sockets says at that moment."""
    page = with_plugin.checked('-n', '-q', '-r', TUTORIAL, '-z', 'tcpfsm,diagnosis')
    shown = re.search(r'```text\n( 1\. WARNING .*?)```', text('doc/tutorial.md'), re.S).group(1)
    assert shown in page
    listed = re.search(r'^(LISTEN .*8006.*\n(?:.*\n)*?)```', text('doc/tutorial.md'), re.M).group(1)
    sockets = with_plugin.checked('-n', '-q', '-r', TUTORIAL, '-z', 'tcpfsm,ss,frame=65')
    wanted = sorted((w[0], w[3], w[4]) for w in (line.split() for line in listed.splitlines()) if w[0] != 'LISTEN')
    assert len(wanted) == 6
    assert wanted == sorted((w[0], w[3], w[4]) for w in (line.split() for line in sockets.splitlines()) if len(w) > 4 and '8006' in w[3] + w[4] and w[0] != 'LISTEN')


def update(tool):
    """update writes the README's excerpts anew: the same frames of a packet list, all of our subtree."""
    readme = text('README.md')
    for command, lines in excerpts():
        if ' -z ' in command:
            continue
        new = output(tool, command)
        if '-O tcpfsm' in command:
            first = next(i for i, line in enumerate(new) if line.startswith(PROFILE))
            new = ['...'] + [line for line in new[first:] if line]
        else:
            frames = {line.split()[0]: line.rstrip() for line in new}
            new = [line if line == '...' else frames[line.split()[0]] for line in lines]
        readme = readme.replace('\n'.join(['$ ' + command] + lines), '\n'.join(['$ ' + command] + new))
    with open(os.path.join(ROOT, 'README.md'), 'w', encoding='utf-8') as f:
        f.write(readme)


if __name__ == '__main__':
    sharks = shark_with_profile(conftest.plugin_path())
    update(sharks)
    sharks.close()

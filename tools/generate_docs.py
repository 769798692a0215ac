#!/usr/bin/python3
"""generate_docs.py: writes the documents that follow from the sources: doc/states.md, doc/findings.md, doc/cases.md, and the fields in doc/tcpfsm.7.in.

    tools/generate_docs.py            write them
    tools/generate_docs.py --check    write nothing; exit 1 and name what differs

states.md comes from plugin/engine/table.c and events.def, findings.md from findings.def, cases.md from the tests: a unit test of situation N is called
case_N and has a comment `case N: what | rule` above it; one at tshark level is test_case_N in test/test_cases.py or
test/test_points.py with that text as its docstring.

The manual's section FIELDS is made of plugin/fields.c, as doc/fields.md is.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import argparse
import glob
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LISTED = 155       # situations of the list; findings may name any
# Situations without a test named after them, which cases.md leaves out: of findings, and of what needs a window.
UNTESTED = (94, 96, *range(99, 129), 145, 148, 149, 153)
SHORT = ('CL', 'LI', 'SS', 'SR', 'ES', 'F1', 'F2', 'CW', 'CG', 'LA', 'TW')
STATES = ('CLOSED', 'LISTEN', 'SYN_SENT', 'SYN_RECEIVED', 'ESTABLISHED', 'FIN_WAIT_1', 'FIN_WAIT_2', 'CLOSE_WAIT', 'CLOSING', 'LAST_ACK', 'TIME_WAIT')
WRITTEN = '<!-- Written by tools/generate_docs.py from %s; change those. -->'
FAMILIES = (('rst scan flood', 'RST: why, and did it work?'), ('half_open path syn', 'Half-open: one end knows more than the other'), ('close_wait fin_wait_2', 'Lingering'),
            ('time_wait', 'TIME_WAIT'),
            ('open close', 'Rare but regular'), ('', 'Sequence numbers, and the capture itself'))


class Wrong(Exception):
    """A source that does not have the form this script reads; the text says which and where."""


def read(name):
    """read returns a file of the repository."""
    with open(os.path.join(ROOT, name), encoding='utf-8') as f:
        return f.read()


def rows(name, macro):
    """rows returns the arguments of each ROW in a .def file, strings unquoted."""
    found = []
    for line in re.findall(r'^%s\((.*)\)$' % macro, read(name), re.M):
        arguments = [a.strip() for a in re.findall(r'"(?:[^"\\]|\\.)*"|[^,"]+', line) if a.strip()]
        found.append([a[1:-1].replace('\\"', '"') if a.startswith('"') else a for a in arguments])
    if not found:
        raise Wrong('%s has no %s' % (name, macro))
    return found


def table():
    """table returns {event: (cells, comment below)} and the order of table.c, with its section comments."""
    body = read('plugin/engine/table.c').split('table[TCPFSM_EVENTS] = {')[1].split('\n};')[0]
    found, order = {}, []
    for item in re.finditer(r'\[TCPFSM_EVENT_(\w+)\] =\s*ROW\(([^)]*)\),|/\*(.*?)\*/', body, re.S):
        event, cells, comment = item.groups()
        if event:
            cells = [c.strip() for c in cells.split(',')]
            if len(cells) != len(SHORT) or set(cells) - set(SHORT) - {'__'}:
                raise Wrong('table.c: row %s' % event)
            found[event] = [cells, '']
            order.append(event)
        elif order and not found[order[-1]][1]:
            found[order[-1]][1] = ' '.join(re.sub(r'\n\s*\* ', ' ', comment).split())
    return found, order


def states():
    """states returns doc/states.md."""
    cells, order = table()
    events = {r[0]: r for r in rows('plugin/engine/events.def', 'TCPFSM_EVENT_ROW')}
    if set(order) - {'NONE'} != set(events):
        raise Wrong('events.def and table.c differ: %s' % sorted(set(events) ^ (set(order) - {'NONE'})))
    groups = (('SND LISTENS', 'What an endpoint does'), ('RCV', 'What arrives'), ('SHOWN MISSED', 'What a segment of the endpoint shows to have happened'),
              ('TIME', 'The clock'), ('REPLACED', 'Where a connection is replaced'), ('OTHER_POINT', 'In a capture merged from several points'),
              ('WITHDRAWN', 'Assumptions withdrawn (no transitions of the socket)'))
    lost = [e for e in order if e != 'NONE' and not any(e.startswith(tuple(p.split())) for p, _ in groups)]
    if lost:
        raise Wrong('table.c: no section of states.md holds %s' % lost)
    out = ['# The transition table', '', WRITTEN % 'plugin/engine/table.c and events.def', '',
           'One table moves every endpoint: where an event leads from each state. It is total, and it works on sets of states member by member. It',
           'follows RFC 9293 section 3.10, not figure 5. A dot means that nothing happens there; a dash, that the event cannot happen there.',
           'Which segment is which event is decided elsewhere: see [inference.md](inference.md).', '',
           ' · '.join('%s %s' % pair for pair in zip(SHORT, STATES)), '']
    for prefixes, title in groups:
        out += ['## ' + title, '']
        some = [e for e in order if e != 'NONE' and e.startswith(tuple(prefixes.split()))]
        out += ['| event | %s | rule |' % ' | '.join(SHORT), '|---|%s---|' % ('---|' * len(SHORT))]
        for event in some:
            shown = ['·' if c == s else '-' if c == '__' else c for c, s in zip(cells[event][0], SHORT)]
            out.append('| %s | %s | %s |' % (events[event][1], ' | '.join(shown), events[event][2]))
        out.append('')
        out += ['- *%s*: %s' % (events[e][1], cells[e][1]) for e in some if cells[e][1]]
        out.append('')
    return '\n'.join(out)


def wording(text):
    """wording replaces the placeholders of findings.def by words."""
    for sign, word in (('%e', '*endpoint*'), ('%p', '*its peer*'), ('%s', '*STATE*'), ('%f', '*N*'), ('%g', '*M*'), ('%n', '*n*'), ('%t', '*time*'),
                       ('%h', '*its host*'), ('%k', "*its peer's host*"), ('%z', '*n*'), ('%m', '*m*')):
        text = text.replace(sign, word)
    return '<br>or: '.join(text.split('|'))


def family(name):
    """family returns the index in FAMILIES a finding belongs to."""
    first = name.split('.')[0]
    return next(i for i, (names, _) in enumerate(FAMILIES) if not names or first in names.split())


def findings():
    """findings returns doc/findings.md."""
    catalogue = rows('plugin/diagnosis/findings.def', 'TCPFSM_FINDING_ROW')
    out = ['# Findings', '', WRITTEN % 'plugin/diagnosis/findings.def', '',
           'Each finding is an expert item on the packet where it becomes known, and a value of `tcpfsm.finding`: both',
           '`tcpfsm.rst.refused` and `tcpfsm.finding == "rst.refused"` find it.',
           'Chat is normal life or merely rare, Note explains trouble, Warn is for somebody to act on; never Error, for all of it is inferred.',
           'A fact is reported once, not once a packet. A finding about the end of a connection says also how long nothing was captured before, from ten',
           'seconds on, what the RST itself says (its text, a NetScaler code in its window), and in what it differs from its sender\'s other segments.', '',
           '%d findings. The numbers in the last column are situations of [cases.md](cases.md).' % len(catalogue), '']
    for number, (_, title) in enumerate(FAMILIES):
        out += ['## ' + title, '', '| filter | severity | what it says | action | cases |', '|---|---|---|---|---|']
        for row in catalogue:
            if len(row) != 8:
                raise Wrong('findings.def: row %s' % row[0])
            if family(row[1]) == number:
                out.append('| `tcpfsm.%s` | %s | %s | %s | %s |' % (row[1], row[2].capitalize(), wording(row[4]), wording(row[5]) or 'none', ', '.join(row[6].split())))
        out.append('')
    return '\n'.join(out)


def unit_cases():
    """unit_cases yields (number, text, test) of the unit tests; a case comment must stand above its SCENARIO, and the scenario must be run."""
    for path in sorted(glob.glob(os.path.join(ROOT, 'test', 'unit', 'test_*.c'))):
        name = 'test/unit/' + os.path.basename(path)
        text = read(name)
        noted = re.findall(r'/\* case (\d+): (.*?) \*/\nSCENARIO\(case_(\d+)\)', text, re.S)
        written = re.findall(r'^SCENARIO\(case_(\d+)\)', text, re.M)
        if [n for _, _, n in noted] != written or any(int(a) != int(b) for a, _, b in noted):
            raise Wrong('%s: a case without its comment, or with another number: %s' % (name, sorted(set(written) - {n for _, _, n in noted})))
        for number, what, label in noted:
            if 'T(case_%s)' % label not in text:
                raise Wrong('%s: case_%s is not run' % (name, label))
            yield int(number), ' '.join(re.sub(r'\n\s*\* ', ' ', what).split()), '`case_%s` in %s' % (label, name)


def tshark_cases():
    """tshark_cases yields (number, text, test) of test/test_cases.py and test/test_points.py."""
    for path in ('test/test_cases.py', 'test/test_points.py'):
        for number, what in re.findall(r'^def test_case_(\d+)\([^)]*\):\n    """(.*?)"""', read(path), re.M | re.S):
            yield int(number), ' '.join(what.split()), '`test_case_%s` in %s' % (number, path)


def tested():
    """tested returns the numbers of the situations that have a test named after them."""
    return set(range(1, LISTED + 1)) - set(UNTESTED)


def cases():
    """cases returns doc/cases.md. Raises Wrong if a number has no test."""
    found = {}
    for number, what, test in list(unit_cases()) + list(tshark_cases()):
        found.setdefault(number, []).append((what, test))
    captures = {}
    for path in sorted(glob.glob(os.path.join(ROOT, 'captures', 'scenarios', '*.seg'))):
        for name, numbers in re.findall(r'^capture (\S+)\n(?:(?!^capture ).*\n)*?  cases +(.*)$', read('captures/scenarios/' + os.path.basename(path)), re.M):
            for number in numbers.split():
                if number.isdigit():
                    captures.setdefault(int(number), []).append('`%s`' % name)
    for path in sorted(glob.glob(os.path.join(ROOT, 'captures', 'points', '*.txt'))):
        name = 'points/' + os.path.basename(path)[:-4]
        for number in re.search(r'^cases (.*)$', read('captures/%s.txt' % name), re.M).group(1).split():
            captures.setdefault(int(number), []).append('`%s`' % name)
    missing = sorted(tested() ^ set(found))
    if missing:
        raise Wrong('situations without a test, or tests without a situation: %s' % missing)
    out = ['# Situations', '', WRITTEN % 'the tests', '',
           '%d situations an observer of TCP must get right, the answer tcpfsm gives, and the tests that hold it to it.' % len(found),
           'Captures that show a situation are in `captures/`.', '',
           '| case | situation and answer | RFC 9293 | test | captures |', '|---|---|---|---|---|']
    for number in sorted(found):
        what, _, rule = found[number][0][0].partition(' |')
        tests, shown = '<br>'.join(t for _, t in found[number]), ' '.join(captures.get(number, []))
        out.append('| %d | %s | %s | %s | %s |' % (number, what.strip(), rule.strip(), tests, shown))
    return '\n'.join(out) + '\n'


TYPES = {'STRING': 'text', 'FRAME': 'frame', 'NUMBER': 'number', 'TIME': 'time', 'FT_BOOLEAN': 'boolean'}
STRING_LITERAL = r'"(?:[^"\\]|\\.)*"'


def joined(c):
    """joined returns C source in which adjacent string literals are one."""
    return re.sub(r'"\s*"', '', re.sub(r'\s+', ' ', c))


def end_rows(source, end):
    """end_rows returns the rows of the macro END_ROWS for an end, as C source: its arguments stand outside string literals."""
    body = re.search(r'#define END_ROWS\(END, Name, name\)(.*?[^\\])\n\n', source, re.S).group(1).replace('\\\n', ' ')
    parts = re.split('(%s)' % STRING_LITERAL, body)
    words = {'Name': '"%s"' % end.capitalize(), 'name': '"%s"' % end, 'END': end}
    return ''.join(p if p.startswith('"') else re.sub(r'\b(Name|name|END)\b', lambda m: words[m.group()], p) for p in parts)


def registered():
    """registered returns (name, type, meaning) of each field of plugin/fields.c, in order."""
    source = read('plugin/fields.c')
    rows = source.split('static hf_register_info table[] = {')[1].split('\n};')[0]
    rows = re.sub(r'END_ROWS\(\d, "\w+", "(\w+)"\)', lambda m: end_rows(source, m.group(1)), rows)
    found = re.findall(r'(STRING|FRAME|NUMBER|TIME|FIELD)\( ?[\w.\[\]]+, {0}, ({0}), (?:(FT_\w+), BASE_\w+, )?({0})\)'.format(STRING_LITERAL), joined(rows))
    names = [(name[1:-1], TYPES[kind if kind != 'FIELD' else special], blurb[1:-1]) for kind, name, special, blurb in found]
    if len(names) < 30 or len(names) != len(set(n for n, _, _ in names)):
        raise Wrong('fields.c: only %d fields were recognized' % len(names))
    return names


def registered_fields():
    """registered_fields returns the names of plugin/fields.c, those of an end for the client and the server."""
    return [name for name, _, _ in registered()]


def field_rows():
    """field_rows returns (name, type, meaning, whether the server has the field too) of each field, the server's left out."""
    rows = registered()
    names = {name for name, _, _ in rows}
    out = []
    for name, kind, meaning in rows:
        twin = name.replace('tcpfsm.client', 'tcpfsm.server')
        if not (name.startswith('tcpfsm.server') and name.replace('tcpfsm.server', 'tcpfsm.client') in names):
            out.append((name, kind, meaning, twin != name and twin in names))
    return out


FIELD_PARTS = (('Each end', r'tcpfsm\.client|tcpfsm\.(state|src|dst)\b'), ('What moved an end', r'tcpfsm\.(transition|event|rule)$'),
               ('Findings', r'tcpfsm\.(finding|evidence|rst)\b'), ('Counts and codes', r'tcpfsm\.(pressure|zeek)\b'), ('The connection, the segment', ''))


def coded(text):
    """coded returns a text with field names and state names as code."""
    return re.sub(r'\b(tcpfsm(?:\.[a-z_]+)+|tcp\.stream|TIME_WAIT|CLOSE_WAIT)\b', r'`\1`', text)


def fields():
    """fields returns doc/fields.md."""
    out = ['# Fields', '', WRITTEN % 'plugin/fields.c', '',
           'State names are upper case: `tcpfsm.client.state == "FIN_WAIT_2"`. Booleans are compared: `tcpfsm.client.certain == True`. Fields that are known once the',
           'file has been read match in Wireshark and with `tshark -2`. Where only the client is named, each field exists for the server too.', '',
           'Each [finding](findings.md) is a field of its own, an expert item: `tcpfsm.rst.refused`. `tshark -G fields | grep tcpfsm` lists everything; so does',
           '`man tcpfsm` where the Debian package is installed.', '']
    left = field_rows()
    for title, pattern in FIELD_PARTS:
        out += ['## ' + title, '', '| field | type | meaning |', '|---|---|---|']
        for name, kind, meaning, both in [row for row in left if re.match(pattern, row[0])]:
            out.append('| `%s`%s | %s | %s |' % (name, ' (and `server`)' if both else '', kind, coded(meaning)))
        left = [row for row in left if not re.match(pattern, row[0])]
        out.append('')
    return '\n'.join(out)


def roff(text):
    """roff returns a Markdown text as roff: `code` bold, hyphens that can be copied."""
    text = text.replace('\\', '\\e').replace('-', '\\-')
    text = re.sub(r'`([^`]+)`', r'\\fB\1\\fR', text)
    return '\\&' + text if text[:1] in ".'" else text


def manual():
    """manual returns doc/tcpfsm.7.in with the section FIELDS written anew."""
    before, _, rest = read('doc/tcpfsm.7.in').partition('.SH FIELDS\n')
    _, _, after = rest.partition('.SH FINDINGS\n')
    if not after:
        raise Wrong('tcpfsm.7.in has no section FIELDS, or no FINDINGS after it')
    out = ['.SH FIELDS', '.\\" Written by tools/generate_docs.py from plugin/fields.c; change that.', 'Where only the client is named, each field exists for the server too.']
    for name, _, meaning, _ in field_rows():
        out += ['.TP', '.BR %s' % name, roff(meaning[0].upper() + meaning[1:]) + '.']
    return before + '\n'.join(out) + '\n.SH FINDINGS\n' + after


def buttons():
    """buttons returns the filter buttons of the profile."""
    out = ['# Filter buttons of the profile "TCP State Machine". Two slashes begin an entry of a button\'s menu.',
           '# Written by tools/generate_docs.py from plugin/reports/filters.def; change that.', '# SPDX-License-Identifier: GPL-2.0-or-later']
    for _, group, label, text, tip in filters():
        out.append('"TRUE","%s","%s","%s"' % ('//'.join(filter(None, (group, label))), text.replace('"', '\\x22'), tip))
    return '\n'.join(out) + '\n'


def filters():
    """filters returns the rows of filters.def."""
    return [[menu, *[a.replace('\\"', '"') for a in rest]] for menu, *rest in
            re.findall(r'^TCPFSM_FILTER_ROW\((\w+)' + r', "((?:[^"\\]|\\.)*)"' * 4 + r'\)$', read('plugin/reports/filters.def'), re.M)]


DOCUMENTS = {'profile/TCP State Machine/dfilter_buttons': buttons, 'doc/states.md': states, 'doc/findings.md': findings, 'doc/cases.md': cases, 'doc/fields.md': fields, 'doc/tcpfsm.7.in': manual}


def differing():
    """differing returns the names of documents that are not what the sources say."""
    return [name for name, make in DOCUMENTS.items() if not os.path.exists(os.path.join(ROOT, name)) or read(name) != make()]


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--check', action='store_true')
    a = ap.parse_args()
    try:
        if a.check:
            wrong = differing()
            for name in wrong:
                print('%s is not what the sources say: run tools/generate_docs.py' % name)
            sys.exit(1 if wrong else 0)
        for name, make in DOCUMENTS.items():
            text = make()
            with open(os.path.join(ROOT, name), 'w', encoding='utf-8') as f:
                f.write(text)
    except (Wrong, OSError) as e:
        sys.exit('generate_docs.py: %s' % e)


if __name__ == '__main__':
    main()

#!/usr/bin/env python3
"""house.py: keeps plugin/ in order: who may include whom, and how long lines, functions and files may be. Prints what is wrong and ends with status 1.

    python3 test/house.py [FOLDER]      FOLDER: plugin/ of this repository unless named

FLOORS is the picture in CONTRIBUTING.md: a file may include what lies on a lower floor, and headers of the interfaces of the engine and the diagnosis; not what lies beside or above it.
A file that stands on no floor is an error too. Below them lie plugin/diagnosis and, below that, plugin/engine: LAYERS says what they may include.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import re
import sys

FLOORS = [
    ['compat', 'grow', 'reports/csv'],
    ['index', 'pool', 'heap', 'moment', 'options'],
    ['addresses', 'config', 'counts', 'fields', 'history', 'icmp', 'marks', 'segment', 'sightings'],
    ['passes', 'points', 'connection'],
    ['tuples', 'between'],
    ['keep'],
    ['viewers'],
    ['merged'],
    ['connections', 'hook'],
    ['once', 'sockets', 'streams', 'view'],
    ['items', 'wording'],
    ['codes', 'experts', 'wording_group'],
    ['render'],
    ['reports/rung'],
    ['reports/rungs_join'],
    ['reports/arguments', 'reports/svg', 'reports/json', 'reports/spans', 'reports/rungs', 'reports/menu'],
    ['reports/report', 'reports/conv_line', 'reports/path_line'],
    ['reports/traffic'],
    ['reports/cause'],
    ['reports/causes', 'reports/cause_words'],
    ['reports/page'],
    ['reports/page_text', 'reports/page_json'],
    ['reports/conv_layouts', 'reports/path_layouts', 'reports/kinds', 'reports/steps', 'reports/ladder_svg', 'reports/ladder_points', 'reports/table', 'reports/tree'],
    ['reports/conv_text', 'reports/conv_csv', 'reports/conv_json', 'reports/path_text', 'reports/path_csv', 'reports/path_json', 'reports/timeline_svg', 'reports/ladder_points_svg'],
    ['reports/diagnosis', 'reports/conv', 'reports/path', 'reports/ss', 'reports/hosts', 'reports/ladder', 'reports/timeline'],
    ['reports/reports'],
    ['plugin'],
]
# What the plugin may take from the layers below it. These have an order among themselves: the diagnosis lies above the engine.
BELOW = {'engine/tcpfsm.h', 'engine/connection.h', 'engine/seq.h', 'diagnosis/diagnosis.h', 'diagnosis/crowd.h', 'diagnosis/findings.def', 'reports/filters.def'}
LAYERS = {'engine': set(), 'diagnosis': {'../engine/tcpfsm.h', '../engine/seq.h'}}
C11 = {'assert.h', 'limits.h', 'stdalign.h', 'stdbool.h', 'stddef.h', 'stdint.h', 'string.h'}
COLUMNS, FUNCTION, FILE = 120, 40, 350

HEIGHT = {name: floor for floor, names in enumerate(FLOORS) for name in names}


def sources(folder):
    """sources returns the C files and headers of plugin/ without the layers below it, as paths below it."""
    found = []
    for part in ('', 'reports'):
        names = os.listdir(os.path.join(folder, part)) if os.path.isdir(os.path.join(folder, part)) else []
        found += [os.path.join(part, n) for n in sorted(names) if n.endswith(('.c', '.h'))]
    return found


def stem(path):
    """stem returns a file's name without its ending: a source and its header are one part."""
    return path.rsplit('.', 1)[0]


def arrows(path, text):
    """arrows returns what is wrong with the includes of a file."""
    wrong = []
    for target in re.findall(r'^\s*#\s*include\s+"([^"]+)"', text, re.M):
        if target in BELOW or stem(target) == stem(path):
            continue
        if stem(target) not in HEIGHT:
            wrong.append('%s includes %s, which stands on no floor of FLOORS in test/house.py' % (path, target))
        elif HEIGHT.get(stem(path), -1) <= HEIGHT[stem(target)]:
            wrong.append('%s includes %s, which does not lie below it' % (path, target))
    return wrong


def functions(text):
    """functions returns (name, number of lines) of each function, from the line of its name to its closing brace."""
    lines, found, head = text.split('\n'), [], None
    for number, line in enumerate(lines):
        if re.match(r'[A-Za-z_].*\(', line) and not line.rstrip().endswith(';'):
            head = number
        elif line.startswith('}') and head is not None:
            body = lines[head:number + 1]
            if '{' in [x.rstrip() for x in body]:
                found.append((re.search(r'(\w+)\(', lines[head]).group(1), number - head + 1))
            head = None
    return found


def sizes(path, text):
    """sizes returns what is too long in a file."""
    lines = text.rstrip('\n').split('\n')
    wrong = ['%s:%d: %d columns, at most %d' % (path, i, len(line), COLUMNS) for i, line in enumerate(lines, 1) if len(line) > COLUMNS]
    wrong += ['%s: %s has %d lines, at most %d' % (path, name, n, FUNCTION) for name, n in functions(text) if n > FUNCTION]
    return wrong + (['%s has %d lines, at most %d' % (path, len(lines), FILE)] if len(lines) > FILE else [])


def layers(folder):
    """layers returns what is wrong with the includes of the layers below the plugin: each takes its own files and the headers that LAYERS names, and of the
    system's headers those of C11 only, for GLib and Wireshark lie above it."""
    wrong = []
    for layer, may in LAYERS.items():
        names = sorted(os.listdir(os.path.join(folder, layer))) if os.path.isdir(os.path.join(folder, layer)) else []
        for name in names:
            if not name.endswith(('.c', '.h')):
                continue
            path = layer + '/' + name
            with open(os.path.join(folder, path), encoding='utf-8') as f:
                text = f.read()
            for target in re.findall(r'^\s*#\s*include\s+"([^"]+)"', text, re.M):
                if target not in names and target not in may:
                    wrong.append('%s includes %s, which does not lie below it' % (path, target))
            for target in re.findall(r'^\s*#\s*include\s+<([^>]+)>', text, re.M):
                if target not in C11:
                    wrong.append('%s includes <%s>, which is no header of C11' % (path, target))
    return wrong


def check(folder):
    """check returns everything that is wrong below a folder, a line each."""
    wrong = layers(folder)
    for path in sources(folder):
        with open(os.path.join(folder, path), encoding='utf-8') as f:
            text = f.read()
        if stem(path) not in HEIGHT:
            wrong.append('%s stands on no floor of FLOORS in test/house.py' % path)
        wrong += arrows(path, text) + sizes(path, text)
    return wrong


def main():
    """main checks the folder named, or plugin/."""
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'plugin')
    wrong = check(folder)
    print('\n'.join(wrong) if wrong else 'plugin/ is in order: %d files on %d floors' % (len(sources(folder)), len(FLOORS)))
    return bool(wrong)


if __name__ == '__main__':
    sys.exit(main())

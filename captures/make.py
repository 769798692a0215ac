#!/usr/bin/python3
"""make.py: writes the captures of this folder from scenarios/*.seg, byte for byte the same every time.

    make.py            write the captures and the table in README.md
    make.py --check    write nothing; exit 1 and name what differs
    make.py --list     name the captures
    make.py --out DIR  write the captures there

SPDX-License-Identifier: GPL-2.0-or-later
"""
import argparse
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

import scenario  # noqa: E402

ORDER = ('tour', 'figures', 'opening', 'established', 'closing', 'capturing', 'encapsulation', 'findings', 'causes')
BEGIN, END = '<!-- written by make.py -->', '<!-- to here -->'


def captures():
    """captures reads all scenario files and returns [(file of the scenario, Capture)] in the order of ORDER. Raises ScenarioError."""
    out = []
    for part in ORDER:
        reader = scenario.Reader()
        with open(os.path.join(HERE, 'scenarios', part + '.seg'), encoding='utf-8') as f:
            reader.read(f.read(), part + '.seg')
        for cap in reader.captures:
            if any(a[0] > b[0] for a, b in zip(cap.frames, cap.frames[1:])):
                scenario.by_time(cap)
            out.append((part, cap))
    return out


def rfc(text):
    """rfc spells the rfc setting for the table."""
    return '' if text == 'none' else text


def table(all_captures):
    """table returns the lines of README.md between its marks."""
    lines, before = [], None
    for part, cap in all_captures:
        if part != before:
            lines += ['', '### %s' % part.capitalize(), '', '| capture | what it shows | case | RFC 9293 |', '|---|---|---|---|']
            before = part
        lines.append('| `%s` | %s | %s | %s |' % (cap.file, cap.set['title'], ', '.join(cap.set['cases'].split()), rfc(cap.set['rfc'])))
    return '\n'.join(lines) + '\n\n'


def readme(all_captures):
    """readme returns README.md with a fresh table, and the old text."""
    with open(os.path.join(HERE, 'README.md'), encoding='utf-8') as f:
        old = f.read()
    return re.sub(re.escape(BEGIN) + '.*?' + re.escape(END), lambda m: BEGIN + '\n' + table(all_captures) + END, old, flags=re.S), old


def differing(all_captures):
    """differing returns what on disk is not what the scenarios say: file names."""
    wrong = []
    for _, cap in all_captures:
        path = os.path.join(HERE, cap.file)
        if not os.path.exists(path) or open(path, 'rb').read() != cap.data():
            wrong.append(cap.file)
    known = {cap.file for _, cap in all_captures}
    wrong += [f for f in sorted(os.listdir(HERE)) if f.endswith(('.pcap', '.pcapng')) and f not in known]
    new, old = readme(all_captures)
    return wrong + (['README.md'] if new != old else [])


def write(all_captures, out):
    """write writes the captures to the folder out, and README.md if that is the captures' own."""
    for _, cap in all_captures:
        with open(os.path.join(out, cap.file), 'wb') as f:
            f.write(cap.data())
    if out == HERE:
        new = readme(all_captures)[0]
        with open(os.path.join(HERE, 'README.md'), 'w', encoding='utf-8') as f:
            f.write(new)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--check', action='store_true')
    ap.add_argument('--list', action='store_true')
    ap.add_argument('--out', default=HERE)
    a = ap.parse_args()
    try:
        found = captures()
    except (scenario.ScenarioError, OSError) as e:
        sys.exit('make.py: %s' % e)
    if a.list:
        for part, cap in found:
            print('%-14s %-36s %s' % (part, cap.file, cap.set['title']))
    elif a.check:
        wrong = differing(found)
        for name in wrong:
            print('differs from its scenario: %s' % name)
        sys.exit(1 if wrong else 0)
    else:
        os.makedirs(a.out, exist_ok=True)
        write(found, os.path.abspath(a.out))


if __name__ == '__main__':
    main()

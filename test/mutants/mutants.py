#!/usr/bin/python3
"""mutants.py: does the quick suite notice when one line of the program is wrong?

Makes one-line mutants of plugin/ (operators, constants, dropped conditions, cells of the transition table), builds each in a scratch copy, and runs
`ctest -L quick` on it. A mutant that no test notices survives: either the line does not matter (equivalent.txt says why), or a test is missing.

    ./mutants.py                          150 mutants, chosen by seed 1
    ./mutants.py --count 300 --seed 7     others
    ./mutants.py --only plugin/engine     of one folder
    ./mutants.py --list                   print the mutants and build nothing

Prints a line a mutant, the score, and the survivors. For the night, not for continuous integration: doc/mutants.md holds the last score.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SOURCES = ('plugin', 'plugin/engine', 'plugin/diagnosis', 'plugin/reports')
STATES = 'CL LI SS SR ES F1 F2 CW CG LA TW'.split()



# (what it does, pattern, replacement of the match)
RULES = [
    ('< for <=', r'(?<=[\w)\]] )<=(?= )', lambda m: '<'),
    ('<= for <', r'(?<=[\w)\]] )<(?= [\w(])', lambda m: '<='),
    ('>= for >', r'(?<=[\w)\]] )>(?= [\w(])', lambda m: '>='),
    ('> for >=', r'(?<=[\w)\]] )>=(?= )', lambda m: '>'),
    ('!= for ==', r'(?<= )==(?= )', lambda m: '!='),
    ('== for !=', r'(?<= )!=(?= )', lambda m: '=='),
    ('|| for &&', r'(?<= )&&(?= )', lambda m: '||'),
    ('&& for ||', r'(?<= )\|\|(?= )', lambda m: '&&'),
    ('- for +', r'(?<=[\w)\]] )\+(?= [\w(])', lambda m: '-'),
    ('+ for -', r'(?<=[\w)\]] )-(?= [\w(])', lambda m: '+'),
    ('negation dropped', r'(?<=[(& |])!(?=[\w(])', lambda m: ''),
    ('condition never', r'\bif \((?!.*\\$)(.+)\)(?=$| \{$| return)', lambda m: 'if (0 && (%s))' % m.group(1)),
    ('condition always', r'\bif \((?!.*\\$)(.+)\)(?=$| \{$| return)', lambda m: 'if (1 || (%s))' % m.group(1)),
    ('true for false', r'\bfalse\b', lambda m: 'true'),
    ('false for true', r'\btrue\b', lambda m: 'false'),
    ('three times as much', r'(?<=[ (])(MS|SECONDS)\((\d+)\)', lambda m: '%s(3 * %s)' % m.groups()),
    ('one more', r'(?<=[ (])(?<!\[)([1-9]\d*)(?=[u;,) ])(?!\.)', lambda m: '%d' % (int(m.group(1)) + 1)),
]


def cells(line):
    """cells yields mutants of a row of the transition table: one cell another state."""
    for m in re.finditer(r'\b(CL|LI|SS|SR|ES|F1|F2|CW|CG|LA|TW)\b(?=[,}) ])', line):
        other = STATES[(STATES.index(m.group(1)) + 4) % len(STATES)]
        yield 'another cell', line[:m.start()] + other + line[m.end():]


def of_line(path, line):
    """of_line yields (what, mutant) for one line of a file."""
    code = re.sub(r'"(\\.|[^"\\])*"', lambda m: '"' + 'x' * (len(m.group(0)) - 2) + '"', line)  # nothing within strings
    code = re.sub(r'/\*.*?\*/', lambda m: ' ' * len(m.group(0)), code)
    if code.lstrip().startswith(('*', '/*', '//', '#include', '#if', '#el', '#en', 'static_assert', 'assert')):
        return
    if path.endswith('table.c') and code.lstrip().startswith('[TCPFSM_EVENT'):
        yield from cells(line)
        return
    for what, pattern, replace in RULES:
        for m in re.finditer(pattern, code):
            new = replace(re.compile(pattern).search(line, m.start()) or m)
            if new is not None:
                yield what, line[:m.start()] + new + line[m.end():]


def all_mutants(only):
    """all_mutants returns (path, line number, what, old line, new line) for every mutant there is."""
    found = []
    for folder in SOURCES:
        for name in sorted(os.listdir(os.path.join(ROOT, folder))):
            path = os.path.join(folder, name)
            if not path.startswith(only) or not (name.endswith('.c') or name in ('limits.h', 'thresholds.h')):
                continue
            with open(os.path.join(ROOT, path), encoding='utf-8') as f:
                lines = f.read().split('\n')
            inside = False
            for n, line in enumerate(lines, 1):
                inside = (inside or '/*' in line) and '*/' not in line
                if inside:
                    continue
                found += [(path, n, what, line, new) for what, new in of_line(path, line) if new != line]
    return found


def choose(found, count, seed):
    """choose picks mutants: each file gets its share by its length, and no line two."""
    rng = random.Random(seed)
    rng.shuffle(found)
    chosen, lines = [], set()
    for mutant in found:
        if len(chosen) < count and (mutant[0], mutant[1]) not in lines:
            lines.add((mutant[0], mutant[1]))
            chosen.append(mutant)
    return sorted(chosen)


class Workshop:
    """Workshop is a scratch copy of the repository with a build folder."""

    def __init__(self, jobs):
        self.folder, self.jobs = tempfile.mkdtemp(prefix='tcpfsm-mutants-', dir='/var/tmp'), jobs
        os.chmod(self.folder, 0o755)
        self.source, self.build = os.path.join(self.folder, 'source'), os.path.join(self.folder, 'build')
        shutil.copytree(ROOT, self.source, ignore=shutil.ignore_patterns('.git', 'build*'), symlinks=True)
        self.run(['cmake', '-S', self.source, '-B', self.build, '-DBUILD_TESTING=ON', '-DCMAKE_BUILD_TYPE=Debug'], 300)
        if self.make() or self.test():
            raise SystemExit('the quick suite fails on the program as it is: see ' + self.folder)

    def run(self, command, limit):
        """run returns the exit status of a command; 124 if it takes longer than limit seconds."""
        try:
            with open(os.path.join(self.folder, 'log'), 'ab') as log:
                return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=limit).returncode
        except subprocess.TimeoutExpired:
            return 124

    def make(self):
        """make builds what the quick suite needs; 0 if that worked."""
        return self.run(['cmake', '--build', self.build, '-j', str(self.jobs)], 600)

    def test(self):
        """test returns 0 if the quick suite passes; units first, since they are the fastest."""
        quick = ['ctest', '--test-dir', self.build, '-j', str(self.jobs), '--stop-on-failure', '--timeout', '60']
        return self.run(quick + ['-L', 'unit|diagnosis'], 120) or self.run(quick + ['-L', 'quick', '-LE', 'unit|diagnosis'], 300)

    def judge(self, mutant):
        """judge returns 'killed', 'survives' or 'does not compile'."""
        path, number, _, old, new = mutant
        full = os.path.join(self.source, path)
        with open(full, encoding='utf-8') as f:
            text = f.read()
        lines = text.split('\n')
        assert lines[number - 1] == old
        lines[number - 1] = new
        with open(full, 'w', encoding='utf-8') as f:
            f.write('\n'.join(lines))
        try:
            if self.make():
                return 'does not compile'
            return 'killed' if self.test() else 'survives'
        finally:
            with open(full, 'w', encoding='utf-8') as f:
                f.write(text)

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def equivalents():
    """equivalents returns the mutants that change nothing anybody could see: lines `PATH: NEW LINE` of equivalent.txt, without spaces."""
    with open(os.path.join(HERE, 'equivalent.txt'), encoding='utf-8') as f:
        return {re.sub(r'\s', '', line) for line in f if line.strip() and not line.startswith('#')}


def main():
    parser = argparse.ArgumentParser(description='one-line mutants against the quick suite')
    parser.add_argument('--count', type=int, default=150)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--only', default='plugin', help='a folder or file')
    parser.add_argument('--list', action='store_true')
    parser.add_argument('--jobs', type=int, default=os.cpu_count())
    options = parser.parse_args()
    mutants = choose(all_mutants(options.only), options.count, options.seed)
    if options.list:
        for path, number, what, _, new in mutants:
            print('%s:%d: %s: %s' % (path, number, what, new.strip()))
        return 0
    known, survivors, counts = equivalents(), [], {'killed': 0, 'survives': 0, 'does not compile': 0, 'equivalent': 0}
    workshop = Workshop(options.jobs)
    try:
        for mutant in mutants:
            path, number, what, _, new = mutant
            verdict = 'equivalent' if re.sub(r'\s', '', path + ':' + new) in known else workshop.judge(mutant)
            counts[verdict] += 1
            if verdict == 'survives':
                survivors.append(mutant)
            print('%-16s %s:%d: %s: %s' % (verdict, path, number, what, new.strip()), flush=True)
    finally:
        workshop.close()
    judged = counts['killed'] + counts['survives']
    print('%d of %d mutants noticed (%.0f %%); %d equivalent, %d did not compile' %
          (counts['killed'], judged, 100.0 * counts['killed'] / max(judged, 1), counts['equivalent'], counts['does not compile']))
    return 0 if judged and counts['killed'] >= 0.9 * judged else 1


if __name__ == '__main__':
    sys.exit(main())

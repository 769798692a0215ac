#!/usr/bin/env python3
"""bench.py: what the plugin costs, against the budgets. One command prints the tables; doc/bench.md explains them.

    bench.py [--plugin PATH] [--engine PATH] [--rounds N] [--packets N] [--only WORD ...]
    bench.py --quick --plugin PATH                instructions only, small captures, generous bars: for CTest

Time is user CPU time of tshark, instructions are what callgrind counts; both per packet, as the difference of two capture sizes, so that starting tshark is
left out. Runs that are compared take turns; the ratio is the median of the ratios of the rounds. Exit status 1 if a bar of --quick is missed, 77 without valgrind.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import argparse
import concurrent.futures
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.path.insert(0, HERE)

import shark    # noqa: E402
import traffic  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(HERE))
BUILT = os.path.join(ROOT, 'build-bench', 'plugin', 'tcpfsm.so')
SKIPPED = 77

TEXT = []
QUIET = ['-q', '-z', 'io,stat,0']
RESET = ['-Y', 'tcp.flags.reset==1']
TEXT_TCP = ['-Y', 'tcp.flags.str contains "F"']
TEXT_FSM = ['-Y', 'tcpfsm.client.state contains "FIN"']
NUMBER_TCP = ['-Y', 'tcp.stream > 1000000']
NUMBER_FSM = ['-Y', 'tcpfsm.incarnation > 1000000']
THERE_TCP = ['-Y', 'tcp.analysis.flags']
THERE_FSM = ['-Y', 'tcpfsm.finding']
STATE_FSM = ['-Y', 'tcpfsm.client.state == "CLOSE_WAIT"']
STATE_LUA = ['-Y', 'states.client.state == "CLOSE_WAIT"']
STATE_TCP = ['-Y', 'tcp.flags.str == "none"']


def fields(*names):
    """fields returns the arguments that print these fields."""
    return ['-T', 'fields', *[x for n in names for x in ('-e', n)]]


EIGHT_TCP = fields('tcp.stream', 'tcp.srcport', 'tcp.dstport', 'tcp.flags.str', 'tcp.seq', 'tcp.ack', 'tcp.window_size', 'tcp.time_relative')
EIGHT_FSM = fields('tcpfsm.connection', 'tcpfsm.client', 'tcpfsm.client.state', 'tcpfsm.server.state', 'tcpfsm.client.certain', 'tcpfsm.client.since',
                   'tcpfsm.incarnation', 'tcpfsm.client.time_in_state')
TWO_TCP = fields('tcp.flags.str', 'tcp.stream')
TWO_FSM = fields('tcpfsm.client.state', 'tcpfsm.server.state')
TWO_LUA = fields('states.client.state', 'states.server.state')

# What is run: name of the way (see WAYS), arguments of tshark. A row compares the first with the second.
#      what                                                     with                     without              at most
ROWS = [
    ('plain: text of all packets',                              ('plugin', TEXT),        ('bare', TEXT),        1.05),
    ('-q -z io,stat,0',                                         ('plugin', QUIET),       ('bare', QUIET),       1.05),
    ('-Y tcp.flags.reset==1',                                   ('plugin', RESET),       ('bare', RESET),       1.05),
    ('-Y on a text: tcpfsm against tcp',                        ('plugin', TEXT_FSM),    ('bare', TEXT_TCP),    1.10),
    ('-Y on a number: tcpfsm against tcp',                      ('plugin', NUMBER_FSM),  ('bare', NUMBER_TCP),  1.10),
    ('-Y tcpfsm.finding against tcp.analysis.flags',            ('plugin', THERE_FSM),   ('bare', THERE_TCP),   1.10),
    ('-T fields, 8 of tcpfsm against 8 of tcp',                 ('plugin', EIGHT_FSM),   ('bare', EIGHT_TCP),   1.10),
    ('-T fields, 2 of tcpfsm against 2 of tcp',                 ('plugin', TWO_FSM),     ('bare', TWO_TCP),     1.10),
    ('-T fields, 8 of tcp, plugin on',                          ('plugin', EIGHT_TCP),   ('bare', EIGHT_TCP),   None),
    ('disabled, plain',                                         ('disabled', TEXT),      ('bare', TEXT),        1.02),
    ('disabled, -q -z io,stat,0',                               ('disabled', QUIET),     ('bare', QUIET),       1.02),
    ('disabled, -Y tcp.flags.reset==1',                         ('disabled', RESET),     ('bare', RESET),       1.02),
    ('Lua, plain',                                              ('lua', TEXT),           ('bare', TEXT),        None),
    ('Lua, -Y tcp.flags.reset==1',                              ('lua', RESET),          ('bare', RESET),       None),
    ('Lua, -Y on a state against tcp',                          ('lua', STATE_LUA),      ('bare', STATE_TCP),   None),
    ('Lua, -T fields, both states against 2 of tcp',            ('lua', TWO_LUA),        ('bare', TWO_TCP),     None),
    ('TRANSUM, plain',                                          ('transum', TEXT),       ('bare', TEXT),        None),
    ('TRANSUM, -Y tcp.flags.reset==1',                          ('transum', RESET),      ('bare', RESET),       None),
]

# The same job in Lua and here: what each adds to tshark without it.
#      job                                   Lua                    plugin                  neither            at least
LUA = [
    ('plain: text of all packets',           ('lua', TEXT),         ('plugin', TEXT),       ('bare', TEXT),     10),
    ('-Y tcp.flags.reset==1',                ('lua', RESET),        ('plugin', RESET),      ('bare', RESET),    10),
    ('-Y on a state',                        ('lua', STATE_LUA),    ('plugin', STATE_FSM),  ('bare', STATE_TCP), 10),
    ('-T fields, both states',               ('lua', TWO_LUA),      ('plugin', TWO_FSM),    ('bare', TWO_TCP),  10),
]

# --quick: rows by name, and the ratio of instructions nothing but a real loss can reach.
QUICK = {'plain: text of all packets': 1.10, '-Y tcp.flags.reset==1': 1.10, 'disabled, plain': 1.03}


class Bench:
    """The ways to run tshark, and two captures to run it on."""

    def __init__(self, plugin, sizes):
        self.bare, self.with_plugin = shark.Shark(), shark.Shark(plugin)
        self.bare.check()
        self.with_plugin.check()
        self.folder = tempfile.mkdtemp(prefix='tcpfsm-bench-')
        os.chmod(self.folder, 0o755)
        self.sizes = sizes
        for size in sizes:
            traffic.write(self.capture(size), size)
        self.script = os.path.join(self.folder, 'states.lua')   # where nobody can read it, wherever the sources are
        shutil.copy(os.path.join(HERE, 'states.lua'), self.script)
        os.chmod(self.script, 0o644)

    def close(self):
        """close removes what was made."""
        self.bare.close()
        self.with_plugin.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def capture(self, size):
        return os.path.join(self.folder, '%d.pcap' % size)

    def command(self, way, arguments, size):
        """command returns the command line and the environment of a run. way: bare, plugin, disabled, lua, transum."""
        extra = {'disabled': ['--disable-protocol', 'tcpfsm'], 'lua': ['-X', 'lua_script:' + self.script],
                 'transum': ['--enable-protocol', 'transum', '-o', 'transum.tcp_port_ranges:%d' % traffic.PORT]}
        tool = self.with_plugin if way in ('plugin', 'disabled') else self.bare
        return [shark.tshark(), '-n', '-r', self.capture(size), *extra.get(way, []), *arguments], tool.environment

    def time(self, run, size):
        """time returns seconds of user CPU time."""
        command, environment = self.command(*run, size)
        process = subprocess.Popen(shark.unprivileged(command), env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                   text=True)
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status
        check(command, status, said)
        return usage.ru_utime

    def instructions(self, run, size):
        """instructions returns how many instructions a run takes."""
        command, environment = self.command(*run, size)
        return callgrind(command, environment)

    def per_packet(self, measure, run):
        """per_packet returns what one packet more costs by `measure`."""
        small, large = self.sizes
        return (measure(run, large) - measure(run, small)) / (large - small)


def check(command, status, said):
    """check raises RuntimeError if a run failed or said anything."""
    if status or said.strip():
        raise RuntimeError('%s: exit %s: %s' % (' '.join(command), status, said.strip()))


def callgrind(command, environment=None):
    """callgrind runs a command as an unprivileged user and returns the instructions counted."""
    r = subprocess.run(shark.unprivileged(['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null', *command]), env=environment,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors='replace')
    ours = '\n'.join(line for line in r.stderr.split('\n') if not re.match(r'==\d+==', line))
    check(command, r.returncode, ours)
    return int(re.search(r'Collected : (\d+)', r.stderr).group(1))


def key(run):
    return run[0], tuple(run[1])


def runs_of(rows, lua):
    """runs_of returns every run that the rows need, once."""
    found = {}
    for row in rows:
        for run in row[1:3]:
            found[key(run)] = run
    for row in lua:
        for run in row[1:4]:
            found[key(run)] = run
    return found


def count_all(bench, runs):
    """count_all returns instructions per packet of each run."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        jobs = {k: [pool.submit(bench.instructions, run, size) for size in bench.sizes] for k, run in runs.items()}
        return {k: (large.result() - small.result()) / (bench.sizes[1] - bench.sizes[0]) for k, (small, large) in jobs.items()}


def time_all(bench, runs, rounds):
    """time_all returns the times per packet of each run, a list with one of each round."""
    times = {k: [] for k in runs}
    for _ in range(rounds):
        for k, run in runs.items():
            times[k].append(bench.per_packet(bench.time, run))
    return times


def cell(value, form='%.3f'):
    return '-' if value is None else form % value


def verdict(value, bar, least=False):
    if bar is None or value is None:
        return ''
    return 'met' if (value >= bar if least else value <= bar) else 'MISSED'


def median_of(first, second, operation):
    """median_of returns the median of an operation on what was measured in the same round."""
    return statistics.median(operation(a, b) for a, b in zip(first, second))


def print_table(head, lines):
    """print_table prints a table in Markdown."""
    widths = [max(len(str(line[i])) for line in [head] + lines) for i in range(len(head))]
    for line in [head, ['-' * w for w in widths]] + lines:
        print('| ' + ' | '.join(str(c).ljust(w) for c, w in zip(line, widths)) + ' |')
    print(flush=True)


def ratios(rows, counted, timed):
    """ratios prints what tshark takes with something, against without."""
    lines = []
    for what, on, off, bar in rows:
        i = counted[key(on)] / counted[key(off)] if counted else None
        t = median_of(timed[key(on)], timed[key(off)], lambda a, b: a / b) if timed else None
        added = counted[key(on)] - counted[key(off)] if counted else None
        lines.append([what, cell(counted and counted[key(off)], '%.0f'), cell(added, '%+.0f'), cell(i), cell(t), cell(bar, '%.2f'), verdict(i, bar),
                      verdict(t, bar)])
    print_table(['run', 'instructions a packet without', 'added', 'ratio', 'ratio of time', 'at most', 'instructions', 'time'], lines)


def against_lua(rows, counted, timed):
    """against_lua prints how many times more the Lua script adds than the plugin does."""
    lines = []
    for what, lua, plugin, bare, bar in rows:
        i = (counted[key(lua)] - counted[key(bare)]) / max(counted[key(plugin)] - counted[key(bare)], 1) if counted else None
        t = None
        if timed:
            base = [statistics.median(timed[key(r)]) for r in (lua, plugin, bare)]
            t = (base[0] - base[2]) / max(base[1] - base[2], 1e-9)
        lines.append([what, cell(counted and counted[key(lua)] - counted[key(bare)], '%.0f'), cell(counted and counted[key(plugin)] - counted[key(bare)], '%.0f'),
                      cell(i, '%.1f'), cell(t, '%.1f'), cell(bar, '%d'), verdict(i, bar, True)])
    print_table(['job', 'Lua adds', 'the plugin adds', 'ratio', 'ratio of time', 'at least', 'instructions'], lines)


def nanoseconds(program, what, connections, order, segments, rounds=3):
    """nanoseconds returns what a segment takes: the least of some runs."""
    command = [program, 'time', what, str(connections), order, str(segments)]
    return min(float(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[0]) for _ in range(rounds))


def engine(program):
    """engine prints what a segment takes in the engine alone, in the store (look-up and engine) and when it is displayed (look-up and search), without what making
    the segment takes; and memory."""
    lines = []
    for connections in (10, 1000, 100000, 1000000):
        for order in ('near', 'far'):
            made = nanoseconds(program, 'nothing', connections, order, 4000000)
            lines.append([connections, 'in cache: 64 in a row' if order == 'near' else 'each of another connection',
                          *[cell(nanoseconds(program, what, connections, order, 4000000) - made, '%.0f') for what in ('engine', 'store', 'show')]])
    print_table(['connections', 'segments', 'engine, ns', 'engine and look-up, ns', 'display, ns'], lines)
    print('whole connections of 12 segments: %.0f ns a segment\n' % nanoseconds(program, 'lives', 1, 'near', 2400000))
    if shutil.which('valgrind'):
        counts = {}
        for what in ('nothing', 'engine', 'store', 'show', 'lives'):
            large, small = (callgrind([program, 'time', what, '1000', 'far', str(n)]) for n in (220000, 100000))
            counts[what] = (large - small) / 120000
        print_table(['engine, instructions', 'engine and look-up', 'display', 'whole connections, look-up included'],
                    [[cell(counts[what] - (counts['nothing'] if what != 'lives' else 0), '%.0f') for what in ('engine', 'store', 'show', 'lives')]])
    for what in (['sizes'], ['memory', '100000']):
        print(subprocess.run([program, *what], capture_output=True, text=True, check=True).stdout)


def full(arguments):
    """full prints everything."""
    if arguments.engine:
        engine(arguments.engine)
    wanted = [w.lower() for w in arguments.only or ['']]
    rows = [r for r in ROWS if any(w in r[0].lower() for w in wanted)]
    lua = [] if arguments.only and 'lua' not in wanted else LUA
    runs = runs_of(rows, lua)
    counted = timed = None
    if not arguments.no_instructions:
        bench = Bench(arguments.plugin, (2000, 12000))
        counted = count_all(bench, runs)
        bench.close()
    if arguments.rounds:
        bench = Bench(arguments.plugin, (2000, arguments.packets))
        timed = time_all(bench, runs, arguments.rounds)
        bench.close()
    ratios(rows, counted, timed)
    if lua:
        against_lua(lua, counted, timed)
    return 0


def quick(arguments):
    """quick checks a few ratios of instructions; true if all are below their bars."""
    rows = [(what, on, off, QUICK[what]) for what, on, off, _ in ROWS if what in QUICK]
    rows.append(('-Y on a text of tcpfsm against that', ('plugin', TEXT_FSM), ('bare', RESET), 1.30))
    bench = Bench(arguments.plugin, (300, 1800))
    try:
        counted = count_all(bench, runs_of(rows, []))
    finally:
        bench.close()
    ratios(rows, counted, None)
    return 0 if all(counted[key(on)] <= bar * counted[key(off)] for _, on, off, bar in rows) else 1


def main():
    parser = argparse.ArgumentParser(description='What the plugin costs, against the budgets.')
    parser.add_argument('--plugin', default=os.environ.get('TCPFSM_PLUGIN') or BUILT, help='tcpfsm.so; default: TCPFSM_PLUGIN, or build-bench')
    parser.add_argument('--engine', metavar='PATH', help='bench_engine: measure the engine alone too')
    parser.add_argument('--quick', action='store_true', help='instructions only, with generous bars')
    parser.add_argument('--rounds', type=int, default=7, help='of time measurements; 0: none')
    parser.add_argument('--packets', type=int, default=200000, help='of the capture for time measurements')
    parser.add_argument('--no-instructions', action='store_true')
    parser.add_argument('--only', nargs='+', metavar='WORD', help='rows whose name has the word')
    arguments = parser.parse_args()
    if not os.path.exists(arguments.plugin):
        sys.exit('no plugin at %s' % arguments.plugin)
    if not shutil.which('valgrind') and not arguments.no_instructions:
        print('SKIPPED: valgrind is not installed (Debian: apt install valgrind)')
        return SKIPPED
    return quick(arguments) if arguments.quick else full(arguments)


if __name__ == '__main__':
    sys.exit(main())

"""judge.py: what tcpfsm finds in runs whose truth is known: precision of Warn and Note, recall, and each error.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import functools
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), HERE]
import shark  # noqa: E402
from world import POINTS  # noqa: E402

SUSPICIOUS = 'rst.suspicious'
CATALOGUE = os.path.join(os.path.dirname(os.path.dirname(HERE)), 'plugin', 'diagnosis', 'findings.def')


@functools.lru_cache(None)
def severities():
    """severities returns {finding: 'Chat', 'Note' or 'Warn'}, from findings.def."""
    with open(CATALOGUE, encoding='utf-8') as f:
        return {n: s.capitalize() for n, s in re.findall(r'^TCPFSM_FINDING_ROW\(\w+, "([^"]+)", (\w+)', f.read(), re.M)}


def findings(tool, capture):
    """findings returns [(frame, name, severity, sentence)] of a capture; a suspicious RST as a Chat of that name."""
    found = []
    for packet in tool.packets(capture, '-Y', 'tcpfsm.finding || tcpfsm.rst.suspicious'):
        if any(item.get('name') == 'tcpfsm.rst.suspicious' for item in packet.element.iter('field')):
            found.append((packet.number, SUSPICIOUS, 'Chat', ''))
        for item in packet.element.iter('field'):
            names = [f.get('name')[7:] for f in item if f.get('name', '').startswith('tcpfsm.') and f.get('name')[7:] in severities()]
            if item.get('name') == '_ws.expert' and names:
                found.append((packet.number, names[0], severities()[names[0]], shark.value(item, '_ws.expert.message')))
    return found


def left(tool, capture):
    """left returns how many connections of a capture are left in CLOSE_WAIT at its end."""
    return len({r[0] for r in tool.rows(capture, ['tcpfsm.connection'], '-2', '-Y', 'tcpfsm.outcome contains "left in CLOSE_WAIT"')})


def judge(found, truth, point):
    """judge compares findings with the truth at a point of capture. Returns (right, wrong, missing): findings, findings, expectations."""
    expects = truth['at'].get(point, truth['expects'])
    named = {n for e in list(truth['expects']) + [x for t in truth['at'].values() for x in t] for n in e.split('|')} if point not in truth['at'] else \
        {n for e in expects for n in e.split('|')}
    right, wrong = [], []
    expects = dict(expects, **({SUSPICIOUS: ''} if truth['device'] else {}))
    for f in found:
        if f[1] == SUSPICIOUS and not truth['device']:
            wrong.append(f)
        ok = f[1] in named or f[1] in truth['allows']
        if f[1] in truth['forbids'] or (f[2] != 'Chat' and not ok):
            wrong.append(f)
        elif f[2] != 'Chat':
            right.append(f)
    missing = [(e, pattern) for e, pattern in expects.items()
               if not ('' in e.split('|') or any(f[1] in e.split('|') and re.search(pattern, f[3], re.I) for f in found))]
    return right, wrong, missing


def judge_files(files, truths, tool):
    """judge_files judges {(run, point): path}. Returns {(run, point): (found, right, wrong, missing, expected)}."""
    out = {}
    for (name, point), path in files.items():
        found = findings(tool, path)
        truth = truths[name]
        right, wrong, missing = judge(found, truth, point)
        if truth['left'] is not None and left(tool, path) != truth['left']:
            missing.append(('left in CLOSE_WAIT', '%d, not %d' % (truth['left'], left(tool, path))))
        out[name, point] = (found, right, wrong, missing, len(truth['at'].get(point, truth['expects'])) + truth['device'] + (truth['left'] is not None))
    return out


def judge_folder(folder, truths):
    """judge_folder judges FOLDER/RUN/POINT.pcap with TCPFSM_PLUGIN."""
    tool = shark.Shark(os.environ['TCPFSM_PLUGIN'])
    os.chmod(folder, 0o755)
    files = {(n, p): os.path.join(folder, n, p + '.pcap') for n in truths for p in POINTS if os.path.exists(os.path.join(folder, n, p + '.pcap'))}
    try:
        return judge_files(files, truths, tool)
    finally:
        tool.close()


def figures(judged):
    """figures returns {severity: (right, all)}, and (found, expected) under 'recall'."""
    out = {}
    for severity in ('Warn', 'Note'):
        right, wrong = (sum(f[2] == severity for j in judged.values() for f in j[k]) for k in (1, 2))
        out[severity] = (right, right + wrong)
    expected, missing = sum(j[4] for j in judged.values()), sum(len(j[3]) for j in judged.values())
    out['recall'] = (expected - missing, expected)
    return out


def report(judged, verbose=False):
    """report prints each run's errors, and the figures."""
    for (name, point), (found, _, wrong, missing, _) in judged.items():
        if verbose or wrong or missing:
            print('%s.%s' % (name, point))
        for f in found if verbose else wrong:
            print('    %s %5d %s %s: %s' % ('WRONG' if f in wrong else '     ', f[0], f[2], f[1], f[3]))
        for m in missing:
            print('    MISSING %s /%s/' % m)
    print('%d runs, %d captures' % (len({n for n, _ in judged}), len(judged)))
    for what, (some, all_) in figures(judged).items():
        print('%-7s %d of %d, %.1f %%' % (what, some, all_, 100 * some / max(1, all_)))

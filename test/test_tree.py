"""The subtree of a packet reads from the top: the finding first, then the two ends, the connection, counters and codes.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import re
import sys

import pytest

import conftest
import shark

sys.path.insert(0, os.path.join(os.path.dirname(shark.HERE), 'tools'))

import generate_docs  # noqa: E402

LINES = 12          # at most so many before anything is unfolded
NAMES = sorted(f for f in os.listdir(shark.CAPTURES) if f.endswith(('.pcap', '.pcapng')))


def shown(element):
    """shown returns the children of an item that are displayed."""
    return [f for f in element if f.get('hide') != 'yes']


def folded(tree):
    """folded returns the texts of a subtree in which only the first finding is unfolded, as Wireshark displays it at first."""
    lines = [tree.get('showname')]
    for number, item in enumerate(shown(tree)):
        lines.append(item.get('showname') or item.get('show'))
        if number == 0 and item.get('name') == 'tcpfsm.finding.text':
            lines += [child.get('showname') or child.get('show') for child in shown(item)]
    return lines


def order_of(tree):
    """order_of returns what kinds of items a subtree begins with, in order, without repetitions."""
    kinds = {'tcpfsm.finding.text': 'finding', 'tcpfsm.duplicate_of': 'mark', 'tcpfsm.rst.suspicious': 'mark', 'tcpfsm.client': 'client', 'tcpfsm.server': 'server',
             'tcpfsm.connection': 'connection', '': 'codes'}
    found = [kinds[item.get('name')] for item in shown(tree)]
    return [kind for i, kind in enumerate(found) if i == 0 or found[i - 1] != kind]


@pytest.fixture(scope='module')
def trees(with_plugin):
    """trees returns (capture, frame, subtree) of every packet of every capture."""
    def read(name):
        return [(name, packet.number, tree) for packet in with_plugin.packets(conftest.capture_path(name)) for tree in packet.tcpfsm]
    return [row for rows in conftest.in_pairs(read, NAMES) for row in rows]


def test_at_most_twelve_lines_before_anything_is_unfolded(trees):
    assert len(trees) > 1000
    long = [(name, frame, folded(tree)) for name, frame, tree in trees if len(folded(tree)) > LINES]
    assert not long, long[0]


def test_the_answer_comes_first(trees):
    wanted = ['finding', 'mark', 'client', 'server', 'connection', 'codes']
    for name, frame, tree in trees:
        kinds = order_of(tree)
        assert kinds == [k for k in wanted if k in kinds], (name, frame, kinds)
        assert ('finding' in kinds) == bool(shark.values(tree, 'tcpfsm.finding')), (name, frame)


def summaries():
    """summaries returns {finding: (severity, summary)} of the catalogue."""
    return {row[1]: (('CHAT', 'NOTE', 'WARN').index(row[2]), row[7]) for row in generate_docs.rows('plugin/diagnosis/findings.def', 'TCPFSM_FINDING_ROW')}


def test_the_heading_names_the_worst_finding(trees):
    """The worst finding is the first one, and its key words end the heading; without a finding the heading ends in the states."""
    catalogue, seen = summaries(), set()
    for name, frame, tree in trees:
        findings = shark.values(tree, 'tcpfsm.finding')
        heading = tree.get('showname')
        if not findings:
            assert re.search(r'server [A-Z_12]+( -> [A-Z_12]+)*( \(assumed\))?$', heading), (name, frame, heading)
            continue
        assert catalogue[findings[0]][0] == max(catalogue[f][0] for f in findings), (name, frame, findings)
        key = catalogue[findings[0]][1].partition(':')[0]
        assert heading.lower().endswith('; ' + key.lower()), (name, frame, heading)
        seen.add(findings[0])
    assert len(seen) > 30


def test_a_finding_is_its_sentence_its_action_its_evidence(with_plugin):
    packet = next(p for p in with_plugin.packets(conftest.capture_path('tour.pcapng')) if p.number == 19)
    assert folded(packet.tcpfsm[0]) == [
        'TCP State Machine: client SYN_SENT -> CLOSED (assumed), server LISTEN -> CLOSED; connection refused',
        'Connection refused: server 192.168.1.5:5432 has no listening socket on that port, or a firewall refuses in its place (RST to the SYN in frame 18)',
        'Action: start the service on the server or open its port', 'Evidence: 18', 'Finding: rst.refused',
        'Client 192.168.1.20:51516: CLOSED, assumed', 'Server 192.168.1.5:5432: CLOSED', 'Connection: 2, reset', 'Counters and codes']


def test_the_label_of_a_finding_has_what_else_is_known(trees):
    """The silence before a RST, too, as the field and the expert item have it; what does not fit into a label is left out whole."""
    rows = [(item.get('show'), item.get('showname')) for _, _, tree in trees for item in tree if item.get('name') == 'tcpfsm.finding.text']
    assert all(text.startswith(label) for text, label in rows)
    assert any('Silence before: ' in label for _, label in rows)


def test_summaries_are_sentences_without_placeholders():
    """Expert Information groups by the summary and cuts it after some 50 letters: what matters comes first."""
    texts = [summary for _, summary in summaries().values()]
    assert len(set(texts)) == len(texts)
    for text in texts:
        key, colon, rest = text.partition(': ')
        assert re.match(r'[A-Z]', text) and '%' not in text and not text.endswith('.'), text
        assert len(text) <= 56 and len(key) <= 36, text
        assert not re.search(r'\b(the endpoint|its state|an earlier frame|some time|several)\b', text), text
        assert not colon or rest, text


def test_expert_information_groups_by_the_summary(with_plugin):
    """What Wireshark registers for a finding, and shows in the menu of filters and in a group of Expert Information, is the summary."""
    listed = with_plugin.checked('-G', 'fields')
    names = {f[2]: f[1] for f in (line.split('\t') for line in listed.split('\n')) if f[0] == 'F'}
    assert {name: names['tcpfsm.' + name] for name in summaries()} == {name: summary for name, (_, summary) in summaries().items()}

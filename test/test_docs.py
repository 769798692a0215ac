"""The generated documents are what the sources say; every situation has its test; links between documents lead somewhere.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import re
import subprocess
import sys

import pytest

import shark

ROOT = os.path.dirname(shark.HERE)
SCRIPT = os.path.join(ROOT, 'tools', 'generate_docs.py')
sys.path.insert(0, os.path.dirname(SCRIPT))

import generate_docs  # noqa: E402


def text(name):
    with open(os.path.join(ROOT, name), encoding='utf-8') as f:
        return f.read()


def test_generated_documents_are_fresh():
    run = subprocess.run([sys.executable, '-B', SCRIPT, '--check'], capture_output=True, text=True)
    assert (run.returncode, run.stdout, run.stderr) == (0, '', '')


def test_a_stale_document_is_noticed(monkeypatch):
    monkeypatch.setitem(generate_docs.DOCUMENTS, 'doc/states.md', lambda: 'something else')
    assert generate_docs.differing() == ['doc/states.md']


def test_every_cell_of_the_table_is_written():
    cells, _ = generate_docs.table()
    assert len(cells) == len(generate_docs.rows('plugin/engine/events.def', 'TCPFSM_EVENT_ROW')) + 1
    assert all(len(row) == 11 for row, _ in cells.values())


def test_every_situation_has_a_test():
    numbers = {n for n, _, _ in list(generate_docs.unit_cases()) + list(generate_docs.tshark_cases())}
    assert numbers == generate_docs.tested()


def test_findings_name_situations_that_exist():
    for row in generate_docs.rows('plugin/diagnosis/findings.def', 'TCPFSM_FINDING_ROW'):
        assert row[6].split() and all(1 <= int(n) <= generate_docs.LISTED for n in row[6].split()), row[0]


def test_no_finding_is_cut_by_wireshark():
    """Wireshark cuts an item's text at 240 bytes: each wording fits with IPv6 addresses of full length, six digits of a frame number and the action."""
    host = '2001:db8:1234:5678:9abc:def0:1234:5678'
    words = {'%e': 'server [%s]:50000' % host, '%p': 'client [%s]:50000' % host, '%s': 'SYN_RECEIVED', '%f': '123456', '%g': '123456', '%n': '1000',
             '%t': '120.0 s', '%h': 'the server', '%k': 'the client', '%z': '1460', '%m': '1000'}
    with open(os.path.join(ROOT, 'plugin', 'diagnosis', 'findings.def'), encoding='utf-8') as f:
        rows = re.findall(r'^TCPFSM_FINDING_ROW\(\w+, "([^"]+)", \w+, \w+, "((?:[^"\\]|\\.)*)", "((?:[^"\\]|\\.)*)",', f.read(), re.M)
    texts = []
    for name, wordings, actions in rows:
        actions = actions.split('|')
        for i, wording in enumerate(wordings.split('|')):
            action = actions[min(i, len(actions) - 1)]
            text = wording + ('. Action: ' + action if action else '')
            texts.append((name, re.sub('%[a-z]', lambda m: words[m.group()], text.replace('\\"', '"'))))
    assert len(texts) > len(rows) > 40
    assert [(name, len(text), text) for name, text in texts if len(text) > 239] == []


def test_every_file_of_the_engine_is_in_the_inference_page():
    """doc/inference.md explains each source file of the engine; library.c is a part of doc/engine.md."""
    page = text('doc/inference.md')
    files = {f for f in os.listdir(os.path.join(ROOT, 'plugin', 'engine')) if f.endswith('.c')}
    assert len(files) > 10 and [f for f in sorted(files - {'library.c'}) if f not in page] == []


@pytest.mark.parametrize('page', ['doc/states.md', 'doc/findings.md', 'doc/cases.md', 'doc/inference.md', 'doc/engine.md', 'doc/questions.md', 'doc/fields.md', 'doc/tutorial.md', 'doc/reports.md', 'doc/two-captures.md', 'README.md'])
def test_links_lead_somewhere(page):
    prose = '\n'.join(line for line in text(page).split('\n') if not line.startswith('    '))
    for target in re.findall(r'\]\(([^)#:]+)\)', prose):
        assert os.path.exists(os.path.join(ROOT, os.path.dirname(page), target)), target


@pytest.mark.parametrize('page', ['doc/tcpfsm.7.in', 'doc/fields.md'])
def test_every_field_of_the_plugin_is_documented(page):
    """The section FIELDS of the manual and doc/fields.md name what fields.c registers."""
    section = text(page).split('.SH FIELDS')[-1].split('.SH FINDINGS')[0]
    missing = [f for f in generate_docs.registered_fields() if f not in section and f.replace('.server', '.client', 1) not in section]
    assert not missing and len(generate_docs.registered_fields()) > 30


def test_fields_are_read_from_their_rows():
    """A blurb of several literals, a name made of an end's, and a type."""
    rows = {name: (kind, meaning) for name, kind, meaning in generate_docs.registered()}
    assert rows['tcpfsm.server.certain'] == ('boolean', 'True if the segments captured leave the server only one possible state')
    assert rows['tcpfsm.client.time_in_state'][0] == 'time' and rows['tcpfsm.client'] == ('text', 'Address and port of the client')
    assert rows['tcpfsm.evidence'] == ('frame', 'An earlier frame that a finding rests on')

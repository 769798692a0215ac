"""doc/questions.md: each question's filter finds the frames the page says, on the capture it says, and tshark prints there what the page says.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import re

import pytest

import conftest
import shark

QUESTIONS = 61


def rows():
    """rows returns (number, filter, capture, options, frames, field, text) of the page's table."""
    found = []
    with open(os.path.join(os.path.dirname(shark.HERE), 'doc', 'questions.md'), encoding='utf-8') as f:
        for line in f:
            cells = [c.strip().replace('\\|', '|') for c in re.split(r'(?<!\\)\|', line.strip())]
            if len(cells) == 8 and cells[1].isdigit():
                capture, options, frames = re.fullmatch(r'`([^`]+)`((?: `-o [^`]+`)*): ([\d ]+)', cells[4]).groups()
                field, text = re.fullmatch(r'`([^`]+)`: (.+)', cells[6]).groups()
                assert len(cells[5]) > 20, 'no answer: ' + line
                found.append((int(cells[1]), cells[3].strip('`'), capture, options.replace('`', '').split(), [int(n) for n in frames.split()], field, text))
    return found


ROWS = rows()


@pytest.fixture(scope='module')
def answers(with_plugin):
    """answers maps a question's number to the finished run of its filter."""
    def ask(row):
        _, wanted, capture, options, _, field, _ = row
        later = ['-2'] if re.search(r'tcpfsm\.(zeek|outcome\b)', wanted + field) else []
        return with_plugin.run('-n', *later, *options, '-r', conftest.capture_path(capture + ('.pcapng' if capture == 'tour' else '.pcap')), '-Y', wanted,
                               '-T', 'fields', '-e', 'frame.number', '-e', field)
    return dict(zip((row[0] for row in ROWS), conftest.in_pairs(ask, ROWS)))


def test_every_question_has_a_row():
    assert [row[0] for row in ROWS] == list(range(1, QUESTIONS + 1))


def test_no_row_is_empty():
    """A filter that finds nothing answers nothing; and each question is answered by a field of tcpfsm."""
    assert [row[0] for row in ROWS if not row[4] or 'tcpfsm' not in row[1] or 'tcpfsm' not in row[5]] == []


@pytest.mark.parametrize('number,wanted,capture,options,frames,field,text', ROWS, ids=[str(row[0]) for row in ROWS])
def test_answer(number, wanted, capture, options, frames, field, text, answers):
    run = answers[number]
    assert (run.returncode, run.stderr) == (0, '')
    lines = [line.split('\t') for line in run.stdout.splitlines()]
    assert [int(line[0]) for line in lines] == frames
    assert next(line[1] for line in lines if line[1]) == text


# What a filter must not find: the question answered with no.
NO = {5: 'rst_answers_in_flight', 7: 'rst_exact', 14: 'fig12_normal_close', 18: 'time_wait_many', 21: 'fig06_three_way_handshake', 25: 'rst_exact', 41: 'rst_exact', 42: 'health_checks',
      48: 'data_lost_though_there', 49: 'syn_with_later_stamps', 51: 'port_scan', 53: 'close_idle', 60: 'half_close'}


@pytest.mark.parametrize('number', NO)
def test_the_answer_can_be_no(number, with_plugin):
    later = ['-2'] if 'tcpfsm.outcome' in ROWS[number - 1][1] else []
    run = with_plugin.run('-n', *later, '-r', conftest.capture_path(NO[number] + '.pcap'), '-Y', ROWS[number - 1][1])
    assert (run.returncode, run.stdout, run.stderr) == (0, '', '')

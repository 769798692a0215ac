"""doc/questions.md: each question's filter finds the frames the page says, on the capture it says.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import re

import pytest

import conftest
import shark

QUESTIONS = 44


def rows():
    """rows returns (number, filter, capture, frames) of the page's table."""
    found = []
    with open(os.path.join(os.path.dirname(shark.HERE), 'doc', 'questions.md'), encoding='utf-8') as f:
        for line in f:
            cells = re.split(r'(?<!\\)\|', line.strip())
            if len(cells) == 7 and cells[1].strip().isdigit():
                capture, _, frames = cells[4].partition(':')
                found.append((int(cells[1]), cells[3].strip().strip('`').replace('\\|', '|'), capture.strip().strip('`'), [int(n) for n in frames.split()]))
    return found


ROWS = rows()


@pytest.fixture(scope='module')
def answers(with_plugin):
    """answers maps a question's number to the finished run of its filter."""
    def ask(row):
        path = conftest.capture_path(row[2] + ('.pcapng' if row[2] == 'tour' else '.pcap'))
        later = ['-2'] if 'tcpfsm.zeek' in row[1] else []
        return with_plugin.run('-n', *later, '-r', path, '-Y', row[1], '-T', 'fields', '-e', 'frame.number')
    return dict(zip((row[0] for row in ROWS), conftest.in_pairs(ask, ROWS)))


def test_every_question_has_a_row():
    assert [row[0] for row in ROWS] == list(range(1, QUESTIONS + 1))


def test_no_row_is_empty():
    """A filter that finds nothing answers nothing; and each names a field of tcpfsm."""
    assert [row[0] for row in ROWS if not row[3] or 'tcpfsm.' not in row[1]] == []


@pytest.mark.parametrize('number,wanted,capture,frames', ROWS, ids=[str(row[0]) for row in ROWS])
def test_answer(number, wanted, capture, frames, answers):
    run = answers[number]
    assert (run.returncode, run.stderr) == (0, '')
    assert [int(n) for n in run.stdout.split()] == frames

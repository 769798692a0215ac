"""What test/windows/run.sh judges with, without Windows: its comparison notices differences, and its choice of dissectors follows names.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import subprocess
import sys

import pytest

import shark

FOLDER = os.path.join(shark.HERE, 'windows')
sys.path.insert(0, FOLDER)

import annotations  # noqa: E402

PDML = '''<packet>
  <proto name="tcp" size="20">
    <field name="tcp.port" show="80"/>
  </proto>
  <proto name="tcpfsm" size="0">
    <field name="tcpfsm.state" show="%s"/>
  </proto>
  <proto name="http" size="5">
    <field name="http.host" show="%s"/>
  </proto>
</packet>
'''


def test_what_other_dissectors_say_is_not_compared(capsys):
    a, b = [annotations.ours(PDML % ('CLOSED', host)) for host in ('a', 'b')]
    assert 'tcpfsm.state' in a and 'http' not in a and 'tcp.port' not in a
    assert annotations.same('x', a, b) and capsys.readouterr().out.startswith('same  x')


def test_another_state_is_a_difference(capsys):
    a, b = [annotations.ours(PDML % (state, 'a')) for state in ('CLOSED', 'LISTEN')]
    assert not annotations.same('x', a, b)
    assert '+    <field name="tcpfsm.state" show="LISTEN"/>' in capsys.readouterr().out


def test_the_same_answer_in_another_packet_is_a_difference():
    one = PDML % ('CLOSED', 'a')
    assert not annotations.same('x', annotations.ours(one), annotations.ours('<packet>\n</packet>\n' + one))


def test_two_empty_answers_are_no_agreement(capsys):
    assert not annotations.same('x', annotations.ours(''), annotations.ours('')) and 'nothing was said' in capsys.readouterr().out


def test_details_are_the_plugins():
    text = 'Frame 1\nTransmission Control Protocol\n    [x]\nTCP State Machine: client CLOSED\n    [State: CLOSED]\nHypertext\n    GET\n'
    assert annotations.details(text) == 'TCP State Machine: client CLOSED\n    [State: CLOSED]'


@pytest.fixture
def tree(tmp_path):
    """tree is a Wireshark of four dissectors and two reports, of which a names b, and a report names c."""
    files = {'epan/dissectors/packet-a.c': 'void\nproto_register_a(void)\n{\n    b_helper();\n}\n',
             'epan/dissectors/packet-b.c': 'int\nb_helper(void)\n{\n    /* c_helper() */\n    return sizeof "d_helper";\n}\n',
             'epan/dissectors/packet-c.c': 'int\nc_helper(void)\n{\n    return 0;\n}\nstatic int\nb_helper(void)\n{\n    return 1;\n}\n',
             'epan/dissectors/packet-coseventcomm.c': '', 'epan/dissectors/packet-b.h': 'extern int b_helper(void);\n',
             'epan/dissectors/packet-c.h': 'extern int c_helper(void);\n', 'ui/cli/tap-b.c': 'int x = b_helper();\n', 'ui/cli/tap-c.c': 'int x = c_helper();\n',
             'epan/packet.c': '', 'tshark.c': '', 'CMakeLists.txt': 'register_tap_files(tshark-tap-register.c\n',
             'epan/dissectors/CMakeLists.txt': 'source_group(dissectors-corba\nset(ALL_DISSECTOR_SRC\n'}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_dissectors_follow_names(tree):
    for _ in range(2):
        said = subprocess.run([sys.executable, '-B', os.path.join(FOLDER, 'dissectors.py'), tree, 'packet-a'], capture_output=True, text=True, check=True).stdout
        assert said == '3 of 4 files of dissectors and 1 of 2 reports of tshark are built\n'
    assert (tree / 'epan/dissectors/tcpfsm-keep.txt').read_text() == 'packet-a.c\npacket-b.c\npacket-coseventcomm.c\n'
    assert (tree / 'tcpfsm-keep.txt').read_text() == 'tap-b.c\n'
    assert (tree / 'epan/dissectors/CMakeLists.txt').read_text().count('tcpfsm-keep.txt') == 2

"""tcpfsm.idle: the silence that a segment ends, to the nanosecond, where it exceeds a second.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import struct

import pytest

import conftest

IDLE = ['frame.number', 'tcpfsm.idle']
NANOSECONDS = 0xa1b23c4d


def timed(path, gaps):
    """timed writes the first frames of a capture anew: each follows the one before after so many nanoseconds."""
    with open(conftest.capture_path('fig12_normal_close.pcap'), 'rb') as f:
        data = f.read()
    out, now, at = struct.pack('<I', NANOSECONDS) + data[4:24], 10**18, 24
    for gap in gaps:
        now += gap
        size = struct.unpack_from('<I', data, at + 8)[0]
        out += struct.pack('<II', now // 10**9, now % 10**9) + data[at + 8:at + 16 + size]
        at += 16 + size
    path.write_bytes(out)
    path.chmod(0o644)
    for parent in list(path.parents)[:3]:       # tshark runs as another user
        os.chmod(parent, 0o755)
    return str(path)


def ended(tool, path, *arguments):
    """ended returns {frame: silence before it} of a capture."""
    return {int(frame): idle for frame, idle in tool.rows(path, IDLE, *arguments) if idle}


@pytest.mark.parametrize('passes', [[], ['-2'], ['-2', '-R', 'tcp']], ids=['one pass', 'two passes', 'read filter'])
def test_more_than_a_second_to_the_nanosecond(with_plugin, tmp_path, passes):
    """A second sharp is a near miss, and so are less, the first segment and a clock that goes back."""
    second = 10**9
    path = timed(tmp_path / 'gaps.pcap', [0, second, second + 1, second - 1, 3600 * second + 123456789, 0, -5 * second, 2 * second, 1])
    assert ended(with_plugin, path, *passes) == {3: '1.000000001', 5: '3600.123456789', 8: '2.000000000'}


def test_filter_and_details(with_plugin, tmp_path):
    path = timed(tmp_path / 'gaps.pcap', [0, 0, 0, 0, 75 * 10**9, 5 * 10**9])
    assert with_plugin.rows(path, ['frame.number'], '-Y', 'tcpfsm.idle > 60') == [['5']]
    assert with_plugin.rows(path, ['frame.number'], '-Y', 'tcpfsm.idle') == [['5'], ['6']]
    details = with_plugin.checked('-n', '-r', path, '-V')
    assert details.count('Idle before this segment') == 2 and '[Idle before this segment: 75.000000 seconds]' in details


def test_silence_of_a_connection_not_of_the_capture(with_plugin):
    """Another incarnation of a 4-tuple has no silence before its first segment; a copy of a segment ends none; an ICMP error is no segment."""
    reused = with_plugin.rows(conftest.capture_path('time_wait_expired.pcap'), IDLE + ['tcpfsm.incarnation', 'frame.time_delta'])
    first = next(r for r in reused if r[2] == '2')
    assert float(first[3]) > 1 and not first[1]
    copies = with_plugin.rows(conftest.capture_path('routed_duplicates.pcap'), IDLE + ['tcpfsm.duplicate_of'])
    assert any(r[1] for r in copies) and not any(r[1] and r[2] for r in copies)
    quoted = ended(with_plugin, conftest.capture_path('icmp_port_unreachable.pcap'))
    assert list(quoted) == [3]

"""examples/states.c, built against the installed library: what it prints is what the plugin displays (test/golden).

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import re
import shutil
import subprocess

import pytest

from conftest import ROOT, run

if shutil.which('pkg-config') is None or subprocess.run(['pkg-config', '--exists', 'libpcap']).returncode:
    pytest.skip('no libpcap: Debian has libpcap-dev', allow_module_level=True)

EXAMPLE = os.path.join(ROOT, 'examples', 'states.c')
GOLDENS = {f[:-4] for f in os.listdir(os.path.join(ROOT, 'test', 'golden')) if f.endswith('.txt')}
# More than segments in whole IP packets on Ethernet: the example does not look there.
NOT_PLAIN = {'fragments_in_order', 'fragments_last_first', 'in_ah', 'in_gre', 'in_ipip', 'in_qinq', 'in_vlan', 'in_vxlan', 'ip_total_length_zero',
             'ipv6_extension_headers', 'raw_ip', 'snaplen_header', 'tour', 'two_segments_in_a_frame', 'vlan_duplicates'}


def displayed(name):
    """displayed returns a golden as (frame, sender's state, receiver's state), with ? where it is assumed."""
    with open(os.path.join(ROOT, 'test', 'golden', name + '.txt'), encoding='utf-8') as f:
        rows = re.findall(r'^ *(\d+)  ([A-Z_0-9]+)( \(assumed\))? +(-->|<--) .* (?:-->|<--) ([A-Z_0-9]+)( \(assumed\))?$', f.read(), re.M)
    found = []
    for frame, left, left_assumed, arrow, right, right_assumed in rows:
        ends = [left + '?' * bool(left_assumed), right + '?' * bool(right_assumed)]
        found.append((int(frame), *(ends if arrow == '-->' else reversed(ends))))
    return sorted(found)


def printed(program, name):
    """printed returns the same of what states prints."""
    said = run(program, os.path.join(ROOT, 'captures', name + '.pcap'))
    rows = re.findall(r'^(\d+)(?: new| copy)?  \S+ (\S+)  \S+ (\S+)$', said, re.M)
    assert len(rows) == said.count('\n')
    return [(int(frame), src, dst) for frame, src, dst in rows]


@pytest.fixture(scope='module')
def by_pkg_config(compile_c):
    return compile_c(EXAMPLE, 'tcpfsm', 'libpcap')


def test_by_pkg_config(by_pkg_config):
    assert run(by_pkg_config, os.path.join(ROOT, 'captures', 'fig12_normal_close.pcap')).splitlines()[-2:] == [
        '8  10.12.0.2.80 LAST_ACK  10.12.0.1.40000 TIME_WAIT?', '9  10.12.0.1.40000 TIME_WAIT  10.12.0.2.80 CLOSED?']


def test_by_find_package(project):
    assert printed(os.path.join(project, 'states'), 'fig12_normal_close') == displayed('fig12_normal_close')


def test_as_the_plugin(by_pkg_config):
    """On every capture that it can read, the example prints what the plugin displays: the caller's duties of doc/engine.md are enough."""
    plain = sorted(GOLDENS - NOT_PLAIN)
    assert len(plain) >= 90 and all(displayed(name) for name in plain)
    assert [name for name in plain if printed(by_pkg_config, name) != displayed(name)] == []


def test_no_capture(by_pkg_config, tmp_path):
    for arguments in ([], [str(tmp_path / 'none.pcap')], [os.path.join(ROOT, 'captures', 'raw_ip.pcap')]):
        r = subprocess.run([by_pkg_config, *arguments], capture_output=True, text=True)
        assert r.returncode == 1 and r.stdout == '' and r.stderr


def test_it_is_short():
    with open(EXAMPLE, encoding='utf-8') as f:
        lines = f.read().splitlines()
    assert len(lines) <= 120 and max(map(len, lines)) <= 120

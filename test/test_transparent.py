"""Wireshark's own dissection is the same to the byte with the plugin on, and with it off; and the plugin adds nothing to stderr.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import difflib
import os
import re

import conftest
import shark

HEADING = re.compile(r'^TCP State Machine')


def without_ours(text):
    """without_ours removes our subtrees from the output of tshark -V: a line that begins one, and the indented lines below it."""
    kept, inside = [], False
    for line in text.split('\n'):
        if HEADING.match(line):
            inside = True
        elif not (inside and line.startswith('    ')):
            inside = False
            kept.append(line)
    return '\n'.join(kept)


def changed(bare, tool, path):
    """changed returns the beginning of a diff of -V, and what was added to stderr; nothing if only our subtrees differ."""
    plain, ours = (t.run('-n', '-V', '-r', path, timeout=900) for t in (bare, tool))
    name, kept = os.path.basename(path), without_ours(ours.stdout)
    out = ['%s: stderr: %s' % (name, line) for line in ours.stderr.split('\n') if line not in plain.stderr.split('\n')]
    if plain.stdout != kept:
        out += ['%s %s' % (name, d) for d in list(difflib.unified_diff(plain.stdout.split('\n'), kept.split('\n'), 'without', 'with', lineterm='', n=1))[:8]]
    return out


def test_verbose_output_and_stderr_are_untouched(bare, with_plugin, all_files):
    lines = sum(conftest.in_pairs(lambda f: changed(bare, with_plugin, f), [f for f in all_files if os.path.getsize(f) < 400000]), [])
    assert not lines, '\n'.join(lines[:60])


def test_disabled_is_as_good_as_absent(bare, with_plugin, all_files):
    """All captures but those beside the repository; joined as they are, that is every one of the project's own."""
    def same(path):
        plain = bare.run('-n', '-V', '-r', path, timeout=900)
        off = with_plugin.run('-n', '-V', '-r', path, '--disable-protocol', 'tcpfsm', timeout=900)
        return (plain.stdout, plain.stderr, plain.returncode) == (off.stdout, off.stderr, off.returncode)
    own = [f for f in all_files if not f.startswith(shark.SHARED)]
    assert len(own) > 10
    wrong = [f for f, right in zip(own, conftest.in_pairs(same, own)) if not right]
    assert not wrong, wrong


def test_our_subtrees_are_there_to_be_removed(with_plugin):
    text = with_plugin.run('-n', '-V', '-r', conftest.capture_path('tour.pcapng')).stdout
    assert len(re.findall(r'^TCP State Machine', text, re.M)) == len(re.findall(r'^Transmission Control Protocol', text, re.M)) > 50


def test_summary_lines_are_untouched(bare, with_plugin):
    for name in ('tour.pcapng', 'vlan_duplicates.pcap', 'fig07_simultaneous_open.pcap', 'rst_out_of_window.pcap'):
        path = conftest.capture_path(name)
        assert with_plugin.run('-n', '-r', path).stdout == bare.run('-n', '-r', path).stdout, name

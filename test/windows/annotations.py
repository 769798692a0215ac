#!/usr/bin/python3
"""annotations.py: what tcpfsm says under Wine against what it says here, byte for byte, and against the goldens.

    annotations.py ROOT tcpfsm.so      ROOT: the folder in which run.sh built; tcpfsm.so: the plugin to compare with

Compared are: of each capture that has a golden, the plugin's parts of the packet details as PDML, and the golden text made of them; of captures/tour.pcapng also
every field on two passes, the details as text, the reports, and a drawing written to a file. Windows ends lines with CR LF: that is the one thing that is changed.
Prints a line for what is the same and a diff for what is not. Exit status: 0 all the same, else 1.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import difflib
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.dirname(HERE)]

import golden  # noqa: E402
import make  # noqa: E402
import shark  # noqa: E402

REPORTS = ('conv', 'conv,format=csv', 'conv,format=json', 'ss', 'ss,frame=28,style=netstat', 'ss,host=192.168.1.20,style=ios,frame=20', 'hosts', 'ladder,4',
           'timeline', 'tree')
ENVIRONMENT = {'PATH': '/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/wine', 'HOME': '/root', 'LANG': 'C.UTF-8', 'TZ': 'UTC', 'WINEPREFIX': '/wine', 'WINEDEBUG': '-all'}
MOUNTS = 'mount -t proc proc "$0/proc" && mount -t tmpfs tmpfs "$0/dev/shm" && exec chroot "$0" "$@"'


class Wine:
    """tshark.exe in the folder of run.sh, with what is asked of it in the manner of shark.Shark. One Wine server answers all runs."""

    def __init__(self, root):
        command = ['unshare', '--mount', '--pid', '--fork', '--kill-child', 'bash', '-c', MOUNTS, root, 'bash']
        self.shell = subprocess.Popen(['nice', '-n', '19', *command], env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        self.root, self.runs = root, 0
        self.ready = os.path.join(root, 'tmp', 'tcpfsm-ready')

    def run(self, *arguments):
        """run returns (exit status, standard output, standard error) of one tshark.exe, the outputs as text with the line ends of this system."""
        self.runs += 1
        out, err, status = [os.path.join(self.root, 'tmp', '%s%d' % (n, self.runs)) for n in ('out', 'err', 'status')]
        os.mkfifo(status)
        inside = [p[len(self.root):] for p in (out, err, status)]
        line = ' '.join("'%s'" % a for a in ('wine64', '/wireshark/tshark.exe', *arguments))
        self.shell.stdin.write(('%s >%s 2>%s </dev/null; echo $? >%s\n' % (line, *inside)).encode())
        self.shell.stdin.flush()
        with open(status, encoding='ascii') as f:
            code = int(f.read())
        texts = []
        for path in (out, err):
            with open(path, 'rb') as f:
                texts.append(shark.text(f.read()))
        for path in (out, err, status):
            os.remove(path)
        return code, texts[0], texts[1]

    def checked(self, *arguments):
        """checked returns what tshark.exe printed; raises RuntimeError if it failed. Captures are those of the copy of the project inside."""
        code, out, err = self.run(*[a.replace(shark.CAPTURES, '/tcpfsm/captures') for a in arguments])
        if code:
            raise RuntimeError('tshark.exe %s: exit %d: %s' % (' '.join(arguments), code, err))
        return out

    def close(self):
        self.shell.stdin.close()
        self.shell.wait()


class Said:
    """What a tshark said of one capture as PDML, for golden.answers."""

    def __init__(self, text):
        self.text = text

    def packets(self, _capture, *_arguments):
        return [shark.Packet(p) for p in ET.fromstring(re.sub(r'[\x00-\x08\x0b\x0c\x0e-\x1f]', '?', self.text)).iter('packet')]


def ours(pdml):
    """ours returns the plugin's parts of a PDML file, with the number of the packet before them."""
    lines, kept, number, inside = pdml.split("\n"), [], 0, False
    for line in lines:
        number += line.startswith('<packet>')
        if line.startswith('  <proto name="tcpfsm"'):
            kept.append('packet %d' % number)
            inside = True
        elif line.startswith('  <proto ') or line.startswith('</packet>'):
            inside = False
        if kept and inside:
            kept.append(line)
    return '\n'.join(kept)


def details(text):
    """details returns the plugin's parts of packet details as text."""
    kept, inside = [], False
    for line in text.split('\n'):
        inside = line.startswith('TCP State Machine') or (inside and line.startswith(' '))
        kept += [line] if inside else []
    return '\n'.join(kept)


def same(name, here, there):
    """same prints whether two texts are the same, and where they differ. An empty text is no answer."""
    if here == there and here.strip():
        print('same  %s: %d bytes' % (name, len(here.encode())))
        return True
    diff = list(difflib.unified_diff(here.split('\n'), there.split('\n'), 'here', 'Windows', lineterm='', n=2))
    print('=== %s\n%s' % (name, '\n'.join(diff[:60]) or 'nothing was said'))
    return False


def compare_captures(here, there):
    """compare_captures compares every capture that has a golden; returns how many differ."""
    bad = 0
    for _, cap in make.captures():
        path = os.path.join(shark.CAPTURES, cap.file)
        said = [tool.checked('-n', '-r', path, '-T', 'pdml') for tool in (here, there)]
        fine = same(cap.name, *[ours(s) for s in said])
        difference = golden.difference(Said(said[1]), cap)
        if difference:
            print('=== %s differs from its golden\n%s' % (cap.name, difference))
        bad += not fine or bool(difference)
    return bad


def compare_tour(here, there):
    """compare_tour compares all that can be asked of captures/tour.pcapng; returns how many answers differ."""
    tour = os.path.join(shark.CAPTURES, 'tour.pcapng')
    names = [line.split('\t')[2] for line in here.checked('-G', 'fields').split('\n') if line.startswith('F\t') and line.split('\t')[2].startswith('tcpfsm')]
    fields = ['-n', '-2', '-r', tour, '-T', 'fields', '-E', 'header=y'] + [x for n in ['frame.number', *names] for x in ('-e', n)]
    bad = not same('tour, %d fields on two passes' % len(names), *[tool.checked(*fields) for tool in (here, there)])
    bad += not same('tour, details', *[details(tool.checked('-n', '-r', tour, '-O', 'tcpfsm')) for tool in (here, there)])
    for report in REPORTS:
        bad += not same('tour, -z tcpfsm,' + report, *[tool.checked('-n', '-q', '-r', tour, '-z', 'tcpfsm,' + report) for tool in (here, there)])
    drawing = os.path.join(here.home, 'tour.svg')
    os.chmod(here.home, 0o777)
    here.checked('-n', '-q', '-r', tour, '-z', 'tcpfsm,ladder,4,svg=' + drawing)
    there.checked('-n', '-q', '-r', tour, '-z', 'tcpfsm,ladder,4,svg=/tmp/tour.svg')
    texts = []
    for path in (drawing, os.path.join(there.root, 'tmp', 'tour.svg')):
        with open(path, 'rb') as f:
            texts.append(shark.text(f.read()))
        os.remove(path)
    return bad + (not same('tour, ladder as SVG', *texts))


def over_the_capture(here, there):
    """over_the_capture compares what is said of a drawing that is to be written over the capture being read, and sees that the capture is left alone. Returns how
    many of both fail."""
    tour = os.path.join(shark.CAPTURES, 'tour.pcapng')
    with open(tour, 'rb') as f:
        original = f.read()
    said, kept = [], []
    for tool, inside, outside in ((here, os.path.join(here.home, 'copy.pcapng'), ''), (there, '/tmp/copy.pcapng', there.root)):
        with open(outside + inside, 'wb') as f:
            f.write(original)
        os.chmod(outside + inside, 0o666)
        run = tool.run('-n', '-q', '-r', inside, '-z', 'tcpfsm,ladder,4,svg=' + inside)
        code, err = (run.returncode, run.stderr) if tool is here else (run[0], run[2])
        with open(outside + inside, 'rb') as f:
            kept.append(f.read() == original)
        os.remove(outside + inside)
        said.append('exit %d\n%s' % (code, '\n'.join(line.replace(inside, 'CAPTURE') for line in err.split('\n') if 'tcpfsm' in line or 'CAPTURE' in line)))
    if not all(kept):
        print('=== a drawing was written over the capture')
    return (not same('a drawing over the capture', *said)) + (not all(kept))


def main():
    """main makes sure that the plugin is loaded in both, and compares."""
    there, here = Wine(os.path.abspath(sys.argv[1])), shark.Shark(sys.argv[2])
    here.check()
    loaded = [line for line in there.checked('-G', 'plugins').split('\n') if line.startswith('tcpfsm')]
    version = there.checked('--version').split('\n')[0]
    print('%s\n%s' % (version, '\n'.join(loaded)))
    if len(loaded) != 1 or not loaded[0].startswith('tcpfsm.dll'):
        sys.exit('tshark.exe did not load tcpfsm.dll')
    try:
        bad = compare_tour(here, there) + over_the_capture(here, there) + compare_captures(here, there)
    finally:
        here.close()
        there.close()
    print('%d captures and reports differ' % bad)
    sys.exit(bool(bad))


if __name__ == '__main__':
    main()

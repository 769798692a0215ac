"""shark.py: runs tshark with the plugin in a home folder of its own, or without it, and reads what it says.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import re
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as ET

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURES = os.path.join(os.path.dirname(HERE), 'captures')
SHARED = os.path.join(os.path.dirname(os.path.dirname(HERE)), 'shared')     # an optional sibling of the repository: lab, pcaps, probes
NOBODY = 65534


def tshark():
    """tshark returns the program: TSHARK in the environment, or the one on PATH."""
    return os.environ.get('TSHARK', 'tshark')


def version():
    """version returns (major, minor) of tshark."""
    out = subprocess.run([tshark(), '--version'], capture_output=True, text=True).stdout
    return tuple(int(x) for x in re.search(r'(\d+)\.(\d+)\.\d+', out).groups())


def unprivileged(command):
    """unprivileged makes a command run as nobody if we are root: tshark ignores personal plugin folders of uid 0."""
    if os.geteuid() == 0:
        return ['setpriv', '--reuid=%d' % NOBODY, '--regid=%d' % NOBODY, '--clear-groups'] + command
    return command


class Shark:
    """tshark with its own HOME. plugin: path of tcpfsm.so, or None for Wireshark as it comes. Close it when done."""

    def __init__(self, plugin=None):
        self.home = tempfile.mkdtemp(prefix='tcpfsm-test-')
        os.chmod(self.home, 0o755)
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(('XDG_', 'WIRESHARK_'))}
        self.environment.update(HOME=self.home, LC_ALL='C.UTF-8', TZ='UTC')
        if plugin:
            self.install(plugin)

    def install(self, plugin):
        """install copies a plugin to where tshark looks; folders are named 4.0 or 4-0 by version."""
        series = '%d.%d' % version()
        for name in (series, series.replace('.', '-')):
            folder = os.path.join(self.home, '.local/lib/wireshark/plugins', name, 'epan')
            os.makedirs(folder, exist_ok=True)
            shutil.copy(plugin, folder)
        subprocess.run(['chmod', '-R', 'a+rX', self.home], check=True)

    def run(self, *arguments, timeout=300):
        """run runs tshark and returns the finished process, output as text."""
        return subprocess.run(unprivileged([tshark(), *arguments]), capture_output=True, text=True, errors='replace', env=self.environment,
                              stdin=subprocess.DEVNULL, timeout=timeout)

    def checked(self, *arguments):
        """checked returns what tshark printed; raises RuntimeError if it failed."""
        r = self.run(*arguments)
        if r.returncode:
            raise RuntimeError('tshark %s: exit %d: %s' % (' '.join(arguments), r.returncode, r.stderr))
        return r.stdout

    def rows(self, capture, fields, *arguments):
        """rows returns the lines of -T fields, each a list of one text a field (several values joined by commas)."""
        out = self.checked('-n', '-r', capture, *arguments, '-T', 'fields', '-E', 'occurrence=a', '-E', 'aggregator=,', *[x for f in fields for x in ('-e', f)])
        return [line.split('\t') for line in out.split('\n')[:-1]]

    def packets(self, capture, *arguments):
        """packets returns a list of Packet, by -T pdml."""
        out = self.checked('-n', '-r', capture, *arguments, '-T', 'pdml')
        return [Packet(p) for p in ET.fromstring(re.sub(r'[\x00-\x08\x0b\x0c\x0e-\x1f]', '?', out)).iter('packet')]

    def close(self):
        """close removes the home folder."""
        shutil.rmtree(self.home, ignore_errors=True)


def layers(element, name):
    """layers returns the protocols called name in a packet, in order, however deep they lie; what ICMP errors quote is left out."""
    found = []
    for child in element:
        if child.tag == 'proto' and child.get('name') == name:
            found.append(child)
        if child.get('name') not in ('icmp', 'icmpv6', name):
            found += layers(child, name)
    return found


class Packet:
    """One packet of a PDML file. tcp and tcpfsm: its TCP layers and our subtrees, in order; TCP headers quoted in ICMP are not among them."""

    def __init__(self, element):
        self.element = element
        self.number = int(element.find("proto[@name='geninfo']/field[@name='num']").get('show'))
        self.tcp = layers(element, 'tcp')
        self.tcpfsm = layers(element, 'tcpfsm')


def values(element, name):
    """values returns the show attributes of all fields called name below element."""
    return [f.get('show') for f in element.iter('field') if f.get('name') == name]


def value(element, name, default=''):
    """value returns the first of values, or default."""
    found = values(element, name)
    return found[0] if found else default

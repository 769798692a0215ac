"""A real Wireshark under Xvfb, driven by its keyboard: plugin, menus, filter bar, profile, redissection, and one file after another.

gui.lua writes what Wireshark's own dissection says of each packet, after each of them; it is compared with tshark's. Skipped where wireshark, Xvfb or xdotool
is missing.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import re
import shutil
import subprocess
import tempfile
import time

import pytest

import conftest
import packets
import shark

PROFILE = 'TCP State Machine'
TOUR = conftest.capture_path('tour.pcapng')
OTHER = conftest.capture_path('simultaneous_close.pcap')
NEEDED = ('wireshark', 'Xvfb', 'xdotool')
MISSING = [p for p in NEEDED if not shutil.which(p)]
if not MISSING and 'with Lua' not in ' '.join(subprocess.run(['wireshark', '--version'], capture_output=True, text=True).stdout.split()):
    MISSING.append('Lua in Wireshark')
PATIENCE = 120      # seconds

pytestmark = pytest.mark.skipif(bool(MISSING), reason='not installed: ' + ' '.join(MISSING))


def wait_for(what, condition):
    """wait_for returns what condition() returns as soon as it is true; fails after PATIENCE."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.05)
    raise AssertionError('waited in vain for ' + what)


class Gui:
    """A Wireshark on a screen of its own, showing a capture of size packets. count: gui.lua only counts them. Close it when done."""

    def __init__(self, plugin, capture, size, *arguments, count=False):
        self.shark, self.size = shark.Shark(plugin), size
        home = self.shark.home
        profiles = os.path.join(home, '.config/wireshark/profiles')
        os.makedirs(profiles)
        shutil.copytree(os.path.join(os.path.dirname(shark.HERE), 'profile', PROFILE), os.path.join(profiles, PROFILE))
        with open(os.path.join(profiles, PROFILE, 'preferences'), 'a', encoding='utf-8') as f:
            f.write('gui.window_title: %P\n')
        script = shutil.copy(os.path.join(shark.HERE, 'gui.lua'), home)
        self.file = os.path.join(home, 'dissected')
        os.mkdir(os.path.join(home, 'run'), 0o700)
        if os.geteuid() == 0:
            subprocess.run(['chown', '-R', '%d:%d' % (shark.NOBODY, shark.NOBODY), home], check=True)
        read, write = os.pipe()
        self.screen = subprocess.Popen(['Xvfb', '-displayfd', str(write), '-screen', '0', '1400x900x24', '-nolisten', 'tcp'], pass_fds=[write],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as f:
            display = ':' + f.readline().strip()
        self.environment = dict(self.shark.environment, DISPLAY=display, XDG_RUNTIME_DIR=os.path.join(home, 'run'), TCPFSM_GUI_FILE=self.file)
        if count:
            self.environment['TCPFSM_GUI_COUNT'] = '1'
        self.errors = tempfile.TemporaryFile('w+')
        self.process = subprocess.Popen(shark.unprivileged(['wireshark', '-n', '-o', 'statistics.update_interval:100', '-X', 'lua_script:' + script,
                                                            *arguments, '-r', capture]),
                                        env=self.environment, cwd=home, stdin=subprocess.DEVNULL, stdout=self.errors, stderr=self.errors)
        self.dissected()
        self.shark.check_paths(shark.loaded(self.process.pid))
        self.main = self.window('^' + re.escape(os.path.basename(capture)))

    def stderr(self):
        """stderr returns what Wireshark has printed so far."""
        self.errors.seek(0)
        return self.errors.read()

    def xdotool(self, *arguments):
        """xdotool returns what xdotool prints."""
        return subprocess.run(['xdotool', *arguments], env=self.environment, capture_output=True, text=True, timeout=PATIENCE).stdout

    def windows(self):
        """windows returns the titles of the windows on the screen, by number."""
        return {w: self.xdotool('getwindowname', w).strip() for w in self.xdotool('search', '--onlyvisible', '--name', '.').split()}

    def window(self, pattern):
        """window waits for a window whose title matches, and returns its number."""
        def find():
            assert self.process.poll() is None, 'Wireshark ended: ' + self.stderr()
            return [w for w, title in self.windows().items() if re.search(pattern, title)]
        return wait_for('a window called ' + pattern, find)[0]

    def keys(self, *keys, window=None):
        """keys presses keys one after the other; text is typed if it begins with a blank."""
        self.xdotool('windowfocus', '--sync', window or self.main)
        for key in keys:
            if key.startswith(' '):
                self.xdotool('type', '--delay', '5', key[1:])
            else:
                self.xdotool('key', key)

    def close_window(self, window):
        """close_window closes a window by Escape."""
        self.keys('Escape', window=window)
        wait_for('a window to close', lambda: window not in self.windows())

    def read(self):
        """read returns what gui.lua wrote last: (number of dissections, number of packets, filter bar), rows."""
        try:
            with open(self.file, encoding='utf-8') as f:
                lines = f.read().rstrip('\n').split('\n')
        except FileNotFoundError:
            return (-1, 0, ''), []
        head = lines[0].split('\t')
        return (int(head[0]), int(head[1]), head[2]), [line.split('\t') for line in lines[1:]]

    def dissected(self, action=None):
        """dissected does something that makes Wireshark dissect the capture again, waits for that, and returns what gui.lua then says."""
        before = self.read()[0][0]
        if action:
            action()

        def complete():
            head, rows = self.read()
            return head[0] > before and head[1] == self.size and (head, rows)
        head, _ = wait_for('a dissection', complete)
        while True:         # a dissection may be drawn several times, or be followed by another
            time.sleep(0.3)
            again, rows = self.read()
            if again == head:
                return head, rows
            head = again

    def filter(self, text):
        """filter types a display filter into the filter bar and applies it."""
        return self.dissected(lambda: self.keys('ctrl+slash', 'ctrl+a', ' ' + text if text else 'BackSpace', 'Escape', 'Return'))

    def resident(self):
        """resident returns Wireshark's memory in bytes."""
        with open('/proc/%d/statm' % self.process.pid, encoding='ascii') as f:
            return int(f.read().split()[1]) * os.sysconf('SC_PAGESIZE')

    def close(self):
        """close ends Wireshark and the screen."""
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.screen.terminate()
        self.screen.wait(PATIENCE)
        self.shark.close()


@pytest.fixture(scope='module')
def gui(plugin):
    g = Gui(plugin, TOUR, 57)
    yield g
    g.close()


def states(rows):
    """states returns number and states of the packets."""
    return [row[:3] for row in rows]


def expected(tool, capture, *arguments):
    """expected returns what tshark says of the states of a capture."""
    return tool.rows(capture, ['frame.number', 'tcpfsm.client.state', 'tcpfsm.server.state'], *arguments)


def test_loads(gui, with_plugin):
    head, rows = gui.read()
    assert head[1] == 57 and states(rows) == expected(with_plugin, TOUR)
    assert len(gui.windows()) == 1, gui.windows()       # no dialog
    said = [line for line in gui.stderr().splitlines() if re.search('tcpfsm|plugin|ERROR|CRITICAL', line)]
    assert said == []


def choose_profile(gui, name):
    """choose_profile takes a profile in the dialog of Edit, Configuration Profiles, and returns what gui.lua says afterwards."""
    def act():
        gui.keys('ctrl+shift+a')
        dialog = gui.window('Configuration Profiles')
        gui.keys(' ' + name, 'Return', window=dialog)
    return gui.dissected(act)


def test_profile_applies(gui, plugin, with_plugin):
    _, rows = choose_profile(gui, PROFILE)
    gui.window(re.escape('[%s]' % PROFILE))
    assert states(rows) == expected(with_plugin, TOUR)
    _, rows = gui.filter('tcp')         # packets learn their colour when they are drawn, which is seen at the next dissection
    rules = {row[4] for row in rows}
    assert {'TCP: reset', 'TCP: CLOSE_WAIT', 'TCP: TIME_WAIT', 'TCP: half-open', 'TCP: opening'} <= rules, rules


def displayed(gui):
    """displayed returns the numbers of the packets that are displayed. They are marked; then all are shown again, and a reload removes the marks."""
    gui.keys('ctrl+shift+m')
    _, rows = gui.filter('')
    gui.dissected(lambda: gui.keys('ctrl+r'))
    return [row[0] for row in rows if row[3].lower() in ('true', '1')]


FILTER = 'tcpfsm.state == "CLOSE_WAIT"'


@pytest.mark.parametrize('wanted', [FILTER, 'tcpfsm.idle > 2', 'tcpfsm.finding.action contains "close it" or tcpfsm.client.shown == "CLOSED?"'])
def test_filter_bar(gui, with_plugin, wanted):
    head, _ = gui.filter(wanted)
    assert head[2] == wanted
    assert displayed(gui) == [row[0] for row in expected(with_plugin, TOUR, '-Y', wanted)] != []


@pytest.mark.parametrize('typed, completed', [('tcpfsm.transi', 'tcpfsm.transition'), ('tcpfsm.client.st', 'tcpfsm.client.state')])
def test_filter_bar_completes(gui, typed, completed):
    gui.keys('ctrl+slash', 'ctrl+a', ' ' + typed)
    time.sleep(0.3)
    head, _ = gui.dissected(lambda: gui.keys('Down', 'Return', 'Return'))
    assert head[2] == completed


def test_tools_menu_applies_a_filter(gui, with_plugin):
    """The submenu is the last of the Tools menu; its first entry shows everything found."""
    gui.filter('')
    gui.dissected(lambda: gui.keys('alt+t', 'Up', 'Right', 'Return'))
    assert displayed(gui) == [row[0] for row in expected(with_plugin, TOUR, '-Y', 'tcpfsm.finding')]


FROM_THE_END = 6        # State changes of this connection, in the submenu: below it are the five states


def select(gui, frame):
    """select selects a packet by its number."""
    gui.keys('ctrl+g')
    time.sleep(0.3)
    gui.keys(' %d' % frame, 'Return')
    time.sleep(0.3)


def test_tools_menu_adds_the_connection_to_the_filter(gui, with_plugin):
    """State changes of this connection: of the selected packet's, and only those that the filter in use lets through. Once more changes nothing."""
    def choose():
        gui.keys('alt+t', 'Up', 'Right', *['Up'] * FROM_THE_END, 'Return')
    same = 'tcp.flags.fin == 1 and tcpfsm.connection == 1 and tcpfsm.transition'
    gui.filter('tcp.flags.fin == 1')
    select(gui, 16)
    gui.dissected(choose)
    assert displayed(gui) == [row[0] for row in expected(with_plugin, TOUR, '-Y', same)] != []
    gui.filter('tcp.flags.fin == 1')
    select(gui, 16)
    gui.dissected(choose)
    choose()
    head, _ = gui.dissected(lambda: gui.keys('ctrl+r'))     # Wireshark writes the filter into the bar after it has applied it
    assert head[2] == '(tcp.flags.fin == 1) and (tcpfsm.connection == ${tcpfsm.connection} and tcpfsm.transition)'


@pytest.mark.parametrize('title, moves', [('^Wireshark · TCP State Machine ·', [['Up']]),
                                          ('TCP State Machine, Connections', [['Down'] * n for n in (11, 10, 12, 9, 13, 8, 14)])])
def test_statistics_menu(gui, title, moves):
    """Entries of this menu have no letter of their own: they are looked for where Wireshark 4 puts them."""
    for way in moves:
        gui.keys('alt+s', *way, 'Return')
        opened = wait_for('a window of the Statistics menu', lambda: [(w, t) for w, t in gui.windows().items() if w != gui.main and t])
        for window, _ in opened:
            gui.close_window(window)
        if any(re.search(title, text) for _, text in opened):
            return
    raise AssertionError('no window called ' + title)


@pytest.mark.parametrize('what', ['reload', 'colour', 'another profile'])
def test_redissection_keeps_the_states(gui, with_plugin, what):
    gui.filter('')
    if what == 'reload':
        _, rows = gui.dissected(lambda: gui.keys('ctrl+r'))
    elif what == 'colour':
        gui.keys('ctrl+1')
        _, rows = gui.filter('tcpfsm')
    else:
        _, rows = choose_profile(gui, 'Default')
    assert states(rows) == expected(with_plugin, TOUR)


def test_another_file_starts_afresh(gui, with_plugin):
    def act():
        gui.keys('ctrl+o')
        gui.keys(' ' + OTHER, 'Return', window=gui.window('Open Capture File'))
    other = expected(with_plugin, OTHER)
    gui.size = len(other)
    _, rows = gui.dissected(act)
    assert states(rows) == other
    assert len(gui.windows()) == 1, gui.windows()


def many_connections(path, count):
    """many_connections writes a capture of connections being opened, two packets each: much for the plugin to remember, little for Wireshark."""
    frames, ethernet = [], b'\2\0\0\0\0\1\2\0\0\0\0\2\x08\0'
    for i in range(count):
        host, seg = '10.%d.%d.1' % (i >> 8, i & 255), {'window': 8192, 'options': b'', 'data': b''}
        syn = packets.tcp(dict(seg, sport=20000, dport=80, seq=1000, ack=0, flags=packets.FLAGS['SYN']), host, '192.0.2.1')
        answer = packets.tcp(dict(seg, sport=80, dport=20000, seq=5000, ack=1001, flags=packets.FLAGS['SYN'] | packets.FLAGS['ACK']), '192.0.2.1', host)
        for j, raw in enumerate((packets.ip4(syn, host, '192.0.2.1'), packets.ip4(answer, '192.0.2.1', host))):
            frames.append((i * 1000 + j * 100, ethernet + raw, ethernet + raw))
    with open(path, 'wb') as f:
        f.write(packets.pcap(frames, packets.ETHERNET))


def growth(plugin, path, size):
    """growth returns by how many bytes the memory of a Wireshark grows while it reads the same capture again, from the second time to the eighth."""
    g = Gui(plugin, path, size, count=True)
    try:
        level = []
        for _ in range(8):
            g.dissected(lambda: g.keys('ctrl+r'))
            level.append(g.resident())
        return level[-1] - level[1]
    finally:
        g.close()


def test_reopening_leaks_nothing(plugin):
    """Wireshark 4.0 itself grows with each reading of a capture; with the plugin it grows no more than without. A connection takes up to 512 bytes of the
    plugin's: a leak of that alone would be 46 MB here."""
    connections = 15000
    folder = tempfile.mkdtemp(dir='/tmp')
    os.chmod(folder, 0o755)
    path = os.path.join(folder, 'many.pcap')
    many_connections(path, connections)
    os.chmod(path, 0o644)
    try:
        without, with_it = conftest.in_pairs(lambda p: growth(p, path, 2 * connections), [None, plugin])
    finally:
        shutil.rmtree(folder)
    print('growth without the plugin %.1f MB, with it %.1f MB' % (without / 1e6, with_it / 1e6))
    assert with_it - without < 25e6

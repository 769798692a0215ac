"""The order of plugin/: as it is, and that a breach of it is named.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os

import house
import shark

PLUGIN = os.path.join(os.path.dirname(shark.HERE), 'plugin')


def folder(tmp_path, **files):
    """folder makes a folder of sources; the names of files are parts of plugin/, with __ for a slash and _c, _h for the ending."""
    for name, text in files.items():
        path = tmp_path / (name[:-2].replace('__', '/') + '.' + name[-1])
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return str(tmp_path)


def test_the_plugin_is_in_order():
    assert house.check(PLUGIN) == []


def test_every_floor_is_used():
    assert {house.stem(p) for p in house.sources(PLUGIN)} == set(house.HEIGHT)


def test_an_arrow_that_runs_up_names_both_files(tmp_path):
    wrong = house.check(folder(tmp_path, history_c='#include "history.h"\n#include "view.h"\n', history_h='', view_h='#include "history.h"\n'))
    assert wrong == ['history.c includes view.h, which does not lie below it']


def test_beside_is_not_below(tmp_path):
    wrong = house.check(folder(tmp_path, once_c='#include "sockets.h"\n', sockets_h=''))
    assert wrong == ['once.c includes sockets.h, which does not lie below it']


def test_reports_do_not_reach_into_the_hook(tmp_path):
    wrong = house.check(folder(tmp_path, reports__conv_c='#include "plugin.h"\n', hook_c='#  include "reports/reports.h"\n'))
    assert len(wrong) == 2 and 'reports/conv.c includes plugin.h' in wrong[1] and 'hook.c includes reports/reports.h' in wrong[0]


def test_the_engine_knows_no_diagnosis(tmp_path):
    (tmp_path / 'engine').mkdir()
    (tmp_path / 'diagnosis').mkdir()
    (tmp_path / 'engine' / 'own.h').write_text('#include <stdint.h>\n')
    (tmp_path / 'engine' / 'a.c').write_text('#include "own.h"\n#include "../diagnosis/diagnosis.h"\n')
    (tmp_path / 'diagnosis' / 'b.c').write_text('#include "../engine/tcpfsm.h"\n#include "../engine/internal.h"\n#include <glib.h>\n')
    assert house.check(str(tmp_path)) == ['engine/a.c includes ../diagnosis/diagnosis.h, which does not lie below it',
                                          'diagnosis/b.c includes ../engine/internal.h, which does not lie below it',
                                          'diagnosis/b.c includes <glib.h>, which is no header of C11']


def test_strangers_are_named(tmp_path):
    assert house.check(folder(tmp_path, stranger_c='')) == ['stranger.c stands on no floor of FLOORS in test/house.py']
    assert 'engine/internal.h' in house.check(folder(tmp_path / 'b', view_c='#include "engine/internal.h"\n') if (tmp_path / 'b').mkdir() is None else '')[0]


def test_sizes(tmp_path):
    def body(n):
        return 'static int f(int a,\n             int b)\n{\n' + '    a++;\n' * (n - 4) + '}\n'
    assert house.check(folder(tmp_path, view_c=body(40) + 'x' * 120 + '\n')) == []
    wrong = house.check(folder(tmp_path, view_c=body(41) + 'x' * 121 + '\n'))
    assert wrong == ['view.c:42: 121 columns, at most 120', 'view.c: f has 41 lines, at most 40']
    assert house.check(folder(tmp_path, view_c='\n' * 349 + 'x\n')) == []
    assert house.check(folder(tmp_path, view_c='\n' * 350 + 'x\n')) == ['view.c has 351 lines, at most 350']

#!/usr/bin/python3
"""dissectors.py: reduces a Wireshark source tree to some of its dissectors, so that it builds in minutes instead of an hour.

    dissectors.py FOLDER NAME...      FOLDER: Wireshark's sources; NAME: files of dissectors to keep, such as packet-tcp

Kept are those named, and every file whose functions or variables these, the rest of libwireshark or tshark.c name in turn. Of tshark's reports those go that name
what is not kept. No file in C is changed: two CMakeLists.txt are given shorter lists, once. Prints how many remain.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import collections
import glob
import os
import re
import sys

WORD = re.compile(r'[A-Za-z_]\w*')
STRIP = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.S)
# In Wireshark's style the name of a function begins a line, after a line with its type; a global variable has no "static" before it.
FUNCTION = re.compile(r'^(?!(?:static|typedef|extern|if|for|while|switch|return|else|case|struct|enum|union)\b)(?:[A-Za-z_][\w \t]*?[\s*]+)?\**([A-Za-z_]\w*)[ \t]*\(', re.M)
VARIABLE = re.compile(r'^(?!(?:static|typedef|extern|return|goto)\b)[A-Za-z_][\w \t]*?[\s*]+\**([A-Za-z_]\w*)[ \t]*(?:\[[^\]\n]*\][ \t]*)*(?:=|;)', re.M)
# (file, the line before which it is inserted, its lists, the file with the names to keep)
PATCHED = (('epan/dissectors/CMakeLists.txt', 'source_group(dissectors-corba', 'CORBA_IDL_DISSECTOR_SRC', 'epan/dissectors/tcpfsm-keep.txt'),
           ('epan/dissectors/CMakeLists.txt', 'set(ALL_DISSECTOR_SRC', 'DISSECTOR_FILES DISSECTOR_SUPPORT_SRC', 'epan/dissectors/tcpfsm-keep.txt'),
           ('CMakeLists.txt', 'register_tap_files(tshark-tap-register.c', 'TSHARK_TAP_SRC', 'tcpfsm-keep.txt'))
PATCH = '''# Of tcpfsm's test/windows: only what the file names is built.
file(STRINGS "${CMAKE_CURRENT_SOURCE_DIR}/tcpfsm-keep.txt" tcpfsm_keep)
foreach(list %s)
	set(kept "")
	foreach(file IN LISTS ${list})
		get_filename_component(name "${file}" NAME)
		if(name IN_LIST tcpfsm_keep)
			list(APPEND kept "${file}")
		endif()
	endforeach()
	set(${list} "${kept}")
endforeach()

'''


def text_of(path):
    """text_of returns a file's text without comments and strings."""
    with open(path, encoding='utf-8', errors='replace') as f:
        return STRIP.sub(' ', f.read())


def words_of(path):
    """words_of returns the identifiers in a file."""
    return set(WORD.findall(text_of(path)))


def defined(text):
    """defined returns the names that a file may define for others. A function's type may stand on the line before its name, with "static" if it is static."""
    text = re.sub(r'^static\b[^;{(=]*?\n', 'static ', text, flags=re.M)
    return set(FUNCTION.findall(text)) | set(VARIABLE.findall(text))


def declared(headers):
    """declared returns the names of functions and variables that headers declare: of those with an underscore, as all have that belong to a dissector."""
    found = set()
    for path in headers:
        for statement in re.split(r'[;{}]', re.sub(r'^[ \t]*#.*$', '', text_of(path), flags=re.M)):
            name = re.search(r'([A-Za-z]\w*_\w*)\s*(?:\(|\[|$)', statement.strip())
            if name and not name.group(1).isupper():
                found.add(name.group(1))
    return found


def owners_of(texts, names):
    """owners_of returns {name: files that define it} of the names that headers declare."""
    owners = collections.defaultdict(set)
    for file, text in texts.items():
        for word in defined(text) & names:
            owners[word].add(file)
    return owners


def link_tables(where, files, owners):
    """link_tables makes a table of dissectors a name which its owner defines and a user names, where Wireshark crashes without the owner."""
    for file in files:
        with open(os.path.join(where, file), encoding='utf-8', errors='replace') as f:
            source = f.read()
        for table in re.findall(r'register_(?:\w*dissector_table\w*\(|decode_as_next_proto\([^,]+,)\s*"([^"]+)"', source):
            owners['table ' + table].add(file)
        files[file] |= {'table ' + t for t in re.findall(r'dissector_add_\w*with_preference\(\s*"([^"]+)"', source)}


def closure(files, roots, owners):
    """closure returns the names of files that are reached from roots. files: {name: words}. Where two files define a name, both are."""
    reached, todo = set(), list(roots)
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            for word in files[name] & owners.keys():
                todo += owners[word] - reached
    return reached


def write(path, text):
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text)


def main():
    """main chooses the files, writes their names, and makes the lists of CMake the shorter ones."""
    folder, named = sys.argv[1], sys.argv[2:]
    where = os.path.join(folder, 'epan', 'dissectors')
    texts = {os.path.basename(p): text_of(p) for p in glob.glob(where + '/*.c')}
    files = {n: set(WORD.findall(t)) for n, t in texts.items()}
    externs = {w for text in texts.values() for w in re.findall(r'^[ \t]*extern\b[^;(]*?(\w+_\w+)\s*(?:\[[^;]*)?;', text, re.M)}
    owners = owners_of(texts, externs | declared(glob.glob(where + '/*.h') + glob.glob(os.path.join(folder, 'epan', '*.h'))))
    link_tables(where, files, owners)
    outside = [p for pattern in ('epan/*.[cly]', 'epan/*/*.[cly]', 'tshark.c') for p in glob.glob(os.path.join(folder, pattern)) if not p.startswith(where)]
    roots = {n + '.c' for n in named}
    for path in outside:
        roots |= {f for w in words_of(path) & owners.keys() for f in owners[w]}
    # The library of CORBA's dissectors must have one.
    roots.add('packet-coseventcomm.c')
    keep = closure(files, roots, owners)
    taps = {os.path.basename(p): words_of(p) for p in glob.glob(os.path.join(folder, 'ui', 'cli', '*.c'))}
    kept_taps = [n for n, words in taps.items() if all(owners[w] & keep for w in words & owners.keys())]
    for path, anchor, lists, names in PATCHED:
        write(os.path.join(folder, names), '\n'.join(sorted(keep if 'dissectors' in path else kept_taps)) + '\n')
        with open(os.path.join(folder, path), encoding='utf-8') as f:
            cmake = f.read()
        if PATCH % lists not in cmake:
            write(os.path.join(folder, path), cmake.replace(anchor, PATCH % lists + anchor, 1))
    print('%d of %d files of dissectors and %d of %d reports of tshark are built' % (len(keep), len(files), len(kept_taps), len(taps)))


if __name__ == '__main__':
    main()

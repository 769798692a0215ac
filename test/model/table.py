#!/usr/bin/env python3
"""table.py: what the model finds, a row a switch: the table of README.md, and the shortest schedule of every class.

    table.py MODEL                  the table
    table.py MODEL --schedules      a line a class, as counterexamples-next.txt holds them

SPDX-License-Identifier: GPL-2.0-or-later
"""
import re
import subprocess
import sys

# Switches, depth, faults, and what else: the explorations that CMakeLists.txt registers.
ROWS = [
    ("", "9", "0", []), ("", "8", "1", []), ("", "6", "2", []),
    ("fin", "8", "1", []), ("miss", "7", "2", []), ("slow", "7", "1", []),
    ("mid", "7", "1", []), ("mid", "6", "1", ["--pairs"]),
    ("window", "7", "1", []), ("cookies", "7", "1", []), ("lag", "8", "1", []), ("rfc1337", "7", "1", []),
    ("strictopen", "7", "1", []), ("rfc793", "7", "1", []), ("ttl", "6", "1", []), ("lwip", "7", "1", []),
    ("window,zerofin", "7", "1", []),
    ("isn", "7", "1", []), ("one0", "7", "1", []), ("one1", "7", "1", []), ("twice", "7", "1", []),
    ("miss,fin", "6", "2", []), ("miss,slow", "6", "2", []), ("miss,mid", "6", "2", []), ("miss,window", "6", "2", []),
    ("miss,cookies", "6", "2", []), ("slow,fin,window,lag", "6", "1", []),
    ("miss,slow,mid,fin,window,cookies,lag,rfc1337,strictopen,rfc793,ttl,zerofin,isn,twice", "5", "2", []),
]
KINDS = ("certain-wrong", "unsound", "other")


def run(model, row):
    switches, depth, faults, more = row
    command = [model, "--plain", "--all", "--depth", depth, "--faults", faults, "--seconds", "100"] + more
    if switches:
        command += ["--with", switches]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def classes(text):
    """Kind, truth, set and schedule of every class, shortest first within a kind."""
    kind, found, head = None, [], ""
    for line in text.splitlines():
        section = re.match(r"([a-z-]+): \d+ classes", line)
        if section:
            kind = section[1] if section[1] in KINDS else "other"
        elif re.match(r" *\d+\. ", line):
            head = line
        elif "model --replay" in line and kind:
            found.append((kind, head, re.search(r"'(.*)'", line)[1]))
    return found


def table(model):
    print("| switches | depth | faults | states | seconds | certain-wrong | unsound | other | shortest |")
    print("|---|---|---|---|---|---|---|---|---|")
    for row in ROWS:
        text = run(model, row)
        found = classes(text)
        total = re.search(r"schedules: (\d+) states.* (\d+) s$", text, re.M)
        counts = [sum(1 for f in found if f[0] == kind) for kind in KINDS]
        shortest = min((f[2] for f in found), key=lambda s: len(s.split()), default="")
        name = " ".join([row[0] or "none"] + [m.strip("-") for m in row[3]])
        cut = " (cut)" if "cut short" in text else ""
        print(f"| {name} | {row[1]}{cut} | {row[2]} | {int(total[1]):,} | {total[2]} "
              f"| {counts[0]} | {counts[1]} | {counts[2]} | {f'`{shortest}`' if shortest else ''} |", flush=True)


def schedules(model):
    used = set()
    for row in ROWS:
        for kind, head, schedule in classes(run(model, row)):
            truth = re.search(r"truth (\w+), possible \{(.*?)\}", head)
            said = truth and re.search(r"\*(\w+)", truth[2])[1]
            words = [row[0].replace(",", "_"), truth and truth[1], said and "said_" + said]
            name = "_".join(filter(None, words)).lower()
            key = (name, kind)
            if truth and key not in used and len(schedule) < 180:
                used.add(key)
                print(f"{name}{'' if kind == 'certain-wrong' else '_' + kind}: {schedule}", flush=True)


if __name__ == "__main__":
    (schedules if "--schedules" in sys.argv else table)(sys.argv[1])

"""Scans a tree, five of its files and an empty folder with credlint and its peers, and prints a table.

usage: scan.py CREDLINT PYBIN CARGOBIN WORKDIR TREE [RUNS]

Every tool runs with its default rules, offline, and writes JSON to a file; `rg` searches one literal
that is nowhere. Runs take turns; CPU seconds are user and system time, the median of all runs; memory
is the peak of the process. Tools that are not there are left out. Set SLOW=1 for gitleaks and
ripsecrets, which take minutes on a large tree.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time

QUIET = subprocess.DEVNULL


def run(command, folder):
    """CPU seconds, wall seconds and peak memory in MB of a command."""
    start = time.monotonic()
    child = subprocess.Popen(command, stdout=QUIET, stderr=QUIET, cwd=folder)
    _, _, usage = os.wait4(child.pid, 0)
    child.returncode = 0
    return usage.ru_utime + usage.ru_stime, time.monotonic() - start, usage.ru_maxrss / 1024


def size(tree):
    """Files and bytes of a tree."""
    files = total = 0
    for folder, _, names in os.walk(tree):
        for name in names:
            path = os.path.join(folder, name)
            if not os.path.islink(path) and os.path.isfile(path):
                files, total = files + 1, total + os.path.getsize(path)
    return files, total


def findings(path):
    """How many findings a JSON report holds, in the shapes of the tools here."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
    except OSError:
        return None
    try:
        report = json.loads(text)
    except ValueError:
        return sum(1 for line in text.splitlines() if line.startswith("{"))
    if isinstance(report, list):
        return len(report)
    return len(report.get("findings", [])) if isinstance(report, dict) else None


def version(command):
    for flag in ("--version", "version"):
        out = subprocess.run([command, flag], capture_output=True, text=True, check=False).stdout
        words = [w for w in out.split() if any(c.isdigit() for c in w)]
        if words:
            return words[0].strip("v,;")
    return "?"


def main():
    credlint, python, cargo, work, tree = sys.argv[1:6]
    runs = int(sys.argv[6]) if len(sys.argv) > 6 else 3
    tree = os.path.abspath(tree)
    out = lambda name: os.path.join(work, f"{name}.json")
    tools = {
        "rg, an absent literal": (os.path.join(cargo, "rg"), lambda t, _: ["-uuu", "zzqqxxyyww", t]),
        "credlint": (credlint, lambda t, o: ["scan", t, "--no-config", "--format", "json", "-o", o]),
        # As rg does, without what is packed.
        "credlint, no archives": (
            credlint,
            lambda t, o: ["scan", t, "--no-config", "--no-archives", "--format", "json", "-o", o],
        ),
        "kingfisher": (
            os.path.join(python, "kingfisher"),
            lambda t, o: ["scan", t, "--no-validate", "--no-update-check", "--format", "json", "--output", o],
        ),
        "betterleaks": (os.path.join(python, "betterleaks"), lambda t, o: ["fs", t, "--output", o]),
    }
    if os.environ.get("SLOW") == "1":
        tools["gitleaks"] = (os.path.join(python, "gitleaks"), lambda t, o: ["dir", t, "--report-format", "json", "--report-path", o])
        tools["ripsecrets"] = (os.path.join(cargo, "ripsecrets"), lambda t, _: [t])
    tools = {name: tool for name, tool in tools.items() if os.access(tool[0], os.X_OK)}
    empty, few = os.path.join(work, "empty"), os.path.join(work, "few")
    for folder in (empty, few):
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
    chosen = 0
    for folder, folders, names in os.walk(tree):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(folder, name)
            if chosen < 5 and not os.path.islink(path) and 10_000 < os.path.getsize(path) < 60_000:
                chosen += 1
                shutil.copy(path, os.path.join(few, f"{chosen}-{name}"))
    files, total = size(tree)
    print(f"{files} files, {total / 1e9:.2f} GB\n")
    print("| tool | version | findings | CPU s | wall s | peak MB | five files, wall ms | empty folder, wall ms |")
    print("|---|---|---|---|---|---|---|---|")
    figures = {name: {"tree": [], "few": [], "empty": []} for name in tools}
    for _ in range(runs):
        for name, (program, arguments) in tools.items():
            for what, folder in (("few", few), ("empty", empty), ("tree", tree)):
                if os.path.exists(out(name)):
                    os.remove(out(name))
                figures[name][what].append(run([program, *arguments(folder, out(name))], work))
    for name, (program, arguments) in tools.items():
        run([program, *arguments(tree, out(name))], work)
        cpu, wall, memory = (statistics.median(f) for f in zip(*figures[name]["tree"]))
        few_ms = statistics.median(f[1] for f in figures[name]["few"]) * 1e3
        empty_ms = statistics.median(f[1] for f in figures[name]["empty"]) * 1e3
        found = findings(out(name)) if os.path.exists(out(name)) else ""
        print(f"| {name} | {version(program)} | {found} | {cpu:.2f} | {wall:.2f} | {memory:.0f} | {few_ms:.0f} | {empty_ms:.0f} |")


main()

"""Runs credlint and DuckDB over the same exports, side by side, and prints a table.

usage: compare.py CREDLINT GENERATE PYTHON WORKDIR [ROWS [RUNS]]

CREDLINT and GENERATE are the built programs, PYTHON an interpreter that has `duckdb`. Runs of the
two take turns, so that both see the same load of the machine; CPU seconds are user and system time
of the process, the median of all runs. DuckDB's figures are without the start of Python and the
import of the package, which are measured the same way and subtracted. Every run of either must give
the same five counts.
"""

import collections
import csv
import json
import os
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
RULES = ["pw.never-expires", "pw.age", "bench.dormant", "bench.never-used", "bench.admin-password"]
EXPORTS = [
    # Shape, file name, what it is, DuckDB's variants, most runs.
    ("csv", "users.csv", "CSV", ["auto", "expert"], 99),
    ("csv-quoted", "users-quoted.csv", "CSV, all quoted", [], 99),
    ("array", "users-array.json", "JSON array", ["auto", "expert"], 99),
    ("lines", "users.jsonl", "JSON Lines", ["auto", "expert"], 99),
    ("sf-compact", "users-compact.json", "JSON, sf envelope, one line", [], 99),
    ("sf", "users-sf.json", "JSON, sf envelope, pretty", ["auto"], 2),
]


def run(command):
    """Runs a command; gives CPU seconds, wall seconds and peak resident memory in MB."""
    start = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - start
    if child.returncode != 0:
        sys.exit(f"{command} ended with {child.returncode}")
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024


def median(runs):
    return [statistics.median(figures) for figures in zip(*runs)]


def credlint_counts(path):
    """The report has one finding on each line. It is not loaded whole: a child's peak memory would
    begin with that of this process."""
    with open(path, encoding="utf-8") as file:
        found = (line for line in file if '"fingerprint":' in line)
        return collections.Counter(json.loads(line.rstrip(",\n"))["rule"] for line in found)


def duck_counts(path):
    counts = collections.Counter()
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            counts.update(rule for rule in RULES if row[rule] == "true")
    return counts


def main():
    credlint, generate, python, work = sys.argv[1:5]
    rows = sys.argv[5] if len(sys.argv) > 5 else "1000000"
    runs = int(sys.argv[6]) if len(sys.argv) > 6 else 7
    duck = os.path.join(HERE, "duck.py")
    versions = [[credlint, "--version"], [python, "-c", "import duckdb; print('duckdb', duckdb.__version__)"]]
    for command in versions:
        print(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip())
    start = median([run([python, duck, "start"]) for _ in range(runs)])
    print(f"python and import: {start[0]:.2f} CPU s, {start[2]:.0f} MB\n")
    print("| export | MB | tool | CPU s | wall s | peak MB | CPU, credlint = 1 |")
    print("|---|---|---|---|---|---|---|")
    for shape, name, title, variants, most in EXPORTS:
        export = os.path.join(work, name)
        with open(export, "wb") as file:
            subprocess.run([generate, shape, rows], stdout=file, check=True)
        commands = {}
        for label, form in [("credlint, JSON with input hash", "json"), ("credlint, SARIF", "sarif"), ("credlint, CSV", "csv")]:
            only = [word for rule in RULES for word in ("--only", rule)]
            commands[label] = [
                credlint, "scan", export, "--no-config", "--as-of", "2026-11-20", "--exit-zero",
                "--rules", os.path.join(HERE, "rules"), *only,
                "--format", form, "--output", os.path.join(work, f"out.{form}"), "--quiet",
            ]
        # What a user runs: every built-in rule, those that look for secrets in the export included.
        commands["credlint, all rules, CSV"] = [
            credlint, "scan", export, "--no-config", "--as-of", "2026-11-20", "--exit-zero",
            "--format", "csv", "--output", os.path.join(work, "all.csv"), "--quiet",
        ]
        for variant in variants:
            out = os.path.join(work, f"duck-{variant}.csv")
            commands[f"DuckDB, {variant}"] = [python, duck, shape, variant, export, out]
        results = collections.defaultdict(list)
        for _ in range(min(runs, most)):
            for label, command in commands.items():
                results[label].append(run(command))
        counts = credlint_counts(os.path.join(work, "out.json"))
        for variant in variants:
            theirs = duck_counts(os.path.join(work, f"duck-{variant}.csv"))
            if theirs != counts:
                sys.exit(f"{title}: credlint says {counts}, DuckDB {variant} {theirs}")
        megabytes = os.path.getsize(export) / 1e6
        unit = None
        for label, measured in results.items():
            cpu, wall, peak = median(measured)
            if label.startswith("DuckDB"):
                cpu, wall = cpu - start[0], wall - start[1]
            unit = unit or cpu
            print(f"| {title} | {megabytes:.0f} | {label} | {cpu:.2f} | {wall:.2f} | {peak:.0f} | {cpu / unit:.2f} |", flush=True)
        os.remove(export)
    print("\nfindings:", ", ".join(f"{rule} {counts[rule]}" for rule in RULES))


if __name__ == "__main__":
    main()

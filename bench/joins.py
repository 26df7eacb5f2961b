"""Joins of exports, credlint and DuckDB side by side, and how cost and memory grow with rows.

usage: joins.py CREDLINT GENERATE PYTHON WORKDIR [ROWS [RUNS]]

Two joins over ROWS rows: tokens with a tenth as many users and 2,000 applications, and a log of
callouts with 5,000 named credentials. Both tools must find the same number of rows; the figures are
taken as in compare.py. Then the five questions of compare.py over users, a hundredth of ROWS up to
ten times as many.
"""

import collections
import csv
import datetime
import os
import random
import subprocess
import sys

from compare import HERE, RULES, credlint_counts, median, run

TODAY = datetime.datetime(2026, 11, 20)
APPS = 2_000
NAMED = 5_000


def table(folder, name, header, rows):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        out.writerows(rows)


def before(chance, days):
    at = TODAY - datetime.timedelta(seconds=chance.randrange(1, days * 86_400))
    return at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def tokens(folder, rows):
    chance = random.Random(7)
    users = max(rows // 10, 1)
    table(folder, "users.csv", ["Id", "Username", "IsActive", "UserType", "CreatedDate", "LastLoginDate"], (
        [f"005{n:012}AAA", f"user{n}@acme.example", str(chance.random() < 0.8).lower(), "Standard",
         before(chance, 3_000), before(chance, 300)] for n in range(users)))
    table(folder, "apps.csv", ["Id", "Name", "CreatedDate", "OptionsAllowAdminApprovedUsersOnly"], (
        [f"0H4{n:012}AAA", f"App {n}", before(chance, 3_000), str(chance.random() < 0.9).lower()]
        for n in range(APPS)))
    table(folder, "tokens.csv", ["AppName", "UserId", "CreatedDate", "LastUsedDate", "UseCount"], (
        [f"App {chance.randrange(APPS)}", f"005{chance.randrange(users):012}AAA",
         before(chance, 3_000), before(chance, 200), chance.randrange(9_999)] for _ in range(rows)))


def callouts(folder, rows):
    chance = random.Random(11)
    table(folder, "named.csv", ["Id", "DeveloperName", "MasterLabel", "Endpoint", "PrincipalType", "CreatedDate"], (
        [f"0XA{n:012}AAA", f"NC_{n}", f"NC {n}", f"https://n{n}.acme.example", "NamedUser",
         before(chance, 3_000)] for n in range(NAMED)))
    last = [chance.randrange(0, 120) for _ in range(NAMED)]

    def call():
        n = chance.randrange(NAMED * 9 // 10)
        day = TODAY - datetime.timedelta(days=last[n] + chance.randrange(0, 60), seconds=chance.randrange(86_400))
        return ["NamedCredential", day.strftime("%Y%m%d%H%M%S.000"), f"005{chance.randrange(99_999):012}",
                chance.randrange(999), f"NC_{n}", day.strftime("%Y-%m-%dT%H:%M:%S.000Z")]

    table(folder, "callouts.csv", ["EVENT_TYPE", "TIMESTAMP", "USER_ID", "RUN_TIME", "NAMED_CREDENTIAL_NAME",
                                   "TIMESTAMP_DERIVED"], (call() for _ in range(rows)))


def scan(credlint, paths, rules, out):
    only = [word for rule in rules for word in ("--only", rule)]
    return [credlint, "scan", *paths, "--no-config", "--as-of", "2026-11-20", "--exit-zero", "--quiet",
            "--rules", os.path.join(HERE, "rules"), *only, "--format", "json", "--output", out]


def main():
    credlint, generate, python, work = sys.argv[1:5]
    rows = int(sys.argv[5]) if len(sys.argv) > 5 else 1_000_000
    runs = int(sys.argv[6]) if len(sys.argv) > 6 else 7
    duck = os.path.join(HERE, "duck_join.py")
    start = median([run([python, os.path.join(HERE, "duck.py"), "start"]) for _ in range(runs)])
    print("| join | MB | tool | rows found | CPU s | wall s | peak MB |\n|---|---|---|---|---|---|---|")
    for name, make, rule in [("tokens", tokens, "bench.token"), ("callouts", callouts, "bench.callout")]:
        folder = os.path.join(work, name)
        os.makedirs(folder, exist_ok=True)
        make(folder, rows)
        paths = [os.path.join(folder, file) for file in sorted(os.listdir(folder))]
        megabytes = sum(os.path.getsize(path) for path in paths) / 1e6
        report, answer = os.path.join(work, "joins.json"), os.path.join(work, "joins.csv")
        commands = {"credlint": scan(credlint, paths, [rule], report), "DuckDB": [python, duck, name, folder, answer]}
        results = collections.defaultdict(list)
        for _ in range(runs):
            for label, command in commands.items():
                results[label].append(run(command))
        found = credlint_counts(report)[rule]
        with open(answer, encoding="utf-8") as file:
            theirs = sum(1 for _ in file) - 1
        if found != theirs:
            sys.exit(f"{name}: credlint finds {found} rows, DuckDB {theirs}")
        for label, measured in results.items():
            cpu, wall, peak = median(measured)
            if label == "DuckDB":
                cpu, wall = cpu - start[0], wall - start[1]
            print(f"| {name} | {megabytes:.0f} | {label} | {found} | {cpu:.2f} | {wall:.2f} | {peak:.0f} |", flush=True)
        for path in paths:
            os.remove(path)
    print("\n| users | MB | findings | CPU s | CPU s a million rows | peak MB |\n|---|---|---|---|---|---|")
    export, report = os.path.join(work, "users.csv"), os.path.join(work, "linear.json")
    for count in [rows // 100, rows // 10, rows, rows * 10]:
        with open(export, "wb") as file:
            subprocess.run([generate, "csv", str(count)], stdout=file, check=True)
        cpu, _, peak = median([run(scan(credlint, [export], RULES, report)) for _ in range(min(runs, 3))])
        findings = sum(credlint_counts(report).values())
        megabytes = os.path.getsize(export) / 1e6
        print(f"| {count} | {megabytes:.0f} | {findings} | {cpu:.2f} | {cpu / count * 1e6:.2f} | {peak:.0f} |", flush=True)
    os.remove(export)


if __name__ == "__main__":
    main()

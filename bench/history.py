"""Builds a repository with planted secrets, checks that credlint finds each once with the right
commit, and prints the CPU time of credlint and two peers over the same history.

usage: history.py CREDLINT BIN WORKDIR [COMMITS [RUNS]]

CREDLINT is the built program, BIN a folder with `betterleaks` and `kingfisher`. The files are those
of this Python's standard library, cut and mixed by a fixed seed; the secrets are made when this runs
and lie in no file of this project. Every tool runs with its default rules, without validation or
update checks, on one bare, packed repository. Runs take turns; CPU seconds are user and system time
of the process and the git processes it waited for, the median of all runs.
"""

import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import sysconfig
import time
import zlib

SECRETS = 20
FILES = 600
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def token(chance):
    """A made-up token of a kind that carries its own checksum."""
    prefix = chance.choice(["ghp", "gho", "npm"])
    body = "".join(chance.choices(BASE62, k=30))
    rest, digits = zlib.crc32(body.encode()), ""
    while rest:
        rest, digit = divmod(rest, 62)
        digits = BASE62[digit] + digits
    return f"{prefix}_{body}{digits.rjust(6, '0')}"


def sources():
    """Lines of the standard library's files, without its tests."""
    top, found = sysconfig.get_paths()["stdlib"], []
    for folder, folders, names in os.walk(top):
        skip = {"test", "tests", "site-packages", "idlelib", "__pycache__", "encodings"}
        folders[:] = sorted(f for f in folders if f not in skip)
        for name in sorted(names):
            if name.endswith(".py"):
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8", errors="replace") as file:
                    lines = file.read().splitlines()
                if 20 < len(lines) < 3000:
                    found.append((os.path.relpath(path, top), lines))
    return found


class Repository:
    """A history that is written as a stream for `git fast-import`."""

    def __init__(self, stream, chance):
        self.stream, self.chance, self.mark, self.clock = stream, chance, 0, 1_600_000_000
        self.pool = sources()
        chance.shuffle(self.pool)
        self.files = {path: list(lines) for path, lines in self.pool[:FILES]}
        self.names = sorted(self.files)

    def write(self, text):
        self.stream.write(text.encode())

    def commit(self, branch, parents, paths, files):
        self.mark += 1
        self.clock += self.chance.randrange(60, 7200)
        self.write(f"commit refs/heads/{branch}\nmark :{self.mark}\n")
        self.write(f"committer Some One <some@example.com> {self.clock} +0000\n")
        self.write(f"data <<END\nchange {self.mark}\nEND\n")
        for word, parent in zip(["from", "merge", "merge"], parents):
            self.write(f"{word} :{parent}\n")
        for path in paths:
            data = ("\n".join(files[path]) + "\n").encode()
            self.write(f"M 100644 inline {path}\ndata {len(data)}\n")
            self.stream.write(data)
            self.write("\n")
        return self.mark

    def edit(self, names, files):
        """Changes a few lines of a few files."""
        paths = self.chance.sample(names, self.chance.randrange(1, 5))
        for path in paths:
            lines = files[path]
            for _ in range(self.chance.randrange(1, 4)):
                at = self.chance.randrange(len(lines))
                _, other = self.chance.choice(self.pool)
                start = self.chance.randrange(len(other))
                count = self.chance.randrange(1, 12)
                drop = self.chance.randrange(0, 12)
                held = any(s in line for line in lines[at : at + drop] for s in self.live)
                lines[at : at + (0 if held else drop)] = other[start : start + count]
        return paths

    def build(self, commits):
        chance = self.chance
        planted = {}
        at = sorted(chance.sample(range(20, commits - 200), SECRETS - 1))
        leave = {}
        self.live = set()
        tip = self.commit("main", [], self.names, self.files)
        side = None
        while self.mark < commits:
            paths, parents, secret = self.edit(self.names, self.files), [tip], None
            if at and self.mark + 1 >= at[0]:
                at.pop(0)
                secret = token(chance)
            if self.mark % 60 == 30:
                # A branch of its own folder, merged some commits later.
                name = f"side/part{self.mark}.py"
                side = (tip, name, {name: list(chance.choice(self.pool)[1])})
            elif side and self.mark % 60 == 50:
                base, name, files = side
                other = self.commit("side", [base], [name], files)
                for _ in range(3):
                    self.edit_one(files[name])
                    other = self.commit("side", [other], [name], files)
                parents.append(other)
                self.files.update(files)
                paths.append(name)
                side = None
                if SECRETS > len(planted) and "merge" not in leave and self.mark > commits // 2:
                    # A merge that changes a file which neither side has so: its own resolution.
                    leave["merge"] = secret = token(chance)
            if secret:
                path = paths[0]
                lines = self.files[path]
                lines.insert(chance.randrange(len(lines)), f'API = connect("{secret}")')
                self.live.add(secret)
            tip = self.commit("main", parents, paths, self.files)
            if secret:
                planted[secret] = (tip, path, len(planted) % 2 == 0)
                if len(planted) % 2 == 1:
                    leave[secret] = (tip + 100, path)
            for gone in [s for s, v in leave.items() if s != "merge" and v[0] <= self.mark]:
                _, path = leave.pop(gone)
                self.live.discard(gone)
                self.files[path] = [line for line in self.files[path] if gone not in line]
                tip = self.commit("main", [tip], [path], self.files)
        self.write("done\n")
        return planted

    def edit_one(self, lines):
        lines.insert(self.chance.randrange(len(lines)), f"# {self.chance.random()}")


def build(folder, commits):
    """Makes the repository; gives each secret's commit id, path and whether it was removed."""
    shutil.rmtree(folder, ignore_errors=True)
    git = ["git", "-C", folder]
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", folder], check=True)
    marks = os.path.join(folder, "marks")
    fast = [*git, "fast-import", "--quiet", "--done", f"--export-marks={marks}"]
    with subprocess.Popen(fast, stdin=subprocess.PIPE) as child:
        planted = Repository(child.stdin, random.Random(5)).build(commits)
        child.stdin.close()
        if child.wait() != 0:
            sys.exit("the repository could not be made")
    subprocess.run([*git, "repack", "-adfq", "--depth=50", "--window=10"], check=True)
    subprocess.run([*git, "branch", "-q", "-D", "side"], check=True)
    subprocess.run([*git, "commit-graph", "write", "--reachable"], check=True, capture_output=True)
    with open(marks, encoding="ascii") as file:
        ids = dict(line.split() for line in file)
    os.remove(marks)
    return {s: (ids[f":{mark}"], path, gone) for s, (mark, path, gone) in planted.items()}


def run(command, codes):
    """Runs a command; gives CPU seconds, wall seconds and peak memory in MB of the process."""
    start = time.monotonic()
    quiet = subprocess.DEVNULL
    child = subprocess.Popen(command, stdout=quiet, stderr=quiet)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - start
    if child.returncode not in codes:
        sys.exit(f"{command} ended with {child.returncode}")
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024


def check(report, planted):
    """Every planted secret once, with its commit, path and fate."""
    with open(report, encoding="utf-8") as file:
        findings = json.load(file)["findings"]
    wrong = []
    for secret, (commit, path, gone) in planted.items():
        found = [f for f in findings if f["secret"] and f["secret"]["value"] == secret]
        got = [(f["commit"]["id"], f["location"]["path"], f["commit"]["in_tip"]) for f in found]
        if got != [(commit, path, "no" if gone else "yes")]:
            wrong.append(f"{secret[:4]}… in {commit[:10]} {path}, removed {gone}: {got}")
    others = len(findings) - len(planted)
    print(f"{len(planted) - len(wrong)} of {len(planted)} planted secrets found once, with the right")
    print(f"commit, path and fate; {others} further findings")
    for line in wrong:
        print("  WRONG", line)
    return not wrong


def main():
    credlint, tools, work = sys.argv[1:4]
    commits = int(sys.argv[4]) if len(sys.argv) > 4 else 5000
    runs = int(sys.argv[5]) if len(sys.argv) > 5 else 5
    folder = os.path.join(work, "repository")
    planted = build(folder, commits)
    count = subprocess.run(
        ["git", "-C", folder, "rev-list", "--all", "--count"],
        check=True, capture_output=True, text=True).stdout.strip()
    print(f"{count} commits, {len(planted)} planted secrets, one of them in a merge")
    out = {name: os.path.join(work, f"{name}.json") for name in ["credlint", "betterleaks", "kingfisher"]}
    commands = {
        "credlint": ([credlint, "scan", folder, "--history", "--format", "json", "--show-secrets",
                      "--no-config", "--output", out["credlint"]], {1}),
        "betterleaks": ([os.path.join(tools, "betterleaks"), "git", folder, "--output", out["betterleaks"]], {0, 1}),
        "kingfisher": ([os.path.join(tools, "kingfisher"), "scan", folder, "--no-validate",
                        "--no-update-check", "--format", "json", "--output", out["kingfisher"]],
                       {0, 200, 205}),
    }
    for command, codes in commands.values():
        run(command, codes)
    good = check(out["credlint"], planted)
    texts = {}
    for name, path in out.items():
        with open(path, encoding="utf-8") as file:
            texts[name] = file.read()
    figures = {name: [] for name in commands}
    for _ in range(runs):
        for name, (command, codes) in commands.items():
            figures[name].append(run(command, codes))
    middle = {name: [statistics.median(f) for f in zip(*rows)] for name, rows in figures.items()}
    own = middle["credlint"]
    print(f"{'':12} {'CPU s':>7} {'wall s':>7} {'MB':>6} {'CPU to ours':>12} {'planted seen':>13}")
    for name, (cpu, wall, memory) in middle.items():
        seen = sum(secret in texts[name] for secret in planted)
        print(f"{name:12} {cpu:7.2f} {wall:7.2f} {memory:6.0f} {cpu / own[0]:11.1f}x {seen:13}")
    sys.exit(0 if good else 1)


main()

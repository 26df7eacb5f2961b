"""Counts what stands beside what in text, for the tables by which words are looked for.

usage: letters.py TREE [TREE ...]

Writes `common.txt` (how often the four bytes of any keyword of a secret rule stand in a million places)
and `pairs.txt` (how often one byte follows another) beside the code that reads them. Of each tree some
thousand text files are drawn, of each file up to 40 kB; every tree counts alike. Afterwards run
`UPDATE=1 cargo test --test generated`. Needs PyYAML.
"""

import collections
import pathlib
import random
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLES = ROOT / "src" / "check" / "secret" / "prefilter"
FILES, BYTES = 5000, 40_000
# A letter counts in both cases; four bytes are folded as the search folds them.
SMALL = bytes(b + 32 if 65 <= b <= 90 else b for b in range(256))
FOLDED = bytes(b | 0x20 for b in range(256))


def keywords():
    for path in sorted((ROOT / "rules" / "secrets").rglob("*.yaml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for rule in content if isinstance(content, list) else content.get("rules", []):
            for word in (rule.get("detect") or {}).get("keywords") or []:
                yield word.encode()


def texts(tree):
    paths = sorted(p for p in pathlib.Path(tree).rglob("*") if p.is_file() and not p.is_symlink())
    random.Random(5).shuffle(paths)
    for path in paths[:FILES]:
        with path.open("rb") as file:
            text = file.read(BYTES)
        if b"\0" not in text[:8000]:
            yield text


def main():
    wanted = {word.translate(FOLDED)[at : at + 4] for word in keywords() for at in range(len(word) - 3)}
    common, pairs = collections.Counter(), collections.Counter()
    for tree in sys.argv[1:]:
        fours, twos, places = collections.Counter(), collections.Counter(), 0
        for text in texts(tree):
            folded, small = text.translate(FOLDED), text.translate(SMALL)
            places += len(text)
            fours.update(four for at in range(len(folded) - 3) if (four := folded[at : at + 4]) in wanted)
            twos.update(zip(small, small[1:]))
        share = 1e6 / max(places, 1) / len(sys.argv[1:])
        for four, count in fours.items():
            common[four] += count * share
        for (a, b), count in twos.items():
            if a < 128 and b < 128:
                pairs[a, b] += count * share
    lines = (f"{four.hex()} {common[four]:.0f}\n" for four in sorted(wanted))
    (TABLES / "common.txt").write_text("".join(lines))
    share = collections.Counter()
    for (a, _), count in pairs.items():
        share[a] += count
    used = sorted(byte for byte, count in share.items() if count >= 1)
    lines = (f"{a:02x} {' '.join(f'{pairs[a, b]:.0f}' for b in used)}\n" for a in used)
    (TABLES / "pairs.txt").write_text("".join(lines))


main()

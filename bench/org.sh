#!/bin/sh
# The speed of the org half beside DuckDB: builds, generates, runs, prints a table.
# usage: bench/org.sh [ROWS [RUNS]]    CARGO, PYTHON3 and WORK may name other tools and folders.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
cargo=${CARGO:-cargo}
work=${WORK:-$root/target/bench}
mkdir -p "$work"
(cd "$root" && "$cargo" build --release --bin credlint --example generate)
if [ ! -x "$work/venv/bin/python" ]; then
    "${PYTHON3:-python3}" -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet 'duckdb==2.0.*'
fi
for part in compare joins; do
    "$work/venv/bin/python" "$here/$part.py" "$root/target/release/credlint" \
        "$root/target/release/examples/generate" "$work/venv/bin/python" "$work" "$@"
done

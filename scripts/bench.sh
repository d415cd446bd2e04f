#!/usr/bin/env bash
# Compares framemill with other tools, and writes benches/RESULTS.md, results.json and speed.svg. "bench.sh --quick"
# takes a few minutes, but its results are rough. "bench.sh --help" lists the other options.
# BUILT=debug measures the debug build, as the tests do.
set -euo pipefail
cd "$(dirname "$0")/.."

bash scripts/setup.sh >&2
bash scripts/install-wheel.sh .venv-bench
built=${BUILT:-release}
cargo build --profile "${built/debug/dev}" --quiet --bin framemill --example bench_feed
PYTHONPATH=benches exec .venv-bench/bin/python -m side_by_side "$@"

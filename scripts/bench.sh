#!/usr/bin/env bash
# Measures framemill beside its peers; writes benches/RESULTS.md, results.json and speed.svg. "bench.sh --quick" takes a
# few minutes and shows little; "bench.sh --help" lists what else there is.
# BUILT=debug measures the debug build, which the tests use.
set -euo pipefail
cd "$(dirname "$0")/.."

bash scripts/setup.sh bench >&2
bash scripts/install-wheel.sh .venv-bench
built=${BUILT:-release}
cargo build --profile "${built/debug/dev}" --quiet --bin framemill --example bench_feed
PYTHONPATH=benches exec .venv-bench/bin/python -m side_by_side "$@"

#!/usr/bin/env bash
# Runs the fault campaigns: failing system calls, kills, signals, damaged files, races and power cuts. See
# docs/reliability.md. CASES limits the cases of each campaign; SEED sets the seed, 1 by default.
set -euo pipefail
cd "$(dirname "$0")/.."

bash scripts/setup.sh
cargo build --quiet
[ -e .venv-tests/bin/framemill ] || bash scripts/install-wheel.sh .venv-tests
cd tests
FRAMEMILL_PYTHON=$PWD/../.venv-tests/bin/python \
    ../.venv-tests/bin/python -m faults ${CASES:+--cases "$CASES"} --seed "${SEED:-1}"

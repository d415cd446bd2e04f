#!/usr/bin/env bash
# Faults that are made on purpose: system calls that fail, kills, signals, damaged files, races; see docs/reliability.md.
# All of them, or CASES of each campaign, from SEED on.
set -euo pipefail
cd "$(dirname "$0")/.."

bash scripts/setup.sh bench
cargo build --quiet
[ -e .venv-tests/bin/framemill ] || bash scripts/install-wheel.sh .venv-tests
cd tests
FRAMEMILL_PYTHON=$PWD/../.venv-tests/bin/python \
    ../.venv-tests/bin/python -m faults ${CASES:+--cases "$CASES"} --seed "${SEED:-1}"

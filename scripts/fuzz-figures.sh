#!/usr/bin/env bash
# Draws random figures by framemill and by Matplotlib's own writer, and compares all frames: EXAMPLES of them, 4,000 by
# default, from SEED on, a random number by default. A difference is shrunk to the smallest example that shows it.
set -euo pipefail
cd "$(dirname "$0")/.."

bash scripts/setup.sh bench
bash scripts/install-wheel.sh .venv-tests
export FRAMEMILL_FUZZ_EXAMPLES=${EXAMPLES:-4000} FRAMEMILL_FUZZ_SEED=${SEED:-$RANDOM}
echo "fuzz-figures: $FRAMEMILL_FUZZ_EXAMPLES examples, SEED=$FRAMEMILL_FUZZ_SEED"
.venv-tests/bin/python -m pytest -p no:cacheprovider --exitfirst --numprocesses "$(nproc)" python/tests/test_fuzz_figures.py

#!/usr/bin/env bash
# Draws random figures with framemill and with Matplotlib's writer, and compares all frames. EXAMPLES is the number of
# figures, 4,000 by default. SEED is the seed, random by default. If the frames differ, the test shrinks the figure to
# the smallest example that still shows the difference. All tests of layers run too, which "make test" shortens.
set -euo pipefail
cd "$(dirname "$0")/.."

bash scripts/setup.sh
bash scripts/install-wheel.sh .venv-tests
export FRAMEMILL_FUZZ_EXAMPLES=${EXAMPLES:-4000} FRAMEMILL_FUZZ_SEED=${SEED:-$RANDOM}
echo "fuzz-figures: $FRAMEMILL_FUZZ_EXAMPLES examples, SEED=$FRAMEMILL_FUZZ_SEED"
.venv-tests/bin/python -m pytest -p no:cacheprovider --exitfirst --numprocesses "$(nproc)" \
    python/tests/test_layers.py python/tests/test_fuzz_figures.py

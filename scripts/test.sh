#!/usr/bin/env bash
# Runs every check that must pass before a change is merged. Each test runner prints its own summary.
# "test.sh static" runs the tests with the static build, which has FFmpeg in it.
set -euo pipefail
exec 2>&1
cd "$(dirname "$0")/.."
root=$PWD

# Compiling takes half of the time. So the documentation's movies are made with the debug build, which the tests need
# too.
export BUILT=debug

bash scripts/setup.sh
features=()
# Tests that need the Python environments; a plain "cargo test" skips them.
with_python=(--run-ignored only --test recipes)
if [ "${1:-}" = static ]; then
    . scripts/static-environment.sh
else
    bash scripts/lint.sh
    bash scripts/docs.sh
    with_python+=(--test bench)
fi
cargo nextest run "${features[@]}" --profile ci
cargo nextest run "${features[@]}" --profile ci "${with_python[@]}"
cargo test "${features[@]}" --doc

# Test the Python package as users install it, from the wheel and not from its source folder.
if [ "${1:-}" != static ]; then
    bash scripts/install-wheel.sh .venv-tests
    pytest=(-m pytest -p no:cacheprovider --numprocesses "$(nproc)")
    .venv-tests/bin/python "${pytest[@]}" python/tests
    # Run the tests of figures with the oldest supported Matplotlib too.
    bash scripts/install-wheel.sh .venv-oldest
    .venv-oldest/bin/python "${pytest[@]}" python/tests/test_layers.py python/tests/test_drawing.py
    .venv-tests/bin/mypy --strict python/framemill python/tests/typed.py tests/faults
    CASES=60 bash scripts/test-faults.sh
fi

# Run the examples in a temporary directory.
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
example() {
    cargo run "${features[@]}" --quiet --manifest-path "$root/Cargo.toml" --example "$@"
}
example readme
example tutorial
example reaction_diffusion reaction_diffusion.mp4
example into_memory

#!/usr/bin/env bash
# Everything that must hold before a change is merged. The runners' own closing lines show how it went.
# "test.sh static" runs the tests of framemill with FFmpeg in it.
set -euo pipefail
exec 2>&1
cd "$(dirname "$0")/.."
root=$PWD

# Compiling takes half of the time, so the movies of the documentation are made with the build that the tests need.
export BUILT=debug

bash scripts/setup.sh bench
features=()
# They need the Python environments, which a plain cargo test does without.
with_python=(--run-ignored only --test recipes)
if [ "${1:-}" = static ]; then
    . scripts/static-environment.sh
else
    .venv-bench/bin/ruff check
    bash scripts/lint.sh
    bash scripts/docs.sh
    with_python+=(--test bench)
fi
cargo nextest run "${features[@]}" --profile ci
cargo nextest run "${features[@]}" --profile ci "${with_python[@]}"
cargo test "${features[@]}" --doc

# The Python package, as it is installed: the tests never see its source folder.
if [ "${1:-}" != static ]; then
    bash scripts/install-wheel.sh .venv-tests
    pytest=(-m pytest -p no:cacheprovider --numprocesses "$(nproc)")
    .venv-tests/bin/python "${pytest[@]}" python/tests
    # The tests of figures run with the oldest Matplotlib too.
    bash scripts/install-wheel.sh .venv-oldest
    .venv-oldest/bin/python "${pytest[@]}" python/tests/test_layers.py python/tests/test_drawing.py
    .venv-tests/bin/mypy --strict python/framemill python/tests/typed.py tests/faults
    CASES=60 bash scripts/test-faults.sh
fi

# The examples leave their movies in a directory that goes away.
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

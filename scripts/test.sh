#!/usr/bin/env bash
# Everything that must hold before a change is merged. The runners' own closing lines tell how it went.
# "test.sh static" runs the tests of framemill with FFmpeg in it.
set -euo pipefail
exec 2>&1
cd "$(dirname "$0")/.."
root=$PWD

bash scripts/setup.sh
features=()
if [ "${1:-}" = static ]; then
    . scripts/static-environment.sh
else
    bash scripts/lint.sh
fi
cargo nextest run "${features[@]}" --profile ci
# They need the Python environment, which a plain cargo test does without.
cargo nextest run "${features[@]}" --profile ci --run-ignored only --test recipes
cargo test "${features[@]}" --doc

# The examples compute much, so they are optimised. They leave their movies in a directory that goes away.
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
example() {
    cargo run "${features[@]}" --quiet --release --manifest-path "$root/Cargo.toml" --example "$@"
}
example readme
example reaction_diffusion reaction_diffusion.mp4
example into_memory

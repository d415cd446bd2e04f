#!/usr/bin/env bash
# Everything that must hold before a change is merged. The runners' own closing lines tell how it went.
set -euo pipefail
exec 2>&1
cd "$(dirname "$0")/.."
root=$PWD

bash scripts/setup.sh bench
bash scripts/lint.sh
.venv-bench/bin/ruff check
cargo nextest run --profile ci
# They need the Python environments, which a plain cargo test does without; and the bench is built before its test.
cargo build --release --bin framemill --example bench_feed
cargo nextest run --profile ci --run-ignored only --test recipes --test bench
cargo test --doc

# The examples compute much, so they are optimised. They leave their movies in a directory that goes away.
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
example() {
    cargo run --quiet --release --manifest-path "$root/Cargo.toml" --example "$@"
}
example readme
example reaction_diffusion reaction_diffusion.mp4
example into_memory

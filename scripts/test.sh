#!/usr/bin/env bash
# Everything that must hold before a change is merged. The runners' own closing lines tell how it went.
set -euo pipefail
exec 2>&1
cd "$(dirname "$0")/.."
root=$PWD

bash scripts/setup.sh
bash scripts/lint.sh
cargo nextest run --profile ci
cargo test --doc

# The examples leave their movies in a directory that goes away.
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
for example in readme reaction_diffusion into_memory; do
    cargo run --quiet --manifest-path "$root/Cargo.toml" --example "$example"
done

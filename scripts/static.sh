#!/usr/bin/env bash
# Builds framemill as one file, with FFmpeg and its encoders in it; FLAVOR=small leaves the large ones out.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$PWD/target/static/framemill

. scripts/static-environment.sh
cargo build --release "${features[@]}" --bin framemill
install --strip --mode=755 "$CARGO_TARGET_DIR/release/framemill" "$program"
echo "The program is $program, of $(stat --format=%s "$program") bytes"

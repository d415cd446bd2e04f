#!/usr/bin/env bash
# Builds framemill as one file, with FFmpeg and its encoders in it; FLAVOR=small leaves the large ones out.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$PWD/target/static/framemill

. scripts/static-environment.sh
by_zig cargo-zigbuild zigbuild --release "${features[@]}" --manifest-path "$PWD/Cargo.toml" --bin framemill \
    --target "$target.$glibc"
install --strip --mode=755 "$CARGO_TARGET_DIR/$target/release/framemill" "$program"
echo "The program is $program, of $(stat --format=%s "$program") bytes"

#!/usr/bin/env bash
# Builds framemill as one file, with FFmpeg, x264 and Xvid in it.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$PWD/target/static/framemill

. scripts/static-environment.sh
cargo build --release "${features[@]}" --bin framemill
install --strip --mode=755 "$CARGO_TARGET_DIR/release/framemill" "$program"
# Whoever passes the program on passes its license on with it.
cp "$prefix/COPYING.GPLv2" target/static/
echo "The program is $program, of $(stat --format=%s "$program") bytes"

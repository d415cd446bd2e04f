#!/usr/bin/env bash
# Builds the static program: one file with FFmpeg and its encoders in it. FLAVOR=small leaves out the large encoders.
# TARGET is the system to build for, by default this one.
set -euo pipefail
cd "$(dirname "$0")/.."

. scripts/static-environment.sh
folder=$PWD/target/static
[ "$target" = "$machine" ] || folder=$folder/$target
options=(--release "${features[@]}" --manifest-path "$PWD/Cargo.toml" --bin framemill)
file=framemill
if [ "$system" = linux ]; then
    by_zig cargo-zigbuild zigbuild "${options[@]}" --target "$target.$glibc"
else
    file=framemill.exe
    link_by_cross_compiler
    cargo build "${options[@]}" --target "$target"
fi
mkdir -p "$folder"
install --mode=755 "$CARGO_TARGET_DIR/$target/release/$file" "$folder/$file"
"${tools}strip" "$folder/$file"
echo "The program is $folder/$file ($(stat --format=%s "$folder/$file") bytes)"

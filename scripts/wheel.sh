#!/usr/bin/env bash
# Builds the Python package as one wheel with FFmpeg and its encoders in it, for Python 3.11 and later on Linux on x86-64.
# FLAVOR=small leaves the large encoders out, and puts the wheel into a folder of that name. Prints the wheel's name.
set -euo pipefail
cd "$(dirname "$0")/.."
export FLAVOR=${FLAVOR:-full}
log=target/wheel.log
wheels=target/wheels
[ "$FLAVOR" = full ] || wheels=target/wheels/$FLAVOR
mkdir -p "$wheels"
. scripts/talk.sh

bash scripts/setup.sh wheel
. scripts/static-environment.sh
# The licenses of what is in it go with it.
rm -rf python/licenses
mkdir python/licenses
cp LICENSE-MIT LICENSE-APACHE src/bin/framemill/licenses/crates.txt python/licenses/
cp "$prefix/licenses.txt" python/licenses/libraries.txt
rm -f "$wheels"/*.whl
quietly by_zig maturin build --release "${features[@]}" --manifest-path "$PWD/python/Cargo.toml" --out "$PWD/$wheels" \
    --zig --target "$target" --compatibility "manylinux_${glibc/./_}"
wheel=$(echo "$wheels"/*.whl)
say "the wheel is $PWD/$wheel, of $(stat --format=%s "$wheel") bytes"
echo "$wheel"

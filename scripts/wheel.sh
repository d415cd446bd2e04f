#!/usr/bin/env bash
# Builds the Python package as one wheel with FFmpeg and its encoders in it, for Python 3.11 and later. Prints the path
# of the wheel.
# FLAVOR=small leaves out the large encoders. TARGET is the system to build for, by default this one. The wheel is in
# target/wheels; if you set FLAVOR or TARGET to another value, in a subfolder of that name.
set -euo pipefail
cd "$(dirname "$0")/.."
export FLAVOR=${FLAVOR:-full}
log=target/wheel.log
. scripts/talk.sh

bash scripts/setup.sh wheel
. scripts/static-environment.sh
wheels=target/wheels
[ "$target" = "$machine" ] || wheels=$wheels/$target
[ "$FLAVOR" = full ] || wheels=$wheels/$FLAVOR
mkdir -p "$wheels"
# The wheel contains the licenses of the libraries and crates in it.
rm -rf python/licenses
mkdir python/licenses
cp LICENSE-MIT LICENSE-APACHE src/bin/framemill/licenses/crates.txt python/licenses/
cp "$prefix/licenses.txt" python/licenses/libraries.txt
rm -f "$wheels"/*.whl
options=(--release "${features[@]}" --manifest-path "$PWD/python/Cargo.toml" --out "$PWD/$wheels" --target "$target")
if [ "$system" = linux ]; then
    quietly by_zig maturin build "${options[@]}" --zig --compatibility "manylinux_${glibc/./_}"
else
    link_by_cross_compiler
    quietly .venv-wheel/bin/maturin build "${options[@]}"
fi
wheel=$(echo "$wheels"/*.whl)
say "the wheel is $PWD/$wheel ($(stat --format=%s "$wheel") bytes)"
echo "$wheel"

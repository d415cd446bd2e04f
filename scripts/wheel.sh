#!/usr/bin/env bash
# Builds the Python package as one wheel with FFmpeg and its encoders in it, for Python 3.11 and later.
# FLAVOR=small leaves the large encoders out. TARGET names the system that it is for, by default this one. Each of them that is
# not the default puts the wheel into a folder of that name. Prints the wheel's name.
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
# The licenses of what is in it go with it.
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
say "the wheel is $PWD/$wheel, of $(stat --format=%s "$wheel") bytes"
echo "$wheel"

#!/usr/bin/env bash
# Builds the Python package as one wheel with FFmpeg, x264 and Xvid in it, for Python 3.11 and later on Linux on x86-64.
# Prints its name.
set -euo pipefail
cd "$(dirname "$0")/.."
log=target/wheel.log
mkdir -p target/wheels
. scripts/talk.sh

bash scripts/setup.sh wheel
. scripts/static-environment.sh
# The licenses of what is in it go with it.
mkdir -p python/licenses
cp LICENSE-MIT LICENSE-APACHE "$prefix/COPYING.GPLv2" python/licenses/
rm -f target/wheels/*.whl
quietly .venv-wheel/bin/maturin build --release "${features[@]}" --manifest-path python/Cargo.toml --out target/wheels
wheel=$(echo target/wheels/*.whl)
say "the wheel is $PWD/$wheel, of $(stat --format=%s "$wheel") bytes"
echo "$wheel"

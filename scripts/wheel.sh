#!/usr/bin/env bash
# Builds the Python package as one wheel with FFmpeg, x264 and Xvid in it, for Python 3.11 and later on Linux on x86-64.
set -euo pipefail
cd "$(dirname "$0")/.."

#bash scripts/setup.sh wheel >&2
. scripts/static-environment.sh
mkdir -p python/licenses target/wheels
cp LICENSE-MIT LICENSE-APACHE "$prefix/COPYING.GPLv2" python/licenses/
rm -f target/wheels/*.whl
.venv-wheel/bin/maturin build --quiet --release --features static --manifest-path python/Cargo.toml --out target/wheels >&2
for wheel in target/wheels/*.whl; do
    echo "The wheel is $PWD/$wheel, of $(stat --format=%s "$wheel") bytes" >&2
    echo "$wheel"
done

#!/usr/bin/env bash
# Builds the wheel, and puts it into the Python environment that is named, in place of what was there.
set -euo pipefail
cd "$(dirname "$0")/.."
log=target/wheel.log
. scripts/talk.sh

wheel=$(bash scripts/wheel.sh)
quietly "$1/bin/python" -m pip install --force-reinstall --no-deps "$wheel"

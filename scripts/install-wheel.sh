#!/usr/bin/env bash
# Builds the wheel, and puts it into the Python environment that is named, in place of what was there. Unless FLAVOR asks for
# the full one, it has few encoders and is built in a few minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
log=target/wheel.log
. scripts/talk.sh

wheel=$(FLAVOR=${FLAVOR:-small} bash scripts/wheel.sh)
quietly .venv-wheel/bin/uv pip install --python "$1/bin/python" --reinstall --no-deps "$wheel"

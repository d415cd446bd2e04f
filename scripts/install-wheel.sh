#!/usr/bin/env bash
# Builds the wheel and installs it in a Python environment, replacing an earlier version:
#
#   bash scripts/install-wheel.sh ENVIRONMENT
#
# FLAVOR is small by default: such a wheel has few encoders and builds in a few minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
log=target/wheel.log
. scripts/talk.sh

wheel=$(FLAVOR=${FLAVOR:-small} bash scripts/wheel.sh)
quietly .venv-wheel/bin/uv pip install --python "$1/bin/python" --reinstall --no-deps "$wheel"

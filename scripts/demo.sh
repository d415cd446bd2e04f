#!/usr/bin/env bash
# Saves a Matplotlib animation as demo.mp4 with framemill. If the ffmpeg program is installed, it also saves the
# animation with Matplotlib's ffmpeg writer, and compares the times.
set -euo pipefail
cd "$(dirname "$0")/.."

bash scripts/setup.sh demo
bash scripts/install-wheel.sh .venv
.venv/bin/python examples/python/demo.py demo.mp4

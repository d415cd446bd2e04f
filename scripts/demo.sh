#!/usr/bin/env bash
# A matplotlib animation becomes a movie: with framemill, and where the ffmpeg program is there with matplotlib's own
# writer too, for comparison.
set -euo pipefail
cd "$(dirname "$0")/.."

bash scripts/setup.sh demo
bash scripts/install-wheel.sh .venv
.venv/bin/python examples/python/demo.py demo.mp4

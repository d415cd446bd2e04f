#!/usr/bin/env bash
# A plot that moves, drawn by matplotlib: its raw frames become demo.mp4, with no file in between.
set -euo pipefail
cd "$(dirname "$0")/.."

bash scripts/setup.sh demo
cargo build --release
.venv/bin/python examples/python/moving_plot.py |
    target/release/framemill encode -f argb -s 640x480 -r 30 -o demo.mp4
echo "The movie is $PWD/demo.mp4"

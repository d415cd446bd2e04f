#!/usr/bin/env bash
# Formatting, lints, and the documentation's own warnings.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo fmt --all --check
cargo clippy --all-targets --features bench -- -D warnings
# The library alone, as a program that only uses it compiles it.
cargo clippy --no-default-features --lib -- -D warnings
cargo clippy --package framemill-python --all-targets -- -D warnings
RUSTDOCFLAGS="-D warnings" cargo doc --no-deps

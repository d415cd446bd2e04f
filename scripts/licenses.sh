#!/usr/bin/env bash
# Collects the licenses of the crates in framemill, for `framemill licenses` and for the wheel. A test fails if the
# license of a new crate is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
log=target/licenses.log
mkdir -p target
. scripts/talk.sh

if ! has cargo-about; then
    say "building cargo-about; this takes a few minutes"
    quietly cargo install cargo-about --locked --features cli
fi
quietly cargo about generate --workspace --locked --fail --output-file src/bin/framemill/licenses/crates.txt \
    scripts/licenses.hbs

#!/usr/bin/env bash
# Collects the licenses of the crates that framemill is built of, for `framemill licenses` and the wheel; a test fails where a
# new crate makes that necessary.
set -euo pipefail
cd "$(dirname "$0")/.."
log=target/licenses.log
mkdir -p target
. scripts/talk.sh

if ! has cargo-about; then
    say "building cargo-about; this takes some minutes"
    quietly cargo install cargo-about --locked --features cli
fi
quietly cargo about generate --workspace --locked --fail --output-file src/bin/framemill/licenses/crates.txt \
    scripts/licenses.hbs

#!/usr/bin/env bash
# The lints, and what the crates that framemill is built of are: their licenses, sources, versions and, where the database
# can be fetched, what is known against them. It is not a part of "make test", as building cargo-deny takes minutes; run it
# before a release.
set -euo pipefail
cd "$(dirname "$0")/.."
log=target/lint-all.log
mkdir -p target
. scripts/talk.sh

bash scripts/lint.sh
if ! has cargo-deny; then
    say "building cargo-deny; this takes some minutes"
    quietly cargo install cargo-deny --locked
fi
cargo deny check licenses bans sources
bash scripts/licenses.sh
git diff --exit-code src/bin/framemill/licenses
if cargo deny fetch db >>"$log" 2>&1; then
    cargo deny check advisories
else
    say "the advisories were not checked: their database cannot be fetched; see $log"
fi

#!/usr/bin/env bash
# Runs the lints, and checks the crates in framemill: their licenses, sources and versions. It also checks them for
# known vulnerabilities, if it can fetch the database. "make test" does not run this, because cargo-deny takes minutes
# to build. Run it before a release.
set -euo pipefail
cd "$(dirname "$0")/.."
log=target/lint-all.log
mkdir -p target
. scripts/talk.sh

bash scripts/lint.sh
if ! has cargo-deny; then
    say "building cargo-deny; this takes a few minutes"
    quietly cargo install cargo-deny --locked
fi
cargo deny check licenses bans sources
bash scripts/licenses.sh
git diff --exit-code src/bin/framemill/licenses
if cargo deny fetch db >>"$log" 2>&1; then
    cargo deny check advisories
else
    say "could not fetch the database of known vulnerabilities, so they were not checked; see $log"
fi

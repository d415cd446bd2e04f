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
# Words to avoid: each has a plainer one, or an American spelling.
words='told|tells?|said|whom|mend|likewise|thereof|coarseness|sooner than|of ours|of numpy.s|unless said'
words+='|anew|whoever|vouch|vouches|in the making|nobody wants|where that is so|neighbours?|quantis(e|er|ers|ed|ation)'
if git grep -InwiE "$words" -- . ':!LICENSE*' ':!*/vendor/*' ':!*/licenses/*' ':!scripts/lint.sh' ':!benches/RESULTS.md'; then
    echo "lint: write these words plainer" >&2
    exit 1
fi

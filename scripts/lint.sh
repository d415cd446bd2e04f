#!/usr/bin/env bash
# Checks the formatting, and runs ruff, clippy and rustdoc with warnings as errors. Also looks for words that we avoid.
set -euo pipefail
cd "$(dirname "$0")/.."

bash scripts/setup.sh
cargo fmt --all --check
.venv-bench/bin/ruff check
cargo clippy --all-targets --features bench -- -D warnings
# The library without default features, as a program that depends on it may build it.
cargo clippy --no-default-features --lib -- -D warnings
cargo clippy --package framemill-python --all-targets -- -D warnings
RUSTDOCFLAGS="-D warnings" cargo doc --no-deps
# Words to avoid: for each there is a plainer word, or an American spelling.
words='told|tells?|said|whom|mend|likewise|thereof|coarseness|sooner than|of ours|of numpy.s|unless said'
words+='|anew|whoever|vouch|vouches|in the making|nobody wants|where that is so|neighbours?|quantis(e|er|ers|ed|ation)'
if git grep -InwiE "$words" -- . ':!LICENSE*' ':!*/vendor/*' ':!*/licenses/*' ':!scripts/lint.sh' ':!benches/RESULTS.md'; then
    echo "lint: replace these words with plainer ones" >&2
    exit 1
fi

#!/usr/bin/env bash
# Builds the documentation website in target/site. Warnings are errors, for example a broken link. With BUILT=debug, the
# movies are made with the debug build, which the tests need anyway.
set -euo pipefail
cd "$(dirname "$0")/.."
log=target/docs.log
mkdir -p target
. scripts/talk.sh

bash scripts/setup.sh docs
quietly cargo doc --no-deps

# Make the movies with this version of framemill.
say "making the movies of the gallery and the tutorials"
bash scripts/install-wheel.sh .venv
built=${BUILT:-release}
quietly cargo build --profile "${built/debug/dev}" --bin framemill
quietly .venv/bin/python scripts/gallery.py "target/$built/framemill"
quietly .venv/bin/python scripts/tutorials.py "target/$built/framemill"

# Copy the pages to one folder; the README becomes the first page. Links to source folders become plain text, because
# the website has no pages for them.
pages=target/docs
rm -rf "$pages"
mkdir -p "$pages/benches" "$pages/vendor-notes"
cp -r target/gallery docs/gallery "$pages"
cp docs/*.md docs/*.png docs/*.gif docs/*.svg docs/*.css CHANGELOG.md LICENSE-MIT LICENSE-APACHE "$pages"
cp README.md "$pages/index.md"
cp benches/RESULTS.md benches/*.svg "$pages/benches"
cp vendor-notes/*.md "$pages/vendor-notes"
cp -r target/doc "$pages/rust"
sed -i -E 's#\]\((\.\./)?docs/#](#g; s#\]\(\.\./(benches|vendor-notes)/#](\1/#g; s#\[([^]]*)\]\((\.\./)?(examples|tests|scripts|src|python|fuzz)/?[^)]*\)#\1#g' \
    "$pages"/*.md
sed -i -E 's#\]\(\.\./docs/#](../#g; s#\[([^]]*)\]\(\.\./(examples|tests|scripts|src|python|fuzz)/?[^)]*\)#\1#g' "$pages"/*/*.md
quietly .venv-docs/bin/mkdocs build --quiet
say "the website is in target/site; open target/site/index.html"

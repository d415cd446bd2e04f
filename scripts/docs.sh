#!/usr/bin/env bash
# Makes the documentation as a website, in target/site. Warnings, such as a link that leads nowhere, are errors. BUILT=debug
# makes its movies with the program that the tests build.
set -euo pipefail
cd "$(dirname "$0")/.."
log=target/docs.log
mkdir -p target
. scripts/talk.sh

bash scripts/setup.sh docs
quietly cargo doc --no-deps

# The movies are made by framemill as it is here.
say "making the movies of the gallery and the tutorials"
bash scripts/install-wheel.sh .venv
built=${BUILT:-release}
quietly cargo build --profile "${built/debug/dev}" --bin framemill
quietly .venv/bin/python scripts/gallery.py "target/$built/framemill"
quietly .venv/bin/python scripts/tutorials.py "target/$built/framemill"

# The pages as one folder: the README is the first one. Folders of the sources are no pages.
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

#!/usr/bin/env bash
# Looks for memory errors and leaks. Runs the Rust tests under AddressSanitizer, and makes some movies under valgrind,
# which also checks the code of FFmpeg and x264. See docs/reliability.md. Takes about half an hour.
set -euo pipefail
cd "$(dirname "$0")/.."
log=target/test-memory.log
mkdir -p target
. scripts/talk.sh

bash scripts/setup.sh
if ! has valgrind; then
    say "installing valgrind"
    if [ "$(id -u)" = 0 ]; then as_root=(); else as_root=(sudo); fi
    quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends valgrind
fi

say "2,000 movies in one process"
cargo test --quiet --test many_movies -- --nocapture

say "the tests under AddressSanitizer"
# The sanitizer is an unstable compiler option; RUSTC_BOOTSTRAP lets a stable compiler accept it. With --target, cargo
# does not use it for build scripts. Tests of resident memory are left out, because the sanitizer uses memory too. With
# allocator_may_return_null, an allocation that is too large fails, as it does without the sanitizer, and does not
# abort.
RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=address LSAN_OPTIONS=suppressions=$PWD/fuzz/leaks.txt:print_suppressions=0 \
    ASAN_OPTIONS=allocator_may_return_null=1 \
    cargo nextest run --profile ci --target x86_64-unknown-linux-gnu --target-dir target/asan \
    -E 'not (binary(memory) or binary(many_movies) or binary(sandbox) or test(memory_does_not_grow))'

say "30 movies and the examples under valgrind"
# Valgrind runs one thread at a time, and takes about fifty times as long.
memcheck=(valgrind --quiet --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite)
program() { cargo test --no-run --test many_movies --message-format=json 2>>"$log" | sed -n 's/.*"executable":"\([^"]*many_movies[^"]*\)".*/\1/p'; }
FRAMEMILL_MOVIES=30 "${memcheck[@]}" "$(program)" --test-threads 1
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cargo build --quiet --examples
root=$PWD
cd "$directory"
for example in readme into_memory; do
    "${memcheck[@]}" "$root/target/debug/examples/$example"
done
say "no errors and no leaks"

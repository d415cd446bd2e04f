#!/usr/bin/env bash
# Memory errors and leaks: the Rust tests under AddressSanitizer, which finds leaks too, and movies by the dozen under
# valgrind, which sees into FFmpeg and x264 as well. See docs/reliability.md. About half an hour.
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
# The sanitizer is an unstable option of the compiler, which a stable one takes with this. Naming the target keeps it out
# of build scripts. Resident memory is not what it is without the sanitizer, which also has to be allowed to refuse memory.
RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=address LSAN_OPTIONS=suppressions=$PWD/fuzz/leaks.txt:print_suppressions=0 \
    ASAN_OPTIONS=allocator_may_return_null=1 \
    cargo nextest run --profile ci --target x86_64-unknown-linux-gnu --target-dir target/asan \
    -E 'not (binary(memory) or binary(many_movies) or binary(sandbox) or test(memory_does_not_grow))'

say "30 movies, and the examples, under valgrind"
# Valgrind runs one thread at a time: a second of the processor is some fifty of these.
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
say "no error and no leak"

#!/usr/bin/env bash
# Feeds the readers of inputs, options and part files with what nobody would write: each target of fuzz/ for so many
# seconds, 600 by default, or only the TARGETS that are named. A crash, a hang or a leak ends it, and its input stays in
# fuzz/artifacts/. What was found interesting stays in fuzz/target/corpus/, and the next run goes on from there.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-600}
log=target/fuzz.log
mkdir -p target
. scripts/talk.sh

bash scripts/setup.sh
if ! has cargo-fuzz; then
    say "building cargo-fuzz; this takes some minutes"
    quietly cargo install cargo-fuzz --locked
fi
# The sanitizers are unstable options of the compiler, which a stable one takes with this.
export RUSTC_BOOTSTRAP=1
export LSAN_OPTIONS=suppressions=$PWD/fuzz/leaks.txt:print_suppressions=0
# Recovering waits for the disk, and memory is faster.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
say "building the targets"
quietly cargo fuzz build
for target in ${TARGETS:-$(cargo fuzz list)}; do
    grown=fuzz/target/corpus/$target
    mkdir -p "$grown"
    say "$target, $seconds s"
    cargo fuzz run "$target" "$grown" "fuzz/corpus/$target" -- \
        -max_total_time="$seconds" -timeout=60 -rss_limit_mb=2048 -print_final_stats=1 >"target/fuzz-$target.log" 2>&1 || {
        tail -n 40 "target/fuzz-$target.log" >&2
        fail "$target failed; its output is in target/fuzz-$target.log"
    }
    say "$(grep -o 'number_of_executed_units: .*' "target/fuzz-$target.log") without a fault"
done

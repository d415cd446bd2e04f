#!/usr/bin/env bash
# Runs the fuzz targets in fuzz/, which feed random data to the readers of inputs, options and part files:
#
#   [TARGETS="NAME…"] bash scripts/fuzz.sh [SECONDS]
#
# Each target runs for SECONDS, 600 by default. TARGETS selects some of the targets. A crash, a hang or a leak stops the
# script, and the input that caused it stays in fuzz/artifacts/. Inputs that reach new code are kept in
# fuzz/target/corpus/, and the next run continues from them.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-600}
log=target/fuzz.log
mkdir -p target
. scripts/talk.sh

bash scripts/setup.sh
if ! has cargo-fuzz; then
    say "building cargo-fuzz; this takes a few minutes"
    quietly cargo install cargo-fuzz --locked
fi
# The sanitizers are unstable compiler options. This lets a stable compiler accept them.
export RUSTC_BOOTSTRAP=1
export LSAN_OPTIONS=suppressions=$PWD/fuzz/leaks.txt:print_suppressions=0
# Recovery syncs its files to disk, which is faster in memory.
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
    say "$(grep -o 'number_of_executed_units: .*' "target/fuzz-$target.log") without a failure"
done

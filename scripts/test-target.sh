#!/usr/bin/env bash
# Runs the tests of framemill for another system: Linux on aarch64 under qemu, or Windows under wine. Passes its
# arguments to nextest:
#
#   TARGET=aarch64-unknown-linux-gnu bash scripts/test-target.sh -E "kind(lib)"
set -euo pipefail
exec 2>&1
cd "$(dirname "$0")/.."
export FLAVOR=${FLAVOR:-small}
log=target/test-target.log
. scripts/static-environment.sh
[ "$target" != "$machine" ] || fail "set TARGET to another system: aarch64-unknown-linux-gnu or x86_64-pc-windows-gnu"

case $system in
linux) runner=(qemu-aarch64-static -L "/usr/$gnu") ;;
mingw32) runner=(wine) ;;
esac
has "${runner[0]}" || fail "${runner[0]} is missing: install qemu-user-static for aarch64, wine for Windows"
link_by_cross_compiler
variable=CARGO_TARGET_${target//-/_}_RUNNER
export "${variable^^}=${runner[*]}" WINEDEBUG=${WINEDEBUG:--all}

# The other tests need Unix: they are about pipes, signals, and the files that a killed process leaves.
tests=()
[ "$system" != mingw32 ] || tests=(--lib --bins --test files)
folder=$CARGO_TARGET_DIR/$target
mkdir -p "$folder"
if [ "$system" = mingw32 ]; then
    # Rust's standard library gets its random numbers from this library. Wine before version 9 does not have it.
    "$cc" -O2 -shared -x c - -ladvapi32 -o "$folder/bcryptprimitives.dll" <<'END'
#include <windows.h>
#include <ntsecapi.h>
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length) { return RtlGenRandom(data, (ULONG)length); }
END
    # Creates wine's folder now, because the tests would all try to create it at the same time.
    quietly wine wineboot --init
    export WINEPATH="Z:${folder//\//\\}"
fi
cargo nextest list "${features[@]}" "${tests[@]}" --target "$target" --list-type binaries-only --message-format json >"$folder/binaries.json"
cargo metadata --format-version 1 "${features[@]}" --filter-platform "$target" >"$folder/metadata.json"
# Nextest runs each test in its own process, so the tests of FFmpeg's log need not start another one, which qemu cannot
# do. Other tests start framemill by its name, so on Linux a script with that name runs it under qemu.
export FRAMEMILL_LOG_TEST=1
program=$folder/debug/framemill
if [ "$system" = linux ]; then
    mv "$program" "$program.$architecture"
    printf '#!/bin/sh\nexec %s -0 "$0" %s "$@"\n' "${runner[*]}" "$program.$architecture" >"$program"
    chmod +x "$program"
fi
cargo nextest run --profile ci --binaries-metadata "$folder/binaries.json" --cargo-metadata "$folder/metadata.json" "$@"

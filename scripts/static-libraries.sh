#!/usr/bin/env bash
# Builds what the static program and the wheel link: FFmpeg and the encoders that it uses, no larger than framemill
# needs them. FLAVOR=small has x264 and Xvid, and takes some minutes; FLAVOR=full, the default, has SVT-AV1, dav1d, x265,
# libvpx and Opus too. TARGET names the system that they are for, by default this one. Each is built once for a user: until this recipe or the compiler changes, what is in the cache is used.
# Prints the directory with the libraries.
set -euo pipefail
cd "$(dirname "$0")/.."
flavor=${FLAVOR:-full}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/framemill/static
log=$PWD/target/static/libraries.log
. scripts/talk.sh
. scripts/static-libraries/target.sh
. scripts/static-libraries/sources.sh
. scripts/static-libraries/encoders.sh
. scripts/static-libraries/ffmpeg.sh

[ -n "$system" ] || fail "TARGET is \"$target\", and must be x86_64-unknown-linux-gnu, aarch64-unknown-linux-gnu or x86_64-pc-windows-gnu"
[[ $flavor = small || $flavor = full ]] || fail "FLAVOR is \"$flavor\", and must be small or full"
[[ ! $cache =~ [[:space:]] ]] || fail "configure scripts cannot build in $cache: set XDG_CACHE_HOME to a path without spaces"

recipe=$({ cat scripts/static-libraries.sh scripts/static-libraries/*.sh && "$cc" --version; } | sha256sum | cut -c 1-12)
prefix=$cache/$target-$flavor-$recipe

build() {
    rm -rf "$prefix" "$cache/build"
    mkdir -p "$prefix/lib" "$(dirname "$log")"
    : >"$log"
    fetch_sources
    say "building the $flavor flavor of FFmpeg and its encoders for $target; this takes some minutes, once"
    for library in $(libraries); do
        say "building $library: $(date +%T)"
        (build_"$library")
    done
    rm -rf "$cache/build"
    touch "$prefix/complete"
}

if [ ! -e "$prefix/complete" ]; then
    mkdir -p "$cache"
    exec {lock}>"$cache/lock"
    flock --nonblock "$lock" || { say "waiting for another build in $cache" && flock "$lock"; }
    if [ ! -e "$prefix/complete" ]; then build; fi
fi
echo "$prefix"

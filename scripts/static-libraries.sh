#!/usr/bin/env bash
# Builds the libraries that the static program and the wheel link: FFmpeg and its encoders, with only the parts that
# framemill needs. Prints the directory with the libraries.
# FLAVOR=small has x264 and Xvid, and takes a few minutes. FLAVOR=full, the default, also has SVT-AV1, dav1d, x265,
# libvpx and Opus. TARGET is the system to build for, by default this one.
# The libraries stay in the user's cache. They are built again only if these scripts or the compiler change.
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

[ -n "$system" ] || fail "TARGET is \"$target\", but must be one of:" \
    "x86_64-unknown-linux-gnu, aarch64-unknown-linux-gnu, x86_64-pc-windows-gnu"
[[ $flavor = small || $flavor = full ]] || fail "FLAVOR is \"$flavor\", but must be small or full"
[[ ! $cache =~ [[:space:]] ]] ||
    fail "configure scripts cannot build in \"$cache\": set XDG_CACHE_HOME to a path without spaces"

recipe=$({ cat scripts/static-libraries.sh scripts/static-libraries/*.sh && "$cc" --version; } | sha256sum | cut -c 1-12)
prefix=$cache/$target-$flavor-$recipe

build() {
    rm -rf "$prefix" "$cache/build"
    mkdir -p "$prefix/lib" "$(dirname "$log")"
    : >"$log"
    fetch_sources
    say "building the $flavor flavor of FFmpeg and its encoders for $target; this takes a few minutes, but only once"
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

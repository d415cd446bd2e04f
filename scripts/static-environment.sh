# For the other scripts: what cargo builds with "${features[@]}" after this has FFmpeg and its encoders in it: all of them,
# or few with FLAVOR=small.
# shellcheck shell=bash

export FLAVOR=${FLAVOR:-full}
bash scripts/setup.sh static >&2
prefix=$(bash scripts/static-libraries.sh)
features=(--features static)
export PKG_CONFIG_LIBDIR=$prefix/lib/pkgconfig
# Beside what is built with the system's FFmpeg: neither makes the other be built again.
export CARGO_TARGET_DIR=$PWD/target/static/cargo
unset PKG_CONFIG_PATH FFMPEG_DIR

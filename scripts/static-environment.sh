# For the other scripts: what cargo builds with "${features[@]}" after this has FFmpeg and its encoders in it: all of them,
# or few with FLAVOR=small.
# shellcheck shell=bash disable=SC2034

export FLAVOR=${FLAVOR:-full}
bash scripts/setup.sh static >&2
prefix=$(bash scripts/static-libraries.sh)
features=(--features static)
export PKG_CONFIG_LIBDIR=$prefix/lib/pkgconfig
# Beside what is built with the system's FFmpeg: neither makes the other be built again.
export CARGO_TARGET_DIR=$PWD/target/static/cargo
mkdir -p "$CARGO_TARGET_DIR"
unset PKG_CONFIG_PATH FFMPEG_DIR
# What is passed on is linked by zig, for every system with this C library or a later one: Debian 10, RHEL 8.
target=x86_64-unknown-linux-gnu
glibc=2.28
export CARGO_ZIGBUILD_PYTHON_PATH=$PWD/.venv-wheel/bin/python PATH=$PWD/.venv-wheel/bin:$PATH PKG_CONFIG_ALLOW_CROSS=1
# Runs a program that links by zig. Beside its own directory zig names its headers by their whole paths, as bindgen needs them.
by_zig() {
    local root=$PWD
    (cd "$CARGO_TARGET_DIR" && "$root/.venv-wheel/bin/$1" "${@:2}")
}

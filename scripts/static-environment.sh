# For the other scripts: what cargo builds with "${features[@]}" after this has FFmpeg and its encoders in it: all of them,
# or few with FLAVOR=small. TARGET names the system that it is for, by default this one.
# shellcheck shell=bash disable=SC2034,SC2154

export FLAVOR=${FLAVOR:-full}
. scripts/talk.sh
. scripts/static-libraries/target.sh
TARGET=$target bash scripts/setup.sh static >&2
prefix=$(TARGET=$target bash scripts/static-libraries.sh)
features=(--features static)
export PKG_CONFIG_LIBDIR=$prefix/lib/pkgconfig PKG_CONFIG_ALLOW_CROSS=1
# Beside what is built with the system's FFmpeg: neither makes the other be built again.
export CARGO_TARGET_DIR=$PWD/target/static/cargo
mkdir -p "$CARGO_TARGET_DIR"
unset PKG_CONFIG_PATH FFMPEG_DIR
# What is passed on for Linux is linked by zig, for every system with this C library or a later one: Debian 10, RHEL 8.
glibc=2.28
export CARGO_ZIGBUILD_PYTHON_PATH=$PWD/.venv-wheel/bin/python PATH=$PWD/.venv-wheel/bin:$PATH
# Runs a program that links by zig. Beside its own directory zig names its headers by their whole paths, as bindgen needs them.
by_zig() {
    local root=$PWD
    (cd "$CARGO_TARGET_DIR" && "$root/.venv-wheel/bin/$1" "${@:2}")
}

# Lets cargo link by the C compiler for another system, as for Windows, and for tests. bindgen needs the headers of that.
link_by_cross_compiler() {
    [ "$target" != "$machine" ] || return 0
    local name=${target//-/_}
    export "CARGO_TARGET_${name^^}_LINKER=$cc"
    # libclang finds its own headers for this system only.
    local headers
    headers=$(compgen -G '/usr/lib/llvm*/lib/clang/*/include' | sort --version-sort | tail -n 1)
    export "BINDGEN_EXTRA_CLANG_ARGS_$name=-isystem /usr/$gnu/include -idirafter $headers"
}

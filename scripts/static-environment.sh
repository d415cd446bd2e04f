# Sourced by other scripts. After this, cargo links FFmpeg and its encoders statically if it gets "${features[@]}".
# FLAVOR=small has few encoders; FLAVOR=full, the default, has all. TARGET is the system to build for, by default this
# one.
# shellcheck shell=bash disable=SC2034,SC2154

export FLAVOR=${FLAVOR:-full}
. scripts/talk.sh
. scripts/static-libraries/target.sh
TARGET=$target bash scripts/setup.sh static >&2
prefix=$(TARGET=$target bash scripts/static-libraries.sh)
features=(--features static)
export PKG_CONFIG_LIBDIR=$prefix/lib/pkgconfig PKG_CONFIG_ALLOW_CROSS=1
# A separate folder, so that builds with the system's FFmpeg and static builds do not invalidate each other.
export CARGO_TARGET_DIR=$PWD/target/static/cargo
mkdir -p "$CARGO_TARGET_DIR"
unset PKG_CONFIG_PATH FFMPEG_DIR
# Programs and wheels for Linux are linked by zig, and run with this glibc or a later one: Debian 10, RHEL 8.
glibc=2.28
export CARGO_ZIGBUILD_PYTHON_PATH=$PWD/.venv-wheel/bin/python PATH=$PWD/.venv-wheel/bin:$PATH
# Runs a program that links with zig. It runs in the target directory, because there zig prints absolute paths to its
# headers, which bindgen needs.
by_zig() {
    local root=$PWD
    (cd "$CARGO_TARGET_DIR" && "$root/.venv-wheel/bin/$1" "${@:2}")
}

# Makes cargo link with the C cross-compiler: for Windows, and for tests. Also gives bindgen the headers of that system.
link_by_cross_compiler() {
    [ "$target" != "$machine" ] || return 0
    local name=${target//-/_}
    export "CARGO_TARGET_${name^^}_LINKER=$cc"
    # libclang finds its own headers only when it compiles for this system.
    local headers
    headers=$(compgen -G '/usr/lib/llvm*/lib/clang/*/include' | sort --version-sort | tail -n 1)
    export "BINDGEN_EXTRA_CLANG_ARGS_$name=-isystem /usr/$gnu/include -idirafter $headers"
}

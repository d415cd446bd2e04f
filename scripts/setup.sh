#!/usr/bin/env bash
# Installs the tools and libraries that the project needs. It skips those that are already installed.
#
#   bash scripts/setup.sh [everything|static|wheel|demo|docs]
#
# "static" is for the static program, "wheel" for the Python package, "demo" for the demonstration, and "docs" for the
# website. "everything", the default, is for development, the tests and the benchmark.
# FLAVOR=full also installs the build tools for the full flavor of the static libraries. TARGET also installs the
# compiler for another system.
set -euo pipefail
cd "$(dirname "$0")/.."
purpose=${1:-everything}
log=target/setup.log
mkdir -p target
. scripts/talk.sh
. scripts/static-libraries/target.sh

# Whether the tools of the tests and of the benchmark are needed.
tests() { [ "$purpose" = everything ]; }
# Whether framemill is also linked with the system's FFmpeg.
links_system() { tests; }
has_library() { has pkg-config && pkg-config --exists "$1"; }
builds_full_flavor() { [ "${FLAVOR:-}" = full ]; }
has_cross_compiler() { [ "$target" = "$machine" ] || has "$1"; }
has_compiler() { has cc && echo '#include <stdlib.h>' | cc -E - >/dev/null 2>&1; }
has_venv() { has python3 && python3 -c 'import ensurepip, venv' 2>/dev/null; }

# bindgen loads libclang, and needs the headers from its development package.
has_libclang() {
    [ -n "${LIBCLANG_PATH:-}" ] || compgen -G '/usr/lib/llvm*/lib*/libclang.so' >/dev/null ||
        [ -e /usr/lib/libclang.so ] || [ -e /usr/lib64/libclang.so ]
}

missing_packages() {
    local library
    # For building FFmpeg and the encoders that are linked into the static program and the wheel.
    has nasm || echo nasm
    [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || echo debian-archive-keyring
    if links_system; then
        for library in libavcodec libavformat libavutil libswscale libswresample; do
            has_library "$library" || echo "$library-dev"
        done
    fi
    has_venv || echo python3-venv
    has pkg-config || echo pkg-config
    has_libclang || echo libclang-dev
    has_compiler || echo gcc libc6-dev
    has make || echo make
    has_cross_compiler "$cc" || echo "gcc-${compiler_package}"
    if builds_full_flavor; then
        has_cross_compiler "$cxx" || echo "g++-${compiler_package}"
        has cmake || echo cmake
        has meson || echo meson
        has c++ || echo g++
    fi
    if tests; then
        # Reads movies back.
        has ffmpeg && has ffprobe || echo ffmpeg
        # Makes system calls fail.
        has strace || echo strace
        # Opens the report.
        has chromium || has chromium-browser || has google-chrome || echo chromium
        # The benchmark compares framemill with it.
        has x264 || echo x264
    fi
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif has sudo; then
        sudo "$@"
    else
        fail "this command needs root, and sudo is not installed: $*"
    fi
}

install_packages() {
    local packages
    mapfile -t packages < <(missing_packages | tr ' ' '\n')
    [ "${#packages[@]}" -gt 0 ] || return 0
    has apt-get || fail "these packages are missing (Debian names): ${packages[*]}" \
        "install them with your package manager, and try again"
    say "installing ${packages[*]}"
    quietly as_root apt-get update
    quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${packages[@]}"
}

check_cargo() {
    has cargo || fail "cargo is missing: install Rust from https://rustup.rs, or with apt-get install rustup"
    if [ ! -d "$(rustc --print target-libdir --target "$target")" ]; then
        has rustup || fail "Rust's standard library for $target is missing: install it, or rustup"
        quietly rustup target add "$target"
    fi
    tests || return 0
    if ! cargo fmt --version >/dev/null 2>&1 || ! cargo clippy --version >/dev/null 2>&1; then
        has rustup || fail "cargo fmt or cargo clippy is missing: install rustfmt and clippy"
        quietly rustup component add rustfmt clippy
    fi
    if ! cargo nextest --version >/dev/null 2>&1; then
        say "building cargo-nextest, which runs the tests; this takes a few minutes"
        quietly cargo install cargo-nextest --locked
    fi
}

# make_python_environment DIRECTORY REQUIREMENTS
make_python_environment() {
    # The requirements are copied last, so a copy means that the installation finished.
    if cmp -s "$2" "$1/requirements.txt" && "$1/bin/python" -c '' 2>/dev/null; then
        return
    fi
    say "creating the Python environment $1"
    # The first environment has uv, which creates the others ten times as fast. uv does not read pip's configuration.
    if [ "$1" = .venv-wheel ]; then
        quietly python3 -m venv --clear "$1"
        quietly "$1/bin/python" -m pip install --requirement "$2"
    else
        local index
        index=$(.venv-wheel/bin/python -m pip config get global.index-url 2>/dev/null) || index=https://pypi.org/simple
        index=${PIP_INDEX_URL:-$index}
        quietly .venv-wheel/bin/uv venv --clear --python "$(command -v python3)" "$1"
        quietly .venv-wheel/bin/uv pip install --system-certs --default-index "$index" --python "$1/bin/python" \
            --requirement "$2"
    fi
    cp "$2" "$1/requirements.txt"
}

install_packages
check_cargo
make_python_environment .venv-wheel scripts/wheel-requirements.txt
if [ "$purpose" = demo ] || [ "$purpose" = docs ] || tests; then
    make_python_environment .venv scripts/requirements.txt
fi
if [ "$purpose" = docs ] || tests; then
    make_python_environment .venv-docs docs/requirements.txt
fi
if tests; then
    make_python_environment .venv-bench benches/requirements.txt
    make_python_environment .venv-tests python/tests/requirements.txt
    make_python_environment .venv-oldest python/tests/oldest-requirements.txt
fi
say "everything is installed"

# Sourced by other scripts: finds the system to build for. TARGET is a Rust target triple, by default that of this
# machine.
# shellcheck shell=bash disable=SC2034

# The makefiles of some libraries use a variable TARGET too.
export -n TARGET
machine=$(uname -m)-unknown-linux-gnu
[ "$(uname -s)" = Linux ] || machine=$(uname -sm)
target=${TARGET:-$machine}
# The names of this target for the C tools, FFmpeg and Debian.
case $target in
x86_64-unknown-linux-gnu) gnu=x86_64-linux-gnu system=linux debian=amd64 ;;
aarch64-unknown-linux-gnu) gnu=aarch64-linux-gnu system=linux debian=arm64 ;;
x86_64-pc-windows-gnu) gnu=x86_64-w64-mingw32 system=mingw32 debian=amd64 ;;
*) gnu= system= debian= ;;
esac
architecture=${gnu%%-*}

# The C tools for another system have a prefix.
tools=
cc=cc
cxx=c++
if [ "$target" != "$machine" ]; then
    tools=$gnu-
    cc=${tools}gcc
    cxx=${tools}g++
    # The name of Debian's compiler packages, after "gcc-" or "g++-".
    compiler_package=$gnu
    [ "$system" = linux ] || compiler_package=mingw-w64-${architecture//_/-}-posix
fi

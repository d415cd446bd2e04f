# For the scripts that build framemill in one file: what system it is for. TARGET is a name of Rust's, by default this machine's.
# shellcheck shell=bash disable=SC2034

# The makefiles of libraries have a TARGET too.
export -n TARGET
machine=$(uname -m)-unknown-linux-gnu
[ "$(uname -s)" = Linux ] || machine=$(uname -sm)
target=${TARGET:-$machine}
# What the C tools, FFmpeg and Debian call it.
case $target in
x86_64-unknown-linux-gnu) gnu=x86_64-linux-gnu system=linux debian=amd64 ;;
aarch64-unknown-linux-gnu) gnu=aarch64-linux-gnu system=linux debian=arm64 ;;
x86_64-pc-windows-gnu) gnu=x86_64-w64-mingw32 system=mingw32 debian=amd64 ;;
*) gnu= system= debian= ;;
esac
architecture=${gnu%%-*}

# The C tools of another system have its name before theirs.
tools=
cc=cc
cxx=c++
if [ "$target" != "$machine" ]; then
    tools=$gnu-
    cc=${tools}gcc
    cxx=${tools}g++
    # What Debian names the package with them by, after "gcc-" and "g++-".
    compiler_package=$gnu
    [ "$system" = linux ] || compiler_package=mingw-w64-${architecture//_/-}-posix
fi

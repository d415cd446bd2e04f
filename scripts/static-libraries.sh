#!/usr/bin/env bash
# Builds what the static program links: FFmpeg with x264 and Xvid, no larger than framemill needs it. That takes some
# minutes the first time, and nothing as long as neither this recipe nor the directory changes. The sources come from
# Debian's registry, and must be the very ones that are named here. Prints the directory with the libraries.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
work=$root/target/static
log=$work/libraries.log
. scripts/talk.sh

# Debian's suite, package and version, and the file that we use of it with its SHA-256.
ffmpeg=(trixie ffmpeg 7:7.1.5-0+deb13u1 ffmpeg_7.1.5.orig.tar.xz
    de668509caf9e35e3cd162473441fdb29538c6d96ed080292b3cf9e6fc5d558f)
x264=(bookworm x264 2:0.164.3095+gitbaee400-3 x264_0.164.3095+gitbaee400.orig.tar.gz
    8b237e94b08c196a1da22f2f25875f10be4cff3648df4eeff21e00da8f683fc2)
# Not the source: Debian's archive of this library is position-independent already, and needs no build.
xvid=(bookworm libxvidcore-dev 2:1.3.7-1 libxvidcore-dev_2%3a1.3.7-1_amd64.deb
    1ec65249c2cd21be492aea57145f67dc1c37ae051e91ffef45850ea7910b549c)

# An apt of our own: the machine's lists and its configuration stay as they are.
private() {
    local program=$1
    shift
    "$program" -o Dir::Etc::sourcelist="$work/apt/debian.sources" -o Dir::Etc::sourceparts=- \
        -o Dir::State="$work/apt/state" -o Dir::Cache="$work/apt/cache" -o APT::Sandbox::User=root "$@"
}

update_lists() {
    local repositories mirror
    repositories=$(apt-get indextargets --format '$(REPO_URI)' 'Component: main')
    mirror=$(grep --max-count=1 '/debian/$' <<<"$repositories") ||
        fail "apt names no mirror of Debian's here, which the sources of FFmpeg and x264 come from"
    mkdir -p "$work"/apt/{state/lists,cache/archives}/partial
    cat >"$work/apt/debian.sources" <<END
Types: deb deb-src
URIs: $mirror
Suites: bookworm trixie
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
END
    quietly private apt-get update
}

is_right() { echo "$2  $work/sources/$1" | sha256sum --check --status 2>/dev/null; }

# Gets one of the files that are named above, unless it is here.
fetch() {
    local command=$1 suite=$2 package=$3 version=$4 file=$5 sum=$6
    ! is_right "$file" "$sum" || return 0
    [ -e "$work/apt/debian.sources" ] || update_lists
    local found
    found=$(private apt-cache madison "$package")
    grep --quiet --fixed-strings " $version " <<<"$found" ||
        fail "this wants $package $version of Debian's $suite, and the registry has:" "$found" \
            "Name the new version, its file and its SHA-256 at the top of scripts/static-libraries.sh"
    say "fetching $package $version"
    (cd "$work/sources" && quietly private apt-get $command "$package=$version")
    is_right "$file" "$sum" || fail "$work/sources/$file is not the file that is named here: its SHA-256 is not $sum"
}

# Fresh sources, to build in.
unpack() {
    rm -rf "$work/build/$1"
    mkdir -p "$work/build/$1"
    tar --extract --file "$work/sources/$2" --directory "$work/build/$1" --strip-components=1
    cd "$work/build/$1"
}

# Sections of their own let the linker leave out each function that nobody calls, and no exception passes C code, so it
# needs no tables to unwind by.
lean='-ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables'

# What x264 allocates starts as zeros. It reads some of it that it never wrote, and where memory of an encoder before was
# there, the same frames became other bytes: vendor-notes/x264.md. Large blocks get fresh pages, which costs nothing.
clear_memory_of_x264() {
    sed -i '/^    return align_buf;/i\
    if( align_buf )\
    {\
        size_t fresh = 0;\
#if HAVE_THP\
        if( i_size >= HUGE_PAGE_THRESHOLD \&\& !madvise( align_buf, i_size \& ~(int64_t)4095, MADV_DONTNEED ) )\
            fresh = i_size \& ~(int64_t)4095;\
#endif\
        memset( align_buf + fresh, 0, i_size - fresh );\
    }' common/base.c
    grep --quiet 'size_t fresh = 0;' common/base.c || fail "x264 allocates its memory in another way than it did"
}

build_x264() {
    unpack x264 "${x264[3]}"
    clear_memory_of_x264
    quietly ./configure --prefix="$prefix" --enable-static --enable-pic --bit-depth=all --chroma-format=all \
        --disable-cli --disable-opencl --extra-cflags="-O2 $lean"
    quietly make -j"$(nproc)" install-lib-static
}

install_xvid() {
    rm -rf "$work/build/xvid"
    dpkg-deb --extract "$work/sources/${xvid[3]}" "$work/build/xvid"
    cd "$work/build/xvid/usr"
    install -D --mode=644 --target-directory="$prefix/include" include/xvid.h
    install -D --mode=644 --target-directory="$prefix/lib" lib/x86_64-linux-gnu/libxvidcore.a
}

build_ffmpeg() {
    unpack ffmpeg "${ffmpeg[3]}"
    local options=(
        --prefix="$prefix" --enable-static --disable-shared --enable-pic --enable-gpl
        --optflags=-O2 --disable-autodetect --enable-pthreads --disable-debug --disable-programs --disable-doc
        --disable-avdevice --disable-avfilter --disable-postproc --disable-network
        --pkg-config-flags=--static --extra-cflags="$lean -I$prefix/include" --extra-ldflags="-L$prefix/lib"
        --extra-libs=-lm
        --disable-everything --enable-libx264 --enable-libxvid
        --enable-encoder=libx264,libx264rgb,mpeg4,libxvid,mjpeg,ffv1
        --enable-decoder=h264,mpeg4,mjpeg,ffv1
        --enable-parser=h264,mpeg4video,mjpeg
        --enable-muxer=mp4,mov,ipod,avi,matroska
        --enable-demuxer=mov,avi,matroska
        --enable-bsf=extract_extradata,h264_mp4toannexb
    )
    quietly env PKG_CONFIG_LIBDIR="$prefix/lib/pkgconfig" ./configure "${options[@]}"
    quietly make -j"$(nproc)" install
    install --mode=644 --target-directory="$prefix" COPYING.GPLv2
}

[ "$(uname -sm)" = "Linux x86_64" ] || fail "the static program is made on Linux on x86-64 only"
# A name of its own for each recipe, so that cargo sees when the libraries are others.
recipe=$({ cat "$root/scripts/static-libraries.sh" && pwd; } | sha256sum | cut -c 1-12)
prefix=$work/prefix-$recipe
if [ ! -e "$prefix/complete" ]; then
    mkdir -p "$work/sources"
    : >"$log"
    rm -rf "$work"/prefix-* "$work/apt"
    fetch "source --download-only --tar-only" "${ffmpeg[@]}"
    fetch "source --download-only --tar-only" "${x264[@]}"
    fetch download "${xvid[@]}"
    say "building x264 and FFmpeg; this takes some minutes"
    build_x264
    install_xvid
    build_ffmpeg
    touch "$prefix/complete"
    rm -rf "$work/build" "$work/apt"
fi
echo "$prefix"

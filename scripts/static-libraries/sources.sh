# Sourced by static-libraries.sh: downloads the sources from Debian's registry and verifies their checksums.
# shellcheck shell=bash disable=SC2034,SC2154

# For each library: Debian's suite, package and version, and the file to use with its SHA-256.
ffmpeg=(trixie ffmpeg 7:7.1.5-0+deb13u1 ffmpeg_7.1.5.orig.tar.xz
    de668509caf9e35e3cd162473441fdb29538c6d96ed080292b3cf9e6fc5d558f)
x264=(bookworm x264 2:0.164.3095+gitbaee400-3 x264_0.164.3095+gitbaee400.orig.tar.gz
    8b237e94b08c196a1da22f2f25875f10be4cff3648df4eeff21e00da8f683fc2)
zlib=(trixie zlib 1:1.3.dfsg+really1.3.1-1+deb13u1 zlib_1.3.dfsg+really1.3.1.orig.tar.gz
    60dd315c07f616887caa029408308a018ace66e3d142726a97db164b3b8f69fb)
svt_av1=(trixie svt-av1 2.3.0+dfsg-1 svt-av1_2.3.0+dfsg.orig.tar.xz
    815e88cc539c41b8ebd1a6f362f82ab510147635fc6c3edfa35edcfbed302cd8)
x265=(trixie x265 4.1-2 x265_4.1.orig.tar.xz
    85abb8a850000bf693947459c42a666a3ecd6de10a2ac6b3c6647554b14d3270)
libvpx=(trixie libvpx 1.15.0-2.1+deb13u1 libvpx_1.15.0.orig.tar.xz
    a6cfd199c5c567cfa4e6d991ec36690d9af801585b5db959c1494b5b15f821a5)
dav1d=(trixie dav1d 1.5.1-1 dav1d_1.5.1.orig.tar.xz
    401813f1f89fa8fd4295805aa5284d9aed9bc7fc1fdbe554af4292f64cbabe21)
opus=(trixie opus 1.5.2-2 opus_1.5.2.orig.tar.gz
    65c1d2f78b9f2fb20082c38cbe47c951ad5839345876e46941612ee87f9a7ce1)
# A compiled library instead of the source: Debian's static library is already position-independent.
declare -A xvid_sums=(
    [amd64]=1ec65249c2cd21be492aea57145f67dc1c37ae051e91ffef45850ea7910b549c
    [arm64]=0b76d240d7646171c858e64566fc5be32e09fc1c55f4949a5ea275fb26ed215f
)
xvid=(bookworm libxvidcore-dev 2:1.3.7-1 "libxvidcore-dev_2%3a1.3.7-1_$debian.deb" "${xvid_sums[$debian]}")

# Debian has no Xvid library for Windows, and its registry does not have the source.
has_xvid() { [ "$system" = linux ]; }

# Prints the libraries of the flavor in build order. FFmpeg is last, because it uses the others.
libraries() {
    echo compiler_runtime zlib x264
    ! has_xvid || echo xvid
    [ "$flavor" = small ] || echo svt_av1 dav1d x265 libvpx opus
    echo ffmpeg
}

# Runs an apt program with its own lists and configuration, so that those of the machine do not change.
private() {
    local program=$1
    shift
    "$program" -o Dir::Etc::sourcelist="$cache/apt/debian.sources" -o Dir::Etc::sourceparts=- \
        -o Dir::State="$cache/apt/state" -o Dir::Cache="$cache/apt/cache" -o APT::Sandbox::User=root -o APT::Architecture="$debian" \
        -o APT::Architectures="$debian" "$@"
}

update_lists() {
    local repositories mirror
    repositories=$(apt-get indextargets --format '$(REPO_URI)' 'Component: main')
    # Systems other than Debian may have no Debian mirror in their configuration.
    mirror=$(grep --max-count=1 '/debian/$' <<<"$repositories") || mirror=http://deb.debian.org/debian/
    mkdir -p "$cache"/apt/{state/lists,cache/archives}/partial
    cat >"$cache/apt/debian.sources" <<END
Types: deb deb-src
URIs: $mirror
Suites: bookworm trixie
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
END
    quietly private apt-get update
}

is_right() { echo "$2  $cache/sources/$1" | sha256sum --check --status 2>/dev/null; }

# Downloads one of the files above, unless it is in the cache.
fetch() {
    local suite=$1 package=$2 version=$3 file=$4 sum=$5
    ! is_right "$file" "$sum" || return 0
    [ -e "$cache/apt/debian.sources" ] || update_lists
    local found
    found=$(private apt-cache madison "$package")
    grep --quiet --fixed-strings " $version " <<<"$found" ||
        fail "$package $version of Debian's $suite is needed, but the registry has:" "$found" \
            "Enter the new version, its file and its SHA-256 at the top of scripts/static-libraries/sources.sh"
    say "downloading $package $version"
    local command=(source --download-only --tar-only)
    [[ $file != *.deb ]] || command=(download)
    (cd "$cache/sources" && quietly private apt-get "${command[@]}" "$package=$version")
    is_right "$file" "$sum" || fail "$cache/sources/$file has the wrong checksum: its SHA-256 is not $sum"
}

fetch_sources() {
    local library
    mkdir -p "$cache/sources"
    rm -rf "$cache/apt"
    for library in $(libraries); do
        [ "$library" != compiler_runtime ] || continue
        local -n source=$library
        fetch "${source[@]}"
    done
    rm -rf "$cache/apt"
}

# Unpacks the source of a library to a build folder, and changes to this folder.
unpack() {
    local -n source=$1
    mkdir -p "$cache/build/$1"
    tar --extract --file "$cache/sources/${source[3]}" --directory "$cache/build/$1" --strip-components=1
    cd "$cache/build/$1"
}

# keep_licenses LIBRARY FILE…: adds license files to licenses.txt, which is part of the program.
keep_licenses() {
    local file
    for file in "${@:2}"; do
        printf '\n==== %s: %s\n\n' "$1" "$(basename "$file")"
        cat "$file"
    done >>"$prefix/licenses.txt"
}

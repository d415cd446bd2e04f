# Sourced by static-libraries.sh: builds the libraries other than FFmpeg.
# shellcheck shell=bash disable=SC2154

# With a section per function, the linker leaves out unused functions. No exception passes through C code, so it needs
# no unwind tables.
lean='-O2 -fPIC -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables'
# Windows needs the tables for setjmp too, and all of its code is position-independent.
[ "$system" != mingw32 ] || lean='-O2 -ffunction-sections -fdata-sections'
jobs=$(nproc)

# cmake_build SOURCE BUILD OPTION…
cmake_build() {
    quietly cmake -S "$1" -B "$2" -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS_RELEASE="$lean -DNDEBUG" \
        -DCMAKE_CXX_FLAGS_RELEASE="$lean -DNDEBUG -fno-exceptions" -DCMAKE_INSTALL_PREFIX="$prefix" \
        -DCMAKE_INSTALL_LIBDIR=lib "${@:3}"
    quietly cmake --build "$2" --parallel "$jobs"
}

# Compression for PNG.
build_zlib() {
    unpack zlib
    # Its configure script rejects Windows, which has its own makefiles. As a static library, it builds like on Linux.
    quietly env CC="$cc" AR="${tools}ar" RANLIB="${tools}ranlib" CFLAGS="$lean" ./configure --prefix="$prefix" --static \
        --uname=Linux
    quietly make -j"$jobs" libz.a
    quietly make install
    keep_licenses zlib LICENSE
}

# Makes x264 clear the memory that it allocates, because it reads some bytes before it writes them. If the memory was
# used before, the same frames gave a different movie: see vendor-notes/x264.md. Large blocks get fresh pages from the
# kernel, which is free.
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
    grep --quiet 'size_t fresh = 0;' common/base.c || fail "cannot patch x264's common/base.c, because it has changed"
}

build_x264() {
    unpack x264
    clear_memory_of_x264
    quietly ./configure --prefix="$prefix" --enable-static --enable-pic --bit-depth=all --chroma-format=all \
        --disable-cli --disable-opencl --extra-cflags="$lean" --host="$gnu" --cross-prefix="$tools"
    quietly make -j"$jobs" install-lib-static
    keep_licenses x264 COPYING
}

build_xvid() {
    dpkg-deb --extract "$cache/sources/${xvid[3]}" "$cache/build/xvid"
    cd "$cache/build/xvid/usr"
    install -D --mode=644 --target-directory="$prefix/include" include/xvid.h
    install -D --mode=644 --target-directory="$prefix/lib" "lib/$gnu/libxvidcore.a"
    keep_licenses Xvid share/doc/libxvidcore-dev/copyright
}

build_svt_av1() {
    unpack svt_av1
    cmake_build . build -DBUILD_SHARED_LIBS=OFF -DBUILD_APPS=OFF -DSVT_AV1_LTO=OFF -DREPRODUCIBLE_BUILDS=ON
    quietly cmake --install build
    keep_licenses SVT-AV1 LICENSE.md LICENSE-BSD2.md PATENTS.md
    for part in cpuinfo fastfeat safestringlib; do
        keep_licenses "SVT-AV1's $part" third_party/$part/LICENSE
    done
}

# The decoder for AV1: SVT-AV1 only encodes.
build_dav1d() {
    unpack dav1d
    quietly meson setup build --prefix="$prefix" --libdir=lib --buildtype=plain --default-library=static \
        -Db_staticpic=true -Denable_tools=false -Denable_tests=false -Dc_args="$lean -DNDEBUG"
    quietly meson install -C build
    keep_licenses dav1d COPYING
}

# Supports 8 and 10 bits: the 8-bit library contains the 10-bit one, and selects it when needed.
build_x265() {
    unpack x265
    local options=(-DENABLE_SHARED=OFF -DENABLE_CLI=OFF -DENABLE_LIBNUMA=OFF)
    cmake_build source bits10 "${options[@]}" -DHIGH_BIT_DEPTH=ON -DEXPORT_C_API=OFF
    cmake_build source bits8 "${options[@]}" -DLINKED_10BIT=ON -DEXTRA_LIB="$PWD/bits10/libx265.a"
    quietly cmake --install bits8
    "${tools}ar" -M <<END
CREATE $prefix/lib/libx265.a
ADDLIB bits8/libx265.a
ADDLIB bits10/libx265.a
SAVE
END
    # x265 needs only these libraries; cmake also lists the compiler's internal ones.
    sed -i 's/^Libs.private:.*/Libs.private: -lstdc++ -lm -ldl -lpthread/' "$prefix/lib/pkgconfig/x265.pc"
    keep_licenses x265 COPYING
}

# Only the VP9 encoder.
build_libvpx() {
    unpack libvpx
    quietly ./configure --prefix="$prefix" --enable-static --disable-shared --enable-pic --as=nasm \
        --disable-vp8 --disable-vp9-decoder --enable-vp9-highbitdepth --disable-examples --disable-tools --disable-docs \
        --disable-unit-tests --disable-webm-io --disable-libyuv --extra-cflags="$lean" --extra-cxxflags="$lean"
    quietly make -j"$jobs" install
    keep_licenses libvpx LICENSE PATENTS
}

build_opus() {
    unpack opus
    quietly ./configure --prefix="$prefix" --enable-static --disable-shared --with-pic --disable-doc \
        --disable-extra-programs CFLAGS="$lean"
    quietly make -j"$jobs" install
    keep_licenses Opus COPYING
}

# The C++ library reads __libc_single_threaded to avoid atomic operations, but glibc has it only since 2.32. This adds
# one that is always 0, which means that there may be other threads.
keep_cxx_library() {
    install --mode=644 --target-directory="$prefix/lib" "$("$cxx" -print-file-name=libstdc++.a)"
    quietly "$cc" -x c -c -fPIC -o "$cache/single_threaded.o" - <<<'__attribute__((visibility("hidden"))) char __libc_single_threaded;'
    quietly "${tools}ar" q "$prefix/lib/libstdc++.a" "$cache/single_threaded.o"
    rm "$cache/single_threaded.o"
}

# Copies the compiler's libraries to the others, to link them statically too: the stack unwinder, and the C++ library
# for x265. Their license allows any license for the compiled program.
build_compiler_runtime() {
    install --mode=644 "$("$cc" -print-file-name=libgcc_eh.a)" "$prefix/lib/libgcc_s.a"
    [ "$flavor" = small ] || keep_cxx_library
    cat >>"$prefix/licenses.txt" <<END

==== GCC's libgcc and libstdc++

Copyright (C) Free Software Foundation, Inc. GPL-3.0-or-later WITH GCC-exception-3.1:
https://www.gnu.org/licenses/gcc-exception-3.1.html
END
}

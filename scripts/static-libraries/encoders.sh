# For static-libraries.sh: how each library beside FFmpeg is built.
# shellcheck shell=bash disable=SC2154

# Sections of their own let the linker leave out each function that nobody calls, and no exception passes C code, so it
# needs no tables to unwind by.
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

# PNG's compression.
build_zlib() {
    unpack zlib
    # Its configure refuses Windows, for the makefiles of that, which build a static library as this one does.
    quietly env CC="$cc" AR="${tools}ar" RANLIB="${tools}ranlib" CFLAGS="$lean" ./configure --prefix="$prefix" --static \
        --uname=Linux
    quietly make -j"$jobs" libz.a
    quietly make install
    keep_licenses zlib LICENSE
}

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

# The decoder of AV1: SVT-AV1 only encodes.
build_dav1d() {
    unpack dav1d
    quietly meson setup build --prefix="$prefix" --libdir=lib --buildtype=plain --default-library=static \
        -Db_staticpic=true -Denable_tools=false -Denable_tests=false -Dc_args="$lean -DNDEBUG"
    quietly meson install -C build
    keep_licenses dav1d COPYING
}

# For 8 and 10 bits: the library for 10 is a part of the one for 8, which chooses.
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
    # The C++ library is all that it needs; cmake names the compiler's own parts too.
    sed -i 's/^Libs.private:.*/Libs.private: -lstdc++ -lm -ldl -lpthread/' "$prefix/lib/pkgconfig/x265.pc"
    keep_licenses x265 COPYING
}

# The encoder for VP9 only.
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

# glibc has had __libc_single_threaded since 2.32 only, and the C++ library reads it to save atomic operations: from the
# one that is added here it reads that there may be other threads.
keep_cxx_library() {
    install --mode=644 --target-directory="$prefix/lib" "$("$cxx" -print-file-name=libstdc++.a)"
    quietly "$cc" -x c -c -fPIC -o "$cache/single_threaded.o" - <<<'__attribute__((visibility("hidden"))) char __libc_single_threaded;'
    quietly "${tools}ar" q "$prefix/lib/libstdc++.a" "$cache/single_threaded.o"
    rm "$cache/single_threaded.o"
}

# What the compiler would link from the system, as archives beside the others, so that it becomes a part of the program too:
# what unwinds the stack, and for x265 the C++ library. Their license lets a compiled program have any.
build_compiler_runtime() {
    install --mode=644 "$("$cc" -print-file-name=libgcc_eh.a)" "$prefix/lib/libgcc_s.a"
    [ "$flavor" = small ] || keep_cxx_library
    cat >>"$prefix/licenses.txt" <<END

==== GCC's libgcc and libstdc++

Copyright (C) Free Software Foundation, Inc. GPL-3.0-or-later WITH GCC-exception-3.1:
https://www.gnu.org/licenses/gcc-exception-3.1.html
END
}

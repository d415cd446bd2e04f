# Sourced by static-libraries.sh: builds FFmpeg with only the parts that framemill uses.
# shellcheck shell=bash disable=SC2154

# Prints the configure options for the encoders of movies and sound, and for reading movies and sound files.
ffmpeg_components() {
    local encoders=libx264,libx264rgb,mpeg4,mjpeg,ffv1,prores_ks,png,qtrle
    local pcm=pcm_s16le,pcm_s24le,pcm_f32le
    echo --enable-libx264 --enable-zlib
    echo --enable-encoder="$encoders,aac,flac,$pcm"
    ! has_xvid || echo --enable-libxvid --enable-encoder=libxvid
    [ "$flavor" = small ] || echo --enable-lib{svtav1,dav1d,x265,vpx,opus} --enable-decoder=libdav1d \
        --enable-encoder=libsvtav1,libx265,libvpx_vp9,libopus
    echo --enable-decoder=h264,mpeg4,mjpeg,ffv1,prores,png,qtrle,hevc,vp8,vp9
    echo --enable-decoder=aac,alac,flac,mp3float,opus,vorbis,$pcm,pcm_u8,pcm_s16be,pcm_s24be,pcm_s32le,pcm_f64le
    echo --enable-parser=h264,mpeg4video,mjpeg,png,hevc,vp8,vp9,av1,aac,flac,mpegaudio,opus,vorbis
    echo --enable-muxer=mp4,mov,ipod,avi,matroska,webm
    echo --enable-demuxer=mov,avi,matroska,wav,flac,mp3,ogg,aac
    echo --enable-bsf=extract_extradata,h264_mp4toannexb,hevc_mp4toannexb,aac_adtstoasc,vp9_superframe,vp9_superframe_split
}

build_ffmpeg() {
    local options=(
        --prefix="$prefix" --enable-static --disable-shared --enable-pic --enable-gpl
        --optflags=-O2 --disable-autodetect --disable-debug --disable-programs --disable-doc
        --disable-avdevice --disable-avfilter --disable-postproc --disable-network
        --pkg-config-flags=--static --extra-cflags="$lean -I$prefix/include" --extra-ldflags="-L$prefix/lib"
        --extra-libs=-lm --disable-everything
        --arch="$architecture" --target-os="$system" --pkg-config=pkg-config --cc="$cc" --cxx="$cxx"
    )
    case $system in
    mingw32) options+=(--enable-w32threads) ;;
    *) options+=(--enable-pthreads) ;;
    esac
    [ -z "$tools" ] || options+=(--enable-cross-compile --cross-prefix="$tools")
    unpack ffmpeg
    # shellcheck disable=SC2046
    quietly env PKG_CONFIG_LIBDIR="$prefix/lib/pkgconfig" ./configure "${options[@]}" $(ffmpeg_components)
    quietly make -j"$jobs" install
    # These headers for hardware, which framemill does not use, include Windows headers that bindgen cannot translate.
    if [ "$system" = mingw32 ]; then
        rm "$prefix"/include/libavutil/hwcontext_{d3d11va,d3d12va,dxva2,qsv}.h "$prefix"/include/libavcodec/{d3d11va,dxva2}.h
    fi
    keep_licenses FFmpeg LICENSE.md COPYING.GPLv2
}

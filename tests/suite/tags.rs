//! What stream and container say of a movie's colours.

use framemill::{Codec, Container, Ffv1, FrameView, H264, Mjpeg, Mpeg4, PixelFormat};

use crate::charts::{Picture, view};
use crate::reader::{Probe, probe};
use crate::samples::{movie_bytes, movie_file};

/// What ffprobe says of two frames in this codec and container.
fn tags(codec: impl Into<Codec>, format: PixelFormat, container: Container) -> (Probe, Vec<u8>) {
    let picture = Picture::smooth(64, 48);
    let frame = view(PixelFormat::Rgb24, &picture.rgb, 64, 48);
    let movie = movie_bytes(container, &[frame; 2], |movie| movie.codec(codec).pixel_format(format));
    let movie = movie.expect("a movie");
    (probe(movie_file(container, &movie).as_ref()), movie)
}

#[track_caller]
fn assert_tags(seen: &Probe, expected: [&str; 5], what: &str) {
    let fields = ["color_range", "color_space", "color_transfer", "color_primaries", "chroma_location"];
    assert_eq!(fields.map(|field| seen.stream_text(field)), expected, "{what}");
}

#[test]
fn h264_says_bt709_in_every_container() {
    for container in Container::ALL {
        for (format, location) in [
            (PixelFormat::Yuv420p, "center"),
            (PixelFormat::Yuv420p10Le, "center"),
            (PixelFormat::Yuv422p, "left"),
            // Decoders say left where there is nothing to say.
            (PixelFormat::Yuv444p, "left"),
        ] {
            let (seen, _) = tags(H264::default(), format, container);
            let what = format!("{format} in {}", container.name());
            assert_tags(&seen, ["tv", "bt709", "bt709", "bt709", location], &what);
        }
    }
}

#[test]
fn h264_rgb_says_rgb() {
    for container in [Container::Mp4, Container::Mov, Container::Mkv, Container::Avi] {
        let (seen, _) = tags(Codec::H264Rgb(H264::default()), PixelFormat::Bgr0, container);
        assert_tags(&seen, ["pc", "gbr", "iec61966-2-1", "bt709", "left"], container.name());
        assert_eq!(seen.stream_text("pix_fmt"), "gbrp");
    }
}

#[test]
fn mpeg4_says_bt601_where_the_container_can() {
    for container in [Container::Mp4, Container::Mkv] {
        let (seen, _) = tags(Mpeg4::default(), PixelFormat::Yuv420p, container);
        let fields = ["color_space", "color_transfer", "color_primaries"].map(|field| seen.stream_text(field));
        assert_eq!(fields, ["smpte170m", "bt709", "bt709"], "{}", container.name());
        assert_eq!(seen.stream_text("color_range"), "tv", "{}", container.name());
    }
}

#[test]
fn mjpeg_says_full_range() {
    for container in [Container::Mov, Container::Mkv, Container::Avi] {
        let (seen, _) = tags(Mjpeg::default(), PixelFormat::Yuv420p, container);
        assert_eq!(seen.stream_text("color_range"), "pc", "{}", container.name());
        assert_eq!(seen.stream_text("color_space"), "bt470bg", "{}", container.name());
        assert_eq!(seen.stream_text("pix_fmt"), "yuvj420p", "{}", container.name());
    }
}

/// The contents of the only box of this name, wherever it lies: its bytes are looked for.
fn only_box<'a>(movie: &'a [u8], name: &[u8; 4]) -> &'a [u8] {
    let mut found = movie.windows(4).enumerate().filter(|(_, window)| window == name).map(|(at, _)| at);
    let at = found.next().expect("the box");
    assert_eq!(found.next(), None, "another box");
    let bytes = u32::from_be_bytes(movie[at - 4..at].try_into().expect("4 bytes")) as usize;
    &movie[at + 4..at - 4 + bytes]
}

/// `colr` as ISO/IEC 14496-12, 12.1.5 has it: primaries, transfer and matrix by the numbers of ISO/IEC 23091-2, then
/// the full-range flag.
#[test]
fn the_mp4_index_says_the_colours() {
    for (codec, format, expected) in [
        (Codec::H264(H264::default()), PixelFormat::Yuv420p, *b"nclx\0\x01\0\x01\0\x01\0"),
        (Codec::H264Rgb(H264::default()), PixelFormat::Bgr0, *b"nclx\0\x01\0\x0d\0\x00\x80"),
        (Codec::Mpeg4(Mpeg4::default()), PixelFormat::Yuv420p, *b"nclx\0\x01\0\x01\0\x06\0"),
    ] {
        let (_, movie) = tags(codec.clone(), format, Container::Mp4);
        assert_eq!(only_box(&movie, b"colr"), expected, "{}", codec.name());
    }
    let (_, movie) = tags(H264::default(), PixelFormat::Yuv420p, Container::Mov);
    assert_eq!(only_box(&movie, b"colr"), b"nclc\0\x01\0\x01\0\x01");
}

#[test]
fn gray_in_ffv1_says_full_range() {
    let gray: Vec<u8> = (0..64 * 48_u32).map(|index| (index % 256) as u8).collect();
    let frame = FrameView::gray(&gray, 64, 48).expect("whole");
    let movie = movie_bytes(Container::Mkv, &[frame], |movie| {
        movie.codec(Ffv1::default()).pixel_format(PixelFormat::Gray8)
    });
    let seen = probe(movie_file(Container::Mkv, &movie.expect("a movie")).as_ref());
    assert_eq!(seen.stream_text("color_range"), "pc");
    assert_eq!(seen.stream_text("pix_fmt"), "gray");
}

//! Tests the color tags of streams and containers.

use framemill::{
    ChromaLocation, Codec, Container, Ffv1, FrameView, H264, Mjpeg, Mpeg4, PixelFormat, VideoWriterBuilder,
};
use tempfile::tempdir;

use crate::color_formulas::{Picture, view};
use crate::program::{code, errors, run};
use crate::reader::{Probe, probe};
use crate::samples::{decoded_frame, movie_bytes, movie_file};

/// Encodes two frames with this codec and container. Returns what ffprobe reports, and the movie's bytes.
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
fn h264_is_tagged_bt709_in_every_container() {
    for container in Container::ALL.into_iter().filter(|container| *container != Container::Webm) {
        for (format, location) in [
            (PixelFormat::Yuv420p, "center"),
            (PixelFormat::Yuv420p10Le, "center"),
            (PixelFormat::Yuv422p, "left"),
            // Decoders report left where a chroma location has no meaning.
            (PixelFormat::Yuv444p, "left"),
        ] {
            let (seen, _) = tags(H264::default(), format, container);
            let what = format!("{format} in {}", container.name());
            assert_tags(&seen, ["tv", "bt709", "bt709", "bt709", location], &what);
        }
    }
}

#[test]
fn h264_rgb_is_tagged_rgb() {
    for container in [Container::Mp4, Container::Mov, Container::Mkv, Container::Avi] {
        let (seen, _) = tags(Codec::H264Rgb(H264::default()), PixelFormat::Bgr0, container);
        assert_tags(&seen, ["pc", "gbr", "iec61966-2-1", "bt709", "left"], container.name());
        assert_eq!(seen.stream_text("pix_fmt"), "gbrp");
    }
}

#[test]
fn mpeg4_is_tagged_bt601_if_the_container_supports_it() {
    for container in [Container::Mp4, Container::Mkv] {
        let (seen, _) = tags(Mpeg4::default(), PixelFormat::Yuv420p, container);
        let fields = ["color_space", "color_transfer", "color_primaries"].map(|field| seen.stream_text(field));
        assert_eq!(fields, ["smpte170m", "bt709", "bt709"], "{}", container.name());
        assert_eq!(seen.stream_text("color_range"), "tv", "{}", container.name());
    }
}

#[test]
fn mjpeg_is_tagged_full_range() {
    for container in [Container::Mov, Container::Mkv, Container::Avi] {
        let (seen, _) = tags(Mjpeg::default(), PixelFormat::Yuv420p, container);
        assert_eq!(seen.stream_text("color_range"), "pc", "{}", container.name());
        assert_eq!(seen.stream_text("color_space"), "bt470bg", "{}", container.name());
        assert_eq!(seen.stream_text("pix_fmt"), "yuvj420p", "{}", container.name());
    }
}

/// Searches the bytes of a movie for the only box with this name, and returns its contents.
fn only_box<'a>(movie: &'a [u8], name: &[u8; 4]) -> &'a [u8] {
    let mut found = movie.windows(4).enumerate().filter(|(_, window)| window == name).map(|(at, _)| at);
    let at = found.next().expect("the box");
    assert_eq!(found.next(), None, "another box");
    let bytes = u32::from_be_bytes(movie[at - 4..at].try_into().expect("4 bytes")) as usize;
    &movie[at + 4..at - 4 + bytes]
}

/// Checks the `colr` box of ISO/IEC 14496-12, 12.1.5: primaries, transfer and matrix with the numbers of ISO/IEC
/// 23091-2, then the full-range flag.
#[test]
fn the_mp4_index_records_the_colors() {
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
fn gray_in_ffv1_is_tagged_full_range() {
    let gray: Vec<u8> = (0..64 * 48_u32).map(|index| (index % 256) as u8).collect();
    let frame = FrameView::gray(&gray, 64, 48).expect("whole");
    let movie = movie_bytes(Container::Mkv, &[frame], |movie| {
        movie.codec(Ffv1::default()).pixel_format(PixelFormat::Gray8)
    });
    let seen = probe(movie_file(Container::Mkv, &movie.expect("a movie")).as_ref());
    assert_eq!(seen.stream_text("color_range"), "pc");
    assert_eq!(seen.stream_text("pix_fmt"), "gray");
}

/// Encodes a YUV4MPEG2 picture of 16 × 16 with the color space parameter `chroma`.
fn y4m_movie(chroma: &str, arguments: &[&str]) -> Probe {
    let folder = tempdir().expect("a directory");
    let frame: Vec<u8> = (0..384).map(|sample| 60 + (sample % 90) as u8).collect();
    let input = [format!("YUV4MPEG2 W16 H16 F25:1{chroma}\nFRAME\n").as_bytes(), &frame].concat();
    let output = run(folder.path(), &[&["encode"], arguments].concat(), &input);
    assert_eq!(code(output.status), 0, "{chroma}: {}", errors(&output));
    probe(&folder.path().join(arguments.last().expect("a name")))
}

#[test]
fn the_chroma_location_of_y4m_comes_from_its_header() {
    for (chroma, location) in [
        ("", "center"),
        (" C420", "center"),
        (" C420jpeg", "center"),
        (" C420mpeg2", "left"),
        (" C420paldv", "topleft"),
    ] {
        for name in ["a.mp4", "a.mkv", "a.avi"] {
            assert_eq!(
                y4m_movie(chroma, &["-o", name]).stream_text("chroma_location"),
                location,
                "{chroma} {name}"
            );
        }
        // Matroska and WebM record it.
        for (codec, name) in [("ffv1", "a.mkv"), ("vp9", "a.webm"), ("vp9", "a.mkv")] {
            let movie = y4m_movie(chroma, &["-c", codec, "-o", name]);
            assert_eq!(movie.stream_text("chroma_location"), location, "{chroma} {codec} {name}");
        }
        let scaled = y4m_movie(chroma, &["--scale", "32x32", "-o", "a.mp4"]);
        assert_eq!(scaled.stream_text("chroma_location"), location, "{chroma} scaled");
        // These codecs cannot store the chroma location, nor can the container. The movie is encoded without it.
        for codec in ["mpeg4", "mjpeg", "ffv1"] {
            y4m_movie(chroma, &["-c", codec, "-o", "a.avi"]);
        }
        y4m_movie(chroma, &["-c", "mpeg4", "-o", "a.mkv"]);
        // These codecs encode RGB, which has no chroma location.
        for codec in ["png", "qtrle"] {
            assert_eq!(y4m_movie(chroma, &["-c", codec, "-o", "a.mov"]).stream_text("pix_fmt"), "rgb24");
        }
    }
}

/// Converts a chroma ramp from 4:2:0 to 4:4:4. With the location left, the ramp starts at the first column; with the
/// location center, it starts half a column later.
#[test]
fn chroma_is_read_at_its_location() {
    let (width, height) = (64_u32, 16_u32);
    let luma = vec![128; 64 * 16];
    let half: Vec<u8> = (0..8).flat_map(|_| (0..32).map(|column| 40 + 4 * column)).collect();
    let bytes = [luma, half.clone(), half].concat();
    let lossless = |movie: VideoWriterBuilder| movie.codec(H264::lossless()).pixel_format(PixelFormat::Yuv444p);
    for (location, offset) in [(ChromaLocation::Left, 0.0), (ChromaLocation::Center, -1.0)] {
        let frame = FrameView::yuv420p(&bytes, width, height).expect("whole").with_chroma_location(location);
        let seen = decoded_frame(&frame, "yuv444p", 64 * 16 * 3, lossless);
        for column in 8..56 {
            let (chroma, expected) =
                (f64::from(seen[64 * 16 + 8 * 64 + column]), 40.0 + 2.0 * column as f64 + offset);
            assert!((chroma - expected).abs() <= 0.6, "{location:?} column {column}: {chroma}, not {expected}");
        }
    }
}

#[test]
fn frames_with_another_chroma_location_are_refused() {
    let bytes = [100; 384];
    let yuv = FrameView::yuv420p(&bytes, 16, 16).expect("whole");
    let rgb = FrameView::contiguous(PixelFormat::Rgb24, &[9; 768], 16, 16).expect("whole");
    let write = |frame: FrameView<'_>, location: Option<ChromaLocation>| {
        movie_bytes(Container::Mp4, &[frame], |movie| match location {
            Some(location) => movie.chroma_location(location),
            None => movie,
        })
        .map(drop)
    };
    let left = yuv.with_chroma_location(ChromaLocation::Left);
    write(yuv, Some(ChromaLocation::Left)).expect("nothing else is set");
    write(left, Some(ChromaLocation::Left)).expect("the same");
    let refused = write(left, None).expect_err("another").to_string();
    let message = "frame 0 has its chroma samples at left, but the movie has them at center: set the chroma \
                   location when you open the movie";
    assert_eq!(refused, message);
    assert!(write(rgb, Some(ChromaLocation::Left)).is_err());
    let mpeg4 = movie_bytes(Container::Avi, &[yuv], |movie| {
        movie.codec(Mpeg4::default()).chroma_location(ChromaLocation::Left)
    });
    let refused = mpeg4.map(drop).expect_err("no chroma location").to_string();
    let message = "mpeg4 in avi cannot store a chroma location: leave it out, or choose h264, hevc, or ffv1 in mkv";
    assert_eq!(refused, message);
}

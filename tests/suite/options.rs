//! Tests what the program's options change in the movie.

use std::fs;

use framemill::MovieOption;
use tempfile::tempdir;

use crate::program::{code, encode, errors, raw_frames, run};
use crate::reader::{Probe, decode, probe, psnr};

#[test]
fn options_reach_the_movie() {
    let directory = tempdir().expect("a directory");
    let seen = |arguments: &[&str], name: &str| {
        let output = encode(directory.path(), &[arguments, &["-o", name]].concat(), &raw_frames(30));
        assert_eq!(code(output.status), 0, "{arguments:?}: {}", errors(&output));
        probe(&directory.path().join(name))
    };
    assert_eq!(seen(&["--pixel-format", "yuv444p"], "a.mp4").stream_text("pix_fmt"), "yuv444p");
    assert_eq!(seen(&["--pixel-format", "yuv420p10"], "a.mp4").stream_text("profile"), "High 10");
    assert_eq!(seen(&["--profile", "baseline"], "a.mp4").stream_text("profile"), "Constrained Baseline");
    assert_eq!(seen(&["--lossless"], "a.mp4").stream_text("profile"), "High 4:4:4 Predictive");
    assert_eq!(seen(&["-c", "mpeg4", "--fourcc", "DX50"], "a.avi").stream_text("codec_tag_string"), "DX50");
    assert_eq!(seen(&["-c", "ffv1"], "a.mkv").stream_text("codec_name"), "ffv1");
    let scaled = seen(&["--scale", "48x30"], "a.mp4");
    assert_eq!((scaled.stream["width"].as_u64(), scaled.stream["height"].as_u64()), (Some(48), Some(30)));
    let keyframes = |probe: &Probe| {
        probe
            .packets
            .iter()
            .filter(|packet| packet["flags"].as_str().is_some_and(|flags| flags.starts_with('K')))
            .count()
    };
    assert_eq!(keyframes(&seen(&["--gop", "10"], "a.mp4")), 3);
    assert_eq!(keyframes(&seen(&["-c", "mpeg4", "--gop", "5"], "a.avi")), 6);
    let bytes = |arguments: &[&str]| -> u64 {
        seen(arguments, "a.mp4");
        fs::metadata(directory.path().join("a.mp4")).expect("a movie").len()
    };
    assert!(bytes(&["--crf", "40"]) < bytes(&["--crf", "10"]));
    assert!(bytes(&["--qp", "40"]) < bytes(&["--qp", "10"]));
    assert!(bytes(&["--bitrate", "50k"]) < bytes(&["--bitrate", "2M"]));
    assert!(bytes(&["-c", "mjpeg", "--qp", "20"]) < bytes(&["-c", "mjpeg", "--qp", "2"]));
    assert!(bytes(&["--bitrate", "2M", "--maxrate", "2M", "--bufsize", "1M", "--preset", "veryfast"]) > 0);
}

#[test]
fn transparent_pixels_show_the_background() {
    let directory = tempdir().expect("a directory");
    let clear = vec![0_u8; 32 * 32 * 4];
    for (arguments, expected) in [(&[][..], [255, 255, 255]), (&["--background", "#2040c0"], [0x20, 0x40, 0xc0])] {
        let raw = ["encode", "-f", "argb", "-s", "32x32", "-r", "1", "-c", "h264-rgb", "-o", "a.mp4"];
        let output = run(directory.path(), &[&raw[..], arguments].concat(), &clear);
        assert_eq!(code(output.status), 0, "{}", errors(&output));
        let pixels = &decode(&directory.path().join("a.mp4"), "rgb24", 32 * 32 * 3)[0];
        assert!(psnr(pixels, &expected.repeat(32 * 32)) > 48.0, "{:?}", &pixels[..3]);
    }
}

#[test]
fn lossless_keeps_every_sample_and_its_range() {
    let directory = tempdir().expect("a directory");
    let seen = |format: &str, frame: &[u8], arguments: &[&str]| {
        let raw = ["encode", "-f", format, "-s", "16x16", "-r", "1", "-o", "a.mkv"];
        let output = run(directory.path(), &[&raw[..], arguments].concat(), frame);
        assert_eq!(code(output.status), 0, "{format}: {}", errors(&output));
        probe(&directory.path().join("a.mkv"))
    };
    let noise: Vec<u8> = (0..16 * 16 * 8_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 15) as u8).collect();
    assert_eq!(seen("nv12", &noise[..384], &["-c", "ffv1"]).stream_text("pix_fmt"), "yuv420p");
    let opaque: Vec<u8> = noise.chunks(8).flat_map(|pixel| [&pixel[..6], &[255, 255]].concat()).collect();
    assert_eq!(seen("rgba64le", &opaque, &["-c", "ffv1", "--lossless"]).stream_text("pix_fmt"), "gbrp16le");
    let mut y4m = b"YUV4MPEG2 W16 H16 F1:1 C420jpeg XCOLORRANGE=FULL\nFRAME\n".to_vec();
    y4m.extend(&noise[..384]);
    for codec in ["ffv1", "h264"] {
        let output = run(directory.path(), &["encode", "-c", codec, "--lossless", "-o", "b.mkv"], &y4m);
        assert_eq!(code(output.status), 0, "{}", errors(&output));
        let path = directory.path().join("b.mkv");
        assert_eq!(probe(&path).stream_text("color_range"), "pc", "{codec}");
        let pixel_format = if codec == "h264" { "yuvj420p" } else { "yuv420p" };
        assert_eq!(decode(&path, pixel_format, 384)[0], noise[..384], "{codec}");
    }
}

#[test]
fn a_movie_contains_its_metadata() {
    let directory = tempdir().expect("a directory");
    for container in framemill::Container::ALL {
        let names = container.metadata_names().unwrap_or(&["title", "mood"]);
        let pairs: Vec<String> = names.iter().map(|name| format!("{name}=The {name}: ä = 1")).collect();
        let name = format!("a.{}", container.name());
        let codec = if container == framemill::Container::Webm { "vp9" } else { "mpeg4" };
        let mut arguments = vec!["-c", codec, "-o", &name];
        pairs.iter().for_each(|pair| arguments.extend(["--metadata", pair]));
        let output = encode(directory.path(), &arguments, &raw_frames(3));
        assert_eq!(code(output.status), 0, "{}", errors(&output));
        let tags = probe(&directory.path().join(&name)).format["tags"].clone();
        for name in names {
            let tag = tags.as_object().and_then(|tags| tags.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)));
            assert_eq!(tag.map(|(_, value)| value.clone()), Some(format!("The {name}: ä = 1").into()), "{tags}");
        }
    }
    for (arguments, message) in [
        (["--metadata", "titel=x"], "unknown metadata \"titel\"; did you mean \"title\"?"),
        (["--metadata", "title"], "give a name and a value, as in title=Ripples"),
        (["--metadata", "title="], "give a name and a value"),
    ] {
        let output = encode(directory.path(), &[&arguments[..], &["-o", "b.mp4"]].concat(), &raw_frames(3));
        assert_eq!(code(output.status), 2);
        assert!(errors(&output).contains(message), "{}", errors(&output));
    }
}

/// Generates `docs/options.md` from the library's table of options. With the variable `UPDATE_DOCS=1`, the test of that page
/// updates it.
fn options_page() -> String {
    let mut page = String::from(
        "# The options of a movie\n\n\
         The command line writes an option as `--max-size 25MB`, Python as `max_size=\"25MB\"`. Both have the same options.\n\n\
         | option | value | codecs | default | what it does |\n|---|---|---|---|---|\n",
    );
    for row in MovieOption::all() {
        let value = match row.choices() {
            choices if choices.is_empty() => {
                let range = row.range_text();
                let unit = if row.unit.is_empty() { row.kind.name() } else { row.unit };
                if range.is_empty() { unit.to_owned() } else { format!("{unit}, {range}") }
            }
            choices => choices.iter().map(|choice| format!("`{choice}`")).collect::<Vec<_>>().join(" "),
        };
        let codecs: Vec<&str> = row.scopes.iter().flat_map(|scope| scope.codecs.iter().copied()).collect();
        let codecs = if codecs.is_empty() { "all".to_owned() } else { codecs.join(", ") };
        let codecs = codecs.replace("encoder", "encoder:NAME");
        page.push_str(&format!("| `{}` | {value} | {codecs} | {} | {} |\n", row.id, row.default, row.help));
    }
    page
}

#[test]
fn the_page_of_options_is_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/options.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(path, options_page()).expect("written");
    }
    assert_eq!(fs::read_to_string(path).expect("docs/options.md"), options_page());
}

//! Tests that metadata is either kept exactly or refused with an error that names it.

use framemill::{Container, FrameRate, Memory, Output};
use tempfile::tempdir;

use crate::program::{code, encode, errors, raw_frames};
use crate::reader::probe;
use crate::samples::{codec_in, movie_file, write_movie};

#[test]
fn metadata_that_would_be_lost_is_refused_by_name() {
    let directory = tempdir().expect("a directory");
    let refused = |name: &str, pairs: &[&str]| {
        let pairs = pairs.iter().flat_map(|pair| ["--metadata", pair]);
        let arguments: Vec<&str> = pairs.chain(["-c", "mpeg4", "-o", name]).collect();
        let output = encode(directory.path(), &arguments, &raw_frames(3));
        assert_eq!(code(output.status), 2, "{arguments:?}: {}", errors(&output));
        errors(&output)
    };
    for name in [
        "stereo_mode",
        "alpha_mode",
        "Alpha_Mode",
        "encoder",
        "ENCODER",
        "creation_time",
        "duration",
        "encoding_tool",
        "lead_performer",
        "part_number",
        "software",
        "major_brand",
    ] {
        let message = refused("a.mkv", &[&format!("{name}=1")]);
        assert!(message.contains(&format!("metadata {name:?} is a name that mkv does not keep")), "{message}");
    }
    for name in ["my note", "notes-fr"] {
        let message = refused("a.mkv", &[&format!("{name}=1")]);
        assert!(
            message.contains(&format!("metadata {name:?} is not a name that mkv keeps: use only letters")),
            "{message}"
        );
    }
    for (name, pairs) in [("a.mp4", ["title=a", "title=b"]), ("a.mkv", ["mood=a", "MOOD=b"])] {
        assert!(refused(name, &pairs).contains("is given twice: give it once"), "{name}");
    }
    assert!(refused("a.mp4", &["Title=a"]).contains("unknown metadata \"Title\"; did you mean \"title\"?"));
    let long = |bytes| format!("title={}", "x".repeat(bytes));
    assert!(refused("a.mov", &[&long(65_536)]).contains("has 65536 bytes, and mov keeps 65535: shorten it"));
}

#[test]
fn long_metadata_is_kept_whole() {
    for container in Container::ALL {
        let title = "x".repeat(if container == Container::Mov { 65_535 } else { 100_000 });
        let memory = Memory::new();
        let output = Output::memory(&memory, container);
        write_movie(output, 2, FrameRate::new(30, 1), |movie| {
            movie.codec(codec_in(container)).metadata("title", title.clone())
        })
        .expect("a movie");
        let tags = probe(movie_file(container, &memory.take()).as_ref()).format["tags"].clone();
        assert_eq!(tags["title"].as_str().map(str::len), Some(title.len()), "{}", container.name());
        assert_eq!(tags["title"], title, "{}", container.name());
    }
}

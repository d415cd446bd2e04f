//! Tests the README and the pages in docs/. The Rust code equals a compiled example, the commands run, the files and
//! make targets exist, and the figures match the benchmark results.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use shell::{blocks, run};
use tempfile::tempdir;

#[path = "readme/shell.rs"]
mod shell;

const README: &str = include_str!("../README.md");
const COMPARISON: &str = include_str!("../docs/comparison.md");
const PAGES: [&str; 4] =
    [README, include_str!("../docs/command-line.md"), include_str!("../docs/guarantees.md"), COMPARISON];
const RESULTS: &str = include_str!("../benches/results.json");
const MAKEFILE: &str = include_str!("../Makefile");

/// Replaces the reader's own program: it writes 90 raw BGRA frames of 640 × 480.
const RENDER: &str = "#!/bin/sh\n\
                      exec ffmpeg -v error -f lavfi -i testsrc2=size=640x480:rate=30 -frames:v 90 \
                      -f rawvideo -pix_fmt bgra -\n";

/// The reader's other programs, each with the ffmpeg options that produce its output.
const PROGRAMS: [(&str, &str); 5] = [
    ("figures", "size=500x500:rate=30 -frames:v 6 -f rawvideo -pix_fmt rgba"),
    ("pngs", "size=64x48:rate=1 -frames:v 6 -f image2pipe -c:v png"),
    ("arrays", "size=160x120:rate=10 -frames:v 6 -f rawvideo -pix_fmt bgra"),
    ("canvas", "size=400x500:rate=30 -frames:v 6 -f rawvideo -pix_fmt argb"),
    ("jpegs", "size=64x48:rate=1 -frames:v 6 -f image2pipe -c:v mjpeg -pix_fmt gray -strict unofficial"),
];

#[test]
fn the_rust_code_is_the_example() {
    let example = include_str!("../examples/readme.rs");
    let (_title, code) = example.split_once("\n\n").expect("a title and code");
    assert_eq!(blocks(README, "rust"), [code]);
}

#[test]
fn the_job_array_of_the_docs_works() {
    let page = include_str!("../docs/many-machines.md");
    let blocks: Vec<&str> = page.split("```\n").skip(1).step_by(2).collect();
    let [task, join, ..] = blocks[..] else { panic!("{blocks:?}") };
    let directory = tempdir().expect("a directory");
    let framemill = Path::new(env!("CARGO_BIN_EXE_framemill")).parent().expect("its folder");
    let path = format!("{}:{}", framemill.display(), std::env::var("PATH").expect("a path"));
    let shell = |script: &str, task: u32| {
        let run = Command::new("bash")
            .args(["-ec", script])
            .current_dir(directory.path())
            .env("PATH", &path)
            .env("SLURM_ARRAY_TASK_ID", task.to_string())
            .output()
            .expect("runs");
        let errors = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(run.status.success(), "{script}: {errors}");
        errors
    };
    shell("mkdir frames; ffmpeg -v error -f lavfi -i testsrc2=size=64x32:rate=30 -frames:v 260 frames/%04d.png", 0);
    (0..2).for_each(|number| drop(shell(task, number)));
    let joined = shell(join, 0);
    assert!(joined.starts_with("movie.mp4: 260 frames of 2 segments"), "{joined}");
}

#[test]
fn every_command_works() {
    let directory = tempdir().expect("a directory");
    let render = directory.path().join("render");
    fs::write(&render, RENDER).expect("written");
    fs::set_permissions(&render, Permissions::from_mode(0o755)).expect("made executable");
    interrupt_a_run(directory.path());

    let commands: Vec<&str> = PAGES.iter().flat_map(|page| blocks(page, "sh")).flat_map(str::lines).collect();
    assert!(commands.len() > 5, "{commands:?}");
    for command in commands {
        match command.split_whitespace().collect::<Vec<_>>()[..] {
            ["make", target, ..] => assert!(MAKEFILE.contains(&format!("\n{target}:")), "{command}"),
            ["bash", script, ..] => assert!(repository().join(script).is_file(), "{command}"),
            // These commands install something, or need another project.
            ["cargo", "add" | "install", ..] | ["pip", "install", ..] => {}
            _ => run(command, directory.path()),
        }
    }
}

#[test]
fn every_line_of_the_table_works() {
    let directory = tempdir().expect("a directory");
    for (name, output) in PROGRAMS {
        let program = directory.path().join(name);
        let script = format!("#!/bin/sh\nexec ffmpeg -v error -f lavfi -i testsrc2={output} -\n");
        fs::write(&program, script).expect("written");
        fs::set_permissions(&program, Permissions::from_mode(0o755)).expect("made executable");
    }
    fs::create_dir(directory.path().join("frames")).expect("made");
    run("ffmpeg -v error -f lavfi -i testsrc2=size=64x48 -frames:v 6 frames/%03d.png", directory.path());
    let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (6, 48, 64, 3), }";
    let mut array = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    array.extend(format!("{header:<117}\n").bytes());
    array.extend([100; 6 * 48 * 64 * 3]);
    fs::write(directory.path().join("positions.npy"), array).expect("written");

    let rows = PAGES
        .iter()
        .flat_map(|page| page.lines())
        .filter(|line| line.starts_with('|') && line.contains("framemill encode"));
    let commands: Vec<String> =
        rows.map(|row| row.rsplit('`').nth(1).expect("a command").replace("\\|", "|")).collect();
    assert_eq!(commands.len(), 7, "{commands:?}");
    for command in commands {
        run(&command, directory.path());
        let movie = directory.path().join(command.rsplit(' ').next().expect("a file"));
        assert_eq!(framemill::inspect(&movie).expect("a movie").packets.len(), 6, "{command}");
    }
}

#[test]
fn the_table_of_codecs_is_correct() {
    const CONTAINERS: [&str; 6] = ["mp4", "mov", "m4v", "avi", "mkv", "webm"];
    let directory = tempdir().expect("a directory");
    let encodes = |codec: &str, container: &str, alpha: &str| {
        let movie = directory.path().join(format!("movie.{container}"));
        let mut run = Command::new(env!("CARGO_BIN_EXE_framemill"))
            .args(["encode", "-f", "rgba", "-s", "96x64", "-r", "25", "-c", codec, "--alpha", alpha, "-o"])
            .arg(&movie)
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("framemill runs");
        // The write fails if the program has refused the options and exited.
        drop(run.stdin.take().expect("piped").write_all(&[200; 3 * 96 * 64 * 4]));
        let succeeded = run.wait().expect("ends").success();
        assert!(
            !succeeded || framemill::inspect(&movie).expect("a movie").packets.len() == 3,
            "{codec} {container}"
        );
        succeeded
    };
    let missing = String::from_utf8(
        Command::new(env!("CARGO_BIN_EXE_framemill")).arg("codecs").output().expect("framemill runs").stdout,
    )
    .expect("text");
    let rows = table(README, "| codec | encoder |");
    assert_eq!(rows.len(), 12);
    for row in rows {
        let codec = row[0].trim_matches('`');
        let alpha = row[8];
        // A small static build lacks some encoders; its list of codecs shows which.
        let is_here =
            !missing.lines().any(|line| line.starts_with(&format!("{codec} ")) && line.contains("missing"));
        for (container, cell) in CONTAINERS.into_iter().zip(&row[2..8]) {
            let is_held = *cell == "yes";
            assert_eq!(encodes(codec, container, "composite"), is_held && is_here, "{codec} in {container}");
            let keeps_alpha = is_held && (alpha == "yes" || alpha.split(", ").any(|name| name == container));
            assert_eq!(
                encodes(codec, container, "keep"),
                keeps_alpha && is_here,
                "alpha of {codec} in {container}"
            );
        }
    }
}

/// Returns the frames per second that the benchmarks measured for a method on the scene.
fn speed(results: &Value, way: &str, preset: &str) -> f64 {
    let rows = results["rows"].as_array().expect("rows");
    let row =
        rows.iter().find(|row| row["case"] == "scene 1920 × 1080" && row["way"] == way && row["preset"] == preset);
    row.and_then(|row| row["fps"].as_f64()).unwrap_or_else(|| panic!("{way} at {preset} was not measured"))
}

/// Returns the cells of the table that starts with this line.
fn table(page: &'static str, title: &str) -> Vec<Vec<&'static str>> {
    let rows =
        page.lines().skip_while(|line| !line.starts_with(title)).skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

#[test]
fn the_speeds_are_those_of_the_benches() {
    let results: Value = serde_json::from_str(RESULTS).expect("JSON");
    let rows = table(COMPARISON, "| | ultrafast |");
    assert_eq!(rows.len(), 9);
    for row in rows {
        let [way, figures @ ..] = &row[..] else { panic!("{row:?}") };
        for (figure, preset) in figures.iter().zip(["ultrafast", "veryfast", "medium"]) {
            assert_eq!(*figure, format!("{:.0}", speed(&results, way, preset)), "{way} at {preset}");
        }
    }
    let ratios: Vec<f64> = ["ultrafast", "veryfast", "medium"]
        .iter()
        .map(|preset| speed(&results, "framemill, Python", preset) / speed(&results, "imageio-ffmpeg", preset))
        .collect();
    let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    let most = ratios.iter().copied().fold(0.0, f64::max);
    assert!(README.contains(&format!("{least:.1} to {most:.1} times as many frames per second")), "{ratios:?}");
}

#[test]
fn the_animations_are_as_fast_as_the_benches_measured() {
    let results: Value = serde_json::from_str(RESULTS).expect("JSON");
    let measured = results["animations"].as_array().expect("animations");
    let rows = table(COMPARISON, "| | `writer=\"framemill\"`");
    assert_eq!(rows.len(), measured.len());
    for (row, animation) in rows.iter().zip(measured) {
        let figure = |name: &str| animation["writers"][name]["fps"].as_f64().expect("was measured");
        let (ours, theirs) = (figure("framemill"), figure("ffmpeg"));
        let written: Vec<f64> =
            row[1..].iter().map(|cell| cell.replace(',', "").parse().expect("a number")).collect();
        assert_eq!(written[0], ours.round(), "{row:?}");
        assert_eq!(written[1], theirs.round(), "{row:?}");
        assert_eq!(written[2], (ours / theirs * 10.0).round() / 10.0, "{row:?}");
    }
}

#[test]
fn links_lead_to_files() {
    let pages = fs::read_dir(repository().join("docs")).expect("docs").map(|entry| entry.expect("a page").path());
    let pages = pages.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    for page in pages.chain([repository().join("README.md")]) {
        let text = fs::read_to_string(&page).expect("a page");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(link, _)| link)) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            // Skip brackets in code, and pages that exist only on the website: rustdoc and the gallery's reports.
            let made = link.starts_with("rust/") || (link.starts_with("gallery/") && link.ends_with(".html"));
            if link.contains("://") || link.contains(['=', ' ']) || made {
                continue;
            }
            let target = page.parent().expect("a folder").join(file);
            assert!(target.exists(), "{}: {link}", page.display());
            if !anchor.is_empty() {
                let text = fs::read_to_string(&target).expect("a page");
                let is_there = text.lines().any(|line| line.starts_with('#') && anchor_of(line) == anchor);
                assert!(is_there, "{}: {link}", page.display());
            }
        }
    }
}

/// Returns the anchor of a heading.
fn anchor_of(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    words
        .chars()
        .filter(|&letter| letter.is_alphanumeric() || " -_".contains(letter))
        .collect::<String>()
        .replace(' ', "-")
}

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Kills a run, which leaves `night.mp4.part`.
fn interrupt_a_run(directory: &Path) {
    let mut run = Command::new(env!("CARGO_BIN_EXE_framemill"))
        .args(["encode", "-f", "gray", "-s", "64x64", "-r", "30", "--tune", "zerolatency", "-o", "night.mp4"])
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("framemill runs");
    let mut frames = run.stdin.take().expect("piped");
    let part = directory.join("night.mp4.part");
    let deadline = Instant::now() + Duration::from_secs(60);
    // Write frames until the part file has a fragment header and one second of frames.
    while !fs::read(&part).is_ok_and(|bytes| bytes.windows(4).any(|name| name == b"mdat")) {
        assert!(Instant::now() < deadline, "nothing was written to the part file");
        frames.write_all(&[128; 64 * 64]).expect("framemill reads");
    }
    run.kill().expect("killed");
    run.wait().expect("ended");
}

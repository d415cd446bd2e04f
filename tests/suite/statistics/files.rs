//! Tests the files of `--stats` and the program's progress output.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tempfile::tempdir;

use crate::program::{code, encode, errors, raw_frames};
use crate::reader::probe;

pub(super) fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).expect("read");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn sizes(movie: &Path) -> Vec<u64> {
    let packets = probe(movie).packets;
    packets.iter().map(|packet| packet["size"].as_str().expect("a size").parse().expect("bytes")).collect()
}

#[test]
fn all_three_formats_agree_with_each_other_and_with_ffprobe() {
    let directory = tempdir().expect("a directory");
    let mut reported: Vec<Vec<(u64, u64)>> = Vec::new();
    for form in ["jsonl", "json", "csv"] {
        let stats = format!("s.{form}");
        let output = encode(directory.path(), &["-o", "m.mp4", "--quality", "--stats", &stats], &raw_frames(70));
        assert_eq!(code(output.status), 0, "{}", errors(&output));
        let path = directory.path().join(&stats);
        let of =
            |packet: &Value| (packet["index"].as_u64().expect("index"), packet["bytes"].as_u64().expect("bytes"));
        reported.push(match form {
            "jsonl" => {
                let lines = lines(&path);
                let [movie, packets @ .., run] = &lines[..] else { panic!("{lines:?}") };
                assert_eq!((&movie["type"], &movie["schema"]), (&"movie".into(), &1.into()));
                assert_eq!(
                    (&movie["codec"], &movie["settings"]),
                    (&"h264".into(), &"crf 23, preset medium".into())
                );
                assert_eq!(
                    (&run["type"], &run["complete"], &run["packets"]),
                    (&"run".into(), &true.into(), &70.into())
                );
                assert_eq!(run["stream_bytes"], sizes(&directory.path().join("m.mp4")).iter().sum::<u64>());
                // The movie's record matches the movie.
                let seen = probe(&directory.path().join("m.mp4"));
                for (ours, field) in [
                    ("color_matrix", "color_space"),
                    ("color_primaries", "color_primaries"),
                    ("color_transfer", "color_transfer"),
                    ("color_range", "color_range"),
                    ("pixel_format", "pix_fmt"),
                ] {
                    assert_eq!(movie[ours], seen.stream_text(field), "{ours}");
                }
                let worst = run["quality"]["worst"].as_array().expect("worst frames");
                let least =
                    packets.iter().map(|packet| packet["psnr"].as_f64().expect("measured")).fold(99.0, f64::min);
                assert_eq!((worst.len(), worst[0]["psnr"].as_f64()), (10, Some(least)));
                packets.iter().map(of).collect()
            }
            "json" => {
                let object: Value = serde_json::from_slice(&fs::read(&path).expect("read")).expect("JSON");
                assert_eq!((&object["movie"]["schema"], &object["run"]["frames"]), (&1.into(), &70.into()));
                object["packets"].as_array().expect("packets").iter().map(of).collect()
            }
            _ => {
                let text = fs::read_to_string(&path).expect("read");
                let mut rows = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
                let header = rows.next().expect("a header");
                let lines = lines(&directory.path().join("s.jsonl"));
                let keys: Vec<&str> = lines[1].as_object().expect("a packet").keys().map(String::as_str).collect();
                let mut columns = header.clone();
                // serde_json sorts the keys of an object.
                columns.retain(|column| !column.starts_with("psnr_"));
                columns.extend(["type", "psnr_planes"]);
                columns.sort_unstable();
                assert_eq!(columns, keys);
                assert_eq!(header[..6], ["index", "pts", "dts", "duration", "seconds", "bytes"]);
                let place = |name| header.iter().position(|column| *column == name).expect(name);
                rows.map(|row| {
                    assert_eq!(row.len(), header.len());
                    assert!((0.5..=1.0).contains(&row[place("ssim")].parse::<f64>().expect("measured")), "{row:?}");
                    assert!(
                        (15.0..60.0).contains(&row[place("psnr_3")].parse::<f64>().expect("measured")),
                        "{row:?}"
                    );
                    assert_eq!(row[place("keyframe")] == "true", row[place("picture_type")] == "I", "{row:?}");
                    (row[0].parse().expect("an index"), row[place("bytes")].parse().expect("bytes"))
                })
                .collect()
            }
        });
    }
    let expected = sizes(&directory.path().join("m.mp4"));
    for reported in &reported {
        assert_eq!(reported.iter().map(|(_, bytes)| *bytes).collect::<Vec<_>>(), expected);
    }
    assert!(reported[0] == reported[1] && reported[1] == reported[2]);
}

#[test]
fn a_killed_run_leaves_its_statistics() {
    for form in ["jsonl", "csv", "json"] {
        let directory = tempdir().expect("a directory");
        let stats = directory.path().join(format!("s.{form}"));
        let mut child = Command::new(env!("CARGO_BIN_EXE_framemill"))
            .args(["encode", "-f", "rgb24", "-s", "96x64", "-r", "30", "--preset", "ultrafast", "-o", "m.mp4"])
            .args([&"--stats".into(), &stats])
            .current_dir(directory.path())
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("starts");
        let mut input = child.stdin.take().expect("piped");
        // The program writes lines about once per second.
        let mut seen = 0;
        for _ in 0..200 {
            input.write_all(&raw_frames(20)).expect("taken");
            thread::sleep(Duration::from_millis(50));
            seen = fs::read_to_string(&stats).map_or(0, |text| text.lines().count());
            if seen > 20 {
                break;
            }
        }
        child.kill().expect("killed");
        child.wait().expect("ended");
        assert!(seen > 20, "{form}: {seen} lines");
        if form == "jsonl" {
            let text = fs::read_to_string(&stats).expect("read");
            let whole: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
            assert!(whole.len() > 19 && whole[0]["type"] == "movie" && whole[1]["index"] == 0, "{}", whole.len());
        }
    }
}

#[test]
fn a_run_that_ends_early_writes_its_totals() {
    let directory = tempdir().expect("a directory");
    // The input ends inside a frame.
    let input = raw_frames(31);
    let output = encode(directory.path(), &["-o", "m.mp4", "--stats", "s.jsonl"], &input[..input.len() - 5]);
    assert_eq!(code(output.status), 1);
    let lines = lines(&directory.path().join("s.jsonl"));
    let run = lines.last().expect("a line");
    assert_eq!((&run["type"], &run["packets"], &run["complete"]), (&"run".into(), &30.into(), &true.into()));
    assert_eq!(probe(&directory.path().join("m.mp4")).packets.len(), 30);
}

#[test]
fn without_frames_there_are_no_packets_and_no_movie() {
    let directory = tempdir().expect("a directory");
    let output = encode(directory.path(), &["-o", "m.mp4", "--stats", "s.jsonl"], &[]);
    assert_eq!(code(output.status), 1);
    let lines = lines(&directory.path().join("s.jsonl"));
    let [movie, run] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!((&movie["type"], &run["complete"], &run["packets"]), (&"movie".into(), &false.into(), &0.into()));
    assert!(!directory.path().join("m.mp4").exists());
}

#[test]
fn no_movie_is_started_if_its_statistics_cannot_be_written() {
    let directory = tempdir().expect("a directory");
    std::os::unix::fs::symlink("/dev/full", directory.path().join("s.csv")).expect("made");
    let output = encode(directory.path(), &["-o", "m.mp4", "--stats", "s.csv"], &raw_frames(400));
    assert_eq!(code(output.status), 1, "{}", errors(&output));
    assert!(errors(&output).contains("cannot write s.csv: No space left on device"), "{}", errors(&output));
    // Writing the header fails before the first frame, so no movie is started.
    assert!(!directory.path().join("m.mp4").exists() && !directory.path().join("m.mp4.part").exists());
}

#[test]
fn statistics_that_cannot_be_written_are_refused_before_anything_is_made() {
    let parent = tempdir().expect("a directory");
    let directory = parent.path().join("d");
    fs::create_dir(&directory).expect("made");
    for (more, message) in [
        (&["-o", "m.mp4", "--stats", "s.txt"][..], "--stats s.txt: the name must end in .jsonl, .csv or .json"),
        (&["-o", "m.json", "--container", "mp4", "--stats", "./m.json"], "--output and --stats are the same file"),
        (&["-o", "m.mp4", "--stats", "a.csv", "--report", "r.txt"], "must end in .html"),
        (&["in.json", "-o", "m.mp4", "--stats", "../d/in.json"], "INPUT and --stats are the same file"),
    ] {
        let output = encode(&directory, more, &raw_frames(3));
        assert_eq!(code(output.status), 2, "{more:?}");
        assert!(errors(&output).contains(message), "{}", errors(&output));
        assert_eq!(fs::read_dir(&directory).expect("a directory").count(), 0);
    }
    let output = encode(&directory, &["-o", "m.mp4", "--stats", "nowhere/s.csv"], &raw_frames(3));
    assert_eq!(code(output.status), 1);
    assert!(
        errors(&output).contains("cannot write nowhere/s.csv: No such file or directory"),
        "{}",
        errors(&output)
    );
    assert_eq!(fs::read_dir(&directory).expect("a directory").count(), 0);
}

#[test]
fn a_program_can_read_the_progress() {
    let directory = tempdir().expect("a directory");
    fs::write(directory.path().join("frames"), raw_frames(1_000)).expect("written");
    let output =
        encode(directory.path(), &["frames", "-o", "m.mp4", "--preset", "placebo", "--progress", "json"], &[]);
    assert_eq!(code(output.status), 0, "{}", errors(&output));
    let lines: Vec<Value> = errors(&output).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let [progress @ .., run] = &lines[..] else { panic!("nothing was written") };
    assert_eq!((&run["type"], &run["packets"], &run["complete"]), (&"run".into(), &1_000.into(), &true.into()));
    for line in progress {
        assert_eq!((&line["type"], &line["of_frames"]), (&"progress".into(), &1_000.into()));
        assert!(
            line["frames"].as_u64().is_some_and(|frames| frames <= 1_000)
                && line["frames_per_second"].as_f64() > Some(0.0),
            "{line}"
        );
    }
    assert!(!progress.is_empty());
}

//! Tests the writer when something fails: the error messages, the files that are left, and that nothing hangs.

use std::fs;
use std::path::Path;
use std::time::Duration;

use framemill::{
    Codec, Container, Error, Ffv1, FrameRate, FrameView, H264, InvalidSettings, Mjpeg, Mpeg4, PixelFormat, Preset,
    Profile, Result, VideoWriter, VideoWriterBuilder, recover,
};
use tempfile::tempdir;

use crate::reader::decode;
use crate::samples::{picture, write_movie};

const RATE: FrameRate = FrameRate::new(30, 1);

fn names_in(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("listed");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("text")).collect();
    names.sort();
    names
}

fn write_some(video: &mut VideoWriter, frames: u32) -> Result<()> {
    (0..frames).try_for_each(|frame| video.write(&FrameView::rgb(&picture(96, 64, frame), 96, 64)?))
}

#[test]
fn invalid_settings_are_named() {
    let directory = tempdir().expect("a directory");
    let mp4 = directory.path().join("movie.mp4");
    type Configure = fn(VideoWriterBuilder) -> VideoWriterBuilder;
    let refused = |configure: Configure| {
        let error = configure(VideoWriter::builder(&mp4, 96, 64, RATE)).create().map(|_| ()).expect_err("refused");
        assert!(matches!(error, Error::Settings(_)), "{error}");
        error.to_string()
    };
    let cases: [(&str, Configure); 14] = [
        ("crf 52 is out of range: h264 takes 0 to 51", |builder| builder.codec(H264::crf(52.0))),
        ("bitrate 5 is out of range: h264 takes 1000 to 2147483647", |builder| builder.codec(H264::bitrate(5))),
        ("qp 32 is out of range: mjpeg takes 1 to 31", |builder| builder.codec(Mjpeg::qp(32))),
        ("gop 0 is out of range: mpeg4 takes 1 to 100000", |builder| builder.codec(Mpeg4::qp(3).gop(0))),
        ("threads 0 is out of range: h264 takes 1 to 128", |builder| builder.threads(0)),
        (
            "mp4 cannot hold ffv1: choose mkv, avi, mov, or another codec: h264, h264-rgb, hevc, av1, vp9, mpeg4, xvid, mjpeg",
            |builder| builder.codec(Ffv1::default()),
        ),
        ("mpeg4 cannot encode yuv444p: choose yuv420p", |builder| {
            builder.codec(Mpeg4::qp(3)).pixel_format(PixelFormat::Yuv444p)
        }),
        ("the high profile cannot encode yuv444p: choose yuv420p", |builder| {
            builder.codec(H264::default().profile(Profile::High)).pixel_format(PixelFormat::Yuv444p)
        }),
        ("fourcc cannot be combined with mp4: leave it out, or write an AVI", |builder| {
            builder.codec(Mpeg4::qp(3).fourcc(*b"DIVX"))
        }),
        (
            "x264-params cannot be combined with avi, which has no B-frames: leave bframes out, or choose mp4, mov or mkv",
            |builder| builder.codec(H264::default().x264_param("bframes", "2")).container(Container::Avi),
        ),
        ("x264-params must not set keyint: use gop", |builder| {
            builder.codec(H264::default().x264_param("keyint", "2"))
        }),
        ("x264 rejected aq-mod=2 in x264-params; did you mean \"aq-mode\"?", |builder| {
            builder.codec(H264::default().x264_param("aq-mod", "2"))
        }),
        ("x264 rejected aq-mode=many in x264-params", |builder| {
            builder.codec(H264::default().x264_param("aq-mode", "many"))
        }),
        ("scaled size 0x5 is out of range: each side must be 1 to 16384 pixels", |builder| builder.scale(0, 5)),
    ];
    for (message, configure) in cases {
        assert_eq!(refused(configure), message);
    }
    assert!(names_in(directory.path()).is_empty());
}

#[test]
fn an_invalid_name_or_rate_is_refused() {
    let refused = |name: &str, rate: FrameRate| {
        VideoWriter::builder(name, 96, 64, rate).create().map(|_| ()).expect_err("refused").to_string()
    };
    assert_eq!(
        refused("movie.wmv", RATE),
        "\"movie.wmv\" does not end in a known extension: use .mp4, .mov, .m4v, .avi, .mkv or .webm, or give \
         container"
    );
    assert_eq!(
        refused("movie.mp4", FrameRate::new(0, 1)),
        "frame rate \"0\" is not valid: give frames per second as 30, 30000/1001, 29.97 or 12.5, between 0.001 and 1000"
    );
    let error = VideoWriter::builder("movie.mp4", 0, 64, RATE).create().map(|_| ()).expect_err("no width");
    assert!(matches!(error, Error::Settings(InvalidSettings::Size { width: 0, height: 64, .. })), "{error}");
}

#[test]
fn an_unwritable_path_is_an_error_with_the_reason() {
    let directory = tempdir().expect("a directory");
    let refused = |path: &Path| {
        let error = VideoWriter::builder(path, 96, 64, RATE).container(Container::Mp4).create().map(|_| ());
        error.expect_err("refused").with_causes()
    };
    let missing = directory.path().join("missing/movie.mp4");
    let part = format!("{}.part", missing.display());
    assert_eq!(refused(&missing), format!("cannot create {part}: No such file or directory (os error 2)"));
    let folder = directory.path().display();
    assert_eq!(refused(directory.path()), format!("cannot write {folder}: it is a directory; choose a file in it"));
}

#[test]
fn aborting_leaves_nothing_and_dropping_leaves_all_frames_to_be_recovered() {
    let directory = tempdir().expect("a directory");
    for (extension, abort) in [("mp4", true), ("mp4", false), ("avi", true), ("mkv", false)] {
        let path = directory.path().join("movie").with_extension(extension);
        let mut video = VideoWriter::builder(&path, 96, 64, RATE).create().expect("opens");
        write_some(&mut video, 100).expect("written");
        assert_eq!(names_in(directory.path()), [format!("movie.{extension}.part")]);
        if abort {
            video.abort();
            assert!(names_in(directory.path()).is_empty(), "{:?}", names_in(directory.path()));
            continue;
        }
        drop(video);
        assert_eq!(names_in(directory.path()), [format!("movie.{extension}.part")]);
        let recovered = recover(directory.path().join(format!("movie.{extension}.part")), None).expect("recovered");
        assert_eq!((recovered.path.as_path(), recovered.frames), (path.as_path(), 100));
        assert_eq!(decode(&path, "gray", 96 * 64).len(), 100);
        fs::remove_file(&path).expect("removed");
        fs::remove_file(directory.path().join(format!("movie.{extension}.part"))).expect("removed");
    }
}

#[test]
fn without_frames_there_is_no_movie_and_an_old_one_stays() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("movie.mp4");
    fs::write(&path, "precious").expect("written");
    let video = VideoWriter::builder(&path, 96, 64, RATE).create().expect("opens");
    let error = video.finish().expect_err("no frames");
    assert_eq!(
        error.to_string(),
        "no frame was written, so there is no movie; write at least one frame before finishing"
    );
    let mut video = VideoWriter::builder(&path, 96, 64, RATE).create().expect("opens");
    write_some(&mut video, 3).expect("written");
    video.abort();
    assert_eq!(fs::read(&path).expect("still there"), b"precious");
    assert_eq!(names_in(directory.path()), ["movie.mp4"]);
    write_movie(&path, 3, RATE, |builder| builder).expect("a movie");
    assert_ne!(fs::read(&path).expect("replaced"), b"precious");
}

#[test]
fn no_clobber_keeps_the_file() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("movie.mkv");
    fs::write(&path, "precious").expect("written");
    let error = write_movie(&path, 3, RATE, VideoWriterBuilder::no_clobber).expect_err("exists");
    assert!(error.with_causes().ends_with("it already exists; choose another name"), "{error}");
    fs::remove_file(&path).expect("removed");
    // A file that appears during encoding is not replaced either, and the movie is kept as a part file.
    let mut video = VideoWriter::builder(&path, 96, 64, RATE).no_clobber().create().expect("opens");
    write_some(&mut video, 3).expect("written");
    fs::write(&path, "precious").expect("written");
    let error = video.finish().expect_err("the file exists");
    assert!(matches!(error, Error::Interrupted { .. }), "{error}");
    assert_eq!(fs::read(&path).expect("still there"), b"precious");
    assert_eq!(names_in(directory.path()), ["movie.mkv", "movie.mkv.part"]);
}

#[test]
fn an_existing_part_file_is_not_overwritten() {
    let directory = tempdir().expect("a directory");
    fs::write(directory.path().join("movie.mp4.part"), "left").expect("written");
    let video = VideoWriter::builder(directory.path().join("movie.mp4"), 96, 64, RATE).create().expect("opens");
    assert_eq!(names_in(directory.path()), ["movie.mp4.2.part", "movie.mp4.part"]);
    drop(video);
    assert_eq!(fs::read(directory.path().join("movie.mp4.part")).expect("still there"), b"left");
}

#[test]
fn names_that_look_like_addresses_are_names() {
    let directory = tempdir().expect("a directory");
    fs::create_dir_all(directory.path().join("tcp:")).expect("a directory");
    for name in ["tcp://movie.mp4", "concat:a.mp4|b.mp4", "-x.mp4", "pipe:1.mkv", "data:,x.avi", "%03d.mov"] {
        let path = directory.path().join(name);
        let stats = write_movie(&path, 2, RATE, |builder| builder).expect(name);
        assert_eq!(fs::metadata(&path).expect(name).len(), stats.file_bytes);
    }
}

#[cfg(unix)]
#[test]
fn a_link_stays_and_its_target_is_replaced() {
    let directory = tempdir().expect("a directory");
    let (file, link) = (directory.path().join("real.mp4"), directory.path().join("link.mp4"));
    fs::write(&file, "old").expect("written");
    std::os::unix::fs::symlink(&file, &link).expect("linked");
    write_movie(&link, 2, RATE, |builder| builder).expect("a movie");
    assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
    assert!(fs::metadata(&file).expect("there").len() > 100);
}

#[test]
fn a_device_is_written_to_and_not_replaced() {
    use std::os::unix::fs::FileTypeExt;
    write_movie("/dev/null", 3, RATE, |builder| builder.container(Container::Mp4)).expect("a movie to nowhere");
    assert!(fs::metadata("/dev/null").expect("there").file_type().is_char_device());
}

#[test]
fn a_full_disk_is_an_error_with_its_errno_on_every_later_call() {
    let settings = |builder: VideoWriterBuilder| {
        builder.container(Container::Mp4).codec(H264::qp(1).preset(Preset::Ultrafast))
    };
    let mut video = settings(VideoWriter::builder("/dev/full", 96, 64, RATE)).create().expect("opens");
    let noise: Vec<u8> = (0..96 * 64 * 3_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let error = (0..10_000)
        .find_map(|_| video.write(&FrameView::rgb(&noise, 96, 64).expect("a picture")).err())
        .expect("the disk is full");
    assert!(error.with_causes().ends_with("No space left on device (os error 28)"), "{}", error.with_causes());
    let later = video.write(&FrameView::rgb(&noise, 96, 64).expect("a picture")).expect_err("failed");
    assert!(matches!(&later, Error::FailedEarlier { cause } if cause.contains("os error 28")), "{later}");
    assert!(matches!(video.hold(Duration::from_secs(1)), Err(Error::FailedEarlier { .. })));
    assert!(matches!(video.finish(), Err(Error::FailedEarlier { .. })));
    // The movie is smaller than the buffer, so only finishing fails.
    let error = write_movie("/dev/full", 1, RATE, settings).expect_err("the disk is full");
    assert!(error.with_causes().ends_with("No space left on device (os error 28)"), "{}", error.with_causes());
}

#[test]
fn a_callback_that_panics_fails_the_movie_and_keeps_its_frames() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("movie.mp4");
    let mut video = VideoWriter::builder(&path, 96, 64, RATE).create().expect("opens");
    video.on_packet(|packet| assert!(packet.index < 20, "twenty is too many")).expect("alive");
    let result = write_some(&mut video, 200).and_then(|()| video.finish().map(drop));
    let error = result.expect_err("the callback panics");
    assert!(error.with_causes().contains("the packet callback panicked: twenty is too many"), "{error}");
    let Error::Interrupted { part_file, .. } = error else { panic!("{error}") };
    let recovered = framemill::recover(&part_file, None).expect("recovered");
    assert_eq!(recovered.path, path);
    assert!((20..=40).contains(&recovered.frames), "{recovered:?}");
}

#[test]
fn statistics_while_running_lag_behind_the_frames() {
    let directory = tempdir().expect("a directory");
    let mut video = VideoWriter::builder(directory.path().join("a.mp4"), 96, 64, RATE).create().expect("opens");
    write_some(&mut video, 150).expect("written");
    let running = video.stats();
    assert_eq!(running.frames, 150);
    assert!(running.packets <= 150 && running.file_bytes == 0, "{running:?}");
    let done = video.finish().expect("a movie");
    assert_eq!((done.frames, done.packets), (150, 150));
    assert!(done.wall >= running.wall && done.encoding_fps().is_some());
}

#[test]
fn a_codec_that_ffmpeg_lacks_is_refused_by_name() {
    let info = framemill::build_info();
    for (name, encoder, available) in info.codecs {
        let codec: Codec = name.parse().expect("known");
        let memory = framemill::Memory::new();
        let output = framemill::Output::memory(&memory, codec.containers()[0]);
        match VideoWriter::builder(output, 96, 64, RATE).codec(codec).create() {
            Ok(_) => assert!(available, "{name}"),
            Err(error) => {
                assert!(!available, "{name}: {error}");
                assert!(error.to_string().contains(&format!("this build's FFmpeg has no encoder {encoder}")));
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn a_replaced_movie_keeps_its_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempdir().expect("a directory");
    for name in ["a.mp4", "a.mkv"] {
        let path = directory.path().join(name);
        fs::write(&path, "old").expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("set");
        write_movie(&path, 2, RATE, |builder| builder).expect("a movie");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600, "{name}");
    }
}

#[cfg(unix)]
#[test]
fn a_dangling_link_is_refused_and_stays() {
    let directory = tempdir().expect("a directory");
    let link = directory.path().join("link.mp4");
    std::os::unix::fs::symlink("nowhere.mp4", &link).expect("linked");
    let error = write_movie(&link, 2, RATE, |builder| builder).expect_err("refused").with_causes();
    assert!(error.ends_with("it is a link to a file that does not exist; use the file itself"), "{error}");
    assert_eq!(names_in(directory.path()), ["link.mp4"]);
}

#[test]
fn the_longest_file_names_work() {
    let directory = tempdir().expect("a directory");
    for length in [200, 245, 250, 251, 255] {
        for max_bytes in [None, Some(100_000)] {
            let path = directory.path().join(format!("{}.mp4", "n".repeat(length - ".mp4".len())));
            write_movie(&path, 2, RATE, |builder| match max_bytes {
                Some(max_bytes) => builder.max_bytes(max_bytes),
                None => builder,
            })
            .unwrap_or_else(|error| panic!("{length}: {}", error.with_causes()));
            assert!(path.exists());
            fs::remove_file(path).expect("removed");
            assert!(names_in(directory.path()).is_empty(), "{:?}", names_in(directory.path()));
        }
    }
}

#[test]
fn a_relative_path_is_resolved_when_the_writer_is_made() {
    if let Ok(directory) = std::env::var("FRAMEMILL_TEST_CHDIR") {
        std::env::set_current_dir(format!("{directory}/one")).expect("entered");
        let mut video = VideoWriter::builder("a.mp4", 96, 64, RATE).create().expect("opens");
        write_some(&mut video, 3).expect("written");
        std::env::set_current_dir(format!("{directory}/other")).expect("entered");
        video.finish().expect("a movie");
        return;
    }
    // The working directory belongs to the whole process, so run the test in a new process.
    let directory = tempdir().expect("a directory");
    fs::create_dir(directory.path().join("one")).expect("made");
    fs::create_dir(directory.path().join("other")).expect("made");
    let this = std::env::current_exe().expect("this test");
    let name = "writer::a_relative_path_is_resolved_when_the_writer_is_made";
    let ran = std::process::Command::new(this)
        .args([name, "--exact"])
        .env("FRAMEMILL_TEST_CHDIR", directory.path())
        .output()
        .expect("runs");
    assert!(ran.status.success(), "{ran:?}");
    assert_eq!(names_in(&directory.path().join("one")), ["a.mp4"]);
    assert!(names_in(&directory.path().join("other")).is_empty());
}

#[test]
fn part_files_of_the_longest_and_the_last_run_stay_until_one_finishes() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.mp4");
    let part_frames = |part: &Path| {
        let recovered = recover(part, Some(&directory.path().join("r.mp4"))).expect("recovered");
        fs::remove_file(recovered.path).expect("removed");
        recovered.frames
    };
    let mut left = Vec::new();
    for frames in [3, 9, 5, 2, 4] {
        let mut video = VideoWriter::builder(&path, 96, 64, RATE).create().expect("opens");
        write_some(&mut video, frames).expect("written");
        left.push(video.leave().expect("left").expect("a part file"));
    }
    assert_eq!(names_in(directory.path()).len(), 2);
    assert_eq!((part_frames(&left[1]), part_frames(&left[4])), (9, 4));
    write_movie(&path, 9, RATE, |builder| builder).expect("a movie");
    assert_eq!(names_in(directory.path()), ["a.mp4"]);
}

#[test]
fn working_files_of_killed_runs_are_removed_and_other_files_stay() {
    let directory = tempdir().expect("a directory");
    for name in ["a.mp4.fin", "a.fin", ".framemill-aB3dE6gH.tmp"] {
        fs::write(directory.path().join(name), "half").expect("written");
    }
    write_movie(directory.path().join("a.mp4"), 2, RATE, |builder| builder).expect("a movie");
    assert_eq!(names_in(directory.path()), ["a.fin", "a.mp4", "a.mp4.fin"]);
}

#[cfg(unix)]
#[test]
fn the_new_movie_has_the_permissions_of_the_old_one_from_the_start() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("a.mp4");
    fs::write(&path, "old").expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("set");
    // Only root can set another group.
    let group = if chown(&path, None, Some(7)).is_ok() { 7 } else { fs::metadata(&path).expect("there").gid() };
    let video = VideoWriter::builder(&path, 96, 64, RATE).create().expect("opens");
    let is_private = |path: &Path| {
        let data = fs::metadata(path).expect("there");
        (data.mode() & 0o777, data.gid()) == (0o600, group)
    };
    assert!(is_private(&directory.path().join("a.mp4.part")));
    video.abort();
    write_movie(&path, 2, RATE, |builder| builder).expect("a movie");
    assert!(is_private(&path));
}

#[test]
fn a_movie_may_start_in_the_middle_of_a_sink() {
    use std::io::{Seek, SeekFrom, Write};
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("archive");
    let mut file = fs::File::create(&path).expect("created");
    file.write_all(&[7; 100]).expect("written");
    file.seek(SeekFrom::End(0)).expect("at the end");
    let output = framemill::Output::seekable(file, Container::Mp4);
    let stats = write_movie(output, 5, RATE, |builder| builder).expect("a movie");
    let bytes = fs::read(&path).expect("read");
    assert_eq!(bytes[..100], [7; 100]);
    assert_eq!(bytes.len() as u64, 100 + stats.file_bytes);
    let movie = directory.path().join("a.mp4");
    fs::write(&movie, &bytes[100..]).expect("written");
    assert_eq!(crate::reader::probe(&movie).packets.len(), 5);
}

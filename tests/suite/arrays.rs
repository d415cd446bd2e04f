//! Tests NumPy arrays as input of the program.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::tempdir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::npy::{Array, header};
use crate::program::{code, errors, run};
use crate::reader::{decode, probe};

const DTYPES: [&str; 10] = ["|b1", "|u1", "<u2", ">u2", "<f2", ">f2", "<f4", ">f4", "<f8", ">f8"];

/// Shapes of several frames and of one. The meaning of a shape does not depend on the dtype.
const SHAPES: [&[usize]; 3] = [&[5, 6, 8], &[5, 6, 8, 3], &[5, 6, 8, 4]];
const MORE_SHAPES: [&[usize]; 5] = [&[5, 6, 8, 1], &[6, 8], &[6, 8, 1], &[6, 8, 3], &[6, 8, 4]];

const GRAY: Array = Array { dtype: "|u1", fortran_order: false, shape: &[5, 6, 8] };

/// Runs the program on arrays with a lossless codec.
fn encode(directory: &Path, input: &[&str], more: &[&str], stdin: &[u8]) -> Output {
    let lossless = ["-r", "10", "-c", "ffv1", "-o", "a.mkv"];
    run(directory, &[&["encode"], input, &lossless, more].concat(), stdin)
}

/// Checks that the movie has exactly the array's pixels.
fn assert_pixels(directory: &Path, array: &Array, output: &Output) {
    let context = format!("{} {} {:?}", array.dtype, array.fortran_order, array.shape);
    assert_eq!(code(output.status), 0, "{context}: {}", errors(output));
    let expected = array.pixels();
    let decoded = decode(&directory.join("a.mkv"), pixel_format(array), expected[0].len());
    assert!(decoded == expected, "{context}: {:?} and not {:?}", &decoded[0], &expected[0]);
}

/// Returns the pixel format in which the program encodes the array, without alpha.
fn pixel_format(array: &Array) -> &'static str {
    match (array.bits(), array.lengths()[3]) {
        (8, 1) => "gray",
        (8, _) => "rgb24",
        (_, 1) => "gray16le",
        _ => "rgb48le",
    }
}

fn every_shape_of_every_dtype(fortran_order: bool) {
    let directory = tempdir().expect("a directory");
    for dtype in DTYPES {
        let more = if matches!(dtype, "|u1" | ">f4") { &MORE_SHAPES[..] } else { &[] };
        for shape in SHAPES.iter().chain(more) {
            let array = Array { dtype, fortran_order, shape };
            fs::write(directory.path().join("a.npy"), array.file()).expect("written");
            // Frames with alpha are composited in 8 bits unless the user requests more.
            let deep: &[&str] =
                if pixel_format(&array) == "rgb48le" { &["--pixel-format", "rgb48le"] } else { &[] };
            let output = encode(directory.path(), &["a.npy"], deep, &[]);
            assert_pixels(directory.path(), &array, &output);
        }
    }
}

#[test]
fn every_shape_of_every_dtype_in_c_order() {
    every_shape_of_every_dtype(false);
}

#[test]
fn every_shape_of_every_dtype_in_fortran_order() {
    every_shape_of_every_dtype(true);
}

#[test]
fn a_movie_keeps_as_many_bits_as_it_can() {
    let directory = tempdir().expect("a directory");
    let ramp = |white: f32| (0..256_u16).flat_map(move |x| (f32::from(x) / 255.0 * white).to_le_bytes());
    let file: Vec<u8> =
        header("<f4", false, &[16, 256]).into_iter().chain((0..16).flat_map(|_| ramp(1.0))).collect();
    fs::write(directory.path().join("a.npy"), file).expect("written");
    let encode = |codec: &[&str]| {
        let arguments = ["encode", "a.npy", "-r", "1", "-o", "a.mkv"];
        let output = run(directory.path(), &[&arguments, codec].concat(), &[]);
        assert_eq!(code(output.status), 0, "{}", errors(&output));
        directory.path().join("a.mkv")
    };
    let movie = encode(&["-c", "h264-rgb", "--lossless"]);
    let expected: Vec<u8> = (0..=255).flat_map(|level| [level; 3]).collect();
    assert_eq!(decode(&movie, "rgb24", 16 * 256 * 3), [expected.repeat(16)]);
    // 256 gray levels stay distinct among the 877 levels of 10-bit luma, but not among the 220 of 8-bit luma.
    let levels = |movie: &Path, format: &str, bytes: usize| {
        let frame = decode(movie, format, 16 * 256 * bytes * 3).remove(0);
        frame[..256 * bytes].chunks(bytes).collect::<std::collections::HashSet<_>>().len()
    };
    let movie = encode(&["--lossless", "--pixel-format", "yuv444p10"]);
    assert_eq!(levels(&movie, "yuv444p10le", 2), 256);
    let movie = encode(&["--lossless", "--pixel-format", "yuv444p"]);
    assert_eq!(levels(&movie, "yuv444p", 1), 220);
}

#[test]
fn arrays_come_on_standard_input() {
    let directory = tempdir().expect("a directory");
    for (dtype, input) in [("|u1", &[][..]), (">f4", &["-"]), ("<u2", &["--input", "npy"])] {
        let array = Array { dtype, ..GRAY };
        assert_pixels(directory.path(), &array, &encode(directory.path(), input, &[], &array.file()));
    }
    let array = Array { fortran_order: true, ..GRAY };
    let output = encode(directory.path(), &[], &[], &array.file());
    assert_eq!(code(output.status), 1);
    let message = "standard input: it is in Fortran order, which spreads each frame over the whole array: read it from \
                   an .npy file, or save np.ascontiguousarray(a)";
    assert!(errors(&output).contains(message), "{}", errors(&output));
    // A file that the shell opens as standard input can be read at any position.
    fs::write(directory.path().join("f.npy"), array.file()).expect("written");
    let output = Command::new(env!("CARGO_BIN_EXE_framemill"))
        .args(["encode", "-r", "10", "-c", "ffv1", "-o", "a.mkv"])
        .current_dir(directory.path())
        .stdin(File::open(directory.path().join("f.npy")).expect("there"))
        .output()
        .expect("runs");
    assert_pixels(directory.path(), &array, &output);
}

#[test]
fn options_for_other_inputs_are_refused_for_arrays() {
    let directory = tempdir().expect("a directory");
    fs::write(directory.path().join("a.npy"), GRAY.file()).expect("written");
    for (arguments, message) in [
        (&["a.npy", "-o", "a.mp4"][..], "arrays have no frame rate: give -r, as in -r 30"),
        (&["a.npy", "-r", "1", "-s", "8x6", "-o", "a.mp4"], "-s is for raw frames, but the input is an array"),
        (&["a.npy", "-r", "1", "-f", "gray", "-o", "a.mp4"], "-f is for raw frames, but the input is an array"),
        (
            &["a.npy", "-r", "1", "--member", "a", "-o", "a.mp4"],
            "--member is for .npz files, but the input is not one",
        ),
        (
            &["-r", "1", "-s", "8x6", "-f", "gray", "--member", "a", "-o", "a.mp4"],
            "--member is for .npz files, but the input is not one",
        ),
    ] {
        let output = run(directory.path(), &[&["encode"], arguments].concat(), &[0; 48]);
        assert_eq!(code(output.status), 2, "{arguments:?}");
        assert!(errors(&output).contains(message), "{arguments:?}: {}", errors(&output));
    }
    let raw = ["--input", "raw", "-f", "gray", "-s", "8x1"];
    let output = encode(directory.path(), &["a.npy"], &raw, &[]);
    assert_eq!(code(output.status), 0, "an array can be read as raw bytes: {}", errors(&output));
}

#[test]
fn arrays_without_frames_make_no_movie() {
    let directory = tempdir().expect("a directory");
    let fortran = Array { fortran_order: true, ..GRAY }.file();
    for (file, message) in [
        (Vec::new(), "a.npy: cannot be read as a NumPy stream: it does not start with \\x93NUMPY"),
        (
            header("<i8", false, &[5, 6, 8]),
            "a.npy: samples of dtype <i8 are not supported: for values of 0 to 255 save",
        ),
        (header("<c16", false, &[5, 6, 8]), "a.npy: samples of dtype <c16 are not supported"),
        (header("|u1", false, &[0, 6, 8]), "a.npy: an array of shape (0, 6, 8) does not hold frames: it is empty"),
        (
            header("|u1", false, &[2, 5, 6, 8]),
            "a.npy: an array of shape (2, 5, 6, 8) does not hold frames: a pixel has 1",
        ),
        (
            header("|u1", false, &[2, 3, 6, 8]),
            "a.npy: an array of shape (2, 3, 6, 8) does not hold frames: its channels come before its rows: save np.moveaxis(a, 1, -1)",
        ),
        ([GRAY.file(), GRAY.file()].concat(), "a.npy: 368 bytes follow the array: save one array per file"),
        (fortran[..fortran.len() - 1].to_vec(), "a.npy: it has 239 of the array's 240 bytes, and in Fortran order"),
    ] {
        fs::write(directory.path().join("a.npy"), file).expect("written");
        let output = encode(directory.path(), &["--input", "npy", "a.npy"], &[], &[]);
        assert_eq!(code(output.status), 1, "{message}");
        assert!(errors(&output).contains(message), "{message}: {}", errors(&output));
        assert_eq!(fs::read_dir(directory.path()).expect("listed").count(), 1, "{message}");
    }
}

#[test]
fn the_frames_before_a_fault_are_kept() {
    let directory = tempdir().expect("a directory");
    let cut = GRAY.file();
    let mut not_a_number = Array { dtype: "<f4", ..GRAY }.file();
    let at = 128 + (3 * 48 + 2 * 8 + 5) * 4;
    not_a_number[at..at + 4].copy_from_slice(&f32::NAN.to_le_bytes());
    for (file, frames, message) in [
        (cut[..cut.len() - 50].to_vec(), 3, "the stream ends inside frame 3: it has 46 of the frame's"),
        (
            not_a_number,
            3,
            "frame 3 has the value NaN at row 2, column 5: floats must be from 0 (black) to 1 (white)",
        ),
    ] {
        fs::write(directory.path().join("a.npy"), file).expect("written");
        let output = encode(directory.path(), &["a.npy"], &[], &[]);
        assert_eq!(code(output.status), 1, "{message}");
        assert!(errors(&output).contains(message), "{}", errors(&output));
        assert_eq!(probe(&directory.path().join("a.mkv")).packets.len(), frames);
    }
}

/// Returns an `.npz` file with these members.
fn npz(members: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut archive = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        // NumPy also reserves space for 64-bit lengths.
        let options = SimpleFileOptions::default().compression_method(method).large_file(true);
        archive.start_file(*name, options).expect("started");
        archive.write_all(bytes).expect("written");
    }
    archive.finish().expect("finished").into_inner()
}

#[test]
fn a_member_of_an_npz_is_streamed() {
    let directory = tempdir().expect("a directory");
    let rgb = Array { dtype: "<f4", fortran_order: false, shape: &[5, 6, 8, 3] };
    let (gray_file, rgb_file) = (GRAY.file(), rgb.file());
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let put = |members: &[(&str, &[u8])]| {
            fs::write(directory.path().join("a.npz"), npz(members, method)).expect("written");
        };
        put(&[("arr_0.npy", &gray_file), ("notes.txt", b"not an array")]);
        assert_pixels(directory.path(), &GRAY, &encode(directory.path(), &["a.npz"], &[], &[]));
        put(&[("gray.npy", &gray_file), ("rgb.npy", &rgb_file)]);
        for (member, array) in [("gray", &GRAY), ("rgb", &rgb), ("rgb.npy", &rgb)] {
            let output = encode(directory.path(), &["a.npz", "--member", member], &[], &[]);
            assert_pixels(directory.path(), array, &output);
        }
        // The program recognizes an archive by its name or by `--input`.
        fs::rename(directory.path().join("a.npz"), directory.path().join("a.zip")).expect("renamed");
        let output = encode(directory.path(), &["a.zip", "--input", "npy", "--member", "gray"], &[], &[]);
        assert_pixels(directory.path(), &GRAY, &output);
    }
}

#[test]
fn errors_of_an_npz_give_the_reason() {
    let directory = tempdir().expect("a directory");
    let file = GRAY.file();
    let fortran = Array { fortran_order: true, ..GRAY }.file();
    let stored = |members: &[(&str, &[u8])]| npz(members, CompressionMethod::Stored);
    let mut damaged = stored(&[("a.npy", &file)]);
    let last = damaged.windows(3).rposition(|bytes| bytes == &file[file.len() - 3..]).expect("stored");
    damaged[last] ^= 1;
    let two = stored(&[("gray.npy", &file), ("mask.npy", &file)]);
    for (archive, member, message) in [
        (two.clone(), None, "a.npz: it contains 2 arrays: choose one of gray, mask, as in --member gray"),
        (
            two.clone(),
            Some("grey"),
            "a.npz: it contains no array named \"grey\": choose one of gray, mask, as in --member gray",
        ),
        (stored(&[("notes.txt", b"")]), None, "a.npz: it contains no array"),
        (stored(&[("a.npy", &fortran)]), None, "a.npz[\"a\"]: it is in Fortran order"),
        (stored(&[("a.npy", &[&file[..], b"x"].concat())]), None, "a.npz[\"a\"]: something follows the array"),
        (two[..two.len() - 30].to_vec(), None, "a.npz: cannot be read as a zip stream"),
        (damaged, None, "the array's checksum is wrong: it is damaged"),
    ] {
        fs::write(directory.path().join("a.npz"), archive).expect("written");
        let member: Vec<&str> = member.map(|member| ["--member", member]).into_iter().flatten().collect();
        let output = encode(directory.path(), &["a.npz"], &member, &[]);
        assert_eq!(code(output.status), 1, "{message}");
        assert!(errors(&output).contains(message), "{message}: {}", errors(&output));
    }
    let output = encode(directory.path(), &["--input", "npy"], &[], &two);
    assert_eq!(code(output.status), 2);
    let message = "standard input: reading an .npz starts at its end, which a stream does not have: use a file";
    assert!(errors(&output).contains(message), "{}", errors(&output));
}

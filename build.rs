//! Checks FFmpeg before the crate is compiled. If FFmpeg is missing, is too old or lacks libx264, the build stops
//! with one clear message. (`framemill --version` prints the versions of the libraries that are loaded at run
//! time.)
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "cargo reads the output")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, exit};
use std::{env, fs};

/// FFmpeg's libraries, and the oldest supported version of each: those of FFmpeg 5.1.
const LIBRARIES: [(&str, &str); 5] = [
    ("libavutil", "57.28"),
    ("libavcodec", "59.37"),
    ("libavformat", "59.27"),
    ("libswscale", "6.7"),
    ("libswresample", "4.7"),
];

const HINT: &str = "On Debian and Ubuntu:  sudo apt-get install libavcodec-dev libavformat-dev libavutil-dev \
                    libswscale-dev libswresample-dev libclang-dev pkg-config\n\
                    To use your own build of FFmpeg, add its lib/pkgconfig to PKG_CONFIG_PATH.";

const PROBE: &str = "#include <libavcodec/avcodec.h>\n\
                     int main(void) { return avcodec_find_encoder_by_name(\"libx264\") ? 0 : 1; }\n";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    for variable in ["PKG_CONFIG_PATH", "PKG_CONFIG_LIBDIR"] {
        println!("cargo:rerun-if-env-changed={variable}");
    }
    let is_static = env::var_os("CARGO_FEATURE_STATIC").is_some();
    if let Err(error) = keep_licenses(is_static) {
        fail(&format!("cannot copy the licenses of the libraries into the build: {error}"));
    }
    // docs.rs only builds the documentation, and its FFmpeg has no x264.
    if env::var_os("DOCS_RS").is_some() {
        return;
    }
    let mut include_paths = Vec::new();
    let mut link_arguments = Vec::new();
    for (name, least) in LIBRARIES {
        let mut config = pkg_config::Config::new();
        match config.statik(is_static).atleast_version(least).cargo_metadata(false).probe(name) {
            Ok(library) => {
                include_paths.extend(library.include_paths);
                link_arguments.extend(library.link_paths.iter().map(|path| format!("-L{}", path.display())));
                link_arguments.extend(library.libs.iter().map(|library| format!("-l{library}")));
            }
            Err(error) => fail(&format!(
                "framemill needs FFmpeg 5.1 or later, and {name} {least} was not found.\n{HINT}\n\n{error}"
            )),
        }
    }
    if has_libx264(&include_paths, &link_arguments) == Some(false) {
        fail(&format!(
            "this FFmpeg has no libx264, which framemill needs to encode H.264.\n\
             Use an FFmpeg that was configured with --enable-gpl --enable-libx264.\n{HINT}"
        ));
    }
}

/// Copies the licenses of the statically linked libraries to `OUT_DIR`, where `framemill licenses` includes them.
/// `make static` puts them next to the libraries. Without static libraries, the file is empty.
fn keep_licenses(is_static: bool) -> Result<(), Box<dyn Error>> {
    let mut text = String::new();
    if is_static {
        let prefix = pkg_config::get_variable("libavutil", "prefix")?;
        text = fs::read_to_string(Path::new(&prefix).join("licenses.txt"))?;
    }
    let directory = env::var_os("OUT_DIR").ok_or("cargo sets no OUT_DIR")?;
    Ok(fs::write(Path::new(&directory).join("licenses.txt"), text)?)
}

/// Checks for libx264 with a small program that it compiles and runs. Returns `None` if this is not possible, for
/// example when cross-compiling. Then a missing libx264 is reported when the encoder is opened.
fn has_libx264(include_paths: &[PathBuf], link_arguments: &[String]) -> Option<bool> {
    if env::var("TARGET").ok()? != env::var("HOST").ok()? {
        return None;
    }
    let directory = PathBuf::from(env::var_os("OUT_DIR")?);
    let (source, program) = (directory.join("probe.c"), directory.join("probe"));
    fs::write(&source, PROBE).ok()?;
    let compiler = cc::Build::new().try_get_compiler().ok()?;
    let compiled = Command::new(compiler.path())
        .args(include_paths.iter().flat_map(|path| [Path::new("-I"), path.as_path()]))
        .arg(&source)
        .arg("-o")
        .arg(&program)
        .args(link_arguments)
        .output()
        .ok()?;
    if !compiled.status.success() {
        return None;
    }
    // Any other status means that the program did not run, for example because a shared library was not found.
    match Command::new(&program).status().ok()?.code()? {
        0 => Some(true),
        1 => Some(false),
        _ => None,
    }
}

fn fail(message: &str) -> ! {
    eprintln!("\n{message}\n");
    exit(1)
}

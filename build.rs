//! Checks the FFmpeg that will be linked before anything is compiled against it, with one clear message if it is
//! missing, too old or lacks libx264. (`framemill --version` reads the versions of the loaded libraries.)
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "cargo reads what is printed")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, exit};
use std::{env, fs};

/// The libraries, and the oldest version of each that framemill supports: those of FFmpeg 5.1.
const LIBRARIES: [(&str, &str); 5] = [
    ("libavutil", "57.28"),
    ("libavcodec", "59.37"),
    ("libavformat", "59.27"),
    ("libswscale", "6.7"),
    ("libswresample", "4.7"),
];

const HINT: &str = "On Debian and Ubuntu:  sudo apt-get install libavcodec-dev libavformat-dev libavutil-dev \
                    libswscale-dev libswresample-dev libclang-dev pkg-config\n\
                    For an FFmpeg of your own, put its lib/pkgconfig on PKG_CONFIG_PATH.";

const PROBE: &str = "#include <libavcodec/avcodec.h>\n\
                     int main(void) { return avcodec_find_encoder_by_name(\"libx264\") ? 0 : 1; }\n";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    for variable in ["PKG_CONFIG_PATH", "PKG_CONFIG_LIBDIR"] {
        println!("cargo:rerun-if-env-changed={variable}");
    }
    let is_static = env::var_os("CARGO_FEATURE_STATIC").is_some();
    if let Err(error) = keep_licenses(is_static) {
        fail(&format!("the licenses of the libraries could not be copied into the build: {error}"));
    }
    // docs.rs has no FFmpeg with x264, and only builds the documentation.
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
            "the FFmpeg that would be linked has no libx264, which framemill encodes H.264 with.\n\
             Link one that was configured with --enable-gpl --enable-libx264.\n{HINT}"
        ));
    }
}

/// Copies the licenses of the libraries that become part of the program to where `framemill licenses` includes them;
/// `make static` collects them beside the libraries. The file is empty if no library becomes part of it.
fn keep_licenses(is_static: bool) -> Result<(), Box<dyn Error>> {
    let mut text = String::new();
    if is_static {
        let prefix = pkg_config::get_variable("libavutil", "prefix")?;
        text = fs::read_to_string(Path::new(&prefix).join("licenses.txt"))?;
    }
    let directory = env::var_os("OUT_DIR").ok_or("cargo sets no OUT_DIR")?;
    Ok(fs::write(Path::new(&directory).join("licenses.txt"), text)?)
}

/// Checks the library with a program that is compiled and run here; `None` if that is not possible, as in
/// cross-compilation: then opening the encoder reports it.
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
    // Any other status means that the program itself did not run, for example because a library is missing at run time.
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

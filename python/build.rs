//! Hides FFmpeg and its encoders inside the extension: other packages bring their own into the same process.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-cdylib-link-arg=-Wl,--exclude-libs,ALL");
}

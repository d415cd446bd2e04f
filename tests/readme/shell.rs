//! Extracts the code blocks of a page and runs commands in a shell.

use std::path::Path;
use std::process::{Command, Output};

/// Returns a page's fenced code blocks in a language, without the fences.
pub(crate) fn blocks(page: &'static str, language: &str) -> Vec<&'static str> {
    let opening = format!("```{language}\n");
    page.split(&opening).skip(1).map(|rest| rest.split_once("```").expect("each block is closed").0).collect()
}

/// Runs a command from a page, which must succeed.
pub(crate) fn run(command: &str, directory: &Path) {
    let output = bash(command, directory);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command}: {complaints}");
}

/// Runs a command from a page in bash, with framemill on the PATH.
pub(crate) fn bash(command: &str, directory: &Path) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_framemill")).parent().expect("a directory");
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    Command::new("bash")
        .args(["-e", "-o", "pipefail", "-c", command])
        .env("PATH", path)
        .current_dir(directory)
        .output()
        .expect("bash runs")
}

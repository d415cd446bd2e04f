//! `framemill licenses`: the licenses of all software in the program.

use std::io::{self, Write};
use std::process::ExitCode;

/// The licenses of FFmpeg and its encoders, if they are part of the program; otherwise empty.
const LIBRARIES: &str = include_str!(concat!(env!("OUT_DIR"), "/licenses.txt"));
/// The licenses of all crates. `scripts/licenses.sh` makes it.
const CRATES: &str = include_str!("licenses/crates.txt");
/// The licenses of the software in the page that `--report` makes.
const UPLOT: &str = include_str!("report/vendor/uPlot-LICENSE");

pub(crate) fn print() -> anyhow::Result<ExitCode> {
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "framemill's own sources are licensed under MIT or Apache-2.0, as you choose. The program as a whole is under\n\
         {}, because of what it links. What else is in it has the licenses below.\n",
        framemill::build_info().license
    )?;
    if LIBRARIES.is_empty() {
        writeln!(
            out,
            "FFmpeg and its encoders are not in this program. It loads those of the system, which came with their own\n\
             licenses.\n"
        )?;
    }
    write!(out, "{LIBRARIES}{CRATES}\n==== uPlot, in the pages that --report makes\n\n{UPLOT}")?;
    Ok(ExitCode::SUCCESS)
}

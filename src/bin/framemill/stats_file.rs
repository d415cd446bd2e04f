//! `--stats FILE`: the statistics of each frame, written while encoding.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use framemill::{MovieRecord, PacketRecord, RunRecord};
use serde::Serialize;

use crate::usage::WrongUsage;

/// The columns of a CSV, in the order of the packet's keys.
const COLUMNS: [&str; 19] = [
    "index",
    "pts",
    "dts",
    "duration",
    "seconds",
    "bytes",
    "second_bytes",
    "picture_type",
    "keyframe",
    "qp",
    "converting_ns",
    "waiting_ns",
    "encoding_ns",
    "muxing_ns",
    "psnr",
    "psnr_1",
    "psnr_2",
    "psnr_3",
    "ssim",
];

/// A growing file of statistics.
pub(crate) struct StatsFile {
    path: PathBuf,
    output: StatsFormat,
    packets: u64,
}

enum StatsFormat {
    /// One JSON object per line.
    Lines(BufWriter<File>),
    /// One JSON object for all.
    Object(BufWriter<File>),
    /// One row per packet.
    Table(Box<csv::Writer<File>>),
}

/// One line of a `.jsonl` file.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum StatsLine<'a> {
    Movie(&'a MovieRecord),
    Packet(&'a PacketRecord),
    Run(&'a RunRecord),
}

/// Checks that a file's extension sets its format.
pub(crate) fn check_name(path: &Path) -> Result<(), WrongUsage> {
    extension(path).map(drop)
}

fn extension(path: &Path) -> Result<String, WrongUsage> {
    let extension =
        path.extension().map(|extension| extension.to_string_lossy().to_lowercase()).unwrap_or_default();
    if ["jsonl", "csv", "json"].contains(&extension.as_str()) {
        return Ok(extension);
    }
    Err(WrongUsage(format!(
        "--stats {}: the name must end in .jsonl, .csv or .json, which selects the format",
        path.display()
    )))
}

impl StatsFile {
    /// Creates the file, and writes the properties of the movie.
    pub(crate) fn create(path: &Path, movie: &MovieRecord) -> anyhow::Result<Self> {
        check_name(path)?;
        let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
        Self::start_in(file, path, movie)
    }

    /// Writes the properties of the movie to a file whose final path is `path`.
    pub(crate) fn start_in(file: File, path: &Path, movie: &MovieRecord) -> anyhow::Result<Self> {
        let output = match extension(path)?.as_str() {
            "jsonl" => StatsFormat::Lines(BufWriter::new(file)),
            "json" => StatsFormat::Object(BufWriter::new(file)),
            _ => StatsFormat::Table(Box::new(csv::WriterBuilder::new().has_headers(false).from_writer(file))),
        };
        let mut file = Self { path: path.to_path_buf(), output, packets: 0 };
        let written = file.start(movie);
        file.named(written)?;
        Ok(file)
    }

    fn start(&mut self, movie: &MovieRecord) -> io::Result<()> {
        match &mut self.output {
            StatsFormat::Lines(out) => write_line(out, &StatsLine::Movie(movie))?,
            StatsFormat::Object(out) => {
                write!(out, "{{\"movie\":{},\n\"packets\":[", serde_json::to_string(movie)?)?;
            }
            StatsFormat::Table(out) => out.write_record(COLUMNS)?,
        }
        self.flush()
    }

    /// Writes the statistics of a packet.
    pub(crate) fn packet(&mut self, packet: &PacketRecord) -> anyhow::Result<()> {
        let written = self.add(packet);
        self.named(written)
    }

    fn add(&mut self, packet: &PacketRecord) -> io::Result<()> {
        match &mut self.output {
            StatsFormat::Lines(out) => write_line(out, &StatsLine::Packet(packet))?,
            StatsFormat::Object(out) => {
                let comma = if self.packets > 0 { "," } else { "" };
                write!(out, "{comma}\n{}", serde_json::to_string(packet)?)?;
            }
            StatsFormat::Table(out) => out.serialize(packet)?,
        }
        self.packets += 1;
        // A system call is cheap compared with encoding a frame, and a killed run then keeps the line.
        self.flush()
    }

    /// Writes the totals, and ends the file.
    pub(crate) fn end(mut self, run: &RunRecord) -> anyhow::Result<()> {
        let written = self.finish(run);
        self.named(written)
    }

    fn finish(&mut self, run: &RunRecord) -> io::Result<()> {
        match &mut self.output {
            StatsFormat::Lines(out) => write_line(out, &StatsLine::Run(run))?,
            StatsFormat::Object(out) => writeln!(out, "],\n\"run\":{}}}", serde_json::to_string(run)?)?,
            StatsFormat::Table(_) => {}
        }
        self.flush()
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.output {
            StatsFormat::Lines(out) | StatsFormat::Object(out) => out.flush(),
            StatsFormat::Table(out) => out.flush(),
        }
    }

    fn named(&self, written: io::Result<()>) -> anyhow::Result<()> {
        written.with_context(|| format!("cannot write {}", self.path.display()))
    }
}

/// Returns the totals as a line of JSON.
pub(crate) fn run_line(run: &RunRecord) -> String {
    // Plain numbers and texts always have a JSON form.
    serde_json::to_string(&StatsLine::Run(run)).unwrap_or_default()
}

fn write_line(out: &mut impl Write, line: &StatsLine<'_>) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_sets_the_format() {
        for name in ["a.jsonl", "b.CSV", "c.d.json"] {
            assert!(check_name(Path::new(name)).is_ok(), "{name}");
        }
        for name in ["a", "a.txt", "json", ".json"] {
            let error = check_name(Path::new(name)).expect_err(name).to_string();
            assert!(error.contains("must end in .jsonl, .csv or .json"), "{error}");
        }
    }
}

//! `--report`: a self-contained HTML page that shows where the bits went. It never uses the network.

mod cards;
mod charts;
mod details;
mod frames;
mod histogram;
mod html;
mod numbers;
mod overview;
mod series;
mod stages;

use std::path::Path;

use framemill::{PacketStats, Thumbnail, Timestamp};
use serde_json::Value;

use crate::usage::WrongUsage;
use frames::ReportFrame;

/// How many of the largest and of the worst frames are shown.
const SHOWN: usize = 10;

/// The maximum width of their pictures.
pub(crate) const THUMBNAIL_WIDTH: u32 = 320;

const STYLE: &str = include_str!("report/style.css");
const SCRIPT: &str = include_str!("report/charts.js");
const UPLOT: &str = include_str!("report/vendor/uPlot.iife.min.js");
const UPLOT_LICENSE: &str = include_str!("report/vendor/uPlot-LICENSE");
const UPLOT_STYLE: &str = include_str!("report/vendor/uPlot.min.css");

/// Checks that a browser will open a file of this name as a page.
pub(crate) fn check_name(path: &Path) -> Result<(), WrongUsage> {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    match extension.as_deref() {
        Some("html" | "htm") => Ok(()),
        _ => Err(WrongUsage(format!("--report {}: the name must end in .html", path.display()))),
    }
}

/// Collects the data of each packet for the page: about 80 bytes.
#[derive(Debug, Default)]
pub(crate) struct Report {
    frames: Vec<ReportFrame>,
    /// The bits of the second that ends with each packet.
    rates: Vec<Option<f64>>,
    /// When the first packet is decoded.
    first: Option<Timestamp>,
}

impl Report {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds the next packet, in decoding order.
    pub(crate) fn add(&mut self, packet: &PacketStats) {
        self.frames.push(ReportFrame::of(packet));
        self.rates.push(frames::rate(packet, *self.first.get_or_insert(packet.dts)));
    }

    /// Returns the frames whose pictures the page shows, in order: the largest ones, and those that `run` lists as the
    /// worst.
    pub(crate) fn pictured(&self, run: &Value) -> Vec<u64> {
        let largest = frames::largest(&self.frames, SHOWN);
        let worst = cards::worst_frames(run).map(|frame| frame.index);
        let mut indices: Vec<u64> = largest.iter().map(|frame| frame.index).chain(worst).collect();
        indices.sort_unstable();
        indices.dedup();
        indices
    }

    /// Makes the page. `movie` and `run` are the lines of `--stats`; `pictures` are those of the
    /// [pictured](Self::pictured) frames, or the reason why there are none.
    pub(crate) fn page(mut self, movie: &Value, run: &Value, pictures: &Result<Vec<Thumbnail>, String>) -> String {
        self.frames.sort_by(|a, b| a.seconds.total_cmp(&b.seconds).then(a.index.cmp(&b.index)));
        let charts = charts::Charts::of(&self.frames, &self.rates, movie, run);
        let sections = [
            overview::header(movie, run),
            overview::tiles(run),
            overview::bits(run),
            charts.section(),
            histogram::section(&self.frames),
            stages::section(run),
            cards::section(&self.frames, run, pictures),
            details::section(movie, run),
        ];
        let title = html::escaped(&html::output_name(movie));
        document(&title, &sections.concat(), charts.data().as_ref())
    }
}

/// Makes the whole document around `body`. Its policy forbids everything that is not inside it.
fn document(title: &str, body: &str, data: Option<&Value>) -> String {
    let scripts = data.map(|data| {
        let data = html::data_block(data);
        format!("{data}\n<script>/*\n{UPLOT_LICENSE}\n*/\n{UPLOT}</script>\n<script>\n{SCRIPT}</script>\n")
    });
    let scripts = scripts.unwrap_or_default();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; \
         style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n\
         <title>{title} · framemill</title>\n<style>{UPLOT_STYLE}\n{STYLE}</style>\n</head>\n\
         <body>\n<main>\n{body}</main>\n{scripts}</body>\n</html>\n"
    )
}

#[cfg(test)]
mod tests;

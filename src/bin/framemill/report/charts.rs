//! The charts over time, and the data that the page's script draws.

use serde_json::{Map, Value, json};

use super::frames::{ReportFrame, ShownType};
use super::html;
use super::series::{Bins, rounded};

/// The name and the explanation of one chart.
struct Chart {
    name: &'static str,
    title: &'static str,
    note: &'static str,
    /// Whether it takes half of the page's width.
    half: bool,
}

const BYTES: Chart =
    Chart { name: "bytes", title: "Size of each frame", note: "Bytes of the compressed frame.", half: false };
const RATE: Chart = Chart {
    name: "rate",
    title: "Bit rate over one second",
    note: "Bits of the second that ends here.",
    half: false,
};
const CAPPED_RATE: Chart = Chart {
    note: "Bits of the second that ends here. The player’s buffer lets it pass the cap for a while.",
    ..RATE
};
const QP: Chart =
    Chart { name: "qp", title: "Quantizer", note: "The mean QP of each frame: lower is finer.", half: false };
const PSNR: Chart = Chart {
    name: "psnr",
    title: "PSNR",
    note: "Of all samples, in dB: higher is better. A gap is a frame without loss.",
    half: true,
};
const SSIM: Chart =
    Chart { name: "ssim", title: "SSIM", note: "Structural similarity: 1 is a frame without loss.", half: true };

/// The charts that have data.
pub(super) struct Charts {
    charts: Vec<Chart>,
    data: Map<String, Value>,
    merged: bool,
}

impl Charts {
    /// Takes `frames` in presentation order, and `rates` in decoding order: the k-th packet is decoded when the k-th
    /// frame is shown, minus a constant delay.
    pub(super) fn of(frames: &[ReportFrame], rates: &[Option<f64>], movie: &Value, run: &Value) -> Self {
        let bins = Bins::new(frames.len());
        let mut charts = Self { charts: Vec::new(), data: Map::new(), merged: bins.merge() };
        if frames.len() < 2 {
            return charts;
        }
        let last = frames.last().map_or(0.0, |frame| frame.seconds);
        charts.set("merged", json!(bins.merge()));
        charts.set("end", json!(run["seconds"].as_f64().map_or(last, |end| end.max(last))));
        charts.set("seconds", json!(bins.firsts(frames, |frame| rounded(frame.seconds, 4))));
        charts.set("index", json!(bins.firsts(frames, |frame| json!(frame.index))));
        charts.set("average", run["bits_per_second"].clone());
        charts.set("cap", movie["vbv_bits_per_second"].clone());
        charts.add(BYTES, by_kind(frames, &bins, 0, |frame| Some(frame.bytes as f64)));
        // A rate that is known at only one moment is not a line.
        let known = rates.iter().flatten().count();
        let rate = if movie["vbv_bits_per_second"].is_null() { RATE } else { CAPPED_RATE };
        charts.add(rate, bins.line(rates, 0, |rate| *rate).filter(|_| known > 1));
        charts.add(QP, by_kind(frames, &bins, 2, |frame| frame.qp.map(f64::from)));
        charts.add(PSNR, bins.line(frames, 2, |frame| frame.psnr.map(f64::from)));
        charts.add(SSIM, bins.line(frames, 5, |frame| frame.ssim.map(f64::from)));
        charts
    }

    fn set(&mut self, key: &str, value: Value) {
        self.data.insert(key.to_owned(), value);
    }

    fn add(&mut self, chart: Chart, data: Option<Value>) {
        if let Some(data) = data {
            self.set(chart.name, data);
            self.charts.push(chart);
        }
    }

    /// Returns the data for the script, if there is any.
    pub(super) fn data(&self) -> Option<Value> {
        (!self.charts.is_empty()).then(|| Value::Object(self.data.clone()))
    }

    pub(super) fn section(&self) -> String {
        let figures: String = self.charts.iter().map(figure).collect();
        if figures.is_empty() {
            return String::new();
        }
        let hint = if self.merged {
            "Lines are the means of runs of frames, and shades reach from the least to the most in them."
        } else {
            "Each mark is a frame."
        };
        let content = format!(
            "<p class=\"hint\">{hint} <span class=\"screen-only\">Drag over a span of time to enlarge it, and double-click to \
             see all again.</span></p>\n<noscript><p class=\"notice\">The charts need \
             JavaScript.</p></noscript>\n<div class=\"charts\">\n{figures}</div>\n"
        );
        html::section("Over time", &content)
    }
}

/// Returns a line for each picture type that exists.
fn by_kind(
    frames: &[ReportFrame],
    bins: &Bins,
    decimals: i32,
    value: impl Fn(&ReportFrame) -> Option<f64>,
) -> Option<Value> {
    let line = |kind: ShownType| {
        let line = bins.line(frames, decimals, |frame| (frame.kind == kind).then(|| value(frame)).flatten())?;
        Some((kind.name().to_owned(), line))
    };
    let lines: Map<String, Value> = ShownType::ALL.into_iter().filter_map(line).collect();
    (!lines.is_empty()).then_some(Value::Object(lines))
}

fn figure(chart: &Chart) -> String {
    let Chart { name, title, note, half } = chart;
    let class = if *half { "chart half" } else { "chart" };
    format!(
        "<figure class=\"{class}\" data-chart=\"{name}\">\n<figcaption><h3>{title}</h3><p>{note}</p></figcaption>\n\
         <div class=\"plot\"></div>\n</figure>\n"
    )
}

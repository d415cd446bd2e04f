//! The distribution of frame sizes, for each picture type.

use std::fmt::Write;

use super::frames::{ReportFrame, ShownType};
use super::{html, numbers};

/// The largest number of bins in a row.
const MAX_BINS: usize = 48;

/// The largest number of sizes below the rows.
const MAX_MARKS: usize = 7;

/// A logarithmic scale of sizes.
struct Scale {
    /// The logarithm to base 2 of the smallest size.
    start: f64,
    /// The number of bins per factor of 2.
    steps: f64,
    bins: usize,
}

impl Scale {
    fn of(frames: &[ReportFrame]) -> Option<Self> {
        let least = frames.iter().map(|frame| frame.bytes.max(1)).min()?;
        let most = frames.iter().map(|frame| frame.bytes.max(1)).max()?;
        let (least, most) = ((least as f64).log2(), (most as f64).log2());
        // Chooses the finest steps that fit.
        let fits = |steps: &f64| (most - least) * steps + 2.0 <= MAX_BINS as f64;
        let steps = [64.0, 32.0, 16.0, 8.0, 4.0, 2.0, 1.0].into_iter().find(fits).unwrap_or(0.5);
        let start = (least * steps).floor() / steps;
        let bins = ((most - start) * steps).floor() as usize + 1;
        Some(Self { start, steps, bins })
    }

    fn bin(&self, bytes: u64) -> usize {
        let bin = ((bytes.max(1) as f64).log2() - self.start) * self.steps;
        // The logarithm of a power of 2 may be slightly too low.
        ((bin + 1e-9) as usize).min(self.bins - 1)
    }

    /// Returns the size at which a bin begins.
    fn from(&self, bin: usize) -> f64 {
        (self.start + bin as f64 / self.steps).exp2()
    }

    /// Returns the position of a size, as a fraction of the scale's length.
    fn position(&self, bytes: f64) -> f64 {
        (bytes.log2() - self.start) * self.steps / self.bins as f64
    }

    /// Returns the sizes to write below: as many round ones as fit, or else the ends.
    fn marks(&self) -> Vec<f64> {
        let tenths: Vec<f64> = (10..100).map(|tenth| f64::from(tenth) / 10.0).collect();
        let choices: [&[f64]; 5] =
            [&tenths, &[1.0, 1.2, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0], &[1.0, 2.0, 5.0], &[1.0, 3.0], &[1.0]];
        let marks =
            choices.into_iter().map(|factors| self.round_sizes(factors)).find(|marks| marks.len() <= MAX_MARKS);
        marks.filter(|marks| marks.len() > 1).unwrap_or_else(|| vec![self.from(0), self.from(self.bins)])
    }

    /// Returns the sizes on the scale that are a power of ten times one of the factors.
    fn round_sizes(&self, factors: &[f64]) -> Vec<f64> {
        let sizes = (0..20).flat_map(|power| factors.iter().map(move |factor| factor * 10_f64.powi(power)));
        sizes.filter(|size| (0.0..=1.0).contains(&self.position(*size))).collect()
    }
}

/// Returns a row of bars for each picture type, on the same scale.
pub(super) fn section(frames: &[ReportFrame]) -> String {
    let Some(scale) = Scale::of(frames).filter(|_| frames.len() > 1) else {
        return String::new();
    };
    let rows: String = ShownType::ALL.into_iter().filter_map(|kind| row(frames, kind, &scale)).collect();
    let marks: String = scale.marks().into_iter().map(|mark| label(mark, &scale)).collect();
    let content = format!(
        "<p class=\"hint\">Number of frames of each size. Each row has its own vertical scale; the size axis is logarithmic.</p>\n\
         <div class=\"histogram\">\n{rows}<div class=\"marks\">{marks}</div>\n</div>\n"
    );
    html::section("Distribution of frame sizes", &content)
}

fn label(mark: f64, scale: &Scale) -> String {
    let text = numbers::bytes(mark);
    let text = match text.split_once(' ') {
        Some((number, unit)) if number.contains('.') => {
            format!("{} {unit}", number.trim_end_matches('0').trim_end_matches('.'))
        }
        _ => text,
    };
    format!("<span style=\"left:{:.2}%\">{text}</span>", scale.position(mark) * 100.0)
}

fn row(frames: &[ReportFrame], kind: ShownType, scale: &Scale) -> Option<String> {
    let mut counts = vec![0_u64; scale.bins];
    for frame in frames.iter().filter(|frame| frame.kind == kind) {
        if let Some(count) = counts.get_mut(scale.bin(frame.bytes)) {
            *count += 1;
        }
    }
    let most = counts.iter().copied().max().filter(|most| *most > 0)?;
    let all = numbers::count(counts.iter().sum::<u64>() as f64);
    let mut bars = String::new();
    for (bin, count) in counts.iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(bars, "{}", bar(bin, *count, most, scale));
    }
    let (name, class) = (kind.name(), kind.class());
    let heading = if kind == ShownType::Unknown { "all frames".to_owned() } else { format!("{name} frames") };
    Some(format!(
        "<div class=\"row {class}\"><p><b>{heading}</b> {all}<br><small>tallest bar {}</small></p><div class=\"bars\">{bars}</div></div>\n",
        numbers::count(most as f64),
    ))
}

fn bar(bin: usize, count: u64, most: u64, scale: &Scale) -> String {
    if count == 0 {
        return "<i></i>".to_owned();
    }
    let (from, to) = (numbers::bytes(scale.from(bin)), numbers::bytes(scale.from(bin + 1)));
    let height = count as f64 / most as f64 * 100.0;
    let plural = if count == 1 { "" } else { "s" };
    let frames = numbers::count(count as f64);
    format!("<i style=\"height:{height:.1}%\" title=\"{frames} frame{plural} of {from} to {to}\"></i>")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(sizes: &[u64]) -> Vec<ReportFrame> {
        let frame = |bytes: &u64| ReportFrame {
            index: 0,
            seconds: 0.0,
            bytes: *bytes,
            kind: ShownType::P,
            qp: None,
            psnr: None,
            ssim: None,
        };
        sizes.iter().map(frame).collect()
    }

    #[test]
    fn every_size_has_its_bin() {
        for sizes in [&[1024, 2048][..], &[0, 1], &[7, 7], &[3, 900_000_000], &[1, u64::MAX], &[1000, 1001]] {
            let scale = Scale::of(&frames(sizes)).expect("a scale");
            assert!(scale.bins <= MAX_BINS, "{sizes:?}: {}", scale.bins);
            for bytes in sizes {
                let bin = scale.bin(*bytes);
                let (from, to) = (scale.from(bin), scale.from(bin + 1));
                let bytes = (*bytes).max(1) as f64;
                assert!(from <= bytes * 1.000_001 && bytes <= to * 1.000_001, "{sizes:?}: {from} {bytes} {to}");
            }
        }
    }

    #[test]
    fn a_row_counts_all_of_its_frames() {
        let page = section(&frames(&[100, 100, 100, 5_000]));
        assert!(page.contains("<b>P frames</b> 4<br><small>tallest bar 3</small>"), "{page}");
        assert_eq!(page.matches("<i style").count(), 2);
        assert_eq!(section(&frames(&[100])), "");
    }
}

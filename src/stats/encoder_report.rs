//! Parses the statistics that x264 logs when it closes.

/// The statistics that an encoder logged about the whole stream when it closed.
///
/// Percentages are as x264 prints them, 0 to 100 with one decimal. Values that it did not print are empty or `None`.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct EncoderReport {
    /// The complete log text, line by line.
    pub text: String,
    /// How the macroblocks of I frames were coded (`mb I`).
    pub i_macroblocks: Option<Macroblocks>,
    /// How the macroblocks of P frames were coded (`mb P`).
    pub p_macroblocks: Option<Macroblocks>,
    /// How the macroblocks of B frames were coded (`mb B`).
    pub b_macroblocks: Option<Macroblocks>,
    /// The percentages of blocks with the 8 × 8 transform, for intra and for inter blocks.
    pub transform_8x8: Option<(f32, f32)>,
    /// The percentages of P frames with weighted prediction, for luma and for chroma.
    pub weighted_p_frames: Option<(f32, f32)>,
    /// The percentages of references from P frames to each reference frame, nearest first (`ref P L0`).
    pub p_references: Vec<f32>,
    /// The same for references from B frames to earlier frames (`ref B L0`).
    pub b_references: Vec<f32>,
    /// The same for references from B frames to later frames (`ref B L1`).
    pub b_later_references: Vec<f32>,
    /// The percentages of runs of 0, 1, 2, … consecutive B frames.
    pub consecutive_b_frames: Vec<f32>,
}

/// How the macroblocks (16 × 16 pixels) of one picture type were coded, in percent.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Macroblocks {
    /// Intra, in partitions of 16 × 16, 8 × 8 and 4 × 4 (`I16..4`).
    pub intra: Vec<f32>,
    /// Inter, in partitions from 16 × 16 down (`P16..4`, `B16..8`).
    pub inter: Vec<f32>,
    /// Direct prediction, with motion derived from neighboring blocks (`direct`).
    pub direct: Option<f32>,
    /// Skipped: the prediction is used unchanged (`skip`).
    pub skip: Option<f32>,
}

impl EncoderReport {
    /// Parses the lines that x264 logged while it closed; `None` if they contain no report.
    pub(crate) fn parse<'a>(lines: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let mut report = Self::default();
        for line in lines {
            report.read(line);
            report.text.push_str(line);
            report.text.push('\n');
        }
        (!report.text.is_empty()).then_some(report)
    }

    fn read(&mut self, line: &str) {
        if let Some(rest) = line.strip_prefix("mb I") {
            self.i_macroblocks = Some(macroblocks(rest));
        } else if let Some(rest) = line.strip_prefix("mb P") {
            self.p_macroblocks = Some(macroblocks(rest));
        } else if let Some(rest) = line.strip_prefix("mb B") {
            self.b_macroblocks = Some(macroblocks(rest));
        } else if let Some(rest) = line.strip_prefix("8x8 transform ") {
            self.transform_8x8 = percentage(rest, "intra:").zip(percentage(rest, "inter:"));
        } else if let Some(rest) = line.strip_prefix("Weighted P-Frames:") {
            self.weighted_p_frames = percentage(rest, "Y:").zip(percentage(rest, "UV:"));
        } else if let Some(rest) = line.strip_prefix("ref P L0:") {
            self.p_references = percentages(rest);
        } else if let Some(rest) = line.strip_prefix("ref B L0:") {
            self.b_references = percentages(rest);
        } else if let Some(rest) = line.strip_prefix("ref B L1:") {
            self.b_later_references = percentages(rest);
        } else if let Some(rest) = line.strip_prefix("consecutive B-frames:") {
            self.consecutive_b_frames = percentages(rest);
        }
    }
}

/// `I16..4:  7.4% 59.3% 33.3%  P16..4: 21.2%  3.0%  1.5%  0.0%  0.0%    skip:74.2%`
fn macroblocks(line: &str) -> Macroblocks {
    let list = |label| line.split_once(label).map_or_else(Vec::new, |(_, rest)| percentages(rest));
    let inter = list("P16..4:");
    Macroblocks {
        intra: list("I16..4:"),
        inter: if inter.is_empty() { list("B16..8:") } else { inter },
        direct: percentage(line, "direct:"),
        skip: percentage(line, "skip:"),
    }
}

/// Returns the percentages at the start of `text`.
fn percentages(text: &str) -> Vec<f32> {
    let value = |word: &str| word.strip_suffix('%')?.parse().ok();
    text.split_whitespace().map_while(value).collect()
}

/// Returns the percentage after `label`.
fn percentage(text: &str, label: &str) -> Option<f32> {
    percentages(text.split_once(label)?.1).first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = "frame I:2     Avg QP:19.80  size:  5600
mb I  I16..4:  7.4% 59.3% 33.3%
mb P  I16..4:  0.2%  0.1%  0.0%  P16..4: 21.2%  3.0%  1.5%  0.0%  0.0%    skip:74.2%
mb B  I16..4:  0.0%  0.0%  0.0%  B16..8: 12.5%  0.5%  0.1%  direct: 0.3%  skip:86.5%  L0:41.0% L1:58.1% BI: 0.9%
8x8 transform intra:59.1% inter:40.2%
Weighted P-Frames: Y:1.5% UV:0.0%
ref P L0: 71.0%  9.8% 13.1%  6.1%
ref B L1: 98.4%  1.6%
consecutive B-frames: 15.0%  8.7%  0.0% 76.3%
kb/s:183.40";

    #[test]
    fn the_report_is_parsed() {
        let report = EncoderReport::parse(LINES.lines()).expect("a report");
        let b = report.b_macroblocks.expect("has B frames");
        assert_eq!((b.inter, b.direct, b.skip), (vec![12.5, 0.5, 0.1], Some(0.3), Some(86.5)));
        let p = report.p_macroblocks.expect("has P frames");
        assert_eq!((p.intra, p.inter.len(), p.direct, p.skip), (vec![0.2, 0.1, 0.0], 5, None, Some(74.2)));
        assert_eq!(report.i_macroblocks.expect("has I frames").intra, [7.4, 59.3, 33.3]);
        assert_eq!((report.transform_8x8, report.weighted_p_frames), (Some((59.1, 40.2)), Some((1.5, 0.0))));
        assert_eq!(report.p_references, [71.0, 9.8, 13.1, 6.1]);
        assert_eq!((report.b_references, report.b_later_references), (vec![], vec![98.4, 1.6]));
        assert_eq!(report.text.trim_end(), LINES);
    }

    #[test]
    fn no_lines_make_no_report() {
        assert_eq!(EncoderReport::parse([]), None);
    }
}

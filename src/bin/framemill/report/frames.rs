//! The data that the page keeps of each packet.

use framemill::{PacketStats, PictureType, Timestamp};

/// The picture type, as the page shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ShownType {
    I,
    P,
    B,
    /// The encoder does not report it.
    Unknown,
}

impl ShownType {
    pub(super) const ALL: [Self; 4] = [Self::I, Self::P, Self::B, Self::Unknown];

    /// Returns the name for people.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::I => "I",
            Self::P => "P",
            Self::B => "B",
            Self::Unknown => "all",
        }
    }

    /// Returns the style class that sets its color.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::I => "kind-i",
            Self::P => "kind-p",
            Self::B => "kind-b",
            Self::Unknown => "kind-all",
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct ReportFrame {
    /// Its number in the order of writing.
    pub(super) index: u64,
    /// When it is shown.
    pub(super) seconds: f64,
    pub(super) bytes: u64,
    pub(super) kind: ShownType,
    pub(super) qp: Option<f32>,
    /// In dB; `None` if it was not measured, or if the picture equals the frame.
    pub(super) psnr: Option<f32>,
    pub(super) ssim: Option<f32>,
}

impl ReportFrame {
    pub(super) fn of(packet: &PacketStats) -> Self {
        let quality = packet.quality.as_ref();
        Self {
            index: packet.index,
            seconds: packet.pts.as_secs_f64(),
            bytes: packet.bytes,
            kind: match packet.picture_type {
                Some(PictureType::I) => ShownType::I,
                Some(PictureType::P) => ShownType::P,
                Some(PictureType::B) => ShownType::B,
                _ => ShownType::Unknown,
            },
            qp: packet.qp,
            psnr: quality.map(|quality| quality.psnr() as f32).filter(|psnr| psnr.is_finite()),
            ssim: quality.and_then(|quality| quality.ssim()).map(|ssim| ssim as f32),
        }
    }
}

/// Returns the `count` frames with the most bytes, largest first; among equal ones, earlier frames.
pub(super) fn largest(frames: &[ReportFrame], count: usize) -> Vec<&ReportFrame> {
    let mut sorted: Vec<&ReportFrame> = frames.iter().collect();
    sorted.sort_by(|a, b| b.bytes.cmp(&a.bytes).then(a.index.cmp(&b.index)));
    sorted.truncate(count);
    sorted
}

/// Returns the bits of the second that ends with a packet; `None` during the first second of the movie, whose first
/// packet is decoded at `first`.
pub(super) fn rate(packet: &PacketStats, first: Timestamp) -> Option<f64> {
    let ticks = packet.dts.ticks.saturating_add(packet.duration.ticks).saturating_sub(first.ticks);
    let base = first.time_base;
    let is_second_old = i128::from(ticks) * i128::from(base.numerator) >= i128::from(base.denominator);
    is_second_old.then_some(packet.second_bytes as f64 * 8.0)
}

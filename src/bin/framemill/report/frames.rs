//! What the page keeps of each packet.

use std::collections::VecDeque;

use framemill::{PacketStats, PictureType, Timestamp};

/// How a frame was compressed, as the page tells it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    I,
    P,
    B,
    /// The encoder does not tell.
    Untold,
}

impl Kind {
    pub(super) const ALL: [Self; 4] = [Self::I, Self::P, Self::B, Self::Untold];

    /// As people read it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::I => "I",
            Self::P => "P",
            Self::B => "B",
            Self::Untold => "all",
        }
    }

    /// The style that gives it its colour.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::I => "kind-i",
            Self::P => "kind-p",
            Self::B => "kind-b",
            Self::Untold => "kind-all",
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// Its number in the order of writing.
    pub(super) index: u64,
    /// When it is shown.
    pub(super) seconds: f64,
    pub(super) bytes: u64,
    pub(super) kind: Kind,
    pub(super) qp: Option<f32>,
    /// In dB; none where it was not measured, or is equal to what the encoder got.
    pub(super) psnr: Option<f32>,
    pub(super) ssim: Option<f32>,
}

impl Frame {
    pub(super) fn of(packet: &PacketStats) -> Self {
        let quality = packet.quality.as_ref();
        Self {
            index: packet.index,
            seconds: packet.pts.as_secs_f64(),
            bytes: packet.bytes,
            kind: match packet.picture_type {
                Some(PictureType::I) => Kind::I,
                Some(PictureType::P) => Kind::P,
                Some(PictureType::B) => Kind::B,
                _ => Kind::Untold,
            },
            qp: packet.qp,
            psnr: quality.map(|quality| quality.psnr() as f32).filter(|psnr| psnr.is_finite()),
            ssim: quality.and_then(|quality| quality.ssim()).map(|ssim| ssim as f32),
        }
    }
}

/// The `count` frames with the most bytes, the largest first; of equal ones those that come first.
pub(super) fn largest(frames: &[Frame], count: usize) -> Vec<&Frame> {
    let mut sorted: Vec<&Frame> = frames.iter().collect();
    sorted.sort_by(|a, b| b.bytes.cmp(&a.bytes).then(a.index.cmp(&b.index)));
    sorted.truncate(count);
    sorted
}

/// The bits that were to be decoded within a second, at each packet.
#[derive(Debug, Default)]
pub(super) struct Rates {
    /// The packets of the last second.
    recent: VecDeque<(Timestamp, u64)>,
    recent_bytes: u64,
    is_second_old: bool,
    /// The bits of the second that ends with the packet. None while the movie is not a second old, unless this is the
    /// last packet before it is.
    pub(super) bits: Vec<Option<f64>>,
}

impl Rates {
    pub(super) fn add(&mut self, dts: Timestamp, bytes: u64) {
        let leaves = |oldest: &(Timestamp, u64)| is_second(oldest.0, dts);
        if !self.is_second_old && self.recent.front().is_some_and(leaves) {
            self.is_second_old = true;
            if let Some(last) = self.bits.last_mut() {
                *last = Some(self.recent_bytes as f64 * 8.0);
            }
        }
        while self.recent.front().is_some_and(leaves) {
            self.recent_bytes -= self.recent.pop_front().map_or(0, |(_, bytes)| bytes);
        }
        self.recent.push_back((dts, bytes));
        self.recent_bytes += bytes;
        self.bits.push(self.is_second_old.then_some(self.recent_bytes as f64 * 8.0));
    }
}

/// Whether a second has passed between two times in the same time base.
fn is_second(from: Timestamp, to: Timestamp) -> bool {
    let ticks = i128::from(to.ticks) - i128::from(from.ticks);
    ticks * i128::from(to.time_base.numerator) >= i128::from(to.time_base.denominator)
}

#[cfg(test)]
mod tests {
    use super::*;
    use framemill::TimeBase;

    #[test]
    fn rates_start_with_the_first_whole_second() {
        let mut rates = Rates::default();
        let tenths = TimeBase { numerator: 1, denominator: 10 };
        for tick in 0..25 {
            rates.add(tenths.at(tick - 2), if tick == 0 { 100 } else { 10 });
        }
        assert!(rates.bits.iter().take(9).all(Option::is_none));
        assert_eq!(rates.bits.get(9..12), Some(&[Some(190.0 * 8.0), Some(100.0 * 8.0), Some(100.0 * 8.0)][..]));
        assert_eq!(rates.bits.len(), 25);
    }
}

//! The bit rate over one second, and the VBV buffer.

use std::collections::VecDeque;
use std::ops::AddAssign;

use super::{EncodeStats, PacketStats};
use crate::time::Timestamp;

/// The statistics of a VBV buffer, which fills at a constant bit rate, and from which each frame is removed when it is
/// decoded.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct VbvStats {
    /// The bit rate at which it fills.
    pub bits_per_second: u64,
    /// The size in bits.
    pub bits: u64,
    /// The lowest fullness, in bits.
    pub lowest_bits: f64,
    /// How many frames were not complete in the buffer at their decoding time.
    pub underflows: u64,
}

impl VbvStats {
    /// Returns the lowest fullness as a fraction of the size: 0 to 1.
    #[must_use]
    pub fn lowest_fullness(&self) -> f64 {
        self.lowest_bits / (self.bits as f64).max(1.0)
    }
}

/// Assumes that the buffer is full at the start of each part.
impl AddAssign<&Self> for VbvStats {
    fn add_assign(&mut self, other: &Self) {
        self.lowest_bits = self.lowest_bits.min(other.lowest_bits);
        self.underflows += other.underflows;
    }
}

/// The bytes of the packets in the last second, in decoding order.
#[derive(Debug, Default)]
pub(crate) struct LastSecond {
    recent: VecDeque<(Timestamp, u64)>,
    bytes: u64,
}

impl LastSecond {
    /// Adds the next packet. Returns the bytes of the second that ends with it.
    pub(crate) fn add(&mut self, dts: Timestamp, bytes: u64) -> u64 {
        self.recent.push_back((dts, bytes));
        self.bytes += bytes;
        while let Some((_, bytes)) = self.recent.front().copied().filter(|(first, _)| is_second(*first, dts)) {
            self.bytes -= bytes;
            self.recent.pop_front();
        }
        self.bytes
    }
}

/// Measures packets in decoding order.
#[derive(Debug, Default)]
pub(crate) struct RateMeter {
    last_second: LastSecond,
    buffer: Option<Buffer>,
}

#[derive(Debug)]
struct Buffer {
    stats: VbvStats,
    held_bits: f64,
    filled_at: Option<Timestamp>,
}

impl RateMeter {
    /// Makes a meter. The optional VBV buffer has a fill rate in bits per second, a size in bits, and an initial
    /// fullness of 0 to 1.
    pub(crate) fn new(buffer: Option<(u64, u64, f64)>) -> Self {
        let buffer = buffer.map(|(bits_per_second, bits, full_at_first)| {
            let held_bits = bits as f64 * full_at_first;
            let stats = VbvStats { bits_per_second, bits, lowest_bits: held_bits, underflows: 0 };
            Buffer { stats, held_bits, filled_at: None }
        });
        Self { buffer, ..Self::default() }
    }

    /// Counts the next packet, and sets its bytes of the last second.
    pub(crate) fn add(&mut self, packet: &mut PacketStats, totals: &mut EncodeStats) {
        packet.second_bytes = self.last_second.add(packet.dts, packet.bytes);
        totals.peak_second_bytes = totals.peak_second_bytes.max(packet.second_bytes);
        if let Some(buffer) = &mut self.buffer {
            buffer.give(packet);
            totals.vbv = Some(buffer.stats);
        }
    }
}

/// Returns whether a second has passed between two times in the same time base.
fn is_second(from: Timestamp, to: Timestamp) -> bool {
    let ticks = i128::from(to.ticks) - i128::from(from.ticks);
    ticks * i128::from(to.time_base.numerator) >= i128::from(to.time_base.denominator)
}

impl Buffer {
    fn give(&mut self, packet: &PacketStats) {
        let last = self.filled_at.replace(packet.dts);
        let seconds = last.map_or(0.0, |last| packet.dts.as_secs_f64() - last.as_secs_f64());
        let bits = self.held_bits + seconds * self.stats.bits_per_second as f64;
        let left = bits.min(self.stats.bits as f64) - packet.bytes as f64 * 8.0;
        self.stats.underflows += u64::from(left < 0.0);
        self.held_bits = left.max(0.0);
        self.stats.lowest_bits = self.stats.lowest_bits.min(self.held_bits);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::FrameTimes;
    use crate::time::TimeBase;

    fn packet(index: u64, bytes: u64) -> PacketStats {
        let time_base = TimeBase { numerator: 1001, denominator: 30_000 };
        let time = time_base.at(index as i64);
        PacketStats {
            index,
            pts: time,
            dts: time,
            duration: time_base.at(1),
            bytes,
            second_bytes: 0,
            keyframe: index == 0,
            picture_type: None,
            qp: None,
            times: FrameTimes::default(),
            quality: None,
        }
    }

    fn metered(mut meter: RateMeter, bytes: impl IntoIterator<Item = u64>) -> EncodeStats {
        let mut stats = EncodeStats::default();
        for (index, bytes) in (0..).zip(bytes) {
            let mut packet = packet(index, bytes);
            stats.count(&packet);
            meter.add(&mut packet, &mut stats);
        }
        stats
    }

    #[test]
    fn the_peak_is_the_largest_second() {
        // 30 frames at 29.97 frames per second last 1.001 s, so the first of 31 frames is one second old.
        let burst = (0..90).map(|index| if (30..60).contains(&index) { 200 } else { 100 });
        assert_eq!(metered(RateMeter::default(), burst).peak_second_bytes, 30 * 200);
        let short = metered(RateMeter::default(), [100; 3]);
        assert_eq!(short.peak_bits_per_second(), short.bits_per_second());
    }

    #[test]
    fn each_packet_has_the_bytes_of_the_second_that_ends_with_it() {
        let tenths = TimeBase { numerator: 1, denominator: 10 };
        let (mut meter, mut totals) = (RateMeter::default(), EncodeStats::default());
        let seconds: Vec<u64> = (0..25)
            .map(|tick| {
                let mut packet = packet(tick, if tick == 0 { 100 } else { 10 });
                packet.dts = tenths.at(tick as i64 - 2);
                meter.add(&mut packet, &mut totals);
                packet.second_bytes
            })
            .collect();
        assert_eq!(seconds.get(8..12), Some(&[180, 190, 100, 100][..]));
        assert_eq!((seconds.len(), totals.peak_second_bytes), (25, 190));
    }

    #[test]
    fn a_buffer_underflows_when_frames_need_more_than_arrives() {
        // The buffer starts with 900 bits and holds at most 1000. 1001 bits arrive with each frame.
        let meter = || RateMeter::new(Some((30_000, 1_000, 0.9)));
        let vbv = metered(meter(), [100, 50, 100]).vbv.expect("metered");
        assert_eq!((vbv.lowest_bits, vbv.underflows), (100.0, 0));
        assert!((vbv.lowest_fullness() - 0.1).abs() < 1e-9);
        let vbv = metered(meter(), [100, 126, 10]).vbv.expect("metered");
        assert_eq!((vbv.lowest_bits, vbv.underflows), (0.0, 1));
    }
}

//! Records packets: in the totals, and through the callback.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::Shared;
use super::measurer::Measurer;
use crate::av::{Packet, SharedFrame, panic_message};
use crate::error::{Error, LibavError, Result};
use crate::stats::{EncoderReport, PacketStats, Quality, RateMeter};

pub(super) type PacketCallback = Box<dyn FnMut(&PacketStats) + Send>;

/// Records the statistics of packets. With a measurer, packets wait until their quality is known.
pub(super) struct Recorder {
    shared: Arc<Shared>,
    callback: Option<PacketCallback>,
    meter: RateMeter,
    measurer: Option<Measurer>,
    /// Packets whose quality is not known yet, in decoding order.
    waiting: VecDeque<PacketStats>,
    /// Qualities whose packets are not recorded yet, by the frame's index.
    qualities: HashMap<u64, Quality>,
    /// The number of frames whose quality is known.
    measured: u64,
    /// Packets of an earlier run, for a callback that is set later.
    kept: Vec<PacketStats>,
}

impl Recorder {
    pub(super) fn new(shared: Arc<Shared>, meter: RateMeter, measurer: Option<Measurer>) -> Self {
        Self {
            shared,
            callback: None,
            meter,
            measurer,
            waiting: VecDeque::new(),
            qualities: HashMap::new(),
            measured: 0,
            kept: Vec::new(),
        }
    }

    /// Calls `callback` with the statistics of each packet of an earlier run, and of each later packet.
    pub(super) fn on_packet(&mut self, mut callback: PacketCallback) -> Result<()> {
        let called = self.kept.drain(..).try_for_each(|stats| call(&mut callback, &stats));
        self.callback = Some(callback);
        called
    }

    /// Returns whether packets wait until they are measured.
    pub(super) fn measures(&self) -> bool {
        self.measurer.is_some()
    }

    /// Records a packet of an earlier run, which is not measured.
    pub(super) fn keep(&mut self, mut stats: PacketStats) {
        self.measured += 1;
        self.count(&mut stats);
        self.kept.push(stats);
    }

    /// Passes a frame to the measurer before it is encoded.
    pub(super) fn frame(&mut self, frame: &SharedFrame) -> Result<()> {
        self.measurer.as_mut().map_or(Ok(()), |measurer| measurer.frame(frame))
    }

    /// Passes a packet from the encoder to the measurer.
    pub(super) fn encoded(&mut self, packet: &Packet) -> Result<()> {
        self.measurer.as_mut().map_or(Ok(()), |measurer| measurer.packet(packet))
    }

    /// Records a packet that was muxed.
    pub(super) fn muxed(&mut self, stats: PacketStats) -> Result<()> {
        if self.measurer.is_none() {
            return self.record(stats);
        }
        self.waiting.push_back(stats);
        self.record_measured()
    }

    /// Records all packets that are left.
    pub(super) fn end(&mut self) -> Result<()> {
        let Some(measurer) = &mut self.measurer else { return Ok(()) };
        measurer.end()?;
        self.record_measured()?;
        if self.waiting.is_empty() { Ok(()) } else { Err(unmeasured(self.waiting.len()).into()) }
    }

    /// Records the reports that encoders made when they closed.
    pub(super) fn report(&self, reports: Vec<EncoderReport>) {
        self.shared.with_stats(|totals| totals.encoder_reports.extend(reports));
    }

    fn record_measured(&mut self) -> Result<()> {
        if let Some(measurer) = &self.measurer {
            for quality in measurer.qualities() {
                self.qualities.insert(self.measured, quality);
                self.measured += 1;
            }
        }
        while let Some(stats) = self.waiting.front_mut() {
            let Some(quality) = self.qualities.remove(&stats.index) else { break };
            stats.quality = Some(quality);
            if let Some(stats) = self.waiting.pop_front() {
                self.record(stats)?;
            }
        }
        Ok(())
    }

    fn record(&mut self, mut stats: PacketStats) -> Result<()> {
        self.count(&mut stats);
        self.callback.as_mut().map_or(Ok(()), |callback| call(callback, &stats))
    }

    fn count(&mut self, stats: &mut PacketStats) {
        self.shared.with_stats(|totals| {
            totals.count(stats);
            self.meter.add(stats, totals);
        });
    }
}

/// Calls the callback with a packet. A panic there becomes an error of the movie.
pub(super) fn call(callback: &mut PacketCallback, stats: &PacketStats) -> Result<()> {
    catch_unwind(AssertUnwindSafe(|| callback(stats)))
        .map_err(|panic| Error::Panicked { what: "packet callback", message: panic_message(&*panic) })
}

/// Every packet is one frame, so a decoder that loses frames must fail the movie.
fn unmeasured(frames: usize) -> LibavError {
    let message = format!("the decoder returned {frames} frames fewer than were encoded");
    LibavError::unexpected("measure the quality", message)
}

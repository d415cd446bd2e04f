//! Stores the packets of a track until the end of its movie: a list in memory, and their bytes in memory or, if there
//! are many, in an unnamed file.

use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use tempfile::SpooledTempFile;

use crate::av::{Packet, StreamParameters};
use crate::error::{Error, Result};
use crate::stats::AudioStats;

/// The bytes that stay in memory: some minutes of sound.
const MEMORY_BYTES: usize = 8 << 20;

/// A packet, in ticks of its stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TrackPacket {
    pub(crate) pts: i64,
    pub(crate) duration: i64,
    pub(crate) bytes: u32,
    /// Samples at the end of the decoded packet that are not part of the sound.
    pub(crate) discarded: u32,
}

impl TrackPacket {
    fn of(packet: &Packet) -> Self {
        let (pts, duration, bytes) = (packet.pts().unwrap_or(0), packet.duration(), packet.bytes());
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        Self { pts, duration, bytes, discarded: packet.discarded_at_end() }
    }

    /// Sets the times of a packet, and its discarded samples.
    pub(crate) fn apply_to(self, packet: &mut Packet) -> Result<()> {
        packet.set_times(self.pts, self.pts, self.duration);
        if self.discarded > 0 {
            packet.set_discarded_at_end(self.discarded)?;
        }
        Ok(())
    }
}

/// A complete track.
pub(crate) struct Track {
    pub(crate) stream: StreamParameters,
    pub(crate) stats: AudioStats,
    packets: Vec<TrackPacket>,
    bytes: SpooledTempFile,
}

impl Track {
    /// Makes a track without packets. If there are many packets, they go to a file in `folder`.
    pub(super) fn new(stream: StreamParameters, folder: Option<&Path>) -> Self {
        let bytes = match folder {
            Some(folder) => tempfile::spooled_tempfile_in(MEMORY_BYTES, folder),
            None => tempfile::spooled_tempfile(MEMORY_BYTES),
        };
        Self { stream, stats: AudioStats::default(), packets: Vec::new(), bytes }
    }

    /// Counts a packet that goes into the movie.
    pub(super) fn count(&mut self, packet: &Packet) {
        self.stats.packets += u64::from(packet.bytes() > 0);
        self.stats.bytes += packet.bytes();
    }

    /// Stores a packet.
    pub(super) fn push(&mut self, packet: &Packet) -> Result<()> {
        // Setup that an encoder completes at its end belongs to the header, which is not written yet.
        if !packet.new_setup().is_empty() {
            self.stream.replace_setup(packet.new_setup())?;
        }
        if packet.bytes() == 0 {
            return Ok(());
        }
        self.packets.push(TrackPacket::of(packet));
        self.bytes.write_all(packet.data()).map_err(|source| Error::io("keep the sound of", None, source))
    }

    /// Returns the packets, in the order of their times.
    pub(crate) fn packets(&self) -> &[TrackPacket] {
        &self.packets
    }

    /// Returns the packets, and a reader of their bytes.
    pub(crate) fn read(&mut self) -> Result<(&[TrackPacket], TrackReader<'_>)> {
        self.bytes.seek(SeekFrom::Start(0)).map_err(lost)?;
        Ok((&self.packets, TrackReader { bytes: BufReader::new(&mut self.bytes) }))
    }
}

/// Reads the packets of a track.
pub(crate) struct TrackReader<'a> {
    bytes: BufReader<&'a mut SpooledTempFile>,
}

impl TrackReader<'_> {
    /// Reads the next packet, which is `listed`.
    pub(crate) fn next_packet(&mut self, listed: TrackPacket) -> Result<Packet> {
        let mut data = vec![0; listed.bytes as usize];
        self.bytes.read_exact(&mut data).map_err(lost)?;
        let mut packet = Packet::of_bytes(&data, true)?;
        listed.apply_to(&mut packet)?;
        Ok(packet)
    }
}

fn lost(source: io::Error) -> Error {
    Error::io("read back the sound", None, source)
}

//! Sound whose packets are copied without encoding.

use std::path::{Path, PathBuf};

use super::encoded::Ending;
use super::file::{MAX_UNFILLED_GAP, check_length, open, refused};
use crate::av::{AudioDemuxer, Packet, StreamParameters};
use crate::error::{Error, Result};
use crate::settings::{AudioCodec, Container};
use crate::time::{TimeBase, Timestamp};

/// The packets of a file.
pub(super) struct Copied {
    path: PathBuf,
    demuxer: AudioDemuxer,
    stream: StreamParameters,
    pub(super) codec: String,
    pub(super) rate: u32,
    pub(super) channels: (u32, String),
    /// The start of the movie in the file, in its ticks.
    start: i64,
    file_time_base: TimeBase,
    /// The next packet, in sample frames of the movie.
    next: Option<Packet>,
    /// The end of the packet before the next one.
    end: i64,
}

/// The longest duration of a packet in seconds. FFmpeg computes absurd ones for some short files.
const MAX_PACKET_SECONDS: i64 = 10;

/// Returns the median of the durations of packets (start, duration).
fn usual_duration(packets: &[(i64, i64)]) -> Option<i64> {
    let mut durations: Vec<i64> =
        packets.iter().map(|(_, duration)| *duration).filter(|ticks| *ticks > 0).collect();
    let middle = durations.len() / 2;
    (!durations.is_empty()).then(|| *durations.select_nth_unstable(middle).1)
}

impl Copied {
    pub(super) fn open(path: &Path, container: Container) -> Result<Self> {
        let copied = Self::opened(path, container)?;
        let closes_gaps =
            container.is_constant_rate() || (container == Container::Mov && copied.codec.starts_with("pcm"));
        if closes_gaps {
            Self::opened(path, container)?.check_gaps(container)?;
        }
        Ok(copied)
    }

    /// Checks that the packets leave out no time, for containers that store no time with each packet.
    fn check_gaps(mut self, container: Container) -> Result<()> {
        // MOV can record a late start, but AVI cannot.
        let start = if container.is_constant_rate() { 0 } else { self.next_start() };
        let (path, sample, is_pcm) = (self.path.clone(), self.sample(), self.codec.starts_with("pcm"));
        let mut packets = Vec::new();
        self.reach(i64::MAX, &mut |packet| {
            packets.push((packet.pts().unwrap_or(0), packet.duration()));
            Ok(())
        })?;
        // In an MP4, the packet before a gap lasts until its end. All packets of these codecs except PCM have one length.
        let usual = usual_duration(&packets).filter(|_| !is_pcm).unwrap_or(i64::MAX);
        let mut end = start;
        for (pts, duration) in packets {
            let gap = sample.at(pts - end).as_secs_f64();
            if gap > MAX_UNFILLED_GAP {
                let (at, container) = (sample.at(end).as_secs_f64(), container.name());
                let problem = format!(
                    "it has no sound for {gap:.2} s after second {at:.2}, and a copy in {container} would have no silence \
                     there: leave the copy out"
                );
                return Err(refused(&path, problem));
            }
            end = pts + duration.min(usual);
        }
        Ok(())
    }

    fn opened(path: &Path, container: Container) -> Result<Self> {
        let demuxer = open(path)?;
        let codec = demuxer.codec_name();
        if !AudioCodec::copied_to(container).contains(&codec.as_str()) {
            return Err(AudioCodec::not_held(container, codec).into());
        }
        let mut stream = demuxer.stream_parameters()?;
        if codec == "aac" && !stream.has_setup() {
            let problem =
                "its AAC lacks the header that a movie needs: leave the copy out, or convert it to an M4A first";
            return Err(refused(path, problem));
        }
        let format = demuxer.format().map_err(|cause| refused(path, cause.to_string()))?;
        if AudioCodec::needs_usual_channels(&codec, container) && !format.is_usual() {
            let (layout, container) = (format.layout_name(), container.name());
            let problem = format!(
                "{container} does not record which speakers its FLAC is for, so players would assume others than \
                 {layout}: leave the copy out, or choose mkv"
            );
            return Err(refused(path, problem));
        }
        let (rate, channels) = (format.rate.max(1), (format.channels(), format.layout_name()));
        let (start, file_time_base) = (demuxer.start(), stream.time_base);
        stream.time_base = TimeBase { numerator: 1, denominator: rate };
        let mut copied = Self {
            path: path.to_owned(),
            demuxer,
            stream,
            codec,
            rate,
            channels,
            start,
            file_time_base,
            next: None,
            end: 0,
        };
        copied.read()?;
        if container.is_constant_rate() {
            copied.start_without_delay()?;
        }
        let delay = i32::try_from(-copied.next_start().min(0)).unwrap_or(0);
        copied.stream.set_audio_delay(delay);
        copied.stream.clear_fourcc();
        Ok(copied)
    }

    /// Starts with a packet at the start of the movie, for containers that cannot record a delay. PCM is cut there.
    /// Other packets that are mostly before it are left out, and the rest moves by half a packet at most.
    fn start_without_delay(&mut self) -> Result<()> {
        if self.codec.starts_with("pcm") {
            return self.cut_start();
        }
        let half = |copied: &Self| copied.next.as_ref().map_or(0, Packet::duration) / 2;
        while self.next.is_some() && self.next_start() < -half(self) {
            self.read()?;
        }
        let shift = self.next_start();
        // Sound that starts later has a gap before it.
        if shift.abs() > half(self) {
            return Ok(());
        }
        self.start += self.sample().at(shift).rescale(self.file_time_base).ticks;
        if let Some(packet) = &mut self.next {
            let duration = packet.duration();
            packet.set_times(0, 0, duration);
        }
        Ok(())
    }

    /// Leaves out the samples before the start of the movie.
    fn cut_start(&mut self) -> Result<()> {
        while self.next.as_ref().is_some_and(|packet| packet.pts().unwrap_or(0) + packet.duration() <= 0) {
            self.read()?;
        }
        let early = -self.next_start();
        let Some(packet) = self.next.as_mut().filter(|_| early > 0) else { return Ok(()) };
        let duration = packet.duration();
        let bytes = packet.data().len() as i64 / duration.max(1) * early;
        packet.drop_first(usize::try_from(bytes).unwrap_or(0));
        packet.set_times(0, 0, duration - early);
        Ok(())
    }

    /// Returns the start of the next packet in the movie.
    fn next_start(&self) -> i64 {
        self.next.as_ref().and_then(Packet::pts).unwrap_or(0)
    }

    /// Returns the unit of sample frames.
    fn sample(&self) -> TimeBase {
        TimeBase { numerator: 1, denominator: self.rate }
    }

    pub(super) fn stream(&self) -> &StreamParameters {
        &self.stream
    }

    fn read(&mut self) -> Result<()> {
        self.next = self.demuxer.next_packet().map_err(|error| error.on_path(&self.path))?;
        let sample = self.sample();
        let Some(packet) = &mut self.next else {
            let seconds = |sample_frames: i64| sample.at(sample_frames).as_secs_f64();
            let tolerance = self.demuxer.length_tolerance();
            return check_length(&self.path, seconds(self.end), self.stated_length().map(seconds), tolerance);
        };
        let sample_frames = |ticks: i64| {
            let time: Timestamp = self.file_time_base.at(ticks);
            time.rescale(sample).ticks
        };
        let Some(pts) = packet.pts().or(packet.dts()) else {
            let problem = "its packets have no times, so they cannot be copied: leave the copy out";
            return Err(refused(&self.path, problem));
        };
        // Other formats mark the last packet of complete files, such as WAVs with a wrong size.
        if packet.is_corrupt() && self.demuxer.is_mp4() {
            return Err(refused(&self.path, "it is cut short inside a packet. Use the complete file"));
        }
        if self.codec == "flac" && !packet.is_valid_flac() {
            let seconds = self.file_time_base.at(pts - self.start).as_secs_f64();
            let problem = format!("its FLAC is damaged or cut short after {seconds:.2} s. Use the complete file");
            return Err(refused(&self.path, problem));
        }
        let (pts, duration) = (sample_frames(pts - self.start), sample_frames(packet.duration()));
        let is_possible = (0..=MAX_PACKET_SECONDS * i64::from(self.rate)).contains(&duration);
        packet.set_times(pts, pts, if is_possible { duration } else { 0 });
        Ok(())
    }

    /// Passes on the packets that start before sample frame `end` of the movie.
    pub(super) fn reach(&mut self, end: i64, take: &mut dyn FnMut(Packet) -> Result<()>) -> Result<()> {
        while self.next.as_ref().is_some_and(|packet| packet.pts().unwrap_or(0) + packet.duration() <= end) {
            let Some(packet) = self.next.take() else { return Ok(()) };
            self.end = packet.pts().unwrap_or(0) + packet.duration();
            take(packet)?;
            self.read()?;
        }
        Ok(())
    }

    /// Passes on the remaining packets of a movie that ends at sample frame `end`. The last packet lasts until then.
    pub(super) fn finish(&mut self, end: i64, take: &mut dyn FnMut(Packet) -> Result<()>) -> Result<Ending> {
        self.reach(end, take)?;
        let Some(mut packet) = self.next.take() else {
            return Ok(Ending { silence: (end - self.end).max(0), left_over: Some(0) });
        };
        let (start, whole) = (packet.pts().unwrap_or(0), packet.duration());
        let mut left_over = whole;
        if start < end {
            left_over -= end - start;
            packet.set_times(start, start, end - start);
            packet.set_discarded_at_end(u32::try_from(left_over).unwrap_or(0))?;
            take(packet)?;
        }
        self.end = start + whole;
        self.read()?;
        let ends = self.next.is_none();
        Ok(Ending { silence: 0, left_over: ends.then_some(left_over) })
    }

    /// Returns the length that the file records, in sample frames.
    pub(super) fn stated_length(&self) -> Option<i64> {
        let length = self.file_time_base.at(self.demuxer.stated_length?);
        Some(length.rescale(self.sample()).ticks)
    }

    /// Reads all packets; returns the end of the last one.
    pub(super) fn count(mut self) -> Result<u64, Error> {
        self.reach(i64::MAX, &mut |_| Ok(()))?;
        Ok(u64::try_from(self.end).unwrap_or(0))
    }
}

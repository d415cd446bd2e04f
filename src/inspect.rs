//! Lists the contents of a movie, packet by packet. Only the frames that identify the format are decoded.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::av::{AudioInfo, Parser, StreamInfo};
use crate::error::{Error, InvalidInput, Result};
use crate::segment::{self, damage_check, decoding_times};
use crate::settings::Container;
use crate::stats::{AudioStats, EncodeStats, FrameTimes, LastSecond, PacketStats, PictureType};
use crate::time::{FrameRate, TimeBase, Timestamp, greatest_common_divisor};

/// The result of [`inspect`]: the container, the video stream and its packets, and the sound.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Inspection {
    /// The container, detected from the file's first bytes.
    pub container: Container,
    /// The size of the file in bytes.
    pub file_bytes: u64,
    /// The video stream.
    pub stream: StreamInfo,
    /// The sound, if there is some.
    pub audio: Option<AudioInfo>,
    /// The duration of the movie: as recorded in the container, or, in a part file, computed from the times of its
    /// frames.
    pub duration: Duration,
    /// The frame rate: as recorded in the container, or the average; `None` for fewer than two frames.
    pub frame_rate: Option<FrameRate>,
    /// The time base of the packets.
    pub time_base: TimeBase,
    /// The packets, in the order of the file.
    pub packets: Vec<InspectedPacket>,
    /// The unreadable part of the file; `None` for a complete movie.
    pub damage: Option<Damage>,
}

/// The unreadable part of a movie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Damage {
    /// Bytes at the end of the file that belong to no frame, because its index is cut off before them.
    pub unread_bytes: u64,
    /// The number of bytes that are missing from the file according to its container: the file was cut.
    pub missing_bytes: u64,
    /// The number of packets with missing bytes.
    pub packets: u64,
}

/// A packet as the container describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InspectedPacket {
    /// The frame's number in presentation order, from 0. Packets come in decoding order.
    pub index: u64,
    /// When the frame is shown; when it is decoded, in containers that only record that.
    pub pts: Timestamp,
    /// When the frame is decoded, if the container records it.
    pub dts: Option<Timestamp>,
    /// How long the frame is shown, if the container records it.
    pub duration: Option<Timestamp>,
    /// Bytes of the packet.
    pub bytes: u64,
    /// Whether decoding can start here.
    pub keyframe: bool,
    /// The picture type, if FFmpeg detects it without decoding.
    pub picture_type: Option<PictureType>,
    /// Bytes of all packets whose decoding times are in the second that ends with this packet.
    pub second_bytes: u64,
}

impl InspectedPacket {
    /// Returns the packet as an encoder would report it, without values that a movie does not record.
    fn as_stats(&self) -> PacketStats {
        let Self { index, pts, bytes, second_bytes, keyframe, picture_type, .. } = *self;
        PacketStats {
            index,
            pts,
            dts: self.dts.unwrap_or(pts),
            duration: self.duration.unwrap_or(pts.time_base.at(0)),
            bytes,
            second_bytes,
            keyframe,
            picture_type,
            qp: None,
            times: FrameTimes::default(),
            quality: None,
        }
    }
}

impl Inspection {
    /// Returns the bytes of all packets.
    #[must_use]
    pub fn stream_bytes(&self) -> u64 {
        self.packets.iter().map(|packet| packet.bytes).sum()
    }

    /// Returns the number of packets at which decoding can start.
    #[must_use]
    pub fn keyframes(&self) -> usize {
        self.packets.iter().filter(|packet| packet.keyframe).count()
    }

    /// Returns the totals of the packets: frames, bytes, types, GOPs, the peak and the duration, and the properties of
    /// the sound. Quantizers, quality, encoding times and changes of the sound are not stored in a movie, so they are
    /// empty.
    #[must_use]
    pub fn stats(&self) -> EncodeStats {
        let mut stats = EncodeStats { frames: self.packets.len() as u64, ..EncodeStats::default() };
        self.packets.iter().for_each(|packet| stats.count(&packet.as_stats()));
        stats.peak_second_bytes = self.packets.iter().map(|packet| packet.second_bytes).max().unwrap_or(0);
        let audio = self.audio.as_ref().map(sound);
        EncodeStats { file_bytes: self.file_bytes, duration: self.duration, audio, ..stats }
    }
}

/// Returns the properties of the sound.
fn sound(info: &AudioInfo) -> AudioStats {
    let AudioInfo { codec, sample_rate, channels, layout, packets, bytes } = info.clone();
    AudioStats { codec, sample_rate, channels, layout, packets, bytes, ..AudioStats::default() }
}

/// Sets the bytes of the second that ends with each packet.
fn set_second_bytes(packets: &mut [InspectedPacket], time_base: TimeBase) {
    let recorded: Option<Vec<i64>> = packets.iter().map(|packet| Some(packet.dts?.ticks)).collect();
    // If decoding times are not recorded, assume the latest possible ones.
    let shown = || packets.iter().map(|packet| packet.pts.ticks).collect();
    let decoded = recorded.unwrap_or_else(|| decoding_times(shown()));
    let mut last_second = LastSecond::default();
    for (packet, ticks) in packets.iter_mut().zip(decoded) {
        packet.second_bytes = last_second.add(time_base.at(ticks), packet.bytes);
    }
}

/// Sets each packet's frame number, and its duration if the container implies it by the next frame's time and the
/// `length` of the whole.
fn complete(packets: &mut [InspectedPacket], length: Option<i64>) {
    let mut shown: Vec<&mut InspectedPacket> = packets.iter_mut().collect();
    shown.sort_by_key(|packet| packet.pts.ticks);
    let first = shown.first().map(|packet| packet.pts.ticks);
    let mut end = first.zip(length).map(|(first, length)| first.saturating_add(length));
    for (index, packet) in shown.iter_mut().enumerate().rev() {
        packet.index = index as u64;
        let ticks = end.map(|end| end.saturating_sub(packet.pts.ticks)).filter(|ticks| *ticks > 0);
        packet.duration = packet.duration.or_else(|| Some(packet.pts.time_base.at(ticks?)));
        end = Some(packet.pts.ticks);
    }
}

/// Returns the ticks from the first frame's time to the last one's.
fn span(packets: &[InspectedPacket]) -> i64 {
    let times = || packets.iter().map(|packet| packet.pts.ticks);
    times().max().unwrap_or(0).saturating_sub(times().min().unwrap_or(0))
}

/// Returns the average frame rate of two or more frames.
fn average_frame_rate(packets: &[InspectedPacket], time_base: TimeBase) -> Option<FrameRate> {
    let periods = u64::try_from(packets.len()).ok()?.checked_sub(1)?;
    let ticks = u64::try_from(span(packets)).ok()?.checked_mul(time_base.numerator.into())?;
    let frames = periods.checked_mul(time_base.denominator.into())?;
    let divisor = greatest_common_divisor(frames, ticks);
    let part = |value: u64| u32::try_from(value.checked_div(divisor)?).ok();
    Some(FrameRate::new(part(frames)?, part(ticks)?)).filter(|rate| rate.numerator() > 0 && rate.denominator() > 0)
}

/// Returns the time from the first frame to the end of the last, assuming the average duration for the last.
fn estimated_duration(packets: &[InspectedPacket], time_base: TimeBase) -> Duration {
    let frames = packets.len() as f64;
    let seconds = time_base.at(span(packets)).as_secs_f64() * frames / (frames - 1.0).max(1.0);
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

/// Reads the contents of a movie: MP4, MOV, M4V, AVI or Matroska, finished or a part file.
///
/// ```no_run
/// let movie = framemill::inspect("demo.mp4")?;
/// assert_eq!((movie.stream.codec.as_str(), movie.packets.len()), ("h264", 300));
/// # Ok::<(), framemill::Error>(())
/// ```
///
/// # Errors
/// [`Error::Input`] if the file is none of these, [`Error::Libav`] if it has no video, [`Error::Io`] if it cannot be
/// read.
pub fn inspect(path: impl AsRef<Path>) -> Result<Inspection> {
    let path = path.as_ref();
    let container = segment::container(path)?.ok_or_else(|| Error::Input {
        name: path.display().to_string(),
        problem: InvalidInput::Malformed {
            format: "movie",
            problem: "it is not an MP4, MOV, M4V, AVI or Matroska file".to_owned(),
        },
    })?;
    // The first demuxer detects the format by decoding frames, and the second reads the packets unchanged.
    let stream = segment::open(path, container)?.stream_info().map_err(|error| error.on_path(path))?;
    let mut demuxer = segment::open(path, container)?;
    let parameters = demuxer.stream_parameters()?;
    let time_base = parameters.time_base;
    let mut parser = Parser::open(&parameters)?;
    let is_damaged = damage_check(&parameters);
    let mut damaged = 0;
    let mut packets = Vec::new();
    while let Some(mut packet) = demuxer.next_packet().map_err(|error| error.on_path(path))? {
        let dts = packet.dts();
        damaged += u64::from(packet.is_corrupt() || is_damaged(packet.data()));
        packets.push(InspectedPacket {
            index: 0,
            pts: time_base.at(packet.pts().or(dts).unwrap_or(0)),
            dts: dts.map(|ticks| time_base.at(ticks)),
            duration: Some(packet.duration()).filter(|ticks| *ticks > 0).map(|ticks| time_base.at(ticks)),
            bytes: packet.bytes(),
            keyframe: packet.is_keyframe(),
            picture_type: parser.as_mut().and_then(|parser| parser.picture_type(&mut packet)),
            second_bytes: 0,
        });
    }
    set_second_bytes(&mut packets, time_base);
    complete(&mut packets, demuxer.duration());
    let file_bytes = fs::metadata(path).map_err(|source| Error::io("read", Some(path), source))?.len();
    let unread_bytes = file_bytes - segment::readable_bytes(path, container)?.min(file_bytes);
    let missing_bytes = segment::missing_bytes(path, container)?;
    let is_whole = unread_bytes == 0 && missing_bytes == 0 && damaged == 0;
    Ok(Inspection {
        container,
        file_bytes,
        damage: (!is_whole).then_some(Damage { unread_bytes, missing_bytes, packets: damaged }),
        stream,
        audio: demuxer.audio_info(),
        duration: demuxer.stated_duration().unwrap_or_else(|| estimated_duration(&packets, time_base)),
        frame_rate: parameters.frame_rate.or_else(|| average_frame_rate(&packets, time_base)),
        time_base,
        packets,
    })
}

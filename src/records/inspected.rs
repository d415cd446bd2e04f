//! The statistics of an existing movie, as far as it records them.

use super::sound::AudioRecord;
use super::{MovieRecord, PacketRecord, RunRecord, SCHEMA, quality_planes};
use crate::av::build_info;
use crate::frame::PixelFormat;
use crate::inspect::{InspectedPacket, Inspection};

impl MovieRecord {
    /// Makes the record of an existing movie with the name `output`. A movie does not record its encoder or its
    /// settings.
    #[must_use]
    pub fn of_inspection(output: &str, movie: &Inspection) -> Self {
        let stream = &movie.stream;
        let format = stream.pixel_format.as_deref().and_then(|name| name.parse::<PixelFormat>().ok());
        Self {
            schema: SCHEMA,
            framemill: env!("CARGO_PKG_VERSION"),
            ffmpeg: build_info().ffmpeg.clone(),
            output: output.to_owned(),
            container: movie.container.name(),
            codec: stream.codec.clone(),
            encoder: None,
            settings: None,
            width: stream.width,
            height: stream.height,
            pixel_format: stream.pixel_format.clone(),
            frame_rate: movie.frame_rate.map(|rate| rate.to_string()),
            time_base: movie.time_base.to_string(),
            color_matrix: stream.color_matrix.clone(),
            color_primaries: stream.color_primaries.clone(),
            color_transfer: stream.color_transfer.clone(),
            color_range: stream.color_range.clone(),
            quality_planes: format.map_or(&[], quality_planes),
            vbv_bits_per_second: None,
            vbv_bits: None,
        }
    }
}

impl From<&InspectedPacket> for PacketRecord {
    fn from(packet: &InspectedPacket) -> Self {
        Self {
            index: packet.index,
            pts: packet.pts.ticks,
            dts: packet.dts.map(|dts| dts.ticks),
            duration: packet.duration.map(|duration| duration.ticks),
            seconds: packet.pts.as_secs_f64(),
            bytes: packet.bytes,
            second_bytes: packet.second_bytes,
            picture_type: packet.picture_type.map(|kind| kind.to_string()),
            keyframe: packet.keyframe,
            qp: None,
            converting_ns: None,
            waiting_ns: None,
            encoding_ns: None,
            muxing_ns: None,
            psnr: None,
            psnr_planes: [None; 3],
            ssim: None,
        }
    }
}

impl RunRecord {
    /// Makes the record of an existing movie's totals. It does not contain measurements of the encoder.
    #[must_use]
    pub fn of_inspection(movie: &Inspection) -> Self {
        let all = Self::new(&movie.stats(), movie.damage.is_none());
        let audio = all.audio.map(AudioRecord::of_movie);
        Self { duplicates: None, wall_seconds: None, cpu_seconds: None, stages: None, audio, ..all }
    }
}

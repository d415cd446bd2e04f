//! The statistics of packets, as rows of a NumPy array.

use framemill::{PacketRecord, PacketStats};

/// The rows, one after another. `framemill/_stats.py` defines the layout of a row.
#[derive(Default)]
pub(crate) struct Packets {
    rows: Vec<u8>,
}

impl Packets {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.rows
    }

    pub(crate) fn push(&mut self, packet: &PacketStats) {
        let (dts, duration) = (packet.dts.ticks, packet.duration.ticks);
        let packet = PacketRecord::from(packet);
        let bytes = [packet.bytes as i64, packet.second_bytes as i64];
        let integers = [packet.index as i64, packet.pts, dts, duration, bytes[0], bytes[1]];
        let times = [packet.converting_ns, packet.waiting_ns, packet.encoding_ns, packet.muxing_ns];
        let quality =
            [packet.psnr, packet.psnr_planes[0], packet.psnr_planes[1], packet.psnr_planes[2], packet.ssim];
        integers.iter().for_each(|value| self.rows.extend(value.to_le_bytes()));
        self.rows.extend(packet.seconds.to_le_bytes());
        // A NumPy string has four bytes per character.
        let picture_type = packet.picture_type.as_deref().and_then(|text| text.chars().next());
        self.rows.extend(picture_type.map_or(0, u32::from).to_le_bytes());
        self.rows.push(packet.keyframe.into());
        self.rows.extend(packet.qp.unwrap_or(f64::NAN).to_le_bytes());
        times.iter().for_each(|value| self.rows.extend(value.unwrap_or(0).to_le_bytes()));
        quality.iter().for_each(|value| self.rows.extend(value.unwrap_or(f64::NAN).to_le_bytes()));
    }
}

//! A compressed frame on its way from an encoder or a file to a muxer.

use std::ffi::c_int;
use std::ptr;
use std::slice;

use ffmpeg_next::ffi;

use super::error::{check, check_allocated};
use super::stream::StreamParameters;
use crate::error::LibavError;
use crate::stats::PictureType;

/// An owned `AVPacket`. The unit of its times depends on where it comes from.
pub(crate) struct Packet {
    pointer: *mut ffi::AVPacket,
    /// The frame's average quantizer, if the encoder reports it.
    pub(crate) qp: Option<f32>,
}

// SAFETY: an AVPacket is plain memory with a reference-counted buffer, whose count is atomic; only the owner of the
// struct reaches it.
unsafe impl Send for Packet {}

impl Packet {
    /// Makes an empty packet.
    pub(super) fn new() -> Result<Self, LibavError> {
        // SAFETY: av_packet_alloc takes nothing; the result is checked and owned by the struct.
        let pointer = check_allocated(unsafe { ffi::av_packet_alloc() }, "make a packet")?;
        Ok(Self { pointer, qp: None })
    }

    /// Makes a packet with `bytes` bytes for `stream`, to measure what a muxer adds. Muxers read the start of a frame
    /// for some codecs; the rest is zeros.
    pub(crate) fn blank(bytes: u32, keyframe: bool, stream: &StreamParameters) -> Result<Self, LibavError> {
        let mut packet = Self::of_zeros(bytes, keyframe)?;
        if packet.fields().size > 0 {
            // SAFETY: the packet is new and has at least one byte, without other references to it.
            unsafe { *packet.fields_mut().data = stream.first_byte() };
        }
        Ok(packet)
    }

    fn of_zeros(bytes: u32, keyframe: bool) -> Result<Self, LibavError> {
        let mut packet = Self::new()?;
        let bytes = bytes.min(i32::MAX as u32);
        // SAFETY: the packet is blank and ours; av_new_packet gives it `bytes` bytes, which are written before they are read.
        let code = unsafe {
            let code = ffi::av_new_packet(packet.as_mut_ptr(), bytes as i32);
            if code == 0 {
                ptr::write_bytes((*packet.pointer).data, 0, bytes as usize);
            }
            code
        };
        check(code, "make a packet")?;
        packet.fields_mut().flags = if keyframe { ffi::AV_PKT_FLAG_KEY } else { 0 };
        Ok(packet)
    }

    /// Makes a packet of these bytes.
    pub(crate) fn of_bytes(bytes: &[u8], keyframe: bool) -> Result<Self, LibavError> {
        let mut packet = Self::of_zeros(bytes.len() as u32, keyframe)?;
        let fields = packet.fields_mut();
        // SAFETY: the packet is new and has room for as many bytes, without other references to them.
        unsafe { fields.data.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
        Ok(packet)
    }

    /// Sets the muxer stream of the packet.
    pub(super) fn set_stream(&mut self, stream: usize) {
        self.fields_mut().stream_index = stream as i32;
    }

    /// Returns the number of samples at the end of the decoded packet that are not part of the sound.
    ///
    /// The side data is `u32` samples at the start, `u32` at the end, … (libavcodec/packet.h).
    pub(crate) fn discarded_at_end(&self) -> u32 {
        let kind = ffi::AVPacketSideDataType::AV_PKT_DATA_SKIP_SAMPLES;
        let samples = self.side_data(kind).get(4..8).and_then(|bytes| bytes.try_into().ok());
        samples.map_or(0, u32::from_le_bytes)
    }

    /// Sets the number of samples at the end of the decoded packet that are not part of the sound.
    pub(crate) fn set_discarded_at_end(&mut self, samples: u32) -> Result<(), LibavError> {
        const BYTES: usize = 10;
        // SAFETY: the packet is valid and ours; the result has BYTES bytes, or is null, which is checked.
        unsafe {
            let kind = ffi::AVPacketSideDataType::AV_PKT_DATA_SKIP_SAMPLES;
            let data = ffi::av_packet_new_side_data(self.pointer, kind, BYTES);
            let data = check_allocated(data, "describe an audio packet")?;
            ptr::write_bytes(data, 0, BYTES);
            data.add(4).copy_from_nonoverlapping(samples.to_le_bytes().as_ptr(), 4);
        }
        Ok(())
    }

    /// Returns whether the checksum of a FLAC frame is right: it ends with the CRC-16 of its bytes (RFC 9639, 9.3).
    pub(crate) fn is_valid_flac(&self) -> bool {
        let data = self.data();
        // SAFETY: the table is static, or null without memory for it, which is checked; the data has this length.
        unsafe {
            let table = ffi::av_crc_get_table(ffi::AVCRCId::AV_CRC_16_ANSI);
            table.is_null() || ffi::av_crc(table, 0, data.as_ptr(), data.len()) == 0
        }
    }

    /// Removes the first `bytes` bytes, at most all.
    pub(crate) fn drop_first(&mut self, bytes: usize) {
        let fields = self.fields_mut();
        let dropped = bytes.min(fields.size.max(0) as usize);
        // SAFETY: the packet has `size` bytes; its buffer, which `data` points into, stays as it is.
        fields.data = unsafe { fields.data.add(dropped) };
        fields.size -= dropped as c_int;
    }

    /// Returns the decoder setup that replaces that of the header, if the encoder has changed it.
    pub(crate) fn new_setup(&self) -> &[u8] {
        self.side_data(ffi::AVPacketSideDataType::AV_PKT_DATA_NEW_EXTRADATA)
    }

    /// Returns the compressed frame.
    pub(crate) fn data(&self) -> &[u8] {
        let fields = self.fields();
        if fields.data.is_null() {
            return &[];
        }
        // SAFETY: a packet with data has `size` bytes of it, which live in the packet.
        unsafe { slice::from_raw_parts(fields.data, fields.size as usize) }
    }

    /// Returns another reference to the same packet, without copying its bytes.
    pub(crate) fn try_clone(&self) -> Result<Self, LibavError> {
        // SAFETY: the packet is valid, and packets of encoders and demuxers are reference-counted; the result is null
        // if there is no memory, which is checked.
        let pointer = check_allocated(unsafe { ffi::av_packet_clone(self.pointer) }, "share a packet")?;
        Ok(Self { pointer, qp: self.qp })
    }

    fn fields(&self) -> &ffi::AVPacket {
        // SAFETY: `pointer` is valid as long as the struct is.
        unsafe { &*self.pointer }
    }

    fn fields_mut(&mut self) -> &mut ffi::AVPacket {
        // SAFETY: `pointer` is valid as long as the struct is, and the struct is borrowed mutably.
        unsafe { &mut *self.pointer }
    }

    /// Returns the pointer for calls that fill the packet or take its contents.
    pub(super) fn as_mut_ptr(&mut self) -> *mut ffi::AVPacket {
        self.pointer
    }

    /// Returns when the frame is shown, if known.
    pub(crate) fn pts(&self) -> Option<i64> {
        Some(self.fields().pts).filter(|ticks| *ticks != ffi::AV_NOPTS_VALUE)
    }

    /// Returns when the frame is decoded, if known.
    pub(crate) fn dts(&self) -> Option<i64> {
        Some(self.fields().dts).filter(|ticks| *ticks != ffi::AV_NOPTS_VALUE)
    }

    /// Returns how long the frame is shown; 0 if unknown.
    pub(crate) fn duration(&self) -> i64 {
        self.fields().duration
    }

    /// Sets when the frame is shown, when it is decoded, and how long it is shown.
    pub(crate) fn set_times(&mut self, pts: i64, dts: i64, duration: i64) {
        let fields = self.fields_mut();
        (fields.pts, fields.dts, fields.duration) = (pts, dts, duration);
    }

    /// Returns the number of bytes of the compressed frame, including its alpha.
    pub(crate) fn bytes(&self) -> u64 {
        (self.data().len() + self.alpha().len()) as u64
    }

    /// Returns whether two packets have the same data and the same alpha. Times are not compared.
    pub(crate) fn has_same_bytes(&self, other: &Self) -> bool {
        self.data() == other.data() && self.alpha() == other.alpha()
    }

    /// Returns the compressed alpha of a VP9 frame, whose packet stores it separately; empty for all others.
    fn alpha(&self) -> &[u8] {
        // The side data starts with the number of the addition, in 8 bytes (libavcodec/packet.h).
        let addition = self.side_data(ffi::AVPacketSideDataType::AV_PKT_DATA_MATROSKA_BLOCKADDITIONAL);
        addition.get(8..).unwrap_or_default()
    }

    /// Returns side data of this kind; empty if there is none.
    fn side_data(&self, kind: ffi::AVPacketSideDataType) -> &[u8] {
        let mut bytes = 0;
        // SAFETY: the packet is valid; the side data, if there is some, has `bytes` bytes and lives in the packet.
        unsafe {
            let data = ffi::av_packet_get_side_data(self.pointer, kind, &mut bytes);
            if data.is_null() { &[] } else { slice::from_raw_parts(data, bytes) }
        }
    }

    /// Replaces the four-byte lengths before the NAL units of an H.264 or HEVC frame in MP4 and Matroska by start codes.
    /// Encoders return packets with start codes (ISO/IEC 14496-10 and 23008-2, annex B).
    pub(crate) fn replace_lengths(&mut self) -> Result<(), LibavError> {
        // SAFETY: the packet is valid and ours; its data is copied if there are other references to it.
        check(unsafe { ffi::av_packet_make_writable(self.pointer) }, "make a packet writable")?;
        let fields = self.fields_mut();
        if fields.data.is_null() {
            return Ok(());
        }
        // SAFETY: a packet with data has `size` bytes of it, without other references to them.
        let mut rest = unsafe { slice::from_raw_parts_mut(fields.data, fields.size as usize) };
        while let Some((length, after)) = rest.split_first_chunk_mut::<4>() {
            let bytes = u32::from_be_bytes(*length) as usize;
            *length = [0, 0, 0, 1];
            rest = after.get_mut(bytes..).unwrap_or_default();
        }
        Ok(())
    }

    /// Returns how many NAL units of an H.264 frame start with three bytes instead of four. MP4 and Matroska replace
    /// each start code by a length of four bytes, so a frame grows by that many bytes there.
    pub(super) fn short_start_codes(&self) -> u64 {
        let data = self.data();
        let starts = memchr::memmem::find_iter(data, &[0, 0, 1]);
        starts.filter(|start| *start == 0 || data[start - 1] != 0).count() as u64
    }

    /// Removes the temporal delimiter of an AV1 frame, which containers replace (AV1 in ISO base media, 2.4).
    pub(super) fn drop_temporal_delimiter(&mut self) {
        const TEMPORAL_DELIMITER: [u8; 2] = [0x12, 0];
        if !self.data().starts_with(&TEMPORAL_DELIMITER) {
            return;
        }
        let fields = self.fields_mut();
        // SAFETY: the packet has as many bytes, and its buffer, which is not changed, reaches to the same end.
        fields.data = unsafe { fields.data.add(TEMPORAL_DELIMITER.len()) };
        fields.size -= TEMPORAL_DELIMITER.len() as i32;
    }

    /// Returns whether decoding can start here.
    pub(crate) fn is_keyframe(&self) -> bool {
        self.fields().flags & ffi::AV_PKT_FLAG_KEY != 0
    }

    /// Sets whether decoding can start here.
    pub(super) fn set_keyframe(&mut self, keyframe: bool) {
        let flags = &mut self.fields_mut().flags;
        *flags = if keyframe { *flags | ffi::AV_PKT_FLAG_KEY } else { *flags & !ffi::AV_PKT_FLAG_KEY };
    }

    /// Returns whether the demuxer could not read all of it.
    pub(crate) fn is_corrupt(&self) -> bool {
        self.fields().flags & ffi::AV_PKT_FLAG_CORRUPT != 0
    }

    /// Returns whether its frame is decoded but not shown, because of an edit list of the movie.
    pub(crate) fn is_hidden(&self) -> bool {
        self.fields().flags & ffi::AV_PKT_FLAG_DISCARD != 0
    }

    /// Returns the quantizer and the picture type that the encoder reports.
    ///
    /// The side data is `u32` quality (quantizer × FF_QP2LAMBDA), `u8` picture type, … (libavcodec/packet.h).
    fn quality_side_data(&self) -> Option<(f32, PictureType)> {
        let data = self.side_data(ffi::AVPacketSideDataType::AV_PKT_DATA_QUALITY_STATS);
        let (quality, rest) = data.split_first_chunk::<4>()?;
        let picture_type = PictureType::from_av(i32::from(*rest.first()?))?;
        Some((u32::from_le_bytes(*quality) as f32 / ffi::FF_QP2LAMBDA as f32, picture_type))
    }

    /// Returns the picture type, if the encoder reports it.
    pub(crate) fn picture_type(&self) -> Option<PictureType> {
        self.quality_side_data().map(|(_, picture_type)| picture_type)
    }

    /// Reads the quantizer from the packet itself.
    pub(super) fn read_qp(&mut self) {
        // Encoders that report no quantizer leave it at 0, which is never valid.
        self.qp = self.quality_side_data().map(|(qp, _)| qp).filter(|qp| *qp > 0.0);
    }
}

impl Drop for Packet {
    fn drop(&mut self) {
        // SAFETY: `pointer` came from av_packet_alloc and is freed once.
        unsafe { ffi::av_packet_free(&mut self.pointer) };
        self.pointer = ptr::null_mut();
    }
}

impl PictureType {
    /// Converts FFmpeg's number of a picture type.
    pub(super) fn from_av(kind: i32) -> Option<Self> {
        match kind {
            _ if kind == ffi::AVPictureType::AV_PICTURE_TYPE_I as i32 => Some(Self::I),
            _ if kind == ffi::AVPictureType::AV_PICTURE_TYPE_P as i32 => Some(Self::P),
            _ if kind == ffi::AVPictureType::AV_PICTURE_TYPE_B as i32 => Some(Self::B),
            _ => None,
        }
    }
}

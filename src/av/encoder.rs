//! An open video encoder: frames go in, packets come out, in decoding order.

use std::ffi::{CStr, c_int};
use std::ptr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ffmpeg_next::ffi;

use super::codec_options::{X265_PARAMS, encoder_options};
use super::dictionary::Dictionary;
use super::error::{check, check_allocated};
use super::frame::SharedFrame;
use super::log;
use super::packet::Packet;
use super::pixel_format;
use super::stream::StreamParameters;
use super::svt_av1::Turn;
use super::{complaints, drain, encoder_choice};
use crate::error::{InvalidSettings, LibavError, Result, nearest_name};
use crate::settings::{Codec, Container, Settings};
use crate::stats::EncoderReport;
use crate::time::{FrameRate, TimeBase};

/// The largest number of consecutive B-frames that an encoder makes. x264 and FFmpeg's encoders have this limit.
pub(crate) const MAX_B_FRAMES: u32 = 16;

/// Held while Xvid works: its library is not thread-safe, and would make damaged pictures.
static XVID: Mutex<()> = Mutex::new(());

/// An FFmpeg video encoder.
pub(crate) struct Encoder {
    context: *mut ffi::AVCodecContext,
    frame_rate: FrameRate,
    is_x264: bool,
    is_xvid: bool,
    is_av1: bool,
    /// For SVT-AV1: held until the context is freed.
    svt_av1: Option<Turn>,
    /// For x265: the largest number of frames between the decoding and the presentation of a packet.
    x265_delay: Option<i64>,
    /// Whether it received a frame.
    is_used: bool,
    /// The number of the next packet in decoding order.
    next_decoded: Option<i64>,
}

// SAFETY: an AVCodecContext may be used from any one thread at a time (its own worker threads are its affair); only
// the owner of the struct reaches it, through `&mut self` if it changes.
unsafe impl Send for Encoder {}

impl Encoder {
    /// Opens the encoder of `codec` with valid `settings`. If `codec` replaces their codec, pixels still have the
    /// format and colors of the settings. Frames have `width` × `height` pixels and are numbered instead of timed: the
    /// encoder assumes the constant frame rate. Unless it `reorders`, the decoding order is the presentation order.
    pub(crate) fn open(
        settings: &Settings,
        codec: &Codec,
        container: Container,
        reorders: bool,
        (width, height): (u32, u32),
    ) -> Result<Self> {
        log::install();
        let name = codec.encoder_name().to_owned();
        let is_x264 = matches!(codec, Codec::H264(_) | Codec::H264Rgb(_));
        let is_xvid = matches!(codec, Codec::Xvid(_));
        // A B-frame, and frames that reference it: x265 reorders by no more (`encoder/encoder.cpp`, `numReorderPics`).
        let x265_delay = codec.is_x265().then_some(if reorders { 2 } else { 0 });
        if let Some(option) = complaints::param_option(codec).filter(|_| !log::is_read()) {
            return Err(InvalidSettings::LogUnread { option }.into());
        }
        let time_base = frame_time_base(encoder_frame_rate(settings.frame_rate, codec), codec);
        let options = encoder_options(settings, codec, container, reorders, (width, height));
        let mut options = Dictionary::from_pairs(options)?;
        if let Codec::Encoder(encoder) = codec {
            // `encoder_options` has already added the user's x265 parameters.
            let is_given = |name: &str| !(codec.is_x265() && name == X265_PARAMS);
            let mut given = encoder.options.iter().filter(|(name, _)| is_given(name));
            given.try_for_each(|(name, value)| options.set(name, value))?;
        }
        let param_option = complaints::param_option(codec);
        let frame_rate = encoder_frame_rate(settings.frame_rate, codec);
        let codec = match codec {
            Codec::Encoder(_) => encoder_choice::named(codec, settings, container)?,
            _ => encoder_choice::find(codec)?,
        };
        let svt_av1 = Turn::for_encoder(&name)?;
        // SAFETY: `codec` is a static description; the result is checked and owned by `encoder` from here on.
        let context = check_allocated(unsafe { ffi::avcodec_alloc_context3(codec) }, "make an encoder")?;
        // SAFETY: `codec` is a static description.
        let is_av1 = unsafe { (*codec).id } == ffi::AVCodecID::AV_CODEC_ID_AV1;
        let encoder = Self {
            context,
            frame_rate: settings.frame_rate,
            is_x264,
            is_xvid,
            is_av1,
            svt_av1,
            is_used: false,
            next_decoded: None,
            x265_delay,
        };
        // SAFETY: the context is ours and not open yet, when its fields may be set.
        unsafe {
            let fields = &mut *context;
            let color = settings.color();
            fields.width = width as c_int;
            fields.height = height as c_int;
            fields.pix_fmt = pixel_format::encoder_format(settings.encoder_pixel_format(), color);
            fields.time_base = rational(time_base.numerator, time_base.denominator);
            fields.framerate = rational(frame_rate.numerator(), frame_rate.denominator());
            fields.sample_aspect_ratio = rational(1, 1);
            fields.color_range = pixel_format::color_range(color.range);
            fields.colorspace = pixel_format::color_space(color);
            fields.color_primaries = pixel_format::PRIMARIES;
            fields.color_trc = pixel_format::transfer(color);
            fields.chroma_sample_location = pixel_format::chroma_location(settings.encoder_pixel_format(), color);
        }
        let alone = alone(is_xvid);
        // SAFETY: codec and context belong together; the options are ours, and what is not taken stays in them.
        let code = unsafe { ffi::avcodec_open2(context, codec, options.as_mut_ptr()) };
        drop(alone);
        let lines = log::take();
        complaints::refuse_x264_complaints(&lines)?;
        complaints::refuse_complaints(param_option, &lines)?;
        check(code, format!("open the encoder {name}"))
            .map_err(|error| LibavError { log_line: log::last_complaint(lines), ..error })?;
        encoder.refuse_left_over(&name, &options)?;
        Ok(encoder)
    }

    /// Returns the largest number of frames between the decoding and the presentation of a packet.
    pub(crate) fn reordered(&self) -> u32 {
        // SAFETY: the context is open: libavcodec has set the field, except for x265.
        let delay = unsafe { (*self.context).has_b_frames }.into();
        let delay = self.x265_delay.unwrap_or(delay);
        // x264 does not report the number of B-frames of a preset; the most is 16.
        if delay > 0 { MAX_B_FRAMES + delay as u32 } else { 0 }
    }

    /// Encodes frame number `index`. Receive all packets so far before.
    pub(crate) fn send(&mut self, mut frame: SharedFrame, index: i64) -> Result<(), LibavError> {
        // SAFETY: the context is ours.
        let mean_quality = unsafe { (*self.context).global_quality };
        // With a constant quantizer, MPEG-4 and JPEG encoders read it from each frame.
        frame.prepare(index, whole_quality(mean_quality, index));
        self.is_used = true;
        let _alone = alone(self.is_xvid);
        // SAFETY: the context is open; the frame is valid, and the encoder takes its own references.
        let code = unsafe { ffi::avcodec_send_frame(self.context, frame.as_ptr()) };
        check(code, "encode a frame").map(drop)
    }

    /// Ends the stream. The remaining packets can then be received.
    pub(crate) fn send_end(&mut self) -> Result<(), LibavError> {
        if self.is_waiting_for_ever() {
            return Ok(());
        }
        let _alone = alone(self.is_xvid);
        // SAFETY: the context is open; null means the end to libavcodec.
        let code = unsafe { ffi::avcodec_send_frame(self.context, ptr::null()) };
        check(code, "finish encoding").map(drop)
    }

    /// Returns the next packet, in decoding order; `None` if the encoder needs more frames or is empty.
    pub(crate) fn receive(&mut self) -> Result<Option<Packet>, LibavError> {
        if self.is_waiting_for_ever() {
            return Ok(None);
        }
        let mut packet = Packet::new()?;
        let _alone = alone(self.is_xvid);
        // SAFETY: the context is open; the packet is blank and ours.
        let code = unsafe { ffi::avcodec_receive_packet(self.context, packet.as_mut_ptr()) };
        if code == ffi::AVERROR(ffi::EAGAIN) || code == ffi::AVERROR_EOF {
            return Ok(None);
        }
        check(code, "encode a frame")?;
        if let Some(delay) = self.x265_delay {
            self.number_decoding(&mut packet, delay);
        }
        if self.is_av1 {
            packet.drop_temporal_delimiter();
        }
        if self.is_x264 {
            // FFmpeg's value in the packet belongs to another frame if x264 has several threads, and ignores adaptive
            // quantization.
            packet.qp = log::take_frame_report().as_deref().and_then(reported_qp);
            if packet.qp.is_none() {
                log::warn_of_other_reader();
            }
        } else {
            packet.read_qp();
        }
        Ok(Some(packet))
    }

    /// Returns whether SVT-AV1 would wait for a frame that never comes.
    fn is_waiting_for_ever(&self) -> bool {
        self.svt_av1.is_some() && !self.is_used
    }

    /// Sets the packet's decoding order for x265. x265 does so itself, but its numbers are wrong in movies of very few
    /// frames.
    fn number_decoding(&mut self, packet: &mut Packet, delay: i64) {
        let shown = packet.pts().unwrap_or(0);
        let decoded = self.next_decoded.unwrap_or(shown) - delay;
        self.next_decoded = Some(decoded + delay + 1);
        packet.set_times(shown, decoded, packet.duration());
    }

    /// Closes the encoder; returns its report about the whole stream, if it makes one.
    pub(crate) fn close(self) -> Option<EncoderReport> {
        let is_x264 = self.is_x264;
        // Lines that were logged before belong to something else.
        log::take();
        drop(self);
        let lines = log::take();
        EncoderReport::parse(lines.iter().map(|line| line.text.as_str())).filter(|_| is_x264)
    }

    /// Returns the stream parameters of this encoder's packets, with times in `time_base`.
    pub(crate) fn stream_parameters(&self, time_base: TimeBase) -> Result<StreamParameters, LibavError> {
        // SAFETY: the context is an open encoder.
        unsafe { StreamParameters::of_encoder(self.context, time_base, self.frame_rate) }
    }

    fn refuse_left_over(&self, encoder: &str, left_over: &Dictionary) -> Result<(), InvalidSettings> {
        let Some(name) = left_over.names().into_iter().next() else {
            return Ok(());
        };
        let known = self.option_names();
        let suggestion = nearest_name(&name, known.iter().map(String::as_str));
        Err(InvalidSettings::EncoderOption { encoder: encoder.to_owned(), name, suggestion })
    }

    /// Returns the names of the encoder's own options.
    fn option_names(&self) -> Vec<String> {
        let mut names = Vec::new();
        // SAFETY: an encoder's private data starts with its AVClass where there is one; av_opt_next walks its static
        // table of options, whose names are NUL-terminated.
        unsafe {
            let private = (*self.context).priv_data;
            if private.is_null() || (*(*self.context).codec).priv_class.is_null() {
                return names;
            }
            let mut option = ffi::av_opt_next(private, ptr::null());
            while !option.is_null() {
                names.push(CStr::from_ptr((*option).name).to_string_lossy().into_owned());
                option = ffi::av_opt_next(private, option);
            }
        }
        names
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        if self.svt_av1.is_some() {
            // SAFETY: the context is ours, and is not used any more.
            unsafe { drain::empty(self.context, !self.is_used) };
        }
        // SAFETY: the context came from avcodec_alloc_context3 and is freed once; its threads are joined by it.
        unsafe { ffi::avcodec_free_context(&mut self.context) };
    }
}

/// Returns the frame period, as exactly as the codec can store it: MPEG-4 Part 2 has 16 bits for the ticks of a second.
/// The container stores the exact rate.
fn frame_time_base(frame_rate: FrameRate, codec: &Codec) -> TimeBase {
    const MAX_MPEG4_TICKS: u32 = 65_535;
    let exact = frame_rate.frame_time_base();
    let is_mpeg4 = matches!(codec, Codec::Mpeg4(_) | Codec::Xvid(_));
    if !is_mpeg4 || exact.denominator <= MAX_MPEG4_TICKS {
        return exact;
    }
    let numerator = u64::from(exact.numerator) * u64::from(MAX_MPEG4_TICKS) / u64::from(exact.denominator);
    TimeBase { numerator: numerator.max(1) as u32, denominator: MAX_MPEG4_TICKS }
}

/// Returns the frame rate that the encoder assumes: the frame rate of the movie, but at most 240 for SVT-AV1, which
/// only uses it for the distance between keyframes.
fn encoder_frame_rate(rate: FrameRate, codec: &Codec) -> FrameRate {
    const MAX_FRAMES_PER_SECOND: f64 = 240.0;
    if matches!(codec, Codec::Av1(_)) && rate.as_f64() > MAX_FRAMES_PER_SECOND {
        FrameRate::new(MAX_FRAMES_PER_SECOND as u32, 1)
    } else {
        rate
    }
}

/// Returns the quality of frame `index` in lambdas: a whole quantizer, because encoders round to one. The mean over all
/// frames is `mean_quality`.
fn whole_quality(mean_quality: c_int, index: i64) -> c_int {
    let quantizers_before = |index: i64| index * i64::from(mean_quality) / i64::from(ffi::FF_QP2LAMBDA);
    (quantizers_before(index + 1) - quantizers_before(index)) as c_int * ffi::FF_QP2LAMBDA as c_int
}

/// Locks out other Xvid encoders, if this is one.
fn alone(is_xvid: bool) -> Option<MutexGuard<'static, ()>> {
    is_xvid.then(|| XVID.lock().unwrap_or_else(PoisonError::into_inner))
}

fn rational(numerator: u32, denominator: u32) -> ffi::AVRational {
    ffi::AVRational { num: numerator as c_int, den: denominator as c_int }
}

/// Returns the average quantizer in x264's `frame=   3 QP=25.98 NAL=2 Slice:P …`.
fn reported_qp(report: &str) -> Option<f32> {
    let (_, rest) = report.split_once("QP=")?;
    rest.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(options: &[(&'static str, &str)]) -> InvalidSettings {
        let settings = Settings::new(64, 64, FrameRate::new(30, 1));
        let encoder =
            Encoder::open(&settings, &settings.codec, Container::Mp4, true, (64, 64)).expect("libx264 opens");
        let left_over = Dictionary::from_pairs(options.iter().map(|(name, value)| (*name, (*value).to_owned())));
        encoder.refuse_left_over("libx264", &left_over.expect("plain")).expect_err("left over")
    }

    #[test]
    fn frames_get_whole_quantizers_that_average_to_the_mean() {
        let quantizers = |mean: c_int| [0, 1, 2, 3, 4, 5].map(|index| whole_quality(mean, index) / 118);
        assert_eq!(quantizers(3 * 118), [3; 6]);
        assert_eq!(quantizers(118 * 7 / 2), [3, 4, 3, 4, 3, 4]);
        assert_eq!(quantizers(118 * 31), [31; 6]);
    }

    #[test]
    fn an_unused_option_is_an_error_with_a_suggestion() {
        assert_eq!(
            open(&[("prezet", "fast")]).to_string(),
            "libx264 has no option \"prezet\"; did you mean \"preset\"?"
        );
    }
}

//! From arguments to what the library takes: defaults filled in, and options that mean nothing here refused.

use framemill::{
    Codec, FrameLayout, FrameRate, H264, InvalidSettings, Output, PixelFormat, QuantiserOrBitrate, Rgb, Settings,
    parse_x264_params,
};

use crate::args::{CodecArguments, EncodeArguments};
use crate::usage::WrongUsage;

/// The settings of a movie of frames that lie as `layout` says.
pub(crate) fn settings(
    arguments: &EncodeArguments,
    codec: Codec,
    layout: FrameLayout,
    frame_rate: FrameRate,
) -> Settings {
    let mut settings = Settings::new(layout.width, layout.height, frame_rate);
    let is_lossless = is_lossless(arguments, &codec);
    settings.pixel_format = arguments.codec_options.pixel_format;
    if is_lossless {
        settings.pixel_format = settings.pixel_format.or_else(|| codec.format_that_keeps(layout.format));
        settings.color_range = layout.format.is_yuv().then_some(layout.range);
    }
    settings.codec = codec;
    settings.threads = arguments.codec_options.threads;
    settings.max_bytes = arguments.codec_options.max_size;
    settings.odd_size = arguments.picture_options.odd;
    settings.background = arguments.picture_options.background.unwrap_or(Rgb::WHITE);
    settings.metadata.clone_from(&arguments.output_options.metadata);
    settings.scale = arguments.picture_options.scale;
    settings.measure_quality = arguments.telling_options.quality;
    settings
}

/// Whether the movie can hold more than 8 bits a sample.
pub(crate) fn is_deep(arguments: &CodecArguments) -> bool {
    match arguments.pixel_format {
        Some(format) => format.bits() > 8,
        None => matches!(arguments.codec.parse(), Ok(Codec::Ffv1(_))),
    }
}

fn is_lossless(arguments: &EncodeArguments, codec: &Codec) -> bool {
    arguments.codec_options.lossless || matches!(codec, Codec::Ffv1(_))
}

/// Whether a movie that was opened for frames in `first` keeps what is in frames in `format`, if that was asked:
/// pictures of one input may differ, and gray ones at its start would take the colour of the others.
pub(crate) fn keeps(arguments: &EncodeArguments, codec: &Codec, first: PixelFormat, format: PixelFormat) -> bool {
    let lossless = is_lossless(arguments, codec) && arguments.codec_options.pixel_format.is_none();
    let kept = codec.format_that_keeps(first);
    !lossless || codec.format_that_keeps(format) == kept || kept.is_some_and(|kept| widens(format, kept))
}

/// Whether gray pixels fit into these of red, green and blue.
fn widens(format: PixelFormat, kept: PixelFormat) -> bool {
    format.is_gray() && kept.is_rgb() && format.bits() <= kept.bits()
}

/// Where the movie goes.
pub(crate) fn output(arguments: &EncodeArguments) -> anyhow::Result<Output> {
    let options = &arguments.output_options;
    if arguments.output.as_os_str() == "-" {
        let Some(container) = options.container else {
            let mend = "standard output has no name to tell the container by: say --container mp4, mov or mkv";
            return Err(WrongUsage(mend.to_owned()).into());
        };
        if options.no_clobber {
            return Err(
                WrongUsage("--no-clobber is for files, and the movie goes to standard output".to_owned()).into()
            );
        }
        return Ok(Output::stream(crate::input::standard_output()?, container));
    }
    let mut output = Output::path(&arguments.output);
    if let Some(container) = options.container {
        output = output.container(container);
    }
    Ok(if options.no_clobber { output.no_clobber() } else { output })
}

/// The codec, with the options that were given for it.
pub(crate) fn codec(arguments: &CodecArguments) -> Result<Codec, InvalidSettings> {
    let mut codec: Codec = arguments.codec.parse()?;
    refuse_foreign_options(&codec, arguments)?;
    match &mut codec {
        Codec::H264(h264) | Codec::H264Rgb(h264) => *h264 = self::h264(arguments)?,
        Codec::Mpeg4(mpeg4) | Codec::Xvid(mpeg4) => {
            mpeg4.rate_control = rate_control(arguments, mpeg4.rate_control);
            mpeg4.gop = arguments.gop.unwrap_or(mpeg4.gop);
            mpeg4.fourcc = arguments.fourcc.as_deref().map(fourcc).transpose()?;
        }
        Codec::Mjpeg(mjpeg) => mjpeg.rate_control = rate_control(arguments, mjpeg.rate_control),
        Codec::Ffv1(ffv1) => ffv1.gop = arguments.gop.unwrap_or(ffv1.gop),
        _ => {}
    }
    Ok(codec)
}

fn h264(arguments: &CodecArguments) -> Result<H264, InvalidSettings> {
    let mut h264 = match (arguments.crf, arguments.qp, arguments.bitrate, arguments.lossless) {
        (Some(crf), ..) => H264::crf(crf),
        (_, Some(qp), ..) => H264::qp(qp),
        (_, _, Some(bitrate), _) => H264::bitrate(bitrate),
        (.., true) => H264::lossless(),
        _ => H264::default(),
    };
    h264.preset = arguments.preset.unwrap_or(h264.preset);
    h264.tune = arguments.tune;
    h264.profile = arguments.profile;
    h264.gop = arguments.gop;
    if let (Some(maxrate), Some(bufsize)) = (arguments.maxrate, arguments.bufsize) {
        h264 = h264.vbv(maxrate, bufsize);
    }
    if let Some(params) = &arguments.x264_params {
        h264.x264_params = parse_x264_params(params)?;
    }
    Ok(h264)
}

fn rate_control(arguments: &CodecArguments, default: QuantiserOrBitrate) -> QuantiserOrBitrate {
    match (arguments.qp, arguments.bitrate) {
        (Some(qp), _) => QuantiserOrBitrate::Qp(qp),
        (_, Some(bitrate)) => QuantiserOrBitrate::Bitrate(bitrate),
        _ => default,
    }
}

fn fourcc(text: &str) -> Result<[u8; 4], InvalidSettings> {
    text.as_bytes().try_into().map_err(|_| InvalidSettings::Malformed {
        setting: "fourcc",
        value: text.to_owned(),
        expected: "give four printable characters, as in XVID",
    })
}

/// An option that the codec does not have is an error, not a wish.
fn refuse_foreign_options(codec: &Codec, arguments: &CodecArguments) -> Result<(), InvalidSettings> {
    let own: &[&str] = match codec {
        Codec::H264(_) | Codec::H264Rgb(_) => &[
            "crf",
            "qp",
            "bitrate",
            "max-size",
            "lossless",
            "maxrate",
            "preset",
            "tune",
            "profile",
            "gop",
            "x264-params",
        ],
        Codec::Mpeg4(_) | Codec::Xvid(_) => &["qp", "bitrate", "max-size", "gop", "fourcc"],
        Codec::Mjpeg(_) => &["qp", "bitrate", "max-size"],
        _ => &["lossless", "gop"],
    };
    let given = [
        ("crf", arguments.crf.is_some()),
        ("qp", arguments.qp.is_some()),
        ("bitrate", arguments.bitrate.is_some()),
        ("max-size", arguments.max_size.is_some()),
        ("lossless", arguments.lossless),
        ("maxrate", arguments.maxrate.is_some()),
        ("preset", arguments.preset.is_some()),
        ("tune", arguments.tune.is_some()),
        ("profile", arguments.profile.is_some()),
        ("gop", arguments.gop.is_some()),
        ("fourcc", arguments.fourcc.is_some()),
        ("x264-params", arguments.x264_params.is_some()),
    ];
    match given.into_iter().find(|(name, is_given)| *is_given && !own.contains(name)) {
        Some((setting, _)) => Err(InvalidSettings::NotForCodec {
            setting,
            codec: codec.name(),
            mend: format!("leave --{setting} out; it takes --{}", own.join(", --")),
        }),
        None => Ok(()),
    }
}

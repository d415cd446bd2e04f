//! From arguments to what the library takes: defaults filled in, and options that mean nothing here refused.

use framemill::{
    Codec, CodecOptions, FrameLayout, FrameRate, InvalidSettings, Output, PixelFormat, Rgb, Settings, Vbv,
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
    settings.frame_format = Some(layout.format);
    settings.pixel_format = arguments.codec_options.pixel_format;
    if codec.is_lossless() {
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

/// Whether a movie that was opened for frames in `first` keeps what is in frames in `format`, if that was asked:
/// pictures of one input may differ, and gray ones at its start would take the colour of the others.
pub(crate) fn keeps(arguments: &EncodeArguments, codec: &Codec, first: PixelFormat, format: PixelFormat) -> bool {
    let lossless = codec.is_lossless() && arguments.codec_options.pixel_format.is_none();
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
        return Ok(Output::stream(crate::streams::standard_output()?, container));
    }
    let mut output = Output::path(&arguments.output);
    if let Some(container) = options.container {
        output = output.container(container);
    }
    Ok(if options.no_clobber { output.no_clobber() } else { output })
}

/// The codec, with the options that were given for it.
pub(crate) fn codec(arguments: &CodecArguments) -> Result<Codec, InvalidSettings> {
    let params = arguments.x264_params.as_deref().map(parse_x264_params).transpose()?;
    let vbv = arguments.maxrate.zip(arguments.bufsize);
    let options = CodecOptions {
        name: arguments.codec.clone(),
        crf: arguments.crf,
        qp: arguments.qp,
        bitrate: arguments.bitrate,
        max_size: arguments.max_size.is_some(),
        lossless: arguments.lossless,
        vbv: vbv.map(|(max_bits_per_second, buffer_bits)| Vbv::new(max_bits_per_second, buffer_bits)),
        preset: arguments.preset,
        tune: arguments.tune,
        profile: arguments.profile,
        gop: arguments.gop,
        fourcc: arguments.fourcc.clone(),
        x264_params: params.unwrap_or_default(),
    };
    options.codec(|name| format!("--{name}"))
}

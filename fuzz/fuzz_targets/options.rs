//! Any text as options, one `name=value` a line: a movie that has the frames which were written, or an error with words.
#![no_main]

use std::str::FromStr;

use framemill::{
    CodecOptions, Container, FrameRate, FrameView, InvalidSettings, Memory, Output, Result, Settings, VideoWriter, Vbv,
    parse_x264_params,
};
use libfuzzer_sys::fuzz_target;

/// A larger picture, or one with more threads, shows nothing more and takes long.
const MOST_PIXELS: u32 = 128 * 128;
const FRAMES: u64 = 3;

struct Options {
    codec: CodecOptions,
    settings: Settings,
    container: Container,
}

fn set<T: FromStr>(place: &mut T, text: &str) -> std::result::Result<(), T::Err> {
    *place = text.parse()?;
    Ok(())
}

/// Numbers that are none are not tried further: command lines refuse them before the library sees them.
fn number<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

fn take(options: &mut Options, name: &str, value: &str) -> std::result::Result<(), InvalidSettings> {
    let Options { codec, settings, container } = options;
    match name {
        "codec" => codec.name = value.to_owned(),
        "crf" => codec.crf = number(value),
        "qp" => codec.qp = number(value),
        "bitrate" => codec.bitrate = number(value),
        "lossless" => codec.lossless = true,
        "maxrate" => {
            let mut numbers = value.split(',').filter_map(number);
            codec.vbv = numbers.next().zip(numbers.next()).map(|(rate, bits)| Vbv::new(rate, bits));
        }
        "preset" => codec.preset = Some(value.parse()?),
        "tune" => codec.tune = Some(value.parse()?),
        "profile" => codec.profile = Some(value.parse()?),
        "gop" => codec.gop = number(value),
        "fourcc" => codec.fourcc = Some(value.to_owned()),
        "x264-params" => codec.x264_params = parse_x264_params(value)?,
        "fps" => settings.frame_rate = value.parse()?,
        "width" => settings.width = number(value).unwrap_or(0),
        "height" => settings.height = number(value).unwrap_or(0),
        "scale" => settings.scale = value.split_once('x').and_then(|(width, height)| number(width).zip(number(height))),
        "pixel-format" => settings.pixel_format = Some(value.parse()?),
        "odd" => set(&mut settings.odd_size, value)?,
        "background" => set(&mut settings.background, value)?,
        "threads" => settings.threads = number(value),
        "max-size" => settings.max_bytes = number(value),
        "container" => set(container, value)?,
        _ => settings.metadata.push((name.to_owned(), value.to_owned())),
    }
    Ok(())
}

fn read(text: &str) -> std::result::Result<Options, InvalidSettings> {
    let mut settings = Settings::new(16, 16, FrameRate::new(30, 1));
    settings.threads = Some(1);
    let mut options = Options { codec: CodecOptions::new("h264"), settings, container: Container::Mp4 };
    for (name, value) in text.lines().filter_map(|line| line.split_once('=')) {
        take(&mut options, name, value)?;
    }
    options.codec.max_size = options.settings.max_bytes.is_some();
    options.settings.codec = options.codec.codec(|name| format!("--{name}"))?;
    options.settings.validate(options.container)?;
    Ok(options)
}

fn write(Options { settings, container, .. }: Options) -> Result<u64> {
    let (width, height, rate) = (settings.width, settings.height, settings.frame_rate);
    let memory = Memory::new();
    let output = Output::memory(&memory, container);
    let mut video = VideoWriter::builder(output, width, height, rate).settings(settings).create()?;
    let pixels = vec![90; (width * height) as usize];
    for _ in 0..FRAMES {
        video.write(&FrameView::gray(&pixels, width, height)?)?;
    }
    Ok(video.finish()?.packets)
}

fn is_small(settings: &Settings) -> bool {
    let (width, height) = settings.scale.unwrap_or((settings.width, settings.height));
    let sizes = [width.checked_mul(height), settings.width.checked_mul(settings.height)];
    sizes.into_iter().all(|pixels| pixels.is_some_and(|pixels| pixels <= MOST_PIXELS))
        && settings.threads.is_some_and(|threads| threads <= 2)
}

fuzz_target!(|data: &[u8]| {
    let Ok(text) = str::from_utf8(data) else { return };
    match read(text) {
        Ok(options) if is_small(&options.settings) => match write(options) {
            Ok(packets) => assert_eq!(packets, FRAMES),
            Err(error) => assert!(!error.to_string().is_empty()),
        },
        Ok(_) => {}
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});

//! Fuzzes the options: any text of `name=value` lines gives a movie with all frames, or an error with a message.
#![no_main]

use framemill::{
    Container, FrameRate, FrameView, InvalidSettings, Jobs, Memory, MovieOptions, OptionId, Output, Result, Settings,
    VideoWriter,
};
use libfuzzer_sys::fuzz_target;

/// The limit for a picture. Larger ones take longer and find nothing more.
const MAX_PIXELS: u32 = 128 * 128;
const FRAMES: u64 = 3;

struct Options {
    settings: Settings,
    container: Container,
}

fn read(text: &str) -> std::result::Result<Options, InvalidSettings> {
    let mut options = MovieOptions::default();
    options.parse(OptionId::Threads, "1")?;
    let (mut width, mut height) = (16, 16);
    for (name, value) in text.lines().filter_map(|line| line.split_once('=')) {
        match (name, OptionId::from_name(name)) {
            (_, Some(option)) => options.parse(option, value)?,
            ("width", _) => width = value.parse().unwrap_or(0),
            ("height", _) => height = value.parse().unwrap_or(0),
            _ => {}
        }
    }
    let rate = options.frame_rate().unwrap_or(FrameRate::new(30, 1));
    let settings = options.settings(width, height, rate)?;
    let container = options.container().unwrap_or(Container::Mp4);
    settings.validate(container)?;
    Ok(Options { settings, container })
}

fn write(Options { settings, container }: Options) -> Result<u64> {
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
    sizes.into_iter().all(|pixels| pixels.is_some_and(|pixels| pixels <= MAX_PIXELS))
        && settings.threads.is_some_and(|threads| threads <= 2)
        && matches!(settings.jobs, None | Some(Jobs::Count(1..=4)))
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

//! Measures the color conversion of a 1080p picture in each pixel format, and the statistics of a 640 × 480
//! picture: `cargo bench --features bench`.
#![allow(clippy::expect_used, missing_docs, reason = "a benchmark stops at an error")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use framemill::bench::{Bookkeeping, Conversion};
use framemill::{FrameRate, FrameView, PixelFormat, Settings};

const WIDTH: u32 = 1920;
const HEIGHT: u32 = 1080;
const PIXELS: usize = WIDTH as usize * HEIGHT as usize;

const OPAQUE: [PixelFormat; 6] = [
    PixelFormat::Bgr0,
    PixelFormat::Rgb24,
    PixelFormat::Bgr24,
    PixelFormat::Xrgb,
    PixelFormat::Gray8,
    PixelFormat::Yuv420p,
];
const WITH_ALPHA: [PixelFormat; 3] = [PixelFormat::Bgra, PixelFormat::Rgba, PixelFormat::Argb];

fn conversion(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("to yuv420p, 1080p");
    group.throughput(Throughput::Elements(PIXELS as u64));
    let opaque = OPAQUE.map(|format| (format, "", gradient as Picture));
    // Pictures with an alpha channel are usually opaque, so this is a separate case.
    let solid = WITH_ALPHA.map(|format| (format, ", opaque", solid as Picture));
    let blended = WITH_ALPHA.map(|format| (format, ", half transparent", half_transparent as Picture));
    for (format, what, picture) in opaque.into_iter().chain(solid).chain(blended) {
        let pixels = picture(format);
        let view = FrameView::contiguous(format, &pixels, WIDTH, HEIGHT).expect("a picture");
        let settings = Settings::new(WIDTH, HEIGHT, FrameRate::new(30, 1));
        let mut conversion = Conversion::new(&settings).expect("valid settings");
        group.bench_function(format!("{format}{what}"), |bencher| {
            bencher.iter(|| conversion.run(&view).expect("converted"));
        });
    }
    group.finish();
}

fn bookkeeping(criterion: &mut Criterion) {
    let (width, height) = (640, 480);
    let settings = Settings::new(width, height, FrameRate::new(30, 1));
    let blank = vec![255_u8; (width * height * 3) as usize];
    let mut other = blank.clone();
    // A line of a plot across the picture.
    (0..width).for_each(|x| other[((200 + x / 8) * width * 3 + 3 * x) as usize] = 0);
    let [blank, other] = [&blank, &other].map(|pixels| FrameView::rgb(pixels, width, height).expect("a picture"));
    let mut group = criterion.benchmark_group("statistics of a frame of 640x480");
    for (what, second) in [("that changed", &other), ("that did not change", &blank)] {
        let mut bookkeeping = Bookkeeping::new(&settings, [&blank, second]).expect("valid settings");
        group.bench_function(what, |bencher| bencher.iter(|| bookkeeping.run().expect("memory")));
    }
    group.finish();
}

type Picture = fn(PixelFormat) -> Vec<u8>;

/// Returns a picture in which the bytes change from left to right and from top to bottom.
fn gradient(format: PixelFormat) -> Vec<u8> {
    let bytes = format.frame_bytes(WIDTH, HEIGHT);
    (0..bytes).map(|index| (index / 7 + index / 7_680) as u8).collect()
}

fn solid(format: PixelFormat) -> Vec<u8> {
    with_alpha(format, |_| 255)
}

fn half_transparent(format: PixelFormat) -> Vec<u8> {
    with_alpha(format, |pixel| if pixel / 64 % 2 == 0 { 255 } else { pixel as u8 })
}

fn with_alpha(format: PixelFormat, alpha: impl Fn(usize) -> u8) -> Vec<u8> {
    let mut pixels = gradient(format);
    let place = if format == PixelFormat::Argb { 0 } else { 3 };
    for (index, pixel) in pixels.chunks_exact_mut(4).enumerate() {
        pixel[place] = alpha(index);
    }
    pixels
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(30);
    targets = conversion, bookkeeping
}
criterion_main!(benches);

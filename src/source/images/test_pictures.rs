//! Small pictures for the tests of this module.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, RgbImage};

pub(super) fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).expect("encoded");
    bytes.into_inner()
}

fn picture(width: u32, height: u32, seed: u8) -> DynamicImage {
    let pixel = |x: u32, y: u32| image::Rgb([seed, (x * 7 + y * 31) as u8 ^ seed, (x * y) as u8]);
    RgbImage::from_fn(width, height, pixel).into()
}

pub(super) fn png(width: u32, height: u32, seed: u8) -> Vec<u8> {
    encoded(&picture(width, height, seed), ImageFormat::Png)
}

pub(super) fn jpeg(width: u32, height: u32, seed: u8) -> Vec<u8> {
    encoded(&picture(width, height, seed), ImageFormat::Jpeg)
}

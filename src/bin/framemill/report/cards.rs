//! The largest frames and the worst ones, with their pictures.

use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use framemill::Thumbnail;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};
use serde_json::Value;

use super::frames::{ReportFrame, largest};
use super::{SHOWN, html, numbers};

/// From 0 to 100: pictures of 320 pixels should show what a frame is, and roughly its quality.
const JPEG_QUALITY: u8 = 80;

/// One of the worst frames that the statistics list.
pub(super) struct Worst {
    pub(super) index: u64,
    psnr: f64,
    ssim: Option<f64>,
}

/// Returns the frames with the lowest PSNR that the statistics of `run` list, worst first. Frames without a PSNR, because
/// they are lossless, are left out.
pub(super) fn worst_frames(run: &Value) -> impl Iterator<Item = Worst> {
    let frames = run["quality"]["worst"].as_array().into_iter().flatten();
    frames.filter_map(|frame| {
        let (index, psnr) = (frame["index"].as_u64()?, frame["psnr"].as_f64()?);
        Some(Worst { index, psnr, ssim: frame["ssim"].as_f64() })
    })
}

/// Returns both kinds of frames, with their pictures or with the reason why there are none.
pub(super) fn section(frames: &[ReportFrame], run: &Value, pictures: &Result<Vec<Thumbnail>, String>) -> String {
    let cards = |cards: Vec<Card>| -> String {
        let thumbnails = pictures.as_deref().unwrap_or_default();
        let cards: String = cards.iter().map(|card| card.html(thumbnails)).collect();
        match pictures {
            _ if cards.is_empty() => cards,
            Ok(_) => format!("<div class=\"cards\">\n{cards}</div>\n"),
            Err(reason) => format!(
                "<p class=\"hint\">Without pictures: {}.</p>\n<div class=\"cards\">\n{cards}</div>\n",
                html::escaped(reason)
            ),
        }
    };
    html::section("Largest frames", &cards(largest_cards(frames, run)))
        + &html::section("Worst frames", &cards(worst_cards(frames, run)))
}

fn largest_cards(frames: &[ReportFrame], run: &Value) -> Vec<Card> {
    let all = run["stream_bytes"].as_f64().filter(|bytes| *bytes > 0.0);
    let card = |frame: &ReportFrame| {
        let bytes = frame.bytes as f64;
        let share = all.map(|all| format!(" · {} of all", numbers::percent(bytes / all))).unwrap_or_default();
        Card { index: frame.index, frame: Some(*frame), caption: numbers::bytes(bytes) + &share }
    };
    largest(frames, SHOWN).into_iter().map(card).collect()
}

fn worst_cards(frames: &[ReportFrame], run: &Value) -> Vec<Card> {
    let card = |worst: Worst| {
        let frame = frames.iter().find(|frame| frame.index == worst.index).copied();
        let ssim = worst.ssim.map(|ssim| format!(" · SSIM {}", numbers::similarity(ssim))).unwrap_or_default();
        Card { index: worst.index, frame, caption: numbers::decibels(worst.psnr) + &ssim }
    };
    worst_frames(run).take(SHOWN).map(card).collect()
}

struct Card {
    index: u64,
    frame: Option<ReportFrame>,
    /// Why it is shown.
    caption: String,
}

impl Card {
    fn html(&self, thumbnails: &[Thumbnail]) -> String {
        let picture = thumbnails.iter().find(|thumbnail| thumbnail.index == self.index).and_then(|thumbnail| {
            let data = data_uri(thumbnail)?;
            let (width, height) = (thumbnail.width, thumbnail.height);
            Some(format!("<img src=\"{data}\" width=\"{width}\" height=\"{height}\" alt=\"frame {}\">", self.index))
        });
        let frame = self.frame.map(|frame| {
            let qp = frame.qp.map(|qp| format!(" · QP {}", numbers::quantizer(qp.into()))).unwrap_or_default();
            let (class, name) = (frame.kind.class(), frame.kind.name());
            let kind =
                if class == "kind-all" { String::new() } else { format!("<b class=\"tag {class}\">{name}</b> ") };
            format!("<span>{kind}{}{qp}</span>", numbers::moment(frame.seconds))
        });
        format!(
            "<figure class=\"card\">{}<figcaption><span><b>Frame {}</b></span><span>{}</span>{}</figcaption></figure>\n",
            picture.unwrap_or_default(),
            numbers::count(self.index as f64),
            self.caption,
            frame.unwrap_or_default(),
        )
    }
}

/// Returns the picture as a data URI: plots are smaller as PNG, photographs as JPEG. `None` for a picture without
/// pixels.
fn data_uri(thumbnail: &Thumbnail) -> Option<String> {
    let (width, height, rgb) = (thumbnail.width, thumbnail.height, ExtendedColorType::Rgb8);
    let expected = u64::from(width) * u64::from(height) * 3;
    if expected == 0 || thumbnail.rgb.len() as u64 != expected {
        return None;
    }
    let (mut png, mut jpeg) = (Cursor::new(Vec::new()), Cursor::new(Vec::new()));
    let as_png = PngEncoder::new(&mut png).write_image(&thumbnail.rgb, width, height, rgb);
    let as_jpeg =
        JpegEncoder::new_with_quality(&mut jpeg, JPEG_QUALITY).write_image(&thumbnail.rgb, width, height, rgb);
    let pictures = [("png", as_png.is_ok(), png.into_inner()), ("jpeg", as_jpeg.is_ok(), jpeg.into_inner())];
    let smallest = pictures.into_iter().filter(|(_, is_made, _)| *is_made).min_by_key(|(.., bytes)| bytes.len());
    smallest.map(|(kind, _, bytes)| format!("data:image/{kind};base64,{}", STANDARD.encode(bytes)))
}

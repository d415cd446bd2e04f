//! Reads what ImageJ and OME write into a TIFF beside its pages.

use std::io::{Read, Seek};

use tiff::decoder::Decoder;
use tiff::tags::Tag;

use super::refusal::Refusal;

/// Rejects a TIFF whose description lists more than its `pages` are frames of.
pub(super) fn check<R: Read + Seek>(decoder: &mut Decoder<R>, pages: u64) -> Result<(), Refusal> {
    let Ok(text) = decoder.get_tag_ascii_string(Tag::ImageDescription) else { return Ok(()) };
    let per_pixel: u64 = decoder.find_tag_unsigned(Tag::SamplesPerPixel)?.unwrap_or(1);
    let number_after = |text: &str, label: &str| -> Option<u64> {
        let rest = text.split_once(label)?.1.trim_start_matches(['"', '\'']);
        rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    };
    let is_imagej = text.starts_with("ImageJ=");
    let channels = match (is_imagej, text.split_once("<OME")) {
        (true, _) => number_after(&text, "\nchannels="),
        (false, Some((_, ome))) => number_after(ome, "SizeC="),
        (false, None) => None,
    };
    if let Some(channels) = channels.filter(|channels| *channels > per_pixel.max(1)) {
        return Err(Refusal::Unfit(format!(
            "each of its {channels} channels is a page, so a frame would show only one channel: split them, as with Image > Color > Split Channels in ImageJ"
        )));
    }
    match number_after(&text, "\nimages=").filter(|images| is_imagej && *images > pages) {
        Some(images) => Err(Refusal::Unfit(format!(
            "ImageJ stored {images} images in it but lists only {pages} of them, as it does beyond 4 GiB: save it as a BigTIFF"
        ))),
        None => Ok(()),
    }
}

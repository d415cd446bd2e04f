//! The top of the page: the movie, its figures, and which frames have its bits.

use serde_json::Value;

use super::frames::ShownType;
use super::html::{escaped, figure, found, output_name, section};
use super::numbers::{
    bit_rate, bits as bit_count, bytes, count, decibels, digits, percent, quantizer, seconds, similarity,
};

pub(super) fn header(movie: &Value, run: &Value) -> String {
    let text = |key: &str| movie[key].as_str().map(escaped);
    let size =
        movie["width"].as_u64().zip(movie["height"].as_u64()).map(|(width, height)| format!("{width} × {height}"));
    let rate = text("frame_rate").map(|rate| format!("{rate} frames a second"));
    let facts = [text("codec"), text("container"), size, text("pixel_format"), rate, text("settings")];
    let facts: Vec<String> = facts.into_iter().flatten().map(|fact| format!("<li>{fact}</li>")).collect();
    let notice = match run["complete"].as_bool() {
        Some(false) => "<p class=\"notice\">This run was not finished. The figures are those until then.</p>\n",
        _ => "",
    };
    format!(
        "<header>\n<p class=\"by\">framemill report</p>\n<h1>{}</h1>\n<ul class=\"facts\">{}</ul>\n{notice}</header>\n",
        escaped(&output_name(movie)),
        facts.concat(),
    )
}

/// Returns the figures of the whole run.
pub(super) fn tiles(run: &Value) -> String {
    let value_of = |key: &str, text: fn(f64) -> String| figure(run, key, text);
    // Missing figures are left out.
    let note = |text: &str, figures: &[Option<String>]| {
        figures
            .iter()
            .cloned()
            .collect::<Option<Vec<_>>>()
            .map(|figures| figures.iter().fold(text.to_owned(), |text, figure| text.replacen("{}", figure, 1)))
    };
    let tiles = [
        tile("Frames", value_of("frames", count), note("{} long", &[value_of("seconds", seconds)])),
        tile(
            "File size",
            value_of("file_bytes", bytes),
            note("{} are the container’s", &[value_of("overhead_bytes", bytes)]),
        ),
        tile(
            "Bit rate",
            value_of("bits_per_second", bit_rate),
            note("{} in the fullest second", &[value_of("peak_bits_per_second", bit_rate)]),
        ),
        tile("Mean QP", value_of("mean_qp", quantizer), Some("lower is finer".to_owned())),
        tile("Quality", value_of("quality.mean_psnr", decibels), Some(quality_note(run))),
        tile(
            "Speed",
            value_of("frames_per_second", |value| format!("{} fps", digits(value))),
            note(
                "{} in all, {} of processors",
                &[value_of("wall_seconds", seconds), value_of("cpu_seconds", seconds)],
            ),
        ),
        tile("Peak memory", value_of("peak_memory_bytes", bytes), Some("of the whole process".to_owned())),
        tile(
            "GOPs",
            value_of("gops.count", count),
            note(
                "of {} to {} frames, {} on average",
                &[value_of("gops.shortest", count), value_of("gops.longest", count), value_of("gops.mean", digits)],
            ),
        ),
        tile("Duplicates", value_of("duplicates", count), Some("equal to the frame before".to_owned())),
        tile(
            "Player’s buffer",
            value_of("vbv.lowest_fullness", percent),
            note(
                "full at its lowest, {} times empty; {} at {}",
                &[
                    value_of("vbv.underflows", count),
                    value_of("vbv.bits", bit_count),
                    value_of("vbv.bits_per_second", bit_rate),
                ],
            ),
        ),
    ];
    format!("<dl class=\"tiles\">\n{}</dl>\n", tiles.concat())
}

/// Describes the quality. A lossless movie has no PSNR over all samples, and one smaller than SSIM's windows has no
/// SSIM.
fn quality_note(run: &Value) -> String {
    let over_all = figure(run, "quality.global_psnr", decibels).map(|psnr| format!("{psnr} over all samples"));
    let ssim = figure(run, "quality.mean_ssim", similarity).map(|ssim| format!("SSIM {ssim}"));
    let parts: Vec<String> = [Some("mean PSNR".to_owned()), over_all, ssim].into_iter().flatten().collect();
    parts.join(", ")
}

fn tile(label: &str, figure: Option<String>, note: Option<String>) -> String {
    let Some(figure) = figure else { return String::new() };
    let note = note.map(|note| format!("<dd class=\"note\">{note}</dd>")).unwrap_or_default();
    format!("<div><dt>{label}</dt><dd class=\"figure\">{figure}</dd>{note}</div>\n")
}

/// One part of the file.
struct FilePart {
    class: &'static str,
    name: &'static str,
    bytes: f64,
    /// The cells of the table after the name and the share.
    cells: [Option<String>; 4],
}

/// Shows which frames have the bytes of the file: a bar, and a table of the same values.
pub(super) fn bits(run: &Value) -> String {
    let parts = parts(run);
    let all: f64 = parts.iter().map(|part| part.bytes).sum();
    if all <= 0.0 {
        return String::new();
    }
    let bar: String = parts.iter().map(|part| bar_part(part, all)).collect();
    let rows: String = parts.iter().map(|part| table_row(part, all)).collect();
    let content = format!(
        "<div class=\"share\" aria-hidden=\"true\">{bar}</div>\n<div class=\"scroll\"><table>\n<thead><tr><th></th><th>share</th>\
         <th>bytes</th><th>frames</th><th>mean<span class=\"wide\"> size</span></th><th><span class=\"wide\">mean </span>QP</th></tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n"
    );
    section("Where the bits went", &content)
}

fn parts(run: &Value) -> Vec<FilePart> {
    let number = |key: &str| found(run, key).as_f64();
    let mut parts: Vec<FilePart> =
        [(ShownType::I, "I frames"), (ShownType::P, "P frames"), (ShownType::B, "B frames")]
            .into_iter()
            .filter_map(|(kind, name)| of_kind(run, kind, name))
            .collect();
    let listed: f64 = parts.iter().map(|part| part.bytes).sum();
    let rest = number("stream_bytes").unwrap_or(0.0) - listed;
    if rest > 0.0 {
        let (name, figures) = if listed > 0.0 {
            ("other frames", [Some(bytes(rest)), None, None, None])
        } else {
            ("all frames", [figure(run, "stream_bytes", bytes), figure(run, "packets", count), None, None])
        };
        parts.push(FilePart { class: ShownType::Unknown.class(), name, bytes: rest, cells: figures });
    }
    if let Some(overhead) = number("overhead_bytes") {
        let figures = [figure(run, "overhead_bytes", bytes), None, None, None];
        parts.push(FilePart { class: "container", name: "container", bytes: overhead, cells: figures });
    }
    parts
}

fn of_kind(run: &Value, kind: ShownType, name: &'static str) -> Option<FilePart> {
    let value_of = |key: &str, text: fn(f64) -> String| figure(run, &format!("types.{}.{key}", kind.name()), text);
    let bytes_of_kind = found(run, &format!("types.{}.bytes", kind.name())).as_f64()?;
    let cells = [
        value_of("bytes", bytes),
        value_of("packets", count),
        value_of("mean_bytes", bytes),
        value_of("mean_qp", quantizer),
    ];
    Some(FilePart { class: kind.class(), name, bytes: bytes_of_kind, cells })
}

fn bar_part(part: &FilePart, all: f64) -> String {
    let share = part.bytes / all;
    let label = if share >= 0.08 { part.name.trim_end_matches(" frames") } else { "" };
    format!("<i class=\"{}\" style=\"flex-grow:{share:.5}\">{label}</i>", part.class)
}

fn table_row(part: &FilePart, all: f64) -> String {
    let FilePart { class, name, bytes, cells } = part;
    let name = name.replace(" frames", "<span class=\"wide\"> frames</span>");
    let cells: String = cells.iter().map(|cell| format!("<td>{}</td>", cell.as_deref().unwrap_or("–"))).collect();
    format!("<tr><th><i class=\"swatch {class}\"></i>{name}</th><td>{}</td>{cells}</tr>\n", percent(bytes / all))
}

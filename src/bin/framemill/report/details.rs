//! The end of the page: settings, versions, and what the encoder reported.

use serde_json::Value;

use super::html::{escaped, section as with_heading};

const ROWS: [(&str, &str); 17] = [
    ("output", "Output"),
    ("container", "Container"),
    ("codec", "Codec"),
    ("encoder", "Encoder"),
    ("settings", "Settings"),
    ("width", "Width in pixels"),
    ("height", "Height in pixels"),
    ("pixel_format", "Pixel format"),
    ("frame_rate", "Frames a second"),
    ("time_base", "Time base"),
    ("color_matrix", "Color matrix"),
    ("color_primaries", "Color primaries"),
    ("color_transfer", "Color transfer"),
    ("color_range", "Color range"),
    ("vbv_bits", "Player’s buffer in bits"),
    ("framemill", "framemill"),
    ("ffmpeg", "FFmpeg"),
];

pub(super) fn section(movie: &Value, run: &Value) -> String {
    let rows: String = ROWS.iter().filter_map(|(key, label)| row(movie, key, label)).collect();
    let table = format!("<dl class=\"details\">\n{rows}</dl>\n");
    with_heading("How it was made", &format!("{table}{}", encoder_report(run)))
}

fn row(movie: &Value, key: &str, label: &str) -> Option<String> {
    let (text, number) = match &movie[key] {
        Value::String(text) if key == "output" && text == "-" => ("standard output".to_owned(), String::new()),
        Value::String(text) => (escaped(text), String::new()),
        Value::Number(number) => (number.to_string(), format!(" data-key=\"movie.{key}\" data-value=\"{number}\"")),
        _ => return None,
    };
    Some(format!("<div><dt>{label}</dt><dd{number}>{text}</dd></div>\n"))
}

fn encoder_report(run: &Value) -> String {
    let report = run["encoder_report"].as_str().map(str::trim_end).filter(|report| !report.is_empty());
    let details = |report| {
        format!(
            "<details>\n<summary>What the encoder reported at its end</summary>\n<pre>{}</pre>\n</details>\n",
            escaped(report)
        )
    };
    report.map(details).unwrap_or_default()
}

//! The time spent in each stage.

use serde_json::Value;

use super::{html, numbers};

/// A stage's key, its name, the style of its thread, and a description.
const STAGES: [(&str, &str, &str, &str); 6] = [
    ("stages.converting_seconds", "Converting", "caller", "first thread: frames become the encoder’s"),
    ("stages.waiting_seconds", "Waiting", "caller", "first thread: the second one is slower"),
    ("stages.encoding_seconds", "Encoding", "encoder", "second thread: in the encoder"),
    ("stages.muxing_seconds", "Muxing", "encoder", "second thread: into the container"),
    ("stages.measuring_seconds", "Measuring", "encoder", "second thread: the one that measures is slower"),
    ("stages.finishing_seconds", "Finishing", "encoder", "second thread: the index, and all of it on the disk"),
];

/// Returns a bar for each stage, relative to the whole run.
pub(super) fn section(run: &Value) -> String {
    let seconds = |key: &str| html::found(run, key).as_f64();
    let longest = STAGES.iter().filter_map(|(key, ..)| seconds(key)).fold(0.0, f64::max);
    let whole = seconds("wall_seconds").unwrap_or(0.0).max(longest);
    if longest <= 0.0 {
        return String::new();
    }
    let rows: String = STAGES.iter().filter_map(|stage| row(run, stage, whole)).collect();
    let content = format!(
        "<p class=\"hint\">Of {} in all. Two threads work at the same time. Raw frames are read while they are converted; waiting for another source is in no bar.</p>\n\
         <div class=\"stages\">\n{rows}</div>\n",
        numbers::seconds(whole),
    );
    html::section("Where the time went", &content)
}

fn row(run: &Value, (key, name, thread, what): &(&str, &str, &str, &str), whole: f64) -> Option<String> {
    let part = html::found(run, key).as_f64()? / whole;
    let time = html::figure(run, key, numbers::seconds)?;
    Some(format!(
        "<div class=\"stage {thread}\"><p><b>{name}</b> <small>{what}</small></p>\
         <div class=\"track\"><i style=\"width:{:.2}%\"></i></div>\
         <p class=\"time\">{time} <small>{}</small></p></div>\n",
        part * 100.0,
        numbers::percent(part),
    ))
}

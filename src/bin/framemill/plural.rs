//! Formats numbers of things.

/// `1 frame`, `2 frames`.
pub(crate) fn plural(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

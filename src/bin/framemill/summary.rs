//! Formats the result for people.

use std::path::Path;

use framemill::EncodeStats;

use crate::plural::plural;

/// Returns a few lines about a finished movie, for which `skipped` pictures were left out.
pub(crate) fn of(stats: &EncodeStats, skipped: u64, output: &Path) -> String {
    let name = if output.as_os_str() == "-" { "standard output".to_owned() } else { output.display().to_string() };
    let table = stats.to_string().replace('\n', "\n  ");
    let mut text = format!("{name}\n  {table}\n");
    if skipped > 0 {
        let skipped = plural(skipped, "broken or missing picture");
        text.push_str(&format!("  left out: {skipped} (-v names them)\n"));
    }
    text
}

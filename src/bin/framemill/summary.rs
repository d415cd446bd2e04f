//! What came of it, for people.

use std::fmt::Write;
use std::path::Path;

use framemill::{EncodeStats, TypeStats};
use indicatif::HumanBytes;

/// A few lines about a finished movie, for which `skipped` pictures were left out.
pub(crate) fn of(stats: &EncodeStats, skipped: u64, output: &Path) -> String {
    let name = if output.as_os_str() == "-" { "standard output".to_owned() } else { output.display().to_string() };
    let mut text = format!(
        "{name}: {} frames, {:.3} s, {}, {:.0} kbit/s, encoded in {:.2} s at {:.1} fps\n",
        stats.packets,
        stats.duration.as_secs_f64(),
        HumanBytes(stats.file_bytes),
        stats.bits_per_second().unwrap_or(0.0) / 1e3,
        stats.wall.as_secs_f64(),
        stats.encoding_fps().unwrap_or(0.0),
    );
    for (name, kind) in [("I", stats.i), ("P", stats.p), ("B", stats.b)] {
        add_type(&mut text, name, kind);
    }
    if skipped > 0 {
        let plural = if skipped == 1 { "" } else { "s" };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  left out: {skipped} broken or missing picture{plural} (-v names them)");
    }
    text
}

fn add_type(text: &mut String, name: &str, kind: TypeStats) {
    if kind.packets == 0 {
        return;
    }
    let mean = HumanBytes(kind.bytes / kind.packets).to_string();
    let qp = kind.mean_qp().map(|qp| format!(", mean QP {qp:.1}")).unwrap_or_default();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "  {name}: {:>6} frames, mean {mean:>11}{qp}", kind.packets);
}

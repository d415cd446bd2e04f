//! Shows progress on standard error: a line that is updated on a terminal, occasional lines elsewhere if requested,
//! JSON for programs, otherwise nothing.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use framemill::{EncodeStats, RunRecord, VideoWriter};
use indicatif::{DecimalBytes, HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use crate::args::{EncodeArguments, ProgressKind, ReportArguments};
use crate::messages::print_line;
use crate::plural::plural;
use crate::{stats_file, summary};

/// The interval between updates of the line.
const RENEWAL: Duration = Duration::from_millis(100);
/// The interval between lines that cannot be updated.
const LINES: Duration = Duration::from_secs(1);
/// The interval between lines of JSON.
const JSON_LINES: Duration = Duration::from_millis(500);

pub(crate) struct Progress {
    form: ProgressForm,
    frames: Option<u64>,
    shown: Instant,
}

enum ProgressForm {
    Bar(ProgressBar),
    Lines,
    Json,
    Silent,
}

/// The progress, and the expected end.
struct Outlook {
    frames_per_second: f64,
    estimated_bytes: Option<u64>,
    seconds_left: Option<f64>,
}

impl Outlook {
    fn of(stats: &EncodeStats, frames: Option<u64>) -> Self {
        let seconds = stats.wall.as_secs_f64();
        let frames_per_second = if seconds > 0.0 { stats.frames as f64 / seconds } else { 0.0 };
        let estimate = |frames: u64| (stats.stream_bytes as f64 / stats.packets as f64 * frames as f64) as u64;
        let left = |frames: u64| frames.saturating_sub(stats.frames) as f64 / frames_per_second;
        Self {
            frames_per_second,
            estimated_bytes: frames.filter(|_| stats.packets > 0).map(estimate),
            seconds_left: frames.filter(|_| frames_per_second > 0.0).map(left),
        }
    }
}

impl Progress {
    /// Makes the progress display for `frames` frames, if their number is known.
    pub(crate) fn new(options: &ReportArguments, frames: Option<u64>) -> Self {
        let terminal = io::stderr().is_terminal();
        let form = match options.progress {
            ProgressKind::Never => ProgressForm::Silent,
            _ if options.quiet => ProgressForm::Silent,
            ProgressKind::Json => ProgressForm::Json,
            _ if terminal => ProgressForm::Bar(bar(frames)),
            ProgressKind::Always => ProgressForm::Lines,
            ProgressKind::Auto => ProgressForm::Silent,
        };
        Self { form, frames, shown: Instant::now() }
    }

    /// Shows the progress of the writer, unless it was just shown.
    pub(crate) fn update(&mut self, video: &VideoWriter) {
        let interval = match self.form {
            ProgressForm::Silent => return,
            ProgressForm::Bar(_) => RENEWAL,
            ProgressForm::Lines => LINES,
            ProgressForm::Json => JSON_LINES,
        };
        if self.shown.elapsed() < interval {
            return;
        }
        self.shown = Instant::now();
        let stats = video.stats();
        let outlook = Outlook::of(&stats, self.frames);
        match &self.form {
            ProgressForm::Bar(bar) => {
                bar.set_position(stats.frames);
                bar.set_message(measurements(&stats, &outlook));
            }
            ProgressForm::Lines => {
                let of = self.frames.map(|frames| format!("/{frames}")).unwrap_or_default();
                let left = outlook.seconds_left.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                let left = left.map(|left| format!("  {} left", HumanDuration(left))).unwrap_or_default();
                print_line(format_args!("{}{of} frames  {}{left}", stats.frames, measurements(&stats, &outlook)));
            }
            ProgressForm::Json => print_line(as_json(&stats, &outlook, self.frames)),
            ProgressForm::Silent => {}
        }
    }

    /// Reports how many frames an interrupted run has already encoded.
    pub(crate) fn resume(&self, frames: u64, quiet: bool) {
        let line = match frames {
            0 => "nothing to resume: starting with the first frame".to_owned(),
            _ => format!("resuming after {}", plural(frames, "encoded frame")),
        };
        match &self.form {
            ProgressForm::Bar(bar) => bar.suspend(|| print_line(line)),
            ProgressForm::Json => print_line(json!({ "type": "resuming", "frames": frames })),
            ProgressForm::Silent if quiet => {}
            ProgressForm::Lines | ProgressForm::Silent => print_line(line),
        }
    }

    /// Reports that all frames have come, and that the movie is being fitted to `max_bytes`.
    pub(crate) fn fit(&self, max_bytes: u64) {
        match &self.form {
            ProgressForm::Bar(bar) => {
                bar.set_style(styled("{spinner} fitting it into {msg}  {elapsed}"));
                bar.set_message(DecimalBytes(max_bytes).to_string());
                bar.enable_steady_tick(RENEWAL);
            }
            ProgressForm::Lines => print_line(format_args!("fitting it into {}", DecimalBytes(max_bytes))),
            ProgressForm::Json => print_line(json!({ "type": "fitting", "max_bytes": max_bytes })),
            ProgressForm::Silent => {}
        }
    }

    /// Clears the line.
    pub(crate) fn end(&self) {
        if let ProgressForm::Bar(bar) = &self.form {
            bar.finish_and_clear();
        }
    }

    /// Reports the result.
    pub(crate) fn sum_up(&self, stats: &EncodeStats, skipped: u64, arguments: &EncodeArguments) {
        match self.form {
            _ if arguments.report_options.quiet => {}
            ProgressForm::Json => print_line(stats_file::run_line(&RunRecord::new(stats, true))),
            _ => print_line(summary::of(stats, skipped, &arguments.output).trim_end()),
        }
    }
}

fn bar(frames: Option<u64>) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(frames, ProgressDrawTarget::stderr());
    let template = match frames {
        Some(_) => "{wide_bar} {pos}/{len} frames  {msg}  {eta} left",
        None => "{spinner} {pos} frames  {msg}  {elapsed}",
    };
    bar.with_style(styled(template))
}

/// Makes the style of a template. If the template were invalid, indicatif's default would be used.
fn styled(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// Returns the measurements in a progress line, such as `241.9 fps  8.1x  147 kbit/s  QP 21.4  179 kB of about 1.2 MB`.
fn measurements(stats: &EncodeStats, outlook: &Outlook) -> String {
    let fps = outlook.frames_per_second;
    let mut text = format!("{fps:.1} fps");
    if let Some(speed) = stats.speed().filter(|speed| *speed > 0.0) {
        text.push_str(&format!("  {speed:.1}x"));
    }
    text.push_str(&format!("  {:.0} kbit/s", stats.bits_per_second().unwrap_or(0.0) / 1e3));
    if let Some(qp) = stats.mean_qp() {
        text.push_str(&format!("  QP {qp:.1}"));
    }
    text.push_str(&format!("  {}", DecimalBytes(stats.stream_bytes)));
    if let Some(bytes) = outlook.estimated_bytes {
        text.push_str(&format!(" of about {}", DecimalBytes(bytes)));
    }
    text
}

fn as_json(stats: &EncodeStats, outlook: &Outlook, frames: Option<u64>) -> serde_json::Value {
    json!({
        "type": "progress",
        "frames": stats.frames,
        "of_frames": frames,
        "packets": stats.packets,
        "frames_per_second": outlook.frames_per_second,
        "speed": stats.speed(),
        "bits_per_second": stats.bits_per_second(),
        "mean_qp": stats.mean_qp(),
        "stream_bytes": stats.stream_bytes,
        "estimated_bytes": outlook.estimated_bytes,
        "wall_seconds": stats.wall.as_secs_f64(),
        "seconds_left": outlook.seconds_left,
    })
}

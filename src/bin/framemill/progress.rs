//! How far the encoding is, on standard error: a line that renews itself on a terminal, lines now and then when asked
//! for elsewhere, nothing otherwise.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use framemill::{EncodeStats, VideoWriter};
use indicatif::{HumanBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::args::{OutputArguments, ProgressKind};

/// How often the line is renewed.
const RENEWAL: Duration = Duration::from_millis(100);
/// How often a line is printed where none can be renewed.
const LINES: Duration = Duration::from_secs(1);

pub(crate) struct Progress {
    kind: Kind,
    frames: Option<u64>,
    shown: Instant,
}

enum Kind {
    Bar(ProgressBar),
    Lines,
    Silent,
}

impl Progress {
    /// Progress through `frames` frames, where that is known.
    pub(crate) fn new(options: &OutputArguments, frames: Option<u64>) -> Self {
        let terminal = io::stderr().is_terminal();
        let kind = match options.progress {
            ProgressKind::Never => Kind::Silent,
            _ if options.quiet => Kind::Silent,
            _ if terminal => Kind::Bar(bar(frames)),
            ProgressKind::Always => Kind::Lines,
            ProgressKind::Auto => Kind::Silent,
        };
        Self { kind, frames, shown: Instant::now() }
    }

    /// Shows what the writer has done, if that was not shown just now.
    pub(crate) fn update(&mut self, video: &VideoWriter) {
        let interval = match self.kind {
            Kind::Silent => return,
            Kind::Bar(_) => RENEWAL,
            Kind::Lines => LINES,
        };
        if self.shown.elapsed() < interval {
            return;
        }
        self.shown = Instant::now();
        let stats = video.stats();
        match &self.kind {
            Kind::Bar(bar) => {
                bar.set_position(stats.frames);
                bar.set_message(figures(&stats));
            }
            Kind::Lines => {
                let of = self.frames.map(|frames| format!("/{frames}")).unwrap_or_default();
                eprintln!("{}{of} frames  {}", stats.frames, figures(&stats));
            }
            Kind::Silent => {}
        }
    }

    /// Says that all frames are there, and that a movie of at most `max_bytes` is made of them.
    pub(crate) fn fit(&self, max_bytes: u64) {
        match &self.kind {
            Kind::Bar(bar) => {
                bar.set_style(styled("{spinner} making it fit {msg}  {elapsed}"));
                bar.set_message(HumanBytes(max_bytes).to_string());
                bar.enable_steady_tick(RENEWAL);
            }
            Kind::Lines => eprintln!("making it fit {}", HumanBytes(max_bytes)),
            Kind::Silent => {}
        }
    }

    /// Clears the line.
    pub(crate) fn end(&self) {
        if let Kind::Bar(bar) = &self.kind {
            bar.finish_and_clear();
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

/// The templates are right; if one is not, indicatif's own style does.
fn styled(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn figures(stats: &EncodeStats) -> String {
    let seconds = stats.wall.as_secs_f64();
    let fps = if seconds > 0.0 { stats.frames as f64 / seconds } else { 0.0 };
    let kilobits = stats.bits_per_second().unwrap_or(0.0) / 1e3;
    format!("{fps:.1} fps  {kilobits:.0} kbit/s  {}", HumanBytes(stats.stream_bytes))
}

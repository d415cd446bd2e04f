//! `--loop`: repeats a source.

use std::io;
use std::path::Path;

use framemill::{Error, FrameBuffer, FrameLayout, FrameRate, FrameSource, Result, StopToken};

use crate::args::EncodeArguments;
use crate::input;
use crate::usage::WrongUsage;

/// An input that is repeated as often as the arguments request. It is opened again each time.
pub(crate) struct Repeat {
    arguments: EncodeArguments,
    source: Box<dyn FrameSource>,
    layout: FrameLayout,
    /// How many more times it is opened.
    left: u64,
    /// Frames that were skipped in the repetitions before.
    skipped: u64,
    /// Frames of the current repetition.
    frames: u64,
}

impl Repeat {
    /// Opens the input, which is read until `stop` stops if it is a pipe.
    pub(crate) fn open(arguments: &EncodeArguments, stop: &StopToken) -> anyhow::Result<Box<dyn FrameSource>> {
        let times = arguments.input_options.repeat;
        if times > 1 {
            refuse_streams(&arguments.input)?;
        }
        let source = input::open(arguments, stop)?;
        if times == 1 {
            return Ok(source);
        }
        let layout = source.layout();
        Ok(Box::new(Self { arguments: arguments.clone(), source, layout, left: times - 1, skipped: 0, frames: 0 }))
    }

    /// Opens the input again; returns whether to read it again. An input that was empty once is always empty.
    fn again(&mut self) -> Result<bool> {
        if self.left == 0 || self.frames == 0 {
            return Ok(false);
        }
        self.left -= 1;
        self.frames = 0;
        self.skipped += self.source.skipped_frames();
        // It is no pipe, so nothing waits for it.
        self.source = input::open(&self.arguments, &StopToken::default()).map_err(|error| {
            error.downcast::<Error>().unwrap_or_else(|error| Error::Io {
                operation: "read again",
                path: Some(self.arguments.input.clone()),
                source: io::Error::other(format!("{error:#}")),
            })
        })?;
        Ok(true)
    }
}

impl FrameSource for Repeat {
    fn layout(&self) -> FrameLayout {
        self.layout
    }

    fn frame_rate(&self) -> Option<FrameRate> {
        self.source.frame_rate()
    }

    fn frame_periods(&self) -> Option<u64> {
        self.source.frame_periods()
    }

    fn frame_count(&self) -> Option<u64> {
        self.source.frame_count()?.checked_mul(self.arguments.input_options.repeat)
    }

    fn skipped_frames(&self) -> u64 {
        self.skipped + self.source.skipped_frames()
    }

    fn skip(&mut self, frames: u64) -> Result<u64> {
        let mut left = frames;
        loop {
            let skipped = self.source.skip(left)?;
            (self.frames, left) = (self.frames + skipped, left - skipped);
            self.layout = self.source.layout();
            if left == 0 || !self.again()? {
                return Ok(frames - left);
            }
        }
    }

    fn read_frame(&mut self, buffer: &mut FrameBuffer) -> Result<Option<FrameLayout>> {
        loop {
            if let Some(layout) = self.source.read_frame(buffer)? {
                self.frames += 1;
                return Ok(Some(layout));
            }
            if !self.again()? {
                return Ok(None);
            }
        }
    }
}

/// Rejects streams, which can only be read once.
fn refuse_streams(input: &Path) -> Result<(), WrongUsage> {
    let name = match input.to_str() {
        Some("-") => "standard input".to_owned(),
        _ if std::fs::metadata(input).is_ok_and(|data| !data.is_file() && !data.is_dir()) => {
            input.display().to_string()
        }
        _ => return Ok(()),
    };
    Err(WrongUsage(format!("--loop reads its input several times, but {name} can be read only once: use a file")))
}

//! `--loop`: a source several times in a row.

use std::io;
use std::path::Path;

use framemill::{Error, FrameBuffer, FrameLayout, FrameRate, FrameSource, Result};

use crate::args::EncodeArguments;
use crate::input;
use crate::usage::WrongUsage;

/// The input as often as the arguments say. It is opened anew each time.
pub(crate) struct Repeat {
    arguments: EncodeArguments,
    source: Box<dyn FrameSource>,
    layout: FrameLayout,
    /// How often it is opened again.
    left: u64,
    /// Of the times before this one.
    skipped: u64,
    /// Of this time.
    frames: u64,
}

impl Repeat {
    /// Opens the input.
    pub(crate) fn open(arguments: &EncodeArguments) -> anyhow::Result<Box<dyn FrameSource>> {
        let times = arguments.input_options.repeat;
        if times > 1 {
            refuse_streams(&arguments.input)?;
        }
        let source = input::open(arguments)?;
        if times == 1 {
            return Ok(source);
        }
        let layout = source.layout();
        Ok(Box::new(Self { arguments: arguments.clone(), source, layout, left: times - 1, skipped: 0, frames: 0 }))
    }

    /// Opens the input again; says whether it is to be read again. What is empty once is empty always.
    fn again(&mut self) -> Result<bool> {
        if self.left == 0 || self.frames == 0 {
            return Ok(false);
        }
        self.left -= 1;
        self.frames = 0;
        self.skipped += self.source.skipped_frames();
        self.source = input::open(&self.arguments).map_err(|error| {
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

/// What came through a pipe is gone when it is read.
fn refuse_streams(input: &Path) -> Result<(), WrongUsage> {
    let name = match input.to_str() {
        Some("-") => "standard input".to_owned(),
        _ if std::fs::metadata(input).is_ok_and(|data| !data.is_file() && !data.is_dir()) => {
            input.display().to_string()
        }
        _ => return Ok(()),
    };
    Err(WrongUsage(format!("--loop reads its input several times, and {name} can be read once: name a file")))
}

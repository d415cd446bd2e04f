//! Parts that only this project's benches measure. Not part of the library: this may change at any time.

use crate::av::{FramePool, SharedFrame};
use crate::convert::Converter;
use crate::error::Result;
use crate::frame::{FrameView, ViewStrips};
use crate::measure::are_equal;
use crate::settings::Settings;
use crate::stats::{EncodeStats, FrameTimes, PacketStats, RateMeter};
use crate::time::TimeBase;

/// The conversion of one movie's frames, without an encoder.
pub struct Conversion {
    converter: Converter,
    pool: FramePool,
}

impl Conversion {
    /// Makes the conversion that a writer with these settings uses.
    ///
    /// # Errors
    /// [`Error::Settings`](crate::Error::Settings) for an invalid size; [`Error::Libav`](crate::Error::Libav) if there
    /// is no memory.
    pub fn new(settings: &Settings) -> Result<Self> {
        let geometry = settings.geometry()?;
        let (width, height) = geometry.coded;
        Ok(Self {
            converter: Converter::new(settings, geometry)?,
            pool: FramePool::new(settings.encoder_pixel_format(), settings.color(), width, height)?,
        })
    }

    /// Converts a frame to a frame of the pool, and returns that to the pool.
    ///
    /// # Errors
    /// As [`VideoWriter::write`](crate::VideoWriter::write).
    pub fn run(&mut self, view: &FrameView<'_>) -> Result<()> {
        self.frame(view).map(drop)
    }

    fn frame(&mut self, view: &FrameView<'_>) -> Result<SharedFrame> {
        let mut frame = self.pool.frame()?;
        self.converter.convert(&mut ViewStrips::new(*view), &mut frame)?;
        Ok(frame.share())
    }
}

/// The statistics of each frame without PSNR and SSIM: compares a frame with the previous one, and counts its packet.
pub struct Bookkeeping {
    frames: [SharedFrame; 2],
    totals: EncodeStats,
    meter: RateMeter,
}

impl Bookkeeping {
    /// Prepares two consecutive frames.
    ///
    /// # Errors
    /// As [`Conversion::new`] and [`Conversion::run`].
    pub fn new(settings: &Settings, views: [&FrameView<'_>; 2]) -> Result<Self> {
        let mut conversion = Conversion::new(settings)?;
        let frames = [conversion.frame(views[0])?, conversion.frame(views[1])?];
        Ok(Self { frames, totals: EncodeStats::default(), meter: RateMeter::default() })
    }

    /// Runs once; returns whether the frames are equal.
    ///
    /// # Errors
    /// [`Error::Libav`](crate::Error::Libav) if there is no memory.
    pub fn run(&mut self) -> Result<bool> {
        let [before, frame] = &self.frames;
        let kept = frame.try_clone()?;
        let equal = are_equal(before, &kept);
        let time_base = TimeBase { numerator: 1, denominator: 30 };
        let time = time_base.at(self.totals.packets as i64);
        let mut packet = PacketStats {
            index: self.totals.packets,
            pts: time,
            dts: time,
            duration: time_base.at(1),
            bytes: 1_000,
            second_bytes: 0,
            keyframe: false,
            picture_type: None,
            qp: None,
            times: FrameTimes::default(),
            quality: None,
        };
        self.totals.count(&packet);
        self.meter.add(&mut packet, &mut self.totals);
        Ok(equal)
    }
}

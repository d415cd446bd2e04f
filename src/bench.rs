//! What this project's own benches measure alone. Not part of the library: it may change at any time.

use crate::av::{FramePool, SharedFrame};
use crate::convert::Converter;
use crate::error::Result;
use crate::frame::{FrameView, ViewStrips};
use crate::measure::are_equal;
use crate::settings::Settings;
use crate::stats::{EncodeStats, FrameTimes, PacketStats, RateMeter};
use crate::time::TimeBase;

/// The conversion of one movie's frames, with no encoder behind it.
pub struct Conversion {
    converter: Converter,
    pool: FramePool,
}

impl Conversion {
    /// The conversion that a writer with these settings does.
    ///
    /// # Errors
    /// [`Error::Settings`](crate::Error::Settings) for a size that cannot be; [`Error::Libav`](crate::Error::Libav)
    /// where there is no memory.
    pub fn new(settings: &Settings) -> Result<Self> {
        let geometry = settings.geometry()?;
        let (width, height) = geometry.coded;
        Ok(Self {
            converter: Converter::new(settings, geometry)?,
            pool: FramePool::new(settings.encoder_pixel_format(), settings.color(), width, height)?,
        })
    }

    /// Converts a frame into one of the pool's, and gives that back.
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

/// What the statistics take for each frame, with nothing measured: it is compared with the one before, and its packet is
/// counted.
pub struct Bookkeeping {
    frames: [SharedFrame; 2],
    totals: EncodeStats,
    meter: RateMeter,
}

impl Bookkeeping {
    /// Of two frames that follow each other.
    ///
    /// # Errors
    /// As [`Conversion::new`] and [`Conversion::run`].
    pub fn new(settings: &Settings, views: [&FrameView<'_>; 2]) -> Result<Self> {
        let mut conversion = Conversion::new(settings)?;
        let frames = [conversion.frame(views[0])?, conversion.frame(views[1])?];
        Ok(Self { frames, totals: EncodeStats::default(), meter: RateMeter::default() })
    }

    /// Does it once; says whether the frames are equal.
    ///
    /// # Errors
    /// [`Error::Libav`](crate::Error::Libav) where there is no memory.
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

//! Converts the caller's picture to the encoder's frame: alpha, color, size, odd edges.

mod alpha;
mod alpha_colors;
mod channels;
mod float;
mod formulas;
mod gray;
mod keep_alpha;
mod leveler;
mod levels;
mod narrow;
mod opaque;
mod pad;
mod resample;
mod rgb;
mod samples;
mod swscale;
mod threads;
mod widen;
mod yuv;
mod yuv_alpha;
mod yuv_rgb;

use crate::av::Frame;
use crate::error::Result;
use crate::frame::{FrameLayout, FrameView, Strips, ViewStrips};
use crate::settings::{Alpha, Color, Geometry, Settings};
use alpha::Compositor;
use alpha_colors::AlphaColors;
use narrow::Narrower;
use opaque::OpaqueConverter;
use threads::Threads;
use yuv_alpha::YuvAlpha;

/// Converts the frames of one movie.
pub(crate) struct Converter {
    picture: (u32, u32),
    color: Color,
    /// Set if the colors of frames are premultiplied by alpha.
    premultiplied: Option<Premultiplied>,
    yuv_alpha: YuvAlpha,
    straight_converter: StraightConverter,
}

impl Converter {
    /// Makes a converter for valid `settings`.
    ///
    /// # Errors
    /// Fails if its threads cannot be started.
    pub(crate) fn new(settings: &Settings, geometry: Geometry) -> Result<Self> {
        Ok(Self::on(Threads::for_movie(settings)?, settings, geometry))
    }

    /// Makes a converter whose rows `threads` convert.
    fn on(threads: Threads, settings: &Settings, geometry: Geometry) -> Self {
        let opaque = OpaqueConverter::new(settings, geometry, threads);
        Self {
            picture: geometry.picture,
            color: settings.color(),
            premultiplied: settings.is_premultiplied.then(|| Premultiplied::new(settings)),
            yuv_alpha: YuvAlpha::new(settings.color()),
            straight_converter: match settings.alpha {
                Alpha::Composite => StraightConverter::Composite(Box::new(opaque)),
                Alpha::Keep => StraightConverter::Keep(Box::new(AlphaConverter::new(geometry, opaque))),
            },
        }
    }

    /// Fills `frame`, which has the movie's size and format, from a picture that has the size of the caller's frames or
    /// will be scaled. Reads all of its rows.
    pub(crate) fn convert(&mut self, picture: &mut dyn Strips, frame: &mut Frame) -> Result<()> {
        let FrameLayout { format, range, height, .. } = picture.layout();
        let is_kept = format == frame.format() && range == self.color.range && self.premultiplied.is_none();
        if format.has_alpha() && format.is_yuv() && !is_kept {
            let view = picture.next_strip(height)?;
            return self.convert_yuv_with_alpha(&view, frame);
        }
        match &mut self.premultiplied {
            Some(premultiplied) if format.has_alpha() => {
                let straight = premultiplied.straight(&picture.next_strip(height)?)?;
                self.straight_converter.convert(&mut ViewStrips::new(straight), frame)?;
            }
            _ => self.straight_converter.convert(picture, frame)?,
        }
        Ok(pad::repeat_edges(frame, self.picture)?)
    }

    /// Converts YUV with alpha to another format than the movie's: as opaque YUV, or as RGB with alpha.
    fn convert_yuv_with_alpha(&mut self, view: &FrameView<'_>, frame: &mut Frame) -> Result<()> {
        if let Some(opaque) = yuv_alpha::opaque(view) {
            return self.convert(&mut ViewStrips::new(opaque), frame);
        }
        let rgba = self.yuv_alpha.rgba(view)?;
        self.convert(&mut ViewStrips::new(rgba.view()?), frame)
    }
}

/// Converts premultiplied colors.
enum Premultiplied {
    /// Over the background: dividing would lose the light of colors above their alpha.
    Composite(Compositor),
    Keep(AlphaColors),
}

impl Premultiplied {
    fn new(settings: &Settings) -> Self {
        match settings.alpha {
            Alpha::Composite => Self::Composite(Compositor::of_premultiplied(settings.background)),
            Alpha::Keep => Self::Keep(AlphaColors::default()),
        }
    }

    fn straight<'a>(&'a mut self, view: &FrameView<'a>) -> Result<FrameView<'a>> {
        Ok(match self {
            Self::Composite(compositor) => compositor.opaque(view)?,
            Self::Keep(colors) => colors.straight(view)?,
        })
    }
}

/// How to convert straight alpha.
enum StraightConverter {
    Composite(Box<OpaqueConverter>),
    Keep(Box<AlphaConverter>),
}

impl StraightConverter {
    fn convert(&mut self, picture: &mut dyn Strips, frame: &mut Frame) -> Result<()> {
        match self {
            Self::Composite(opaque) => opaque.convert(picture, frame),
            Self::Keep(alpha) => alpha.convert(picture, frame),
        }
    }
}

/// Converts pictures and keeps their alpha.
struct AlphaConverter {
    picture: (u32, u32),
    narrower: Narrower,
    /// Copies colors into transparent pixels.
    spread: AlphaColors,
    opaque: OpaqueConverter,
}

impl AlphaConverter {
    fn new(geometry: Geometry, opaque: OpaqueConverter) -> Self {
        let (narrower, spread) = (Narrower::default(), AlphaColors::default());
        Self { picture: geometry.picture, narrower, spread, opaque }
    }

    fn convert(&mut self, picture: &mut dyn Strips, frame: &mut Frame) -> Result<()> {
        let view = picture.next_strip(picture.layout().height)?;
        let (width, height) = self.picture;
        let view = view.cropped(width, height);
        let (format, target) = (view.format(), frame.format());
        if format == target {
            return Ok(opaque::copy(&view, frame)?);
        }
        let narrow = if target.bits() == 8 { self.narrower.narrowed(&view)? } else { view };
        if keep_alpha::is_repacked(narrow.format(), target) {
            return Ok(keep_alpha::repack(&narrow, frame)?);
        }
        if target.is_yuv() {
            keep_alpha::fill_alpha(&view, frame)?;
        }
        let shares_chroma = target.chroma_shift() != (0, 0) && format.has_alpha();
        let colored = if shares_chroma { self.spread.spread(&narrow)? } else { narrow };
        self.opaque.convert(&mut ViewStrips::new(colored.without_alpha()), frame)
    }
}

//! The names of a movie's options.

use std::fmt;

macro_rules! options {
    ($($(#[$doc:meta])* $variant:ident => $name:literal,)*) => {
        /// An option of a movie. [`MovieOption`](crate::MovieOption) describes it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum OptionId { $($(#[$doc])* $variant,)* }

        impl OptionId {
            /// Every option, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Returns the name, with dashes between words.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

options! {
    /// Frames per second.
    Fps => "fps",
    /// The codec.
    Codec => "codec",
    /// Constant quality.
    Crf => "crf",
    /// Constant quantizer.
    Qp => "qp",
    /// Average bit rate.
    Bitrate => "bitrate",
    /// Largest size of the movie.
    MaxSize => "max-size",
    /// Whether the encoder works without loss.
    Lossless => "lossless",
    /// The rate at which the VBV buffer fills.
    Maxrate => "maxrate",
    /// The size of the VBV buffer.
    Bufsize => "bufsize",
    /// Speed against compression of x264, x265 or SVT-AV1.
    Preset => "preset",
    /// Speed of libvpx.
    CpuUsed => "cpu-used",
    /// What to tune x264 or x265 for.
    Tune => "tune",
    /// The profile of H.264 or ProRes.
    Profile => "profile",
    /// The film grain of AV1.
    FilmGrain => "film-grain",
    /// The pixel format of the movie.
    PixelFormat => "pixel-format",
    /// The maximum distance between keyframes.
    Gop => "gop",
    /// Threads of the encoder.
    Threads => "threads",
    /// Encoders that work in parallel.
    Jobs => "jobs",
    /// Frames per segment.
    SegmentFrames => "segment-frames",
    /// The four-character code of the codec in an AVI file.
    Fourcc => "fourcc",
    /// Additional parameters of x264.
    X264Params => "x264-params",
    /// Additional parameters of x265.
    X265Params => "x265-params",
    /// Additional parameters of SVT-AV1.
    SvtAv1Params => "svtav1-params",
    /// Options of an encoder that is chosen by name.
    EncoderOptions => "encoder-options",
    /// How to handle the alpha of frames.
    Alpha => "alpha",
    /// Whether colors are premultiplied by alpha.
    Premultiplied => "premultiplied",
    /// Color behind transparent pixels.
    Background => "background",
    /// How to handle an odd width or height.
    Odd => "odd",
    /// The size that frames are scaled to.
    Scale => "scale",
    /// The range of luma and chroma.
    ColorRange => "color-range",
    /// The container.
    Container => "container",
    /// Metadata of the movie.
    Metadata => "metadata",
    /// Whether an existing file is replaced.
    Clobber => "clobber",
    /// Whether to measure the encoded pictures against the frames.
    Quality => "quality",
    /// Where the sound comes from.
    Audio => "audio",
    /// The codec of the sound.
    AudioCodec => "audio-codec",
    /// The bit rate of the sound.
    AudioBitrate => "audio-bitrate",
    /// Where in the sound the movie starts.
    AudioStart => "audio-start",
    /// Whether the movie ends with its sound.
    Shortest => "shortest",
}

impl OptionId {
    /// Returns the option of this name, with dashes or underscores.
    ///
    /// ```
    /// use framemill::OptionId;
    /// assert_eq!(OptionId::from_name("max_size"), Some(OptionId::MaxSize));
    /// ```
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.replace('_', "-");
        Self::ALL.iter().copied().find(|option| option.name() == name)
    }
}

/// Writes the name, with dashes between words.
impl fmt::Display for OptionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

//! The options of a movie by name.

use std::fmt;

macro_rules! options {
    ($($(#[$doc:meta])* $variant:ident => $name:literal,)*) => {
        /// An option of a movie, of which [`MovieOption`](crate::MovieOption) says more.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum OptionId { $($(#[$doc])* $variant,)* }

        impl OptionId {
            /// Every option, in the order in which they are documented.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name, with dashes between words.
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
    /// Average bits per second.
    Bitrate => "bitrate",
    /// The movie's largest size.
    MaxSize => "max-size",
    /// Whether the encoder loses nothing.
    Lossless => "lossless",
    /// The rate at which the VBV buffer fills.
    Maxrate => "maxrate",
    /// The size of the VBV buffer.
    Bufsize => "bufsize",
    /// How much time x264, x265 or SVT-AV1 spends.
    Preset => "preset",
    /// The speed of libvpx.
    CpuUsed => "cpu-used",
    /// What x264 or x265 tunes its choices for.
    Tune => "tune",
    /// The profile of H.264 or ProRes.
    Profile => "profile",
    /// The film grain of AV1.
    FilmGrain => "film-grain",
    /// The pixel format of the movie.
    PixelFormat => "pixel-format",
    /// The longest distance between keyframes.
    Gop => "gop",
    /// Threads of the encoder.
    Threads => "threads",
    /// Encoders side by side.
    Jobs => "jobs",
    /// Frames of a segment.
    SegmentFrames => "segment-frames",
    /// The codec's four characters in an AVI.
    Fourcc => "fourcc",
    /// Further parameters of x264.
    X264Params => "x264-params",
    /// Further parameters of x265.
    X265Params => "x265-params",
    /// Further parameters of SVT-AV1.
    SvtAv1Params => "svtav1-params",
    /// Options of an encoder that is chosen by its name.
    EncoderOptions => "encoder-options",
    /// What becomes of the alpha of frames.
    Alpha => "alpha",
    /// Whether colors are multiplied by alpha.
    Premultiplied => "premultiplied",
    /// The color behind transparent pixels.
    Background => "background",
    /// What happens to an odd width or height.
    Odd => "odd",
    /// The size that frames are scaled to.
    Scale => "scale",
    /// The range of luma and chroma.
    ColorRange => "color-range",
    /// The container.
    Container => "container",
    /// Names and values that describe the movie.
    Metadata => "metadata",
    /// Whether an existing file is replaced.
    Clobber => "clobber",
    /// Whether encoded pictures are compared with the frames.
    Quality => "quality",
    /// Where the sound comes from.
    Audio => "audio",
    /// How the sound is compressed.
    AudioCodec => "audio-codec",
    /// Bits per second of the sound.
    AudioBitrate => "audio-bitrate",
    /// Where in the sound the movie starts.
    AudioStart => "audio-start",
    /// Whether the movie ends with its sound.
    Shortest => "shortest",
}

impl OptionId {
    /// The option of this name, with dashes or underscores.
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

/// The name, with dashes between words.
impl fmt::Display for OptionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

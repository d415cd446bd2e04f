//! A codec by the names of its options, as command lines and other languages give them.

use super::{Codec, H264, Preset, Profile, QuantiserOrBitrate, Tune, Vbv};
use crate::error::InvalidSettings;

/// What may be said of a codec, whichever it is. What is `None`, false or empty was not said.
///
/// ```
/// use framemill::{Codec, CodecOptions, Mpeg4};
/// let options = CodecOptions { qp: Some(3), ..CodecOptions::new("mpeg4") };
/// assert_eq!(options.codec(|name| format!("--{name}"))?, Codec::Mpeg4(Mpeg4::qp(3)));
///
/// let options = CodecOptions { crf: Some(20.0), ..CodecOptions::new("mpeg4") };
/// let error = options.codec(|name| format!("--{name}")).expect_err("H.264 has it alone");
/// assert!(error.to_string().starts_with("mpeg4 has no crf: leave --crf out; it takes --qp, --bitrate"));
/// # Ok::<(), framemill::InvalidSettings>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CodecOptions {
    /// The codec's name: `h264`, `mpeg4`, ….
    pub name: String,
    /// Constant quality.
    pub crf: Option<f32>,
    /// Constant quantiser.
    pub qp: Option<u32>,
    /// Average bits a second.
    pub bitrate: Option<u64>,
    /// Whether the movie has [`max_bytes`](super::Settings::max_bytes), which not every codec can keep to.
    pub max_size: bool,
    /// Whether every sample is to be kept.
    pub lossless: bool,
    /// The player's buffer.
    pub vbv: Option<Vbv>,
    /// x264's preset.
    pub preset: Option<Preset>,
    /// x264's tuning.
    pub tune: Option<Tune>,
    /// H.264's profile.
    pub profile: Option<Profile>,
    /// Most frames from one keyframe to the next.
    pub gop: Option<u32>,
    /// The codec's four characters in an AVI.
    pub fourcc: Option<String>,
    /// Further settings of x264.
    pub x264_params: Vec<(String, String)>,
}

impl CodecOptions {
    /// The codec of this name, of which nothing more is said.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// The codec, with these options. `spelled` says how the caller's users write an option's name, which has dashes:
    /// errors tell them what to leave out.
    ///
    /// # Errors
    /// [`InvalidSettings::UnknownName`] for another codec's name; [`InvalidSettings::NotForCodec`] for an option that the
    /// codec does not have, which is never just passed over; [`InvalidSettings::Malformed`] for a `fourcc` of another
    /// length.
    pub fn codec(&self, spelled: impl Fn(&str) -> String) -> Result<Codec, InvalidSettings> {
        self.refuse_several()?;
        let mut codec: Codec = self.name.parse()?;
        self.refuse_foreign(&codec, spelled)?;
        match &mut codec {
            Codec::H264(h264) | Codec::H264Rgb(h264) => *h264 = self.h264(),
            Codec::Mpeg4(mpeg4) | Codec::Xvid(mpeg4) => {
                mpeg4.rate_control = self.rate_control(mpeg4.rate_control);
                mpeg4.gop = self.gop.unwrap_or(mpeg4.gop);
                mpeg4.fourcc = self.fourcc.as_deref().map(fourcc).transpose()?;
            }
            Codec::Mjpeg(mjpeg) => mjpeg.rate_control = self.rate_control(mjpeg.rate_control),
            Codec::Ffv1(ffv1) => ffv1.gop = self.gop.unwrap_or(ffv1.gop),
        }
        Ok(codec)
    }

    fn h264(&self) -> H264 {
        let h264 = match (self.crf, self.qp, self.bitrate, self.lossless) {
            (Some(crf), ..) => H264::crf(crf),
            (_, Some(qp), ..) => H264::qp(qp),
            (_, _, Some(bitrate), _) => H264::bitrate(bitrate),
            (.., true) => H264::lossless(),
            _ => H264::default(),
        };
        H264 {
            preset: self.preset.unwrap_or(h264.preset),
            tune: self.tune,
            profile: self.profile,
            gop: self.gop,
            vbv: self.vbv,
            x264_params: self.x264_params.clone(),
            ..h264
        }
    }

    fn rate_control(&self, default: QuantiserOrBitrate) -> QuantiserOrBitrate {
        match (self.qp, self.bitrate) {
            (Some(qp), _) => QuantiserOrBitrate::Qp(qp),
            (_, Some(bitrate)) => QuantiserOrBitrate::Bitrate(bitrate),
            _ => default,
        }
    }

    /// Each of these says alone how much the movie takes.
    fn refuse_several(&self) -> Result<(), InvalidSettings> {
        let given = [
            ("crf", self.crf.is_some()),
            ("qp", self.qp.is_some()),
            ("bitrate", self.bitrate.is_some()),
            ("lossless", self.lossless),
        ];
        let given: Vec<&str> = given.into_iter().filter(|(_, is_given)| *is_given).map(|(name, _)| name).collect();
        if given.len() < 2 {
            return Ok(());
        }
        let (setting, value) = ("rate control", given.join(" and "));
        Err(InvalidSettings::Malformed { setting, value, expected: "give one of them" })
    }

    /// An option that the codec does not have is an error, not a wish.
    fn refuse_foreign(&self, codec: &Codec, spelled: impl Fn(&str) -> String) -> Result<(), InvalidSettings> {
        let own = own_options(codec);
        let given = [
            ("crf", self.crf.is_some()),
            ("qp", self.qp.is_some()),
            ("bitrate", self.bitrate.is_some()),
            ("max-size", self.max_size),
            ("lossless", self.lossless),
            ("maxrate", self.vbv.is_some()),
            ("preset", self.preset.is_some()),
            ("tune", self.tune.is_some()),
            ("profile", self.profile.is_some()),
            ("gop", self.gop.is_some()),
            ("fourcc", self.fourcc.is_some()),
            ("x264-params", !self.x264_params.is_empty()),
        ];
        let Some((setting, _)) = given.into_iter().find(|(name, is_given)| *is_given && !own.contains(name)) else {
            return Ok(());
        };
        let own: Vec<String> = own.iter().map(|name| spelled(name)).collect();
        let mend = format!("leave {} out; it takes {}", spelled(setting), own.join(", "));
        Err(InvalidSettings::NotForCodec { setting, codec: codec.name(), mend })
    }
}

fn own_options(codec: &Codec) -> &'static [&'static str] {
    match codec {
        Codec::H264(_) | Codec::H264Rgb(_) => &[
            "crf",
            "qp",
            "bitrate",
            "max-size",
            "lossless",
            "maxrate",
            "preset",
            "tune",
            "profile",
            "gop",
            "x264-params",
        ],
        Codec::Mpeg4(_) | Codec::Xvid(_) => &["qp", "bitrate", "max-size", "gop", "fourcc"],
        Codec::Mjpeg(_) => &["qp", "bitrate", "max-size"],
        Codec::Ffv1(_) => &["lossless", "gop"],
    }
}

fn fourcc(text: &str) -> Result<[u8; 4], InvalidSettings> {
    text.as_bytes().try_into().map_err(|_| InvalidSettings::Malformed {
        setting: "fourcc",
        value: text.to_owned(),
        expected: "give four printable characters, as in XVID",
    })
}

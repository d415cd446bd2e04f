//! The containers, and what each can store.

use std::path::Path;
use std::str::FromStr;

use crate::error::{InvalidSettings, OptionId};

/// The file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Container {
    /// MPEG-4 Part 14: plays in browsers and on phones.
    Mp4,
    /// QuickTime.
    Mov,
    /// MP4 under the extension that Apple's players use.
    M4v,
    /// Audio Video Interleaved: constant frame rate, no B-frames, for old players.
    Avi,
    /// Matroska. It stores times to the millisecond.
    Mkv,
    /// WebM: Matroska for browsers, with VP9 or AV1.
    Webm,
}

impl Container {
    /// Every container.
    pub const ALL: [Self; 6] = [Self::Mp4, Self::Mov, Self::M4v, Self::Avi, Self::Mkv, Self::Webm];

    /// Returns the name on the command line, which is also the usual extension.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mp4 => "mp4",
            Self::Mov => "mov",
            Self::M4v => "m4v",
            Self::Avi => "avi",
            Self::Mkv => "mkv",
            Self::Webm => "webm",
        }
    }

    /// Returns the container of a file's extension.
    ///
    /// # Errors
    /// [`InvalidSettings::UnknownExtension`] with the name.
    pub fn from_path(path: &Path) -> Result<Self, InvalidSettings> {
        path.extension()
            .and_then(|extension| extension.to_str())
            .and_then(|extension| extension.to_lowercase().parse().ok())
            .ok_or_else(|| InvalidSettings::UnknownExtension { name: path.display().to_string() })
    }

    /// Returns the metadata names that the container keeps; `None` for Matroska, which keeps almost any name, in
    /// capitals: letters, digits, `_` and `.`, except the names that FFmpeg's muxer drops or writes itself, such as
    /// `encoder`.
    #[must_use]
    pub const fn metadata_names(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Mov => Some(&["title", "artist", "album", "comment", "copyright", "date", "genre"]),
            Self::Mp4 | Self::M4v => Some(&[
                "title",
                "artist",
                "album",
                "comment",
                "composer",
                "copyright",
                "date",
                "description",
                "genre",
            ]),
            Self::Avi => Some(&["title", "artist", "comment", "copyright", "date", "genre", "language"]),
            Self::Mkv | Self::Webm => None,
        }
    }

    /// Checks that the container keeps each pair unchanged.
    pub(super) fn validate_metadata(self, metadata: &[(String, String)]) -> Result<(), InvalidSettings> {
        for (index, (name, value)) in metadata.iter().enumerate() {
            self.validate_pair(name, value)?;
            if metadata[..index].iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
                return Err(InvalidSettings::Metadata {
                    name: name.clone(),
                    problem: "is given twice: give it once".to_owned(),
                });
            }
        }
        Ok(())
    }

    fn validate_pair(self, name: &str, value: &str) -> Result<(), InvalidSettings> {
        if name.is_empty() || value.is_empty() || name.contains('\0') || value.contains('\0') {
            return Err(InvalidSettings::Malformed {
                option: OptionId::Metadata,
                value: format!("{name}={value}"),
                expected: "give a name and a value, as in title=Ripples",
            });
        }
        let problem = match self.metadata_names() {
            Some(names) if !names.contains(&name) => {
                return Err(InvalidSettings::unknown_name(Some(OptionId::Metadata), "metadata", name, names));
            }
            None => unkept_in_matroska(name).map(str::to_owned),
            Some(_) if self == Self::Mov && value.len() > MAX_MOV_BYTES => {
                let bytes = value.len();
                Some(format!("has {bytes} bytes, and mov keeps {MAX_MOV_BYTES}: shorten it, or choose mp4 or mkv"))
            }
            Some(_) => None,
        };
        match problem {
            Some(problem) => Err(InvalidSettings::Metadata { name: name.to_owned(), problem }),
            None => Ok(()),
        }
    }

    /// Returns whether all frames must have the same duration, without gaps.
    pub(crate) const fn is_constant_rate(self) -> bool {
        matches!(self, Self::Avi)
    }

    /// Returns whether the container is Matroska or WebM, a kind of Matroska.
    pub(crate) const fn is_matroska(self) -> bool {
        matches!(self, Self::Mkv | Self::Webm)
    }

    /// Returns whether the container is of the MP4 family: its index (`moov`) comes first in a finished file, and it
    /// can be fragmented.
    pub(crate) const fn is_mp4_family(self) -> bool {
        matches!(self, Self::Mp4 | Self::Mov | Self::M4v)
    }
}

/// The longest text in a QuickTime file, in bytes: its length has 16 bits.
const MAX_MOV_BYTES: usize = 65_535;

/// Names that FFmpeg's muxer drops, renames or treats specially (`libavformat/matroskaenc.c`, `matroska.c`), and names
/// that its demuxer generates from other containers, which are not copied.
const TAKEN_IN_MATROSKA: [&str; 12] = [
    "alpha_mode",
    "compatible_brands",
    "creation_time",
    "duration",
    "encoder",
    "encoding_tool",
    "lead_performer",
    "major_brand",
    "minor_version",
    "part_number",
    "software",
    "stereo_mode",
];

/// Returns why Matroska would not keep metadata of this name.
fn unkept_in_matroska(name: &str) -> Option<&'static str> {
    // The muxer replaces a space by `_`, and reads what follows a `-` as a language.
    let is_plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '.');
    if TAKEN_IN_MATROSKA.iter().any(|taken| taken.eq_ignore_ascii_case(name)) {
        return Some("is a name that mkv does not keep: choose another, such as comment");
    }
    (!name.chars().all(is_plain)).then_some("is not a name that mkv keeps: use only letters, digits, _ and .")
}

/// Parses a container's name: `mp4`, `mov`, `m4v`, `avi`, `mkv` or `webm`.
impl FromStr for Container {
    type Err = InvalidSettings;

    fn from_str(text: &str) -> Result<Self, InvalidSettings> {
        Self::ALL.into_iter().find(|container| container.name() == text).ok_or_else(|| {
            let known = Self::ALL.map(Self::name);
            InvalidSettings::unknown_name(Some(OptionId::Container), "container", text, &known)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_sets_the_container() {
        assert_eq!(Container::from_path(Path::new("a/b.MP4")), Ok(Container::Mp4));
        assert_eq!(Container::from_path(Path::new("tcp://x/y.mkv")), Ok(Container::Mkv));
        for name in ["movie", "movie.gif", ".mp4", ""] {
            assert!(Container::from_path(Path::new(name)).is_err(), "{name:?}");
        }
    }
}

//! Finds numbered files: `frames/%04d.png`, with the numbers that exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, InvalidInput, Result};

/// A file name with a place for its number, as in C's `printf`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    folder: PathBuf,
    before: String,
    /// The minimum number of digits, padded with zeros.
    width: usize,
    after: String,
}

impl Pattern {
    /// Parses `folder/name%04d.png` or `name%d.png`; `%%` is a percent sign. `None` if the file name does not have
    /// exactly one place for the number.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (folder, name) = text.rsplit_once('/').unwrap_or(("", text));
        let folder = if text.starts_with('/') && folder.is_empty() { "/" } else { folder };
        let mut parts = [String::new(), String::new()];
        let (mut width, mut rest) = (None, name);
        while let Some((before, after)) = rest.split_once('%') {
            let part = &mut parts[usize::from(width.is_some())];
            part.push_str(before);
            if let Some(after) = after.strip_prefix('%') {
                part.push('%');
                rest = after;
                continue;
            }
            let (digits, after) = after.split_once('d')?;
            let is_width = digits.is_empty() || digits.starts_with('0') && digits.len() <= 3;
            if width.is_some() || !is_width || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            width = Some(digits.parse().unwrap_or(0));
            rest = after;
        }
        let width = width?;
        let [before, mut after] = parts;
        after.push_str(rest);
        Some(Self { folder: folder.into(), before, width, after })
    }

    /// Returns the file of a number.
    fn path(&self, number: u64) -> PathBuf {
        let Self { folder, before, width, after } = self;
        folder.join(format!("{before}{number:0width$}{after}"))
    }

    /// Returns the number of a file name, if it matches.
    fn number(&self, name: &str) -> Option<u64> {
        let digits = name.strip_prefix(self.before.as_str())?.strip_suffix(self.after.as_str())?;
        let number = digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
        let width = self.width;
        (format!("{number:0width$}") == digits).then_some(number)
    }

    /// Returns the existing files, from the smallest number to the largest, and how many are missing between them.
    pub(super) fn files(&self) -> Result<(Vec<PathBuf>, Gaps)> {
        let folder = if self.folder.as_os_str().is_empty() { Path::new(".") } else { &self.folder };
        let mut numbers = BTreeSet::new();
        let unread = |source| Error::io("read", Some(folder), source);
        for entry in fs::read_dir(folder).map_err(unread)? {
            let name = entry.map_err(unread)?.file_name();
            numbers.extend(name.to_str().and_then(|name| self.number(name)));
        }
        let gaps = Gaps::of(self, &numbers);
        Ok((numbers.into_iter().map(|number| self.path(number)).collect(), gaps))
    }
}

/// The numbers that are missing in a sequence.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Gaps {
    pub(super) missing: u64,
    /// The error about them.
    pub(super) problem: Option<InvalidInput>,
}

impl Gaps {
    fn of(pattern: &Pattern, numbers: &BTreeSet<u64>) -> Self {
        let (Some(&start), Some(&end)) = (numbers.first(), numbers.last()) else {
            return Self::default();
        };
        let missing = end - start - (numbers.len() as u64 - 1);
        let gap = numbers.iter().zip(numbers.iter().skip(1)).find(|(number, next)| *next - *number > 1);
        let problem = gap.map(|(number, _)| InvalidInput::MissingPictures {
            first: pattern.path(number + 1).display().to_string(),
            missing,
            start,
            end,
        });
        Self { missing, problem }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_read_and_written() {
        let path = |text: &str, number| Pattern::parse(text).map(|pattern| pattern.path(number));
        assert_eq!(path("a/f%04d.png", 7), Some("a/f0007.png".into()));
        assert_eq!(path("/f%d.png", 12), Some("/f12.png".into()));
        assert_eq!(path("100%%/50%%_%03d%%.png", 5000), Some("100%%/50%_5000%.png".into()));
        for text in ["f.png", "%", "%d%d", "%4d", "%s", "%-3d", "%04", "%d/f.png", "%0d%x", "%00000000009d"] {
            assert_eq!(Pattern::parse(text), None, "{text}");
        }
    }

    #[test]
    fn only_matching_names_are_found() {
        let number = |text: &str, name: &str| Pattern::parse(text).and_then(|pattern| pattern.number(name));
        assert_eq!(number("f%03d.png", "f007.png"), Some(7));
        assert_eq!(number("f%03d.png", "f1000.png"), Some(1000));
        assert_eq!(number("f%d.png", "f18446744073709551615.png"), Some(u64::MAX));
        for name in ["f07.png", "f0007.png", "f.png", "f+07.png", "f007.jpg", "g007.png", "f-01.png", "f0x7.png"] {
            assert_eq!(number("f%03d.png", name), None, "{name}");
        }
        assert_eq!(number("f%d.png", "f07.png"), None);
    }

    #[test]
    fn gaps_are_named_and_the_start_is_found() {
        let directory = tempfile::tempdir().expect("a directory");
        let pattern = Pattern::parse(&format!("{}/%02d.png", directory.path().display())).expect("a pattern");
        assert_eq!(pattern.files().expect("read"), (Vec::new(), Gaps::default()));
        for number in [8, 9, 10] {
            fs::write(pattern.path(number), "").expect("written");
        }
        let (files, gaps) = pattern.files().expect("read");
        assert_eq!((files, gaps), ([8, 9, 10].map(|number| pattern.path(number)).to_vec(), Gaps::default()));
        fs::write(pattern.path(13), "").expect("written");
        let (files, gaps) = pattern.files().expect("read");
        assert_eq!((files.len(), gaps.missing), (4, 2));
        let problem = gaps.problem.expect("a gap").to_string();
        assert!(problem.contains("11.png is missing (2 files missing from 8 to 13)"), "{problem}");
    }
}

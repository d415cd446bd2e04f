//! An `AVDictionary`: options by name, and the options that were not used.

use std::ffi::{CStr, CString};
use std::ptr;

use ffmpeg_next::ffi;

use super::error::check;
use crate::error::LibavError;

/// Options for a call that removes the ones it knows.
pub(super) struct Dictionary(*mut ffi::AVDictionary);

impl Dictionary {
    pub(super) fn new() -> Self {
        Self(ptr::null_mut())
    }

    /// Makes options from a list of names and values.
    pub(super) fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, String)>) -> Result<Self, LibavError> {
        let mut options = Self::new();
        for (name, value) in pairs {
            options.set(name, &value)?;
        }
        Ok(options)
    }

    /// Sets an option, replacing an earlier value.
    pub(super) fn set(&mut self, name: &str, value: &str) -> Result<(), LibavError> {
        let operation = || format!("set the option {name}={value}");
        let (Ok(c_name), Ok(c_value)) = (CString::new(name), CString::new(value)) else {
            return check(ffi::AVERROR(ffi::EINVAL), operation()).map(drop);
        };
        // SAFETY: av_dict_set takes a pointer to a dictionary or to null, and copies both strings.
        let code = unsafe { ffi::av_dict_set(&mut self.0, c_name.as_ptr(), c_value.as_ptr(), 0) };
        check(code, operation()).map(drop)
    }

    /// Returns the pointer for calls that remove options. They keep the dictionary valid or set it to null.
    pub(super) fn as_mut_ptr(&mut self) -> *mut *mut ffi::AVDictionary {
        &mut self.0
    }

    /// Returns the names of unused options.
    pub(super) fn names(&self) -> Vec<String> {
        // SAFETY: the dictionary is ours, or null.
        unsafe { entries(self.0) }.into_iter().map(|(name, _)| name).collect()
    }

    /// Releases the dictionary to the caller.
    pub(super) fn into_raw(self) -> *mut ffi::AVDictionary {
        std::mem::ManuallyDrop::new(self).0
    }
}

/// Returns the entries of a dictionary.
///
/// # Safety
/// `dictionary` is a dictionary or null, and is not changed meanwhile.
pub(super) unsafe fn entries(dictionary: *const ffi::AVDictionary) -> Vec<(String, String)> {
    let mut entries = Vec::new();
    let mut entry: *mut ffi::AVDictionaryEntry = ptr::null_mut();
    loop {
        // SAFETY: with AV_DICT_IGNORE_SUFFIX and an empty key, av_dict_get walks the entries; the previous entry belongs
        // to the same dictionary. Keys and values are NUL-terminated.
        unsafe {
            entry = ffi::av_dict_get(dictionary, c"".as_ptr(), entry, ffi::AV_DICT_IGNORE_SUFFIX as _);
            if entry.is_null() {
                return entries;
            }
            let text = |text| CStr::from_ptr(text).to_string_lossy().into_owned();
            entries.push((text((*entry).key), text((*entry).value)));
        }
    }
}

impl Drop for Dictionary {
    fn drop(&mut self) {
        // SAFETY: av_dict_free takes a pointer to a dictionary or to null, and sets it to null.
        unsafe { ffi::av_dict_free(&mut self.0) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_kept_by_name() {
        let mut options = Dictionary::from_pairs([("preset", "fast".into()), ("crf", "20".into())]).expect("plain");
        options.set("crf", "21").expect("plain");
        let mut names = options.names();
        names.sort();
        assert_eq!(names, ["crf", "preset"]);
        assert!(options.set("a", "b\0c").is_err());
        assert!(Dictionary::new().names().is_empty());
    }
}

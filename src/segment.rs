//! The file of a segment: it grows beside a movie's destination, with an index of its packets, a name and a lock, and
//! it is readable after a crash.
//!
//! A running movie is a growing segment. Finishing it, recovering it, and trying another size for it all read a
//! segment, so one set of rules covers all of them.

mod cut_mp4;
mod declared;
mod first_bytes;
mod fragment;
mod index;
mod lock;
mod mark;
mod movie_header;
mod named;
mod reading;
mod source;
mod stored;
mod syncer;
mod temporary;
mod x264_version;
mod zeros;

pub(crate) use fragment::{Cut, FragmentClock};
pub(crate) use index::{IndexedPacket, MAX_DELAY, PacketIndex, decoding_times, last_decoding_time};
pub(crate) use lock::claim;
pub(crate) use mark::{Fingerprint, SegmentMark};
pub(crate) use named::{FileId, sync_directory_of};
pub(crate) use reading::{bytes_with_frames, container, is_blank, missing_bytes, open, open_up_to, readable_bytes};
pub use source::SegmentSource;
pub(crate) use stored::StoredFile;
pub(crate) use temporary::{Refused, Temporary, is_in_use, parts_of};
pub(crate) use x264_version::x264_version;
pub(crate) use zeros::damage_check;

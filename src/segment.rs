//! One unit on the disk: a file that grows beside a movie's destination, the index of its packets, its name and its
//! lock, and what can be read of it after a crash.
//!
//! A running movie is a segment that grows. Finishing it, recovering it, and trying another size for it are all a
//! reading of one, so there is one set of rules for all of them.

mod cut_mp4;
mod declared;
mod first_bytes;
mod fragment;
mod index;
mod mark;
mod named;
mod reading;
mod source;
mod stored;
mod syncer;
mod temporary;
mod x264_version;
mod zeros;

pub(crate) use fragment::{Cut, FragmentClock};
pub(crate) use index::{IndexedPacket, PacketIndex, decoding_times};
pub(crate) use mark::{Fingerprint, SegmentMark};
pub(crate) use named::sync_directory_of;
pub(crate) use reading::{bytes_with_frames, container, is_blank, missing_bytes, open, open_up_to, readable_bytes};
pub use source::SegmentSource;
pub(crate) use stored::StoredFile;
pub(crate) use temporary::{Refused, Temporary, is_in_use, parts_of};
pub(crate) use x264_version::x264_version;
pub(crate) use zeros::{is_frame_damaged, is_h264_damaged};

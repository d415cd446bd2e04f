//! Encodes numbered frames to numbered packets, and computes the times of the packets.

mod encoding;
mod side_by_side;
mod times;

pub(crate) use encoding::{Encoding, NumberedPacket, OpenEncoder, lost_frames};
pub(crate) use side_by_side::SideBySide;
pub(crate) use times::{MovieClock, PacketTimes};

//! Numbered frames in, numbered packets out, and the times of those packets.

mod encoding;
mod times;

pub(crate) use encoding::{Encoding, NumberedPacket, lost_frames};
pub(crate) use times::{MovieClock, PacketTimes};

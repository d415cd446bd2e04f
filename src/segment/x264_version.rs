//! Detects the x264 version that encoded a stream, from its first packet.

use memchr::memmem;

/// The marker of x264's message in a stream: `sei_version_write` in its `encoder/set.c`.
const UUID: [u8; 16] =
    [0xdc, 0x45, 0xe9, 0xbd, 0xe6, 0xd9, 0x48, 0xb7, 0x96, 0x2c, 0xd8, 0x20, 0xd9, 0x23, 0xee, 0xef];

/// Returns the version, as in `x264 - core 164 r3095 baee400`; `None` if a packet has none.
pub(crate) fn x264_version(packet: &[u8]) -> Option<String> {
    let start = memmem::find(packet, &UUID)? + UUID.len();
    let message = packet[start..].split(|byte| *byte == 0).next()?;
    // The name of the standard and the options follow.
    let end = memmem::find(message, b" - H.264").unwrap_or(message.len());
    Some(String::from_utf8_lossy(&message[..end]).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_without_the_options() {
        let mut packet = vec![6, 5, 0xff];
        packet.extend(UUID);
        packet.extend(b"x264 - core 164 r3095 baee400 - H.264/MPEG-4 AVC codec - options: cabac=1\0\x80");
        assert_eq!(x264_version(&packet).as_deref(), Some("x264 - core 164 r3095 baee400"));
        assert_eq!(x264_version(b"anything else"), None);
    }
}

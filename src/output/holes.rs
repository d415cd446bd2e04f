//! Finds missing frames at the end of an interrupted movie. An encoder returns a frame before the frames that are shown
//! earlier and reference it, so a movie that ends too soon may contain a frame without the frames before it.

/// The largest number of packets of later frames that may precede the packet of a frame; x264's limit.
pub(super) const MAX_REORDERED: usize = 32;

/// A packet, in decoding order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Coded {
    pub(super) keyframe: bool,
    /// The position of its frame in presentation order, relative to a keyframe, in an unknown unit.
    pub(super) order: i64,
}

/// Returns how many packets to keep from the start so that no frame is missing before the last one. Keeps all packets if more
/// would be left out than an encoder reorders: their positions are then not what they seem. Positions of consecutive frames
/// differ by `usual_step`, and in some movies by more.
pub(super) fn without_holes(packets: &[Coded], usual_step: u64) -> usize {
    let step = step(packets, usual_step);
    let (mut run, mut last, mut followers, mut whole) = (0, 0, 0, 0);
    for (number, packet) in (1..).zip(packets) {
        if packet.keyframe {
            (run, last, followers) = (packet.order, packet.order, 0);
        } else if packet.order > run {
            followers += 1;
            last = last.max(packet.order);
        }
        // Frames are distinct: with this many of them up to the last one, none is missing.
        if last.abs_diff(run) == followers * step {
            whole = number;
        }
    }
    if packets.len() - whole > MAX_REORDERED { packets.len() } else { whole }
}

/// Returns the difference of the positions of consecutive frames. A few packets may not include two such frames.
fn step(packets: &[Coded], usual: u64) -> u64 {
    let mut first = 0;
    let differences = packets.iter().map(|packet| {
        if packet.keyframe {
            first = packet.order;
        }
        packet.order.abs_diff(first)
    });
    let step = differences.fold(0, greatest_common_divisor).max(1);
    if packets.len() > MAX_REORDERED { step } else { step.min(usual) }
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes packets. Each run starts with a keyframe at position 0.
    fn packets(orders: &[i64]) -> Vec<Coded> {
        orders.iter().map(|order| Coded { keyframe: *order == 0, order: *order }).collect()
    }

    #[test]
    fn frames_after_a_missing_frame_are_dropped() {
        // B-frame pyramids of five frames, the first one after a keyframe, the second after the first.
        let orders = [0, 5, 3, 1, 2, 4, 10, 8, 6, 7, 9, 0, 3, 2, 1];
        let whole = [1, 1, 1, 1, 1, 6, 6, 6, 6, 6, 11, 12, 12, 12, 15];
        for (count, expected) in (1..).zip(whole) {
            assert_eq!(without_holes(&packets(&orders[..count]), 1), expected, "{count}");
            let doubled: Vec<i64> = orders[..count].iter().map(|order| 2 * order).collect();
            assert_eq!(without_holes(&packets(&doubled), 2), expected, "{count} in steps of two");
        }
    }

    #[test]
    fn few_packets_use_the_default_step() {
        assert_eq!(without_holes(&packets(&[0, 4, 2]), 1), 1);
        assert_eq!(without_holes(&packets(&[0, 4, 2]), 2), 3);
        let long: Vec<i64> = (0..40).map(|frame| 2 * frame).collect();
        assert_eq!(without_holes(&packets(&long), 1), 40);
    }

    #[test]
    fn frames_in_order_are_all_kept() {
        let orders: Vec<i64> = (0..100).map(|frame| frame % 25).collect();
        for count in 1..=100 {
            assert_eq!(without_holes(&packets(&orders[..count]), 1), count);
        }
    }

    #[test]
    fn irregular_orders_drop_no_frames() {
        let orders: Vec<i64> = (0..100).map(|frame| frame * frame).collect();
        assert_eq!(without_holes(&packets(&orders), 1), 100);
        // Frames that are shown before their keyframe belong to the previous run.
        let open = [(true, 0), (false, 2), (false, 1), (true, 8), (false, 5), (false, 4), (false, 9)];
        let open = open.map(|(keyframe, order)| Coded { keyframe, order });
        assert_eq!(without_holes(&open, 1), 7);
        assert_eq!(without_holes(&[], 1), 0);
    }
}

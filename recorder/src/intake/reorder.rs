//! Puts packets back in order, and gives up on a missing one after a while.

use std::collections::BTreeMap;

use protocol::relay::RelayPacket;

use super::OrderedPacket;

/// Packets held at most, about 8 s of video at 1 Mbit/s; when it is hit, the oldest gap is given up.
const CAPACITY: usize = 1_024;

/// So many packets in a row from before the present place mean that the sender began a new count.
const RESTART_AFTER: u32 = 200;

/// Holds packets until their turn.
pub(super) struct Reorder {
    patience_us: u64,
    waiting: BTreeMap<u64, RelayPacket>,
    next: Option<u64>,
    stale_in_a_row: u32,
}

impl Reorder {
    /// A missing packet is waited for `patience_us` microseconds.
    pub(super) fn new(patience_us: u64) -> Self {
        Self {
            patience_us,
            waiting: BTreeMap::new(),
            next: None,
            stale_in_a_row: 0,
        }
    }

    /// Takes a packet as it came. Duplicates and packets whose turn has passed are dropped.
    pub(super) fn push(&mut self, packet: RelayPacket) {
        if self.next.is_some_and(|next| packet.sequence < next) {
            self.stale_in_a_row += 1;
            if self.stale_in_a_row < RESTART_AFTER {
                return;
            }
            self.waiting.clear();
            self.next = None;
        }
        self.stale_in_a_row = 0;
        self.waiting.entry(packet.sequence).or_insert(packet);
    }

    /// The next packet, if it is there or everything before it is overdue at `now_us`.
    pub(super) fn pop(&mut self, now_us: u64) -> Option<OrderedPacket> {
        let (&sequence, first) = self.waiting.first_key_value()?;
        let expected = self.next.unwrap_or(sequence);
        let overdue = now_us.saturating_sub(first.received_us) >= self.patience_us;
        if sequence != expected && !overdue && self.waiting.len() < CAPACITY {
            return None;
        }
        let (_, packet) = self.waiting.pop_first()?;
        self.next = Some(sequence.saturating_add(1));
        Some(OrderedPacket {
            packet,
            lost_before: sequence - expected,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_packet;
    use super::*;

    fn drain(reorder: &mut Reorder, now_us: u64) -> Vec<(u64, u64)> {
        std::iter::from_fn(|| reorder.pop(now_us))
            .map(|p| (p.packet.sequence, p.lost_before))
            .collect()
    }

    #[test]
    fn swapped_packets_come_out_in_order() {
        let mut reorder = Reorder::new(1_000_000);
        for sequence in [5, 7, 6, 6, 8] {
            reorder.push(test_packet(sequence, 0, false, vec![]));
        }
        assert_eq!(drain(&mut reorder, 0), [(5, 0), (6, 0), (7, 0), (8, 0)]);
    }

    #[test]
    fn missing_packet_is_waited_for_and_then_given_up() {
        let mut reorder = Reorder::new(1_000_000);
        for sequence in [1, 4] {
            reorder.push(test_packet(sequence, 0, false, vec![]));
        }
        assert_eq!(drain(&mut reorder, 500_000), [(1, 0)]);
        assert_eq!(drain(&mut reorder, 1_040_000), [(4, 2)]);
        reorder.push(test_packet(2, 0, false, vec![]));
        assert_eq!(drain(&mut reorder, u64::MAX), [], "its turn has passed");
    }

    #[test]
    fn full_buffer_gives_up_the_oldest_gap() {
        let mut reorder = Reorder::new(u64::MAX);
        reorder.push(test_packet(0, 0, false, vec![]));
        assert_eq!(drain(&mut reorder, 0).len(), 1);
        for sequence in 0..CAPACITY as u64 {
            reorder.push(test_packet(sequence + 2, 0, false, vec![]));
        }
        assert_eq!(drain(&mut reorder, 0).len(), CAPACITY);
    }

    #[test]
    fn sender_that_counts_anew_is_followed() {
        let mut reorder = Reorder::new(0);
        reorder.push(test_packet(1_000_000, 0, false, vec![]));
        assert_eq!(drain(&mut reorder, u64::MAX).len(), 1);
        for sequence in 0..400 {
            reorder.push(test_packet(sequence, 0, false, vec![]));
        }
        assert_eq!(drain(&mut reorder, u64::MAX).len(), 201);
    }
}

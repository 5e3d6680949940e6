//! A shard's way to the recorder: bounded, never waited for, and honest about what it dropped.

use std::collections::VecDeque;

use protocol::gaps::Gaps;
use protocol::relay::{RelayFrame, RelayMessage, StreamId};
use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;

/// One shard's end of the relay.
#[derive(Debug)]
pub(crate) struct RelaySink {
    frames: Sender<RelayFrame>,
    /// Messages that found no room. None may be lost; they are few, because a recorder that takes nothing is given up.
    waiting: VecDeque<RelayMessage>,
    gaps: Gaps,
    dropped: u64,
}

impl RelaySink {
    pub(crate) fn new(frames: Sender<RelayFrame>) -> Self {
        Self {
            frames,
            waiting: VecDeque::new(),
            gaps: Gaps::default(),
            dropped: 0,
        }
    }

    /// Hands a frame on. A packet that finds no room is dropped and counted in a gap. A sender report is dropped too, for
    /// another one comes. Any other message waits.
    pub(crate) fn push(&mut self, frame: RelayFrame) {
        self.retry();
        match frame {
            RelayFrame::Packet(packet) => {
                let (stream, at_us) = (packet.stream, packet.received_us);
                let told = self.waiting.is_empty() && self.tell_gap(stream);
                if !told || self.frames.try_send(RelayFrame::Packet(packet)).is_err() {
                    self.dropped += 1;
                    self.gaps.add(stream, at_us);
                }
            }
            RelayFrame::Message(report @ RelayMessage::SenderReport { .. }) => {
                if self.waiting.is_empty() {
                    self.try_message(report);
                }
            }
            RelayFrame::Message(message) => {
                if let RelayMessage::StreamEnded { stream } = message
                    && let Some(gap) = self.gaps.take(stream)
                {
                    self.waiting.push_back(RelayMessage::Gap { stream, gap });
                }
                self.waiting.push_back(message);
                self.retry();
            }
        }
    }

    /// Tells what was dropped of a stream, if anything was; false when there is no room for that.
    fn tell_gap(&mut self, stream: StreamId) -> bool {
        let Some(gap) = self.gaps.of(stream) else {
            return true;
        };
        let told = self
            .try_message(RelayMessage::Gap { stream, gap })
            .is_none();
        if told {
            self.gaps.take(stream);
        }
        told
    }

    /// Sends messages that wait, as far as there is room.
    pub(crate) fn retry(&mut self) {
        while let Some(message) = self.waiting.pop_front() {
            if let Some(message) = self.try_message(message) {
                self.waiting.push_front(message);
                return;
            }
        }
    }

    /// Whether messages wait for room.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Packets dropped since this was last asked.
    pub(crate) fn take_dropped(&mut self) -> u64 {
        std::mem::take(&mut self.dropped)
    }

    /// Gives the message back when there is no room. Without a recorder's end it goes nowhere.
    fn try_message(&self, message: RelayMessage) -> Option<RelayMessage> {
        match self.frames.try_send(RelayFrame::Message(message)) {
            Err(TrySendError::Full(RelayFrame::Message(message))) => Some(message),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::gaps::Gap;
    use protocol::relay::RelayPacket;
    use tokio::sync::mpsc;

    fn packet(sequence: u64) -> RelayFrame {
        RelayFrame::Packet(RelayPacket {
            stream: 1,
            sequence,
            time: 0,
            received_us: sequence * 1000,
            marker: false,
            payload: Vec::new(),
        })
    }

    #[test]
    fn slow_recorder_loses_packets_but_is_told_how_many() {
        let (sender, mut receiver) = mpsc::channel(2);
        let mut sink = RelaySink::new(sender);
        for sequence in 0..5 {
            sink.push(packet(sequence));
        }
        assert_eq!(receiver.try_recv().unwrap(), packet(0));
        assert_eq!(receiver.try_recv().unwrap(), packet(1));
        sink.push(packet(5));
        assert_eq!(
            receiver.try_recv().unwrap(),
            RelayFrame::Message(RelayMessage::Gap {
                stream: 1,
                gap: Gap {
                    dropped: 3,
                    from_us: 2000,
                    to_us: 4000,
                },
            })
        );
        assert_eq!(receiver.try_recv().unwrap(), packet(5));
    }

    #[test]
    fn messages_survive_a_full_queue_in_order() {
        let (sender, mut receiver) = mpsc::channel(1);
        let mut sink = RelaySink::new(sender);
        sink.push(packet(0));
        sink.push(packet(1));
        let ended = RelayMessage::StreamEnded { stream: 1 };
        sink.push(RelayFrame::Message(ended.clone()));
        assert!(sink.is_waiting());
        let mut seen = Vec::new();
        while let Ok(frame) = receiver.try_recv() {
            seen.push(frame);
            sink.retry();
        }
        assert!(!sink.is_waiting());
        assert!(matches!(
            seen[1],
            RelayFrame::Message(RelayMessage::Gap {
                gap: Gap { dropped: 1, .. },
                ..
            })
        ));
        assert_eq!(seen[2], RelayFrame::Message(ended));
    }

    #[test]
    fn reports_do_not_pile_up_while_nobody_reads() {
        let (sender, mut receiver) = mpsc::channel(1);
        let mut sink = RelaySink::new(sender);
        sink.push(packet(0));
        for at in 0..1_000 {
            sink.push(RelayFrame::Message(RelayMessage::SenderReport {
                stream: 1,
                ntp: at,
                rtp: at,
                received_us: at,
            }));
        }
        assert!(!sink.is_waiting());
        assert_eq!(receiver.try_recv().unwrap(), packet(0));
        assert!(receiver.try_recv().is_err());
    }
}

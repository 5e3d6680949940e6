//! The way to the recorder: bounded, never waited for, and honest about what it dropped.

use std::collections::{HashMap, VecDeque};

use protocol::relay::{RelayFrame, RelayMessage, StreamId};
use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;

/// Packets of one stream that were dropped since the last that went through.
#[derive(Debug, Clone, Copy)]
struct Gap {
    dropped: u64,
    from_us: u64,
    to_us: u64,
}

/// One shard's end of the relay.
#[derive(Debug)]
pub(crate) struct RelaySink {
    frames: Sender<RelayFrame>,
    /// Messages that found no room; they are few, and none may be lost.
    waiting: VecDeque<RelayMessage>,
    gaps: HashMap<StreamId, Gap>,
    dropped: u64,
}

impl RelaySink {
    pub(crate) fn new(frames: Sender<RelayFrame>) -> Self {
        Self {
            frames,
            waiting: VecDeque::new(),
            gaps: HashMap::new(),
            dropped: 0,
        }
    }

    /// Hands a frame on. A packet that finds no room is dropped and counted in a gap; a message waits.
    pub(crate) fn push(&mut self, frame: RelayFrame) {
        self.retry();
        match frame {
            RelayFrame::Packet(packet) => {
                let (stream, at_us) = (packet.stream, packet.received_us);
                if !self.waiting.is_empty() {
                    self.drop_packet(stream, at_us);
                    return;
                }
                if let Some(gap) = self.gaps.remove(&stream) {
                    let message = RelayMessage::Gap {
                        stream,
                        dropped: gap.dropped,
                        from_us: gap.from_us,
                        to_us: gap.to_us,
                    };
                    if self.try_message(message).is_some() {
                        self.gaps.insert(stream, gap);
                        self.drop_packet(stream, at_us);
                        return;
                    }
                }
                if self.frames.try_send(RelayFrame::Packet(packet)).is_err() {
                    self.drop_packet(stream, at_us);
                }
            }
            RelayFrame::Message(message) => {
                if let RelayMessage::StreamEnded { stream } = message
                    && let Some(gap) = self.gaps.remove(&stream)
                {
                    self.waiting.push_back(RelayMessage::Gap {
                        stream,
                        dropped: gap.dropped,
                        from_us: gap.from_us,
                        to_us: gap.to_us,
                    });
                }
                self.waiting.push_back(message);
                self.retry();
            }
        }
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

    fn drop_packet(&mut self, stream: StreamId, at_us: u64) {
        self.dropped += 1;
        let gap = self.gaps.entry(stream).or_insert(Gap {
            dropped: 0,
            from_us: at_us,
            to_us: at_us,
        });
        gap.dropped += 1;
        gap.to_us = at_us;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
                dropped: 3,
                from_us: 2000,
                to_us: 4000,
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
            RelayFrame::Message(RelayMessage::Gap { dropped: 1, .. })
        ));
        assert_eq!(seen[2], RelayFrame::Message(ended));
    }
}

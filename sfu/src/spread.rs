//! The ways between the shards of a node, for rooms that are spread over several: bounded, never waited for. What a round
//! of the shard's loop has for another shard goes in one batch, so that pictures arrive whole and wake it once.

use sfu_core::{Parcel, ShardId};
use tokio::sync::mpsc::{self, Receiver, Sender};

/// Batches that may wait for a shard.
const QUEUE: usize = 256;

/// Parcels that may wait for a queue to have room; from here on packets are dropped. What says who publishes is kept.
const BACKLOG: usize = 1024;

/// What one shard had for another in one round.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) from: ShardId,
    pub(crate) parcels: Vec<Parcel>,
}

/// One shard's ways to all shards.
#[derive(Debug)]
pub(crate) struct ShardLinks {
    own: ShardId,
    ways: Vec<Way>,
    dropped: u64,
}

#[derive(Debug)]
struct Way {
    queue: Sender<Batch>,
    waiting: Vec<Parcel>,
}

/// Ways among so many shards: for each, those to the others, and what comes from them.
pub(crate) fn mesh(shards: usize) -> Vec<(ShardLinks, Receiver<Batch>)> {
    let (queues, ends): (Vec<_>, Vec<_>) = (0..shards).map(|_| mpsc::channel(QUEUE)).unzip();
    let links = |own| {
        let ways = queues.iter().cloned().map(|queue| Way {
            queue,
            waiting: Vec::new(),
        });
        ShardLinks {
            own: ShardId(own),
            ways: ways.collect(),
            dropped: 0,
        }
    };
    ends.into_iter()
        .enumerate()
        .map(|(own, end)| (links(own), end))
        .collect()
}

impl ShardLinks {
    /// Takes something for another shard. It leaves with [`Self::flush`].
    pub(crate) fn push(&mut self, to: ShardId, parcel: Parcel) {
        if let Some(way) = self.ways.get_mut(to.0) {
            way.waiting.push(parcel);
        }
    }

    /// Sends what waits, as far as there is room.
    pub(crate) fn flush(&mut self) {
        for way in self.ways.iter_mut().filter(|way| !way.waiting.is_empty()) {
            let Ok(room) = way.queue.try_reserve() else {
                if way.waiting.len() > BACKLOG {
                    let before = way.waiting.len();
                    way.waiting.retain(|parcel| !parcel.is_media());
                    self.dropped += (before - way.waiting.len()) as u64;
                }
                continue;
            };
            room.send(Batch {
                from: self.own,
                parcels: std::mem::take(&mut way.waiting),
            });
        }
    }

    /// Whether something waits for room.
    pub(crate) fn is_waiting(&self) -> bool {
        self.ways.iter().any(|way| !way.waiting.is_empty())
    }

    /// Packets dropped since this was last asked.
    pub(crate) fn take_dropped(&mut self) -> u64 {
        std::mem::take(&mut self.dropped)
    }
}

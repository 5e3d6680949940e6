//! The cascade links between the shards of a node, for rooms that several of them carry: bounded, never waited for.
//! What a round of the shard's loop has for another shard goes in one batch, so that pictures arrive whole and wake it
//! once.

use sfu_core::{CascadeMessage, ShardId};
use tokio::sync::mpsc::{self, Receiver, Sender};

/// Batches that may wait for a shard.
const QUEUE: usize = 256;

/// Messages that may wait for a queue to have room; from here on packets are dropped. What says who publishes is kept.
const BACKLOG: usize = 1024;

/// What one shard had for another in one round.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) from: ShardId,
    pub(crate) messages: Vec<CascadeMessage>,
}

/// One shard's links to all shards.
#[derive(Debug)]
pub(crate) struct CascadeLinks {
    own: ShardId,
    links: Vec<CascadeLink>,
    dropped: u64,
}

#[derive(Debug)]
struct CascadeLink {
    queue: Sender<Batch>,
    waiting: Vec<CascadeMessage>,
}

/// The links among this many shards: for each, those to the others, and what comes from them.
pub(crate) fn mesh(shards: usize) -> Vec<(CascadeLinks, Receiver<Batch>)> {
    let (queues, ends): (Vec<_>, Vec<_>) = (0..shards).map(|_| mpsc::channel(QUEUE)).unzip();
    let of_shard = |own| {
        let links = queues.iter().cloned().map(|queue| CascadeLink {
            queue,
            waiting: Vec::new(),
        });
        CascadeLinks {
            own: ShardId(own),
            links: links.collect(),
            dropped: 0,
        }
    };
    ends.into_iter()
        .enumerate()
        .map(|(own, end)| (of_shard(own), end))
        .collect()
}

impl CascadeLinks {
    /// Takes something for another shard. It leaves with [`Self::flush`].
    pub(crate) fn push(&mut self, to: ShardId, message: CascadeMessage) {
        if let Some(link) = self.links.get_mut(to.0) {
            link.waiting.push(message);
        }
    }

    /// Sends what waits, as far as there is room.
    pub(crate) fn flush(&mut self) {
        for link in self
            .links
            .iter_mut()
            .filter(|link| !link.waiting.is_empty())
        {
            let Ok(room) = link.queue.try_reserve() else {
                if link.waiting.len() > BACKLOG {
                    let before = link.waiting.len();
                    link.waiting.retain(|message| !message.is_media());
                    self.dropped += (before - link.waiting.len()) as u64;
                }
                continue;
            };
            room.send(Batch {
                from: self.own,
                messages: std::mem::take(&mut link.waiting),
            });
        }
    }

    /// Whether something waits for room.
    pub(crate) fn is_waiting(&self) -> bool {
        self.links.iter().any(|link| !link.waiting.is_empty())
    }

    /// Packets dropped since this was last asked.
    pub(crate) fn take_dropped(&mut self) -> u64 {
        std::mem::take(&mut self.dropped)
    }
}

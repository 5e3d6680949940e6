//! Names of what a shard has, and of shards.

use std::collections::HashMap;

slotmap::new_key_type! {
    /// A room of this shard.
    pub(crate) struct RoomKey;
    /// A peer of one room.
    pub(crate) struct MemberKey;
    /// A published track of one room.
    pub(crate) struct TrackKey;
}

/// A peer of this shard.
pub(crate) type PeerKey = (RoomKey, MemberKey);

/// A shard among those of its node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShardId(pub usize);

/// A table whose hash is fast.
pub(crate) type FastMap<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

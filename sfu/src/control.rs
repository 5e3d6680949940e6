//! The link from signaling: gives each command to the shard that its room lives on.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use protocol::RoomId;
use protocol::sfu::{OfferRefusal, SfuCommand, SfuEvent};
use tokio::sync::mpsc::{Receiver, Sender};

/// One shard as the control link sees it.
pub(crate) struct ShardHandle {
    pub(crate) commands: Sender<SfuCommand>,
    /// How many peers it has.
    pub(crate) load: Arc<AtomicUsize>,
}

/// Distributes commands on the calling thread until signaling hangs up or every shard is gone.
pub(crate) fn distribute(
    mut commands: Receiver<SfuCommand>,
    shards: &[ShardHandle],
    events: &Sender<SfuEvent>,
    max_peers: usize,
) {
    let mut homes: HashMap<RoomId, usize> = HashMap::new();
    while let Some(command) = commands.blocking_recv() {
        if let SfuCommand::Join { request, .. } = &command
            && peers(shards) >= max_peers
        {
            let refused = SfuEvent::Refused {
                request: *request,
                reason: OfferRefusal::NodeFull,
            };
            if events.blocking_send(refused).is_err() {
                return;
            }
            continue;
        }
        let room = room_of(&command);
        if let SfuCommand::Explain { request, .. } = command
            && !homes.contains_key(&room)
        {
            let nobody = SfuEvent::Explained {
                request,
                explanation: None,
            };
            if events.blocking_send(nobody).is_err() {
                return;
            }
            continue;
        }
        let home = match homes.get(&room) {
            Some(home) => *home,
            None => {
                let home = least_loaded(shards, &homes);
                homes.insert(room, home);
                home
            }
        };
        if matches!(command, SfuCommand::CloseRoom { .. }) {
            homes.remove(&room);
        }
        if shards[home].commands.blocking_send(command).is_err() {
            return;
        }
    }
}

fn peers(shards: &[ShardHandle]) -> usize {
    let load = |shard: &ShardHandle| shard.load.load(Ordering::Relaxed);
    shards.iter().map(load).sum()
}

/// The shard with the fewest peers; among equals the one with the fewest rooms.
fn least_loaded(shards: &[ShardHandle], homes: &HashMap<RoomId, usize>) -> usize {
    let weight = |index: &usize| {
        let load = shards[*index].load.load(Ordering::Relaxed);
        (load, homes.values().filter(|home| *home == index).count())
    };
    (0..shards.len()).min_by_key(weight).unwrap_or_default()
}

const fn room_of(command: &SfuCommand) -> RoomId {
    match command {
        SfuCommand::Join { room, .. }
        | SfuCommand::IceRestart { room, .. }
        | SfuCommand::Leave { room, .. }
        | SfuCommand::CloseRoom { room }
        | SfuCommand::SetGate { room, .. }
        | SfuCommand::SetPublishing { room, .. }
        | SfuCommand::SetPolicy { room, .. }
        | SfuCommand::SetReceive { room, .. }
        | SfuCommand::SetView { room, .. }
        | SfuCommand::Explain { room, .. }
        | SfuCommand::StartRelay { room, .. }
        | SfuCommand::RequestKeyframe { room, .. }
        | SfuCommand::StopRelay { room, .. } => *room,
    }
}

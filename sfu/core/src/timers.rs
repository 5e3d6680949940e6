//! When rooms and peers want to be told the time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

use slotmap::SecondaryMap;

use crate::keys::{MemberKey, PeerKey, RoomKey};

/// Peers that want to be told the time no sooner than in this long are told together, on a grid: what they do then is
/// reports and looking around, and waking the thread for each of them would cost more than that.
const UNHURRIED: Duration = Duration::from_millis(150);
/// The grid.
const GRID: Duration = Duration::from_millis(5);

/// Something that wants to be woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// A room, for its tick.
    Room(RoomKey),
    /// A peer's engine.
    Peer(RoomKey, MemberKey),
}

/// When a peer's entry in the heap is due, and when the peer really wants to be woken.
#[derive(Debug, Default)]
struct Wake {
    scheduled: Option<Instant>,
    deadline: Option<Instant>,
}

/// All timers of a shard. A peer's deadline changes with every datagram, so its entry in the heap stays where it is
/// when the deadline moves away, and is put again when it is due too early.
#[derive(Debug)]
pub(crate) struct Timers {
    began: Instant,
    due: BinaryHeap<Reverse<(Instant, Timer)>>,
    peers: SecondaryMap<RoomKey, SecondaryMap<MemberKey, Wake>>,
}

impl Timers {
    /// No timers. The grid begins at `began`.
    pub(crate) fn new(began: Instant) -> Self {
        Self {
            began,
            due: BinaryHeap::new(),
            peers: SecondaryMap::new(),
        }
    }

    /// When the next one is due.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.due.peek().map(|Reverse((at, _))| *at)
    }

    /// Takes out one that is due and wants to be woken.
    pub(crate) fn pop(&mut self, now: Instant) -> Option<Timer> {
        while self.next().is_some_and(|at| at <= now) {
            let Reverse((at, timer)) = self.due.pop()?;
            let Timer::Peer(room, member) = timer else {
                return Some(timer);
            };
            let members = self.peers.get_mut(room);
            let Some(wake) = members.and_then(|members| members.get_mut(member)) else {
                continue;
            };
            // An entry that was overtaken by an earlier one.
            if wake.scheduled != Some(at) {
                continue;
            }
            wake.scheduled = None;
            match wake.deadline {
                Some(deadline) if deadline > now => {
                    self.wake_peer(now, (room, member), deadline);
                }
                _ => return Some(timer),
            }
        }
        None
    }

    /// Wakes a room at this moment.
    pub(crate) fn wake_room(&mut self, at: Instant, room: RoomKey) {
        self.due.push(Reverse((at, Timer::Room(room))));
    }

    /// Wakes a peer at its deadline, or soon after if it is in no hurry. Replaces what it wanted before.
    pub(crate) fn wake_peer(&mut self, now: Instant, (room, member): PeerKey, deadline: Instant) {
        let at = self.on_grid(now, deadline);
        let members = self.peers.entry(room);
        let Some(members) = members.map(slotmap::secondary::Entry::or_default) else {
            return;
        };
        let Some(wake) = members.entry(member) else {
            return;
        };
        let wake = wake.or_default();
        wake.deadline = Some(at);
        if wake.scheduled.is_none_or(|scheduled| at < scheduled) {
            wake.scheduled = Some(at);
            self.due.push(Reverse((at, Timer::Peer(room, member))));
        }
    }

    /// When a peer with this deadline is told the time: on the grid, if it is in no hurry.
    fn on_grid(&self, now: Instant, deadline: Instant) -> Instant {
        if deadline <= now + UNHURRIED {
            return deadline;
        }
        let since = deadline.saturating_duration_since(self.began).as_nanos();
        let beyond = u64::try_from(since % GRID.as_nanos()).unwrap_or_default();
        deadline + GRID - Duration::from_nanos(beyond)
    }

    /// Wakes a peer no more.
    pub(crate) fn forget(&mut self, (room, member): PeerKey) {
        if let Some(members) = self.peers.get_mut(room) {
            members.remove(member);
        }
    }

    /// Wakes no peer of this room any more.
    pub(crate) fn forget_room(&mut self, room: RoomKey) {
        self.peers.remove(room);
    }
}

#[cfg(test)]
mod tests {
    use slotmap::SlotMap;

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    fn start() -> Instant {
        Instant::now()
    }

    fn peer() -> PeerKey {
        let mut rooms: SlotMap<RoomKey, ()> = SlotMap::with_key();
        let mut members: SlotMap<MemberKey, ()> = SlotMap::with_key();
        (rooms.insert(()), members.insert(()))
    }

    #[test]
    fn deadline_that_moved_away_wakes_nobody_at_its_first_moment() {
        let (now, peer) = (start(), peer());
        let woken = Timer::Peer(peer.0, peer.1);
        let mut timers = Timers::new(now);
        timers.wake_peer(now, peer, now + 10 * MS);
        timers.wake_peer(now, peer, now + 20 * MS);
        assert_eq!(timers.pop(now + 10 * MS), None);
        assert_eq!(timers.pop(now + 19 * MS), None);
        assert_eq!(timers.pop(now + 20 * MS), Some(woken));
        assert_eq!(timers.pop(now + 20 * MS), None);
    }

    #[test]
    fn earlier_deadline_wakes_once() {
        let (now, peer) = (start(), peer());
        let woken = Timer::Peer(peer.0, peer.1);
        let mut timers = Timers::new(now);
        timers.wake_peer(now, peer, now + 20 * MS);
        timers.wake_peer(now, peer, now + 10 * MS);
        assert_eq!(timers.pop(now + 10 * MS), Some(woken));
        assert_eq!(timers.pop(now + 30 * MS), None);
    }

    #[test]
    fn unhurried_peers_are_woken_together() {
        let (now, peer) = (start(), peer());
        let mut timers = Timers::new(now);
        timers.wake_peer(now, peer, now + 201 * MS);
        assert_eq!(timers.next(), Some(now + 205 * MS));
    }

    #[test]
    fn forgotten_peer_is_not_woken() {
        let (now, peer) = (start(), peer());
        let mut timers = Timers::new(now);
        timers.wake_peer(now, peer, now + MS);
        timers.forget(peer);
        assert_eq!(timers.pop(now + MS), None);
    }
}

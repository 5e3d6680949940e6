//! By which names and from which addresses the peers of a shard are known.

use std::net::SocketAddr;

use protocol::media::MediaPath;
use slotmap::SecondaryMap;

use crate::keys::{FastMap, MemberKey, PeerKey, RoomKey};

/// Addresses remembered for one client; when it comes from more, the oldest are forgotten.
const ADDRESSES_PER_PEER: usize = 8;

/// Where a client is, and how it comes.
type Address = (MediaPath, SocketAddr);

/// By what a peer is known.
#[derive(Debug, Default)]
struct Entry {
    ufrag: String,
    /// Oldest first.
    addresses: Vec<Address>,
}

/// All peers of a shard.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    by_address: FastMap<Address, PeerKey>,
    by_ufrag: FastMap<String, PeerKey>,
    entries: SecondaryMap<RoomKey, SecondaryMap<MemberKey, Entry>>,
}

impl Directory {
    /// The peer whose client comes from there: it has shown that it knows the peer's password.
    pub(crate) fn at(&self, path: MediaPath, source: SocketAddr) -> Option<PeerKey> {
        self.by_address.get(&(path, source)).copied()
    }

    /// The peer whose binding requests have this name.
    pub(crate) fn named(&self, ufrag: &str) -> Option<PeerKey> {
        self.by_ufrag.get(ufrag).copied()
    }

    /// Learns by which name a peer's binding requests come; each ICE restart changes it.
    pub(crate) fn note_ufrag(&mut self, peer: PeerKey, ufrag: String) {
        let members = self.entries.entry(peer.0);
        let Some(members) = members.map(slotmap::secondary::Entry::or_default) else {
            return;
        };
        let Some(entry) = members.entry(peer.1) else {
            return;
        };
        let entry = entry.or_default();
        self.by_ufrag.remove(&entry.ufrag);
        entry.ufrag.clone_from(&ufrag);
        self.by_ufrag.insert(ufrag, peer);
    }

    /// Learns from where a peer's client comes.
    pub(crate) fn note_address(&mut self, peer: PeerKey, path: MediaPath, source: SocketAddr) {
        let Some(entry) = self.entry(peer) else {
            return;
        };
        let known = &mut entry.addresses;
        known.push((path, source));
        let oldest = (known.len() > ADDRESSES_PER_PEER).then(|| known.remove(0));
        if let Some(oldest) = oldest {
            self.by_address.remove(&oldest);
        }
        self.by_address.insert((path, source), peer);
    }

    /// Nobody comes from there any more.
    pub(crate) fn forget_address(&mut self, path: MediaPath, source: SocketAddr) {
        let address = (path, source);
        let peer = self.by_address.remove(&address);
        if let Some(entry) = peer.and_then(|peer| self.entry(peer)) {
            entry.addresses.retain(|known| *known != address);
        }
    }

    /// Forgets a peer.
    pub(crate) fn forget(&mut self, peer: PeerKey) {
        let members = self.entries.get_mut(peer.0);
        let Some(entry) = members.and_then(|members| members.remove(peer.1)) else {
            return;
        };
        self.by_ufrag.remove(&entry.ufrag);
        for address in entry.addresses {
            if self.by_address.get(&address) == Some(&peer) {
                self.by_address.remove(&address);
            }
        }
    }

    /// Forgets a room whose peers are forgotten.
    pub(crate) fn forget_room(&mut self, room: RoomKey) {
        self.entries.remove(room);
    }

    fn entry(&mut self, peer: PeerKey) -> Option<&mut Entry> {
        self.entries.get_mut(peer.0)?.get_mut(peer.1)
    }
}

#[cfg(test)]
mod tests {
    use slotmap::SlotMap;

    use super::*;

    fn peers() -> [PeerKey; 2] {
        let mut rooms: SlotMap<RoomKey, ()> = SlotMap::with_key();
        let mut members: SlotMap<MemberKey, ()> = SlotMap::with_key();
        let room = rooms.insert(());
        [(room, members.insert(())), (room, members.insert(()))]
    }

    fn address(port: u16) -> SocketAddr {
        ([192, 0, 2, 1], port).into()
    }

    #[test]
    fn restarted_peer_is_known_by_its_new_name_alone() {
        let [peer, _] = peers();
        let mut directory = Directory::default();
        directory.note_ufrag(peer, "before".into());
        directory.note_ufrag(peer, "after".into());
        assert_eq!(directory.named("before"), None);
        assert_eq!(directory.named("after"), Some(peer));
    }

    #[test]
    fn client_that_wanders_is_known_from_its_last_addresses() {
        let [peer, _] = peers();
        let mut directory = Directory::default();
        directory.note_ufrag(peer, "name".into());
        for port in 1..=9 {
            directory.note_address(peer, MediaPath::Udp, address(port));
        }
        assert_eq!(directory.at(MediaPath::Udp, address(1)), None);
        assert_eq!(directory.at(MediaPath::Udp, address(2)), Some(peer));
        assert_eq!(directory.at(MediaPath::Tcp, address(2)), None);
    }

    #[test]
    fn address_that_another_client_took_over_stays_when_the_first_is_forgotten() {
        let [first, second] = peers();
        let mut directory = Directory::default();
        directory.note_ufrag(first, "first".into());
        directory.note_ufrag(second, "second".into());
        directory.note_address(first, MediaPath::Udp, address(1));
        directory.note_address(second, MediaPath::Udp, address(1));
        directory.forget(first);
        assert_eq!(directory.at(MediaPath::Udp, address(1)), Some(second));
        assert_eq!(directory.named("first"), None);
        directory.forget(second);
        assert_eq!(directory.at(MediaPath::Udp, address(1)), None);
    }
}

//! The busiest rooms of a node, for Prometheus. A room is told only while it has peers, and at most [`TOLD`] of them
//! are told by name, so that the number of series has a bound whatever people do; the others are told as one number.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{IntGauge, IntGaugeVec, Opts, Registry};
use protocol::RoomId;
use sfu_core::RoomFigures;

/// How many rooms are told by name: those with the most peers.
const TOLD: usize = 50;

/// What the shards last said about their rooms. Cheap to clone; written once a second and read by a scrape.
#[derive(Debug, Clone)]
pub(crate) struct RoomBoard(Arc<Mutex<Vec<Vec<RoomFigures>>>>);

impl RoomBoard {
    /// A board for so many shards, told by `registry`.
    pub(crate) fn register(shards: usize, registry: &Registry) -> prometheus::Result<Self> {
        let board = Self(Arc::new(Mutex::new(vec![Vec::new(); shards])));
        registry.register(Box::new(RoomCollector::new(board.clone())?))?;
        Ok(board)
    }

    /// Replaces what one shard said. A shard never waits: while the board is being read it leaves its figures as they
    /// were, and writes them a second later.
    pub(crate) fn write(&self, shard: usize, rooms: impl Iterator<Item = RoomFigures>) {
        if let Ok(mut board) = self.0.try_lock()
            && let Some(told) = board.get_mut(shard)
        {
            told.clear();
            told.extend(rooms);
        }
    }

    /// All rooms, the busiest first. A room that several shards carry is one room.
    fn busiest(&self) -> Vec<RoomFigures> {
        let mut rooms: BTreeMap<RoomId, RoomFigures> = BTreeMap::new();
        let board = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for figures in board.iter().flatten() {
            rooms
                .entry(figures.room)
                .and_modify(|known| *known = add(known, figures))
                .or_insert(*figures);
        }
        let mut rooms: Vec<RoomFigures> = rooms.into_values().collect();
        rooms.sort_by_key(|room| (std::cmp::Reverse(room.peers), room.room));
        rooms
    }
}

fn add(a: &RoomFigures, b: &RoomFigures) -> RoomFigures {
    RoomFigures {
        room: a.room,
        peers: a.peers + b.peers,
        tracks: a.tracks + b.tracks,
        ingress_bps: a.ingress_bps + b.ingress_bps,
        paused_by_link: a.paused_by_link + b.paused_by_link,
        worst_estimate_bps: match (a.worst_estimate_bps, b.worst_estimate_bps) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        },
    }
}

/// Makes the series of a scrape anew, so that a room that is gone leaves none behind.
struct RoomCollector {
    board: RoomBoard,
    peers: IntGaugeVec,
    tracks: IntGaugeVec,
    ingress: IntGaugeVec,
    paused: IntGaugeVec,
    worst_estimate: IntGaugeVec,
    unnamed: IntGauge,
    /// Held while a scrape is made: two at once would mix their series.
    scrape: Mutex<()>,
}

impl RoomCollector {
    fn new(board: RoomBoard) -> prometheus::Result<Self> {
        let per_room = |name: &str, help: &str| IntGaugeVec::new(Opts::new(name, help), &["room"]);
        Ok(Self {
            board,
            peers: per_room(
                "sfu_room_peers",
                "Peers of a room; the 50 largest rooms are told.",
            )?,
            tracks: per_room("sfu_room_tracks", "Tracks that come and are let through.")?,
            ingress: per_room(
                "sfu_room_ingress_bps",
                "What the publishers of a room send, bits per second.",
            )?,
            paused: per_room(
                "sfu_room_paused_pictures",
                "Pictures that are not sent because a viewer's link does not carry them.",
            )?,
            worst_estimate: per_room(
                "sfu_room_worst_estimate_bps",
                "The smallest downlink estimate of a viewer, bits per second.",
            )?,
            unnamed: IntGauge::new(
                "sfu_rooms_unnamed",
                "Rooms with peers that are not among those told by name.",
            )?,
            scrape: Mutex::new(()),
        })
    }

    fn vectors(&self) -> [&IntGaugeVec; 5] {
        [
            &self.peers,
            &self.tracks,
            &self.ingress,
            &self.paused,
            &self.worst_estimate,
        ]
    }
}

impl Collector for RoomCollector {
    fn desc(&self) -> Vec<&Desc> {
        let vectors = self.vectors().into_iter().flat_map(Collector::desc);
        vectors.chain(self.unnamed.desc()).collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let _one_at_a_time = self.scrape.lock().unwrap_or_else(PoisonError::into_inner);
        let gauge = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        for vector in self.vectors() {
            vector.reset();
        }
        let rooms = self.board.busiest();
        for room in rooms.iter().take(TOLD) {
            let name = room.room.to_string();
            let name = [name.as_str()];
            let told = [
                (&self.peers, Some(room.peers)),
                (&self.tracks, Some(room.tracks)),
                (&self.ingress, Some(room.ingress_bps)),
                (&self.paused, Some(room.paused_by_link)),
                (&self.worst_estimate, room.worst_estimate_bps),
            ];
            for (vector, value) in told {
                if let Some(value) = value {
                    vector.with_label_values(&name).set(gauge(value));
                }
            }
        }
        let unnamed = rooms.len().saturating_sub(TOLD) as u64;
        self.unnamed.set(gauge(unnamed));
        let vectors = self.vectors().into_iter().flat_map(Collector::collect);
        vectors.chain(self.unnamed.collect()).collect()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn figures(room: u128, peers: u64) -> RoomFigures {
        RoomFigures {
            room: RoomId::from(Uuid::from_u128(room)),
            peers,
            tracks: 2,
            ingress_bps: 500_000,
            paused_by_link: 1,
            worst_estimate_bps: Some(400_000 + peers),
        }
    }

    /// The series of one name: label and value.
    fn series(registry: &Registry, name: &str) -> Vec<(String, i64)> {
        registry
            .gather()
            .iter()
            .filter(|family| family.name() == name)
            .flat_map(|family| family.get_metric())
            .map(|metric| {
                let label = metric.get_label().first();
                let label = label.map(|label| label.value().to_owned());
                #[expect(clippy::cast_possible_truncation, reason = "small whole numbers")]
                (
                    label.unwrap_or_default(),
                    metric.get_gauge().get_value() as i64,
                )
            })
            .collect()
    }

    #[test]
    fn at_most_fifty_rooms_are_told_by_name_and_those_are_the_largest() {
        let registry = Registry::new();
        let board = RoomBoard::register(1, &registry).expect("new names");
        board.write(0, (1..=80).map(|room| figures(u128::from(room), room)));
        let peers = series(&registry, "sfu_room_peers");
        assert_eq!(peers.len(), 50);
        assert!(peers.iter().all(|(_, peers)| *peers > 30));
        assert_eq!(
            series(&registry, "sfu_rooms_unnamed"),
            [(String::new(), 30)]
        );
    }

    #[test]
    fn room_that_is_gone_leaves_no_series() {
        let registry = Registry::new();
        let board = RoomBoard::register(1, &registry).expect("new names");
        board.write(0, std::iter::once(figures(1, 3)));
        assert_eq!(series(&registry, "sfu_room_tracks").len(), 1);
        board.write(0, std::iter::empty());
        for name in ["sfu_room_peers", "sfu_room_tracks", "sfu_room_ingress_bps"] {
            assert!(series(&registry, name).is_empty(), "{name}");
        }
    }

    #[test]
    fn room_on_two_shards_is_one_room() {
        let registry = Registry::new();
        let board = RoomBoard::register(2, &registry).expect("new names");
        board.write(0, std::iter::once(figures(1, 3)));
        board.write(1, std::iter::once(figures(1, 4)));
        let room = RoomId::from(Uuid::from_u128(1)).to_string();
        assert_eq!(series(&registry, "sfu_room_peers"), [(room.clone(), 7)]);
        assert_eq!(
            series(&registry, "sfu_room_worst_estimate_bps"),
            [(room, 400_003)]
        );
    }
}

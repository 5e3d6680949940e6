//! What others may see of a live room without asking its task: drawn anew by the room whenever something happened in it.

use std::collections::BTreeMap;

use protocol::client::{ConnectionState, LinkReport};
use protocol::{ParticipantId, PointId, SessionId};
use signaling_core::State;

/// How a bridge point does in a live room.
#[derive(Debug, Clone, PartialEq)]
pub struct LivePoint {
    /// Which point.
    pub bridge_point: PointId,
    /// In which session.
    pub session: SessionId,
    /// As whom.
    pub participant: ParticipantId,
    /// Whether it is connected; otherwise its seat is held.
    pub connected: bool,
    /// The last measurement.
    pub link: Option<LinkReport>,
}

/// A room as others see it; empty before it opens and after it closed.
#[derive(Debug, Default)]
pub(crate) struct Board {
    /// How many participants are connected.
    pub(crate) present: u32,
    /// The points in the room.
    pub(crate) points: Vec<LivePoint>,
    /// Name and seat number of each participant.
    pub(crate) plates: BTreeMap<ParticipantId, (String, Option<u32>)>,
    /// The last measurement of each participant's link.
    pub(crate) links: BTreeMap<ParticipantId, LinkReport>,
}

impl Board {
    /// Shows the room as it is, with the last measurement of each participant's link.
    pub(crate) fn draw(&mut self, room: &State, links: &BTreeMap<ParticipantId, LinkReport>) {
        self.present = 0;
        self.points.clear();
        self.plates.clear();
        self.links.clone_from(links);
        for p in room.people() {
            let connected = p.connection == ConnectionState::Connected;
            self.present += u32::from(connected);
            self.plates.insert(p.id, (p.name.clone(), p.seat));
            if let Some(bridge_point) = p.bridge_point {
                self.points.push(LivePoint {
                    bridge_point,
                    session: room.session().id,
                    participant: p.id,
                    connected,
                    link: links.get(&p.id).copied(),
                });
            }
        }
    }
}

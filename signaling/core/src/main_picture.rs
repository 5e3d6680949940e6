//! What the room shows large in its film, by the rule of [`protocol::main_picture`].

use protocol::ParticipantId;
use protocol::client::ConnectionState;
use protocol::main_picture::{Claims, Sight};
use protocol::media::{Source, TrackRef};

use crate::Room;

impl Room {
    /// What is large, as the room's rules and connections stand. `speaker` is who speaks, else who spoke last; `before` is
    /// what was large until now. A camera that is on gives a picture. A point that was called stays large while it
    /// reconnects, a guest does not.
    #[must_use]
    pub fn main_picture(
        &self,
        speaker: Option<ParticipantId>,
        before: Option<TrackRef>,
    ) -> Option<TrackRef> {
        let room = self.snapshot();
        let claims = Claims {
            broadcast: room.broadcast,
            screen: room.screen,
            floor: room.floor,
            speaker,
            before: before
                .filter(|track| track.source == Source::Camera)
                .map(|track| track.participant),
        };
        let person = |id: ParticipantId| room.participants.iter().find(|p| p.id == id);
        let sight = |track: TrackRef| match person(track.participant) {
            Some(person) if person.connection == ConnectionState::Connected => {
                if track.source == Source::Screen || person.camera_on {
                    Sight::Picture
                } else {
                    Sight::Plate
                }
            }
            Some(person) if person.seat.is_some() => Sight::Plate,
            _ => Sight::Nothing,
        };
        claims.main_picture(sight, room.participants.iter().map(|person| person.id))
    }
}

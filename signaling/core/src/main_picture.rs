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
        let room = self.state();
        let claims = Claims {
            broadcast: room.broadcast(),
            screen: room.screen(),
            floor: room.floor_holder(),
            speaker,
            before: before
                .filter(|track| track.source == Source::Camera)
                .map(|track| track.participant),
        };
        let sight = |track: TrackRef| match room.person(track.participant) {
            Some(person) if person.connection == ConnectionState::Connected => {
                if track.source == Source::Screen || room.camera_is_on(person.id) {
                    Sight::Picture
                } else {
                    Sight::Plate
                }
            }
            Some(person) if person.seat.is_some() => Sight::Plate,
            _ => Sight::Nothing,
        };
        claims.main_picture(sight, room.people().iter().map(|person| person.id))
    }
}

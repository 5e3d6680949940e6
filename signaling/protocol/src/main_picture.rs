//! Who is large: one rule for viewers (the media engine), for the room, which names the main picture to the recorder, and
//! for the film where nothing was named. Each of them knows who claims it and what would be seen of a track, and decides
//! nothing else.
//!
//! From the strongest claim to the weakest: the point that everybody is made to see, with its own screen before its
//! camera; a shared screen; who has the floor; who speaks or spoke last; who was large before; of all who have a camera,
//! whoever came first.
//! Broadcast and floor are given by name, and hold also without a picture: then a plate with the name is large, and
//! nobody else. All other claims hold only while there is a picture.

use crate::ParticipantId;
use crate::media::{Source, TrackRef};

/// Who may claim the main picture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Claims {
    /// Whom everybody is made to see.
    pub broadcast: Option<ParticipantId>,
    /// Who shares a screen, of several by [`first_screen`].
    pub screen: Option<ParticipantId>,
    /// Who has the floor.
    pub floor: Option<ParticipantId>,
    /// Who speaks, else who spoke last.
    pub speaker: Option<ParticipantId>,
    /// Whose camera was large until now.
    pub before: Option<ParticipantId>,
}

/// What would be seen of a track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// Its picture.
    Picture,
    /// A plate with the name: its owner is there and shows nothing.
    Plate,
    /// Nothing: its owner is not there, or must not see it.
    Nothing,
}

impl Claims {
    /// What is large; the owner of a camera that gives no picture is large as a plate. Of `others`, in any order, the one
    /// with the smallest id that gives a picture is shown when nobody has a claim: ids are `UUIDv7`, so the smallest was
    /// given first. `None` when nobody shows anything.
    #[must_use]
    pub fn main_picture(
        &self,
        sight: impl Fn(TrackRef) -> Sight,
        others: impl IntoIterator<Item = ParticipantId>,
    ) -> Option<TrackRef> {
        let own_screen = self.screen.filter(|_| self.screen == self.broadcast);
        let claims = [
            (own_screen, Source::Screen, false),
            (self.broadcast, Source::Camera, true),
            (self.screen, Source::Screen, false),
            (self.floor, Source::Camera, true),
            (self.speaker, Source::Camera, false),
            (self.before, Source::Camera, false),
        ];
        let track_of = |participant, source| TrackRef {
            participant,
            source,
        };
        let claimed = claims
            .into_iter()
            .filter_map(|(participant, source, by_name)| {
                Some((track_of(participant?, source), by_name))
            })
            .find(|(track, by_name)| match sight(*track) {
                Sight::Picture => true,
                Sight::Plate => *by_name,
                Sight::Nothing => false,
            })
            .map(|(track, _)| track);
        claimed.or_else(|| {
            others
                .into_iter()
                .map(|participant| track_of(participant, Source::Camera))
                .filter(|camera| sight(*camera) == Sight::Picture)
                .min_by_key(|camera| camera.participant)
        })
    }
}

/// Whose screen is claimed when several are shared: that of the point that everybody is made to see, else of who has the
/// floor, else of whoever came first. `sharing` is in any order.
pub fn first_screen(
    broadcast: Option<ParticipantId>,
    floor: Option<ParticipantId>,
    sharing: impl IntoIterator<Item = ParticipantId>,
) -> Option<ParticipantId> {
    sharing.into_iter().min_by_key(|participant| {
        let before = [broadcast, floor].into_iter();
        let place = before
            .flatten()
            .position(|first| first == *participant)
            .unwrap_or(usize::MAX);
        (place, *participant)
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn person(n: u128) -> ParticipantId {
        ParticipantId(Uuid::from_u128(n))
    }

    fn camera(n: u128) -> Option<TrackRef> {
        Some(TrackRef {
            participant: person(n),
            source: Source::Camera,
        })
    }

    fn screen(n: u128) -> Option<TrackRef> {
        Some(TrackRef {
            participant: person(n),
            source: Source::Screen,
        })
    }

    /// Claims of 1 to 5, from the strongest.
    fn claims() -> Claims {
        Claims {
            broadcast: Some(person(1)),
            screen: Some(person(2)),
            floor: Some(person(3)),
            speaker: Some(person(4)),
            before: Some(person(5)),
        }
    }

    /// What is large when those in `plates` are there without a picture and those in `gone` are not there.
    fn large(claims: Claims, plates: &[u128], gone: &[u128]) -> Option<TrackRef> {
        let is_in =
            |list: &[u128], track: TrackRef| list.iter().any(|n| person(*n) == track.participant);
        let sight = |track| match () {
            () if is_in(gone, track) => Sight::Nothing,
            () if is_in(plates, track) => Sight::Plate,
            () => Sight::Picture,
        };
        claims.main_picture(sight, [person(7), person(6)])
    }

    #[test]
    fn claims_are_taken_in_order_and_nobody_who_is_away_has_one() {
        let order = [
            camera(1),
            screen(2),
            camera(3),
            camera(4),
            camera(5),
            camera(6),
            camera(7),
            None,
        ];
        for (away, expected) in order.into_iter().enumerate() {
            let gone: Vec<u128> = (1..=away as u128).collect();
            assert_eq!(large(claims(), &[], &gone), expected, "without {gone:?}");
        }
    }

    #[test]
    fn point_that_everybody_sees_shows_its_own_screen_first() {
        let claims = Claims {
            screen: Some(person(1)),
            ..claims()
        };
        assert_eq!(large(claims, &[], &[]), screen(1));
    }

    #[test]
    fn whoever_was_called_by_name_is_large_also_without_a_picture() {
        assert_eq!(large(claims(), &[1], &[]), camera(1));
        assert_eq!(large(claims(), &[2, 3], &[1]), camera(3));
    }

    #[test]
    fn whoever_only_speaks_is_large_with_a_picture_alone() {
        assert_eq!(large(claims(), &[4, 5, 6], &[1, 2, 3]), camera(7));
        assert_eq!(large(claims(), &[4, 5, 6, 7], &[1, 2, 3]), None);
    }

    #[test]
    fn of_several_screens_that_of_whom_all_see_comes_before_the_floor_and_before_others() {
        let sharing = [4, 3, 2, 1].map(person);
        let first = |broadcast, floor| first_screen(broadcast, floor, sharing);
        assert_eq!(first(Some(person(4)), Some(person(3))), Some(person(4)));
        assert_eq!(first(Some(person(9)), Some(person(3))), Some(person(3)));
        assert_eq!(first(None, Some(person(2))), Some(person(2)));
        assert_eq!(first(None, None), Some(person(1)));
        assert_eq!(first_screen(Some(person(4)), None, []), None);
    }
}

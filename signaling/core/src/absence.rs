//! Since when nobody is here: what makes a room end, a recording stop and the chair's powers pass on.

use protocol::client::{ConnectionState, SessionRole};

use crate::{Mono, State};

/// Since when whoever matters is missing, as told by the clock that nobody sets. A restart begins anew.
#[derive(Debug, Default)]
pub(crate) struct Absence {
    /// When the last one went; none while somebody is here, or has a seat held.
    pub(crate) of_all: Option<Mono>,
    /// When the last connection of a participant broke; none while somebody is connected.
    pub(crate) of_participants: Option<Mono>,
    /// When the last connection of a chair broke, or the room opened without one; none while a chair is connected.
    pub(crate) of_the_chair: Option<Mono>,
}

impl Absence {
    /// Takes down who is missing at `now`.
    pub(crate) fn note(&mut self, state: &State, now: Mono) {
        let people = state.roster.people();
        let empty = people.is_empty() && state.viewers.is_empty();
        let mut connected = people
            .iter()
            .filter(|p| p.connection == ConnectionState::Connected)
            .peekable();
        let unattended = connected.peek().is_none();
        let chair_away = !connected.any(|p| p.role == SessionRole::Chair);
        for (since, missing) in [
            (&mut self.of_all, empty),
            (&mut self.of_participants, unattended),
            (&mut self.of_the_chair, chair_away),
        ] {
            *since = missing.then(|| since.unwrap_or(now));
        }
    }
}

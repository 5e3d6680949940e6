//! Which role may ask for what. The only place that says so.
//!
//! | | chair | secretary | point, presenter | viewer |
//! |---|---|---|---|---|
//! | media, view, chat, own hand, leave | ✓ | ✓ | ✓ | ✓ |
//! | open microphone, camera, screen | ✓ | ✓ | ✓ | while holding the floor |
//! | mute, lock, floor, broadcast, others' hands, recording, remove, readmit | ✓ | ✓ | | |
//! | give the floor back | ✓ | ✓ | while holding it | while holding it |
//! | end the session | ✓ | while the chair is away | | |

use protocol::client::{Command, RefusalCode, SessionRole};

/// Who asks, as far as the rules care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asker {
    /// The role.
    pub role: SessionRole,
    /// Whether the asker holds the floor.
    pub holds_floor: bool,
    /// Whether it is a WHIP encoder, which only publishes.
    pub encoder: bool,
    /// Whether no chair has been connected for [`crate::CHAIR_AWAY_AFTER`]: the chair's powers are the secretary's.
    pub chair_away: bool,
}

/// Whether `asker` may ask for `command` at all. Whether it is possible at the moment is for the rule sets.
///
/// # Errors
/// `NotChair` when only chair or secretary may, `NotAllowed` when the role may not.
pub fn permit(asker: Asker, command: &Command) -> Result<(), RefusalCode> {
    use SessionRole::{Chair, Point, Presenter, Secretary, Viewer};

    let (allowed, refusal) = match command {
        Command::Offer { .. } | Command::Leave => return Ok(()),
        _ if asker.encoder => (false, RefusalCode::NotAllowed),
        Command::SetReceive { .. }
        | Command::SetView { .. }
        | Command::ExplainMedia
        | Command::RaiseHand
        | Command::SendChat { .. }
        | Command::LoadChat { .. }
        | Command::LowerHand { participant: None }
        | Command::SetMicrophone { on: false }
        | Command::SetCamera { on: false }
        | Command::SetScreen { on: false } => (true, RefusalCode::NotAllowed),
        Command::SetMicrophone { on: true }
        | Command::SetCamera { on: true }
        | Command::SetScreen { on: true } => (
            match asker.role {
                Chair | Secretary | Point | Presenter => true,
                Viewer => asker.holds_floor,
            },
            RefusalCode::NotAllowed,
        ),
        Command::LowerHand {
            participant: Some(_),
        }
        | Command::Mute { .. }
        | Command::SetLock { .. }
        | Command::SetLockAll { .. }
        | Command::GrantFloor { .. }
        | Command::CancelNext
        | Command::Broadcast { .. }
        | Command::SetRecording { .. }
        | Command::Remove { .. }
        | Command::Readmit { .. } => (presides(asker.role), RefusalCode::NotChair),
        Command::ReleaseFloor => (
            presides(asker.role) || asker.holds_floor,
            RefusalCode::NotChair,
        ),
        Command::EndSession => (
            asker.role == Chair || (asker.role == Secretary && asker.chair_away),
            RefusalCode::NotChair,
        ),
    };
    if allowed { Ok(()) } else { Err(refusal) }
}

/// Whether a role presides: it moderates others and is spared by the locking of all.
#[must_use]
pub const fn presides(role: SessionRole) -> bool {
    matches!(role, SessionRole::Chair | SessionRole::Secretary)
}

//! Which role may ask for what. The only place that says so.
//!
//! | | chair | secretary | point, presenter | viewer |
//! |---|---|---|---|---|
//! | media, view, chat, own hand, leave | ✓ | ✓ | ✓ | ✓ |
//! | open microphone, camera | ✓ | ✓ | ✓ | while holding the floor |
//! | share a screen that is kept for nobody | ✓ | ✓ | by the preset, or while holding the floor | while holding the floor |
//! | mute, lock, floor and its times, order of the queue, broadcast, preset, keep the screen for one, others' hands, recording, remove, readmit | ✓ | ✓ | | |
//! | give the floor back | ✓ | ✓ | while holding it | while holding it |
//! | hand the chair to somebody | ✓ | | | |
//! | take the chair back | | whom the schedule names | whom the schedule names | |
//! | end the session | ✓ | while the chair is away | | |

use protocol::ParticipantId;
use protocol::client::{
    ChairCommand, ChatCommand, Command, FloorCommand, HandCommand, MediaCommand, MicrophoneCommand,
    PictureCommand, Preset, RecordingCommand, RefusalCode, RoomAct, RosterCommand, SessionCommand,
    SessionRole,
};
use uuid::Uuid;

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
    /// Whether the schedule names this one as the chair.
    pub chairs_by_schedule: bool,
    /// How rights are shared out.
    pub preset: Preset,
    /// For whom the shared screen is kept.
    pub screen: ScreenLock,
}

/// For whom the shared screen is kept, seen by one who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScreenLock {
    /// For nobody in particular.
    Open,
    /// For the one who asks.
    Mine,
    /// For somebody else.
    Others,
}

impl Asker {
    /// Whether microphone and camera may be open.
    const fn may_publish(self) -> bool {
        match self.role {
            SessionRole::Viewer => self.holds_floor,
            _ => true,
        }
    }

    /// Whether somebody who may publish may share a screen.
    const fn may_share(self) -> bool {
        match self.screen {
            ScreenLock::Mine => true,
            ScreenLock::Others => false,
            ScreenLock::Open => self.holds_floor || self.preset.lets_share(self.role),
        }
    }
}

/// What `asker` may do, as their page is told. Each act stands for commands that are permitted alike.
pub(crate) fn acts(asker: Asker) -> Vec<RoomAct> {
    let commands = [
        (
            RoomAct::PublishMedia,
            Command::Microphone(MicrophoneCommand::SetMicrophone { on: true }),
        ),
        (
            RoomAct::ShareScreen,
            Command::Picture(PictureCommand::SetScreen { on: true }),
        ),
        (
            RoomAct::Preside,
            Command::Microphone(MicrophoneCommand::SetLockAll { locked: true }),
        ),
        (
            RoomAct::GiveChair,
            Command::Chair(ChairCommand::GiveChair {
                participant: ParticipantId(Uuid::nil()),
            }),
        ),
        (RoomAct::TakeChair, Command::Chair(ChairCommand::TakeChair)),
        (
            RoomAct::EndSession,
            Command::Session(SessionCommand::EndSession),
        ),
    ];
    let permitted = commands
        .into_iter()
        .filter(|(_, command)| permit(asker, command).is_ok());
    permitted.map(|(act, _)| act).collect()
}

/// Whether `asker` may ask for `command` at all. Whether it is possible at the moment is for the rule sets.
///
/// # Errors
/// `NotChair` when only chair or secretary may, `NotAllowed` when the role may not, `ScreenKept` when only others may share.
pub fn permit(asker: Asker, command: &Command) -> Result<(), RefusalCode> {
    use SessionRole::{Chair, Secretary};

    let (allowed, refusal) = match command {
        Command::Media(MediaCommand::Offer { .. }) | Command::Roster(RosterCommand::Leave) => {
            return Ok(());
        }
        _ if asker.encoder => (false, RefusalCode::NotAllowed),
        Command::Media(
            MediaCommand::SetReceive { .. }
            | MediaCommand::SetView { .. }
            | MediaCommand::ExplainMedia,
        )
        | Command::Chat(ChatCommand::SendChat { .. } | ChatCommand::LoadChat { .. })
        | Command::Hand(
            HandCommand::RaiseHand
            | HandCommand::SetTopic { .. }
            | HandCommand::LowerHand { participant: None },
        )
        | Command::Microphone(MicrophoneCommand::SetMicrophone { on: false })
        | Command::Picture(
            PictureCommand::SetCamera { on: false } | PictureCommand::SetScreen { on: false },
        ) => (true, RefusalCode::NotAllowed),
        Command::Microphone(MicrophoneCommand::SetMicrophone { on: true })
        | Command::Picture(PictureCommand::SetCamera { on: true }) => {
            (asker.may_publish(), RefusalCode::NotAllowed)
        }
        Command::Picture(PictureCommand::SetScreen { on: true }) if asker.may_publish() => {
            (asker.may_share(), RefusalCode::ScreenKept)
        }
        Command::Picture(PictureCommand::SetScreen { on: true }) => {
            (false, RefusalCode::NotAllowed)
        }
        Command::Hand(HandCommand::LowerHand {
            participant: Some(_),
        })
        | Command::Microphone(
            MicrophoneCommand::Mute { .. }
            | MicrophoneCommand::SetLock { .. }
            | MicrophoneCommand::SetLockAll { .. },
        )
        | Command::Floor(
            FloorCommand::GrantFloor { .. }
            | FloorCommand::CancelNext
            | FloorCommand::SetTurnLength { .. }
            | FloorCommand::ExtendTurn
            | FloorCommand::SetQueueOrder { .. },
        )
        | Command::Picture(PictureCommand::Broadcast { .. } | PictureCommand::LockScreen { .. })
        | Command::Session(SessionCommand::SetPreset { .. })
        | Command::Recording(RecordingCommand::SetRecording { .. })
        | Command::Roster(RosterCommand::Remove { .. } | RosterCommand::Readmit { .. }) => {
            (presides(asker.role), RefusalCode::NotChair)
        }
        Command::Floor(FloorCommand::ReleaseFloor) => (
            presides(asker.role) || asker.holds_floor,
            RefusalCode::NotChair,
        ),
        Command::Chair(ChairCommand::GiveChair { .. }) => {
            (asker.role == Chair, RefusalCode::NotChair)
        }
        Command::Chair(ChairCommand::TakeChair) => (
            asker.chairs_by_schedule && asker.role != Chair,
            RefusalCode::NotAllowed,
        ),
        Command::Session(SessionCommand::EndSession) => (
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

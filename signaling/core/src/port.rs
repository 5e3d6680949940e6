//! What goes into a room and what comes out.

use protocol::client::{
    ChatMessage, Command, EventFrame, JournalTrouble, ServerFrame, SessionRole,
};
use protocol::explain::Explanation;
use protocol::media::Profile;
use protocol::sfu::{OfferRefusal, SfuCommand};
use protocol::{ParticipantId, PointId, RecordingId, UtcMicros};
use uuid::Uuid;

use crate::{Act, JournalEntry, Mono};

/// Names one connection of a participant or viewer; chosen by the shell, never reused while the room lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// SHA-256 of a resume token.
pub type TokenHash = [u8; 32];

/// A fresh resume token: 256 random bits as text, and their hash, which is what the room remembers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResumeToken {
    /// The token, told to the client once.
    pub token: String,
    /// Its hash.
    pub hash: TokenHash,
}

/// What a client says about an earlier connection of its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResumeClaim {
    /// The hash of the token it shows.
    pub hash: TokenHash,
    /// The last event it has applied.
    pub last_seq: u64,
}

/// Who comes, as the shell found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joiner {
    /// Always the same for the same key in the same session.
    pub participant: ParticipantId,
    /// The name to show.
    pub name: String,
    /// The role that they have a right to. There is one chair at a time: others with a right to it sit as secretaries.
    pub role: SessionRole,
    /// Whether the schedule names them as the chair, so that a stand-in gives way.
    pub scheduled_chair: bool,
    /// At which point, if at one.
    pub bridge_point: Option<PointId>,
    /// Whether this is a WHIP encoder: it is sent no events, and publishes at once.
    pub encoder: bool,
}

/// What may happen to a room.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A participant connects, for the first time, again, or from elsewhere. Answered by `Welcome` or by `Bye`.
    Connect {
        /// The new connection.
        connection: ConnectionId,
        /// Whose.
        joiner: Joiner,
        /// Which receive lines it will offer.
        profile: Profile,
        /// Proof of an earlier connection.
        resume: Option<ResumeClaim>,
        /// Whether another page or device of the same participant gives way.
        take_over: bool,
        /// For the next one.
        token: ResumeToken,
    },
    /// An anonymous viewer connects (WHEP). Answered by `Bye` when there is no place, else by nothing.
    ConnectViewer {
        /// The new connection.
        connection: ConnectionId,
        /// The id the SFU will know it by.
        viewer: ParticipantId,
        /// The participant that the same person is in this session, if they ever took part.
        person: Option<ParticipantId>,
    },
    /// A client asks for something. Answered by one `Reply`.
    Command {
        /// Through which connection.
        connection: ConnectionId,
        /// The client's number for it.
        id: u64,
        /// What it asks.
        command: Command,
        /// The id of what the command may make (a chat line, a recording).
        fresh: Uuid,
    },
    /// A connection is gone.
    ConnectionLost {
        /// Which.
        connection: ConnectionId,
    },
    /// Some [`Work`] is done.
    Done(Done),
    /// The recorder reports.
    Recorder(RecorderReport),
    /// Every entry of the journal up to this number is on disk.
    Saved {
        /// The number.
        seq: u64,
    },
    /// How the journal does, when it changes.
    Journal(JournalHealth),
    /// The right of a participant or viewer to be here was taken away.
    AccessEnded {
        /// Whose.
        participant: ParticipantId,
    },
    /// The right of a participant to be here changed to another part: they come back in it.
    AccessChanged {
        /// Whose.
        participant: ParticipantId,
    },
    /// How the session is planned, as the schedule has it since.
    Planned(Plan),
    /// Ends the session from outside the room (an administrator's page).
    End,
    /// Time has passed.
    Tick,
}

/// How a session is planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Its title.
    pub title: String,
    /// Planned begin.
    pub starts_at: UtcMicros,
    /// Planned end.
    pub ends_at: UtcMicros,
}

/// Whether what is journalled reaches the disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JournalHealth {
    /// Why it does not; none when it does.
    pub trouble: Option<JournalTrouble>,
    /// So much waits that the room takes only what protects people from being heard, and what makes it end.
    pub full: bool,
}

/// Why an offer got no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaFailure {
    /// The SFU refused it.
    Refused(OfferRefusal),
    /// The SFU did not answer in time, or is gone.
    Unavailable,
}

/// What the recorder reports about a room's recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecorderReport {
    /// It runs.
    Started(RecordingId),
    /// It cannot record.
    Failed(RecordingId),
    /// The recorder is gone; it is being restarted.
    Lost,
    /// The recorder is back; recordings that should run have been asked for again.
    Back,
}

/// What a room wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Send a frame to one connection; a `Bye` is its last.
    Send {
        /// To whom.
        to: ConnectionId,
        /// What.
        frame: Box<ServerFrame>,
    },
    /// Send an event to several connections.
    SendAll {
        /// To whom, without order.
        to: Vec<ConnectionId>,
        /// What.
        frame: EventFrame,
    },
    /// Append to the journal. All entries of one `handle` belong into one transaction.
    Persist(JournalEntry),
    /// Add a line to the audit log, in the transaction of the entries of the same `handle`. At most one of each.
    Act(Act),
    /// Remember the resume token that a participant was given.
    Remember {
        /// Whose.
        participant: ParticipantId,
        /// Its hash.
        hash: TokenHash,
    },
    /// Tell the SFU.
    Media(SfuCommand),
    /// Do what takes time, and come back with [`Input::Done`]. An offer is put to the SFU before any later `Media`.
    Work(Work),
    /// Begin or end the recording.
    Record(RecorderCommand),
    /// The session is over: nothing more will happen in this room.
    Ended,
    /// Nothing more to do until this moment ([`Mono::NEVER`] when nothing is due) or the next input.
    Timeout(Mono),
}

/// What a room must wait for.
#[derive(Debug, Clone, PartialEq)]
pub enum Work {
    /// Have the SFU answer an offer. Done as [`Done::Negotiated`], also when there is no answer.
    Negotiate(Negotiation),
    /// Ask the SFU why somebody's pictures are as they are. Done as [`Done::Explained`], or not at all.
    Explain {
        /// Whose pictures.
        participant: ParticipantId,
    },
    /// Fetch chat lines that are older than `before`. Done as [`Done::ChatLoaded`], or not at all.
    LoadChat {
        /// For whom.
        to: ConnectionId,
        /// The oldest line that it has.
        before: Uuid,
    },
}

/// What came of some [`Work`].
#[derive(Debug, Clone, PartialEq)]
pub enum Done {
    /// The SFU answered an offer, or did not.
    Negotiated {
        /// Of which connection.
        connection: ConnectionId,
        /// The number of the client's command.
        command: u64,
        /// The SDP answer, or why there is none.
        result: Result<String, MediaFailure>,
    },
    /// The SFU said why somebody's pictures are as they are.
    Explained {
        /// Whose pictures.
        participant: ParticipantId,
        /// Why.
        explanation: Box<Explanation>,
    },
    /// Older lines of the chat.
    ChatLoaded {
        /// For whom.
        to: ConnectionId,
        /// The lines.
        page: ChatPage,
    },
}

/// Some lines of the chat.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatPage {
    /// Oldest first.
    pub messages: Vec<ChatMessage>,
    /// Whether there are still older ones.
    pub more: bool,
}

/// An offer for the SFU.
#[derive(Debug, Clone, PartialEq)]
pub struct Negotiation {
    /// Of which connection.
    pub connection: ConnectionId,
    /// The number of the client's command.
    pub command: u64,
    /// For whom.
    pub participant: ParticipantId,
    /// The SDP offer.
    pub offer: String,
    /// What for.
    pub kind: NegotiationKind,
}

/// What an offer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NegotiationKind {
    /// A new peer.
    Join {
        /// Which lines the offer has.
        profile: Profile,
        /// Whether the peer may publish.
        may_publish: bool,
        /// Whether its audio is forwarded.
        microphone_open: bool,
    },
    /// An ICE restart of the present peer.
    IceRestart,
}

/// What the recorder should do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecorderCommand {
    /// Record this room under this id, or go on.
    Start(RecordingId),
    /// Close it.
    Stop(RecordingId),
}

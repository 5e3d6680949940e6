//! What each wants to receive, and offers of clients on their way to the SFU, and its answers on theirs back.

use protocol::ParticipantId;
use protocol::client::{MediaCommand, MediaMessage, Refusal, RefusalCode, ServerFrame};
use protocol::explain::Explanation;
use protocol::media::{Profile, Source};
use protocol::sfu::{OfferRefusal, SfuCommand};

use crate::act::Audited;
use crate::context::Context;
use crate::port::Work;
use crate::rules::Outcome;
use crate::{ConnectionId, MediaFailure, Negotiation, NegotiationKind, Room};

/// The most seats a view names; more are ignored.
const VIEW_SEATS: usize = 40;

/// Nothing of it is remembered: the SFU knows.
#[derive(Debug)]
pub(crate) struct Media;

impl Media {
    /// An offer is taken by [`Media::offer`]: its reply comes with the SFU's answer.
    pub(crate) fn handle(cx: &mut Context, me: ParticipantId, command: MediaCommand) -> Outcome {
        let room = cx.id();
        match command {
            MediaCommand::Offer { .. } => {}
            MediaCommand::SetReceive { mode } => cx.media(SfuCommand::SetReceive {
                room,
                participant: me,
                mode,
            }),
            MediaCommand::SetView { mut seats, pinned } => {
                seats.truncate(VIEW_SEATS);
                cx.media(SfuCommand::SetView {
                    room,
                    participant: me,
                    seats,
                    pinned,
                });
            }
            MediaCommand::ExplainMedia => cx.ask(Work::Explain { participant: me }),
        }
        Ok(())
    }

    /// Asks the SFU for an answer to the offer of somebody's command.
    pub(crate) fn offer(
        cx: &mut Context,
        connection: ConnectionId,
        (participant, profile): (ParticipantId, Profile),
        command: u64,
        offer: String,
        ice_restart: bool,
    ) {
        if cx.state.person(participant).is_none() {
            return;
        }
        let kind = if ice_restart {
            NegotiationKind::IceRestart
        } else {
            NegotiationKind::Join {
                profile,
                // Viewers too: one who is given the floor speaks at once. Until then every gate is closed.
                may_publish: true,
                microphone_open: cx.state.microphones.of(participant).is_open(),
            }
        };
        cx.ask(Work::Negotiate(Negotiation {
            connection,
            command,
            participant,
            offer,
            kind,
        }));
        if !ice_restart {
            let room = cx.id();
            let camera_on = cx.state.pictures.camera_is_on(participant);
            let screen_on = cx.state.pictures.screen() == Some(participant);
            for (source, on) in [(Source::Camera, camera_on), (Source::Screen, screen_on)] {
                cx.media(SfuCommand::SetPublishing {
                    room,
                    participant,
                    source,
                    on,
                });
            }
        }
    }
}

impl Room {
    /// Tells a client what came of its offer.
    pub(crate) fn negotiated(
        &mut self,
        connection: ConnectionId,
        id: u64,
        result: Result<String, MediaFailure>,
    ) {
        let participant = self.connections.get(&connection).map(|c| c.participant);
        if participant.is_none() && !self.state.viewers.is_viewer(connection) {
            return;
        }
        let refusal = match result {
            Ok(sdp) => {
                self.send(
                    connection,
                    ServerFrame::Media {
                        message: MediaMessage::Answer { sdp },
                    },
                );
                None
            }
            Err(failure) => Some(refusal_of(failure)),
        };
        if let Some(known) = participant.and_then(|p| self.known.get_mut(&p)) {
            known.replies.keep(id, refusal.clone());
        }
        self.send(connection, ServerFrame::Reply { id, refusal });
    }

    /// Tells somebody why their pictures are as they are.
    pub(crate) fn explained(&mut self, whom: ParticipantId, explanation: Explanation) {
        if let Some(connection) = self.connection_of(whom) {
            let message = MediaMessage::Explanation(explanation);
            self.send(connection, ServerFrame::Media { message });
        }
    }
}

/// How a client is told that there is no answer.
fn refusal_of(failure: MediaFailure) -> Refusal {
    let because = |code, detail| Refusal {
        code,
        detail: Some(detail),
    };
    match failure {
        MediaFailure::Refused(OfferRefusal::BadSdp { detail }) => {
            because(RefusalCode::BadSdp, detail)
        }
        MediaFailure::Refused(OfferRefusal::BadFingerprint { detail }) => {
            because(RefusalCode::BadFingerprint, detail)
        }
        MediaFailure::Refused(OfferRefusal::WeakFingerprint { detail }) => {
            because(RefusalCode::WeakFingerprint, detail)
        }
        MediaFailure::Refused(OfferRefusal::BadOffer { detail }) => {
            because(RefusalCode::BadOffer, detail)
        }
        MediaFailure::Refused(OfferRefusal::NoPeer) => RefusalCode::NoPeer.into(),
        MediaFailure::Refused(OfferRefusal::NodeFull) => RefusalCode::NodeFull.into(),
        MediaFailure::Refused(OfferRefusal::NodeReserved) => RefusalCode::NodeReserved.into(),
        MediaFailure::Unavailable => RefusalCode::MediaUnavailable.into(),
    }
}

/// What somebody receives is nobody else's affair.
impl Audited for MediaCommand {}

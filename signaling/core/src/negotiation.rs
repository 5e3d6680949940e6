//! Offers of clients on their way to the SFU, and its answers on theirs back.

use protocol::ParticipantId;
use protocol::client::{MediaMessage, Refusal, RefusalCode, ServerFrame};
use protocol::media::{Profile, Source};
use protocol::sfu::{OfferRefusal, SfuCommand};

use crate::room::Room;
use crate::{ConnectionId, MediaFailure, Negotiation, NegotiationKind, Output};

impl Room {
    /// Asks the SFU for an answer to an offer; what it answers comes as [`Input::Negotiated`](crate::Input::Negotiated).
    pub(crate) fn offer(
        &mut self,
        connection: ConnectionId,
        participant: ParticipantId,
        profile: Profile,
        command: u64,
        offer: String,
        ice_restart: bool,
    ) {
        let Some(p) = self.state.participant(participant) else {
            return;
        };
        let (microphone_open, camera_on) = (p.microphone.is_open(), p.camera_on);
        let kind = if ice_restart {
            NegotiationKind::IceRestart
        } else {
            NegotiationKind::Join {
                profile,
                // Viewers too: one who is given the floor speaks at once. Until then every gate is closed.
                may_publish: true,
                microphone_open,
            }
        };
        self.outputs.push_back(Output::Negotiate(Negotiation {
            connection,
            command,
            participant,
            offer,
            kind,
        }));
        if !ice_restart {
            let screen_on = self.state.room.screen == Some(participant);
            for (source, on) in [(Source::Camera, camera_on), (Source::Screen, screen_on)] {
                self.media(SfuCommand::SetPublishing {
                    room: self.id(),
                    participant,
                    source,
                    on,
                });
            }
        }
    }

    /// Tells a client what came of its offer.
    pub(crate) fn negotiated(
        &mut self,
        connection: ConnectionId,
        id: u64,
        result: Result<String, MediaFailure>,
    ) {
        let participant = self.connections.get(&connection).map(|c| c.participant);
        if participant.is_none() && !self.viewers.is_viewer(connection) {
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
        if let Some(known) = participant.and_then(|p| self.people.get_mut(&p)) {
            known.replies.keep(id, refusal.clone());
        }
        self.send(connection, ServerFrame::Reply { id, refusal });
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

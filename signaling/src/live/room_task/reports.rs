//! What the SFU reports of a room's media, told to whom it concerns.

use axum::extract::ws::Utf8Bytes;
use protocol::ParticipantId;
use protocol::client::{LinkReport, MediaMessage, ServerFrame, SessionRole, SpeakerLevel};
use protocol::media::DisconnectReason;
use protocol::sfu::SfuEvent;

use crate::live::journal::writer::Write;
use crate::live::presence::Proof;
use crate::live::room_task::{RoomMessage, RoomTask};

impl RoomTask {
    pub(super) async fn report(&mut self, report: SfuEvent) {
        match report {
            SfuEvent::Connected {
                participant, path, ..
            } => {
                self.visits
                    .sign_by_media(participant, self.means.clock.both());
                self.send_media(participant, MediaMessage::Connected { path });
            }
            SfuEvent::Disconnected {
                participant,
                reason,
                detail,
                ..
            } => self.peer_lost(participant, reason, detail).await,
            SfuEvent::SlotAssigned {
                participant,
                mid,
                kind,
                track,
                paused,
                ..
            } => self.send_media(
                participant,
                MediaMessage::SlotAssigned {
                    mid,
                    kind,
                    track,
                    paused,
                },
            ),
            SfuEvent::Speakers { active, levels, .. } => self.speakers(active, &levels),
            SfuEvent::LayersWanted { track, rids, .. } => self.send_media(
                track.participant,
                MediaMessage::LayersWanted {
                    source: track.source,
                    rids,
                },
            ),
            SfuEvent::Link {
                participant,
                report,
                ..
            } => self.link(participant, report),
            // Rooms learn of tracks by commands; answers went to whoever waits for them.
            SfuEvent::TrackStarted { .. }
            | SfuEvent::Answered { .. }
            | SfuEvent::Explained { .. }
            | SfuEvent::Refused { .. } => {}
        }
    }

    /// A person's page is told and mends it; an encoder or viewer has no other line, so it is gone.
    async fn peer_lost(
        &mut self,
        participant: ParticipantId,
        reason: DisconnectReason,
        detail: Option<String>,
    ) {
        self.links.remove(&participant);
        let Some(connection) = self.room.connection_of(participant) else {
            return;
        };
        let by_media_alone = self
            .clients
            .get(&connection)
            .is_some_and(|(_, client)| client.proof == Proof::Media);
        self.send(
            connection,
            Box::new(ServerFrame::Media {
                message: MediaMessage::Disconnected { reason },
            }),
        );
        if by_media_alone {
            self.tell_of_encoder(participant, reason, detail);
            self.take(RoomMessage::Lost { connection }).await;
        }
    }

    /// Tells those who run the session, and the log, why an encoder's media ended. Players are nobody's business.
    fn tell_of_encoder(
        &mut self,
        participant: ParticipantId,
        reason: DisconnectReason,
        detail: Option<String>,
    ) {
        let people = self.room.state().people();
        if reason == DisconnectReason::Closed || !people.iter().any(|p| p.id == participant) {
            return;
        }
        let told: Vec<ParticipantId> = people
            .iter()
            .filter(|p| matches!(p.role, SessionRole::Chair | SessionRole::Secretary))
            .map(|p| p.id)
            .collect();
        tracing::warn!(
            session = %self.session,
            %participant,
            reason = reason.as_str(),
            detail = detail.as_deref().unwrap_or_default(),
            "an encoder was lost"
        );
        for to in told {
            let message = MediaMessage::EncoderLost {
                participant,
                reason,
                detail: detail.clone(),
            };
            self.send_media(to, message);
        }
    }

    fn speakers(&mut self, active: Option<ParticipantId>, levels: &[(ParticipantId, u8)]) {
        let frame = ServerFrame::Media {
            message: MediaMessage::Speakers {
                active,
                levels: levels
                    .iter()
                    .map(|&(participant, level)| SpeakerLevel { participant, level })
                    .collect(),
            },
        };
        if let Ok(text) = serde_json::to_string(&frame) {
            let text = Utf8Bytes::from(text);
            for connection in self.clients.keys() {
                // Superseded by the next one; who is too slow for it misses it.
                self.send_text(*connection, text.clone());
            }
        }
        self.narration.hear(&self.room, active);
    }

    fn link(&mut self, participant: ParticipantId, report: LinkReport) {
        let now = self.means.clock.both();
        self.visits.sign_by_media(participant, now);
        self.links.insert(participant, report);
        if let Some(point) = self.point_of(participant) {
            self.means.journal.write(Write::LinkSample {
                participant,
                point,
                at: now.utc,
                report,
            });
        }
        self.draw_board();
        self.send_media(participant, MediaMessage::Link(report));
    }
}

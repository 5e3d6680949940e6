//! What comes from a room's peers, datagrams in and events out, and when one is given up.

use std::time::{Duration, Instant};

use protocol::media::DisconnectReason;
use protocol::sfu::SfuEvent;

use super::{Member, Room};
use crate::demux::Datagram;
use crate::keys::MemberKey;
use crate::outbox::Outbox;
use crate::peer::{INITIAL_ESTIMATE_BPS, PeerEvent, PeerFailure};
use crate::publishing::Origin;

/// How long a peer that ICE lost may take to come back by a restart.
const RESTART_GRACE: Duration = Duration::from_secs(12);

/// How long a new peer may take until ICE finds a way to it: browsers try again after 8 s, and a peer that nobody
/// reaches has a place that somebody else could use.
const REACH_TIMEOUT: Duration = Duration::from_secs(10);

/// How long the handshake may take from then on: four flights, on links that lose and take 300 ms, with the second
/// repetition of each.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// A publisher that sends nothing for this long, not even what keeps its way open, is taken to be gone. A browser that
/// is there sends something every 2.5 s at least.
const SILENT_AFTER: Duration = Duration::from_secs(4);

impl Room {
    /// Gives a datagram to the peer it came for.
    pub(crate) fn on_datagram(
        &mut self,
        now: Instant,
        key: MemberKey,
        datagram: &Datagram<'_>,
        out: &mut Outbox,
    ) {
        let Some(member) = self.members.get_mut(key) else {
            return;
        };
        member.heard = now;
        member.peer.note_path(datagram.path, datagram.source);
        match member.peer.handle_datagram(now, datagram) {
            Ok(()) => self.drain(now, key, out),
            Err(failure) => self.fail(now, key, &failure, out),
        }
    }

    /// Tells a peer the time and sends what it has to send.
    pub(crate) fn flush(&mut self, now: Instant, key: MemberKey, out: &mut Outbox) {
        let Some(member) = self.members.get_mut(key) else {
            return;
        };
        member.dirty = false;
        let mut events = std::mem::take(&mut out.events);
        let result = member.peer.flush(now, &mut out.runs, &mut events);
        self.after_poll(now, key, events, result, out);
    }

    pub(super) fn drain(&mut self, now: Instant, key: MemberKey, out: &mut Outbox) {
        let Some(member) = self.members.get_mut(key) else {
            return;
        };
        let mut events = std::mem::take(&mut out.events);
        let result = member.peer.drain(now, &mut out.runs, &mut events);
        self.after_poll(now, key, events, result, out);
    }

    fn after_poll(
        &mut self,
        now: Instant,
        key: MemberKey,
        mut events: Vec<PeerEvent>,
        result: Result<Instant, PeerFailure>,
        out: &mut Outbox,
    ) {
        for event in events.drain(..) {
            self.on_peer_event(now, key, event, out);
        }
        out.events = events;
        match result {
            Ok(deadline) => out.deadlines.push(((self.key, key), deadline)),
            Err(failure) => self.fail(now, key, &failure, out),
        }
    }

    fn fail(&mut self, now: Instant, key: MemberKey, failure: &PeerFailure, out: &mut Outbox) {
        if failure.panicked {
            out.counters.panics += 1;
        } else if let Some(member) = self.members.get_mut(key) {
            let mut events = std::mem::take(&mut out.events);
            // The client is told what is wrong with its handshake; what else the engine says is of no interest.
            let _ = member.peer.drain(now, &mut out.runs, &mut events);
            events.clear();
            out.events = events;
        }
        self.disconnect(now, key, failure, out);
    }

    pub(super) fn disconnect(
        &mut self,
        now: Instant,
        key: MemberKey,
        failure: &PeerFailure,
        out: &mut Outbox,
    ) {
        let Some(member) = self.members.get(key) else {
            return;
        };
        let participant = member.participant;
        let reason = match failure.reason {
            // An alert after the handshake is a goodbye.
            DisconnectReason::RefusedByClient if member.connected.is_some() => {
                DisconnectReason::Closed
            }
            reason => reason,
        };
        let detail = failure.detail.clone();
        out.counters.ended[reason as usize] += 1;
        match reason {
            DisconnectReason::Closed | DisconnectReason::Lost => {
                tracing::info!(room = %self.id, %participant, reason = reason.as_str(), "a peer ended");
            }
            _ => {
                let (reason, detail) = (reason.as_str(), detail.as_deref().unwrap_or_default());
                tracing::warn!(room = %self.id, %participant, reason, detail, "a peer ended");
            }
        }
        out.event(SfuEvent::Disconnected {
            room: self.id,
            participant,
            reason,
            detail,
        });
        self.remove(now, key, out);
        self.refresh(now, out);
    }

    fn on_peer_event(&mut self, now: Instant, key: MemberKey, event: PeerEvent, out: &mut Outbox) {
        let Some(member) = self.members.get_mut(key) else {
            return;
        };
        match event {
            PeerEvent::Packet(packet) if member.may_publish => {
                self.forward(now, Origin::Here(key), &packet, out);
            }
            PeerEvent::Packet(_) => out.counters.dropped_forbidden += 1,
            PeerEvent::Connected(path) => {
                member.lost = None;
                member.downlink.forget_limit();
                let first = member.connected.is_none();
                member.connected.get_or_insert(now);
                out.event(SfuEvent::Connected {
                    room: self.id,
                    participant: member.participant,
                    path,
                    client: member.peer.client(),
                });
                if first {
                    self.refresh_member(now, key, out);
                }
            }
            PeerEvent::Reached => {
                member.reached.get_or_insert(now);
            }
            PeerEvent::Lost => member.lost = Some(now),
            PeerEvent::Ended(reason) => {
                self.disconnect(now, key, &PeerFailure::plain(reason), out);
            }
            PeerEvent::KeyframeWanted(slot) => {
                // A receiver that sees no picture yet asks again and again while its first one is on the way.
                let waits = member.peer.queued_bytes(slot) > 0;
                let slot = member.slots.get(slot);
                let shown = slot.and_then(|slot| slot.track.zip(slot.subscription.flowing()));
                if let Some((track, layer)) = shown
                    && !(waits && self.tracks[track].had_keyframe(now, layer))
                {
                    self.want_keyframe(now, track, layer, out);
                }
            }
            PeerEvent::Estimate(bps) => {
                let before = member.estimate_bps.replace(bps);
                let fell = bps < before.unwrap_or(INITIAL_ESTIMATE_BPS);
                member.downlink.note_estimate(fell);
                // Down at once; up can wait for the tick.
                if fell {
                    self.refresh_member(now, key, out);
                }
            }
            PeerEvent::Feedback(feedback) => {
                let turned = member.downlink.observe(now, feedback);
                if turned && member.downlink.is_held() {
                    member.forget_pictures();
                }
                let exceeds = member.link_bps().is_some_and(|bps| bps < member.given_bps);
                if member.downlink.judge(now, exceeds) || turned {
                    self.refresh_member(now, key, out);
                }
            }
            PeerEvent::SenderReport(report) => {
                self.on_sender_report(Origin::Here(key), report, out);
            }
            PeerEvent::Link(report) => out.event(SfuEvent::Link {
                room: self.id,
                participant: member.participant,
                report,
                client: member.peer.client(),
            }),
        }
    }

    /// Notes which publishers have stopped sending anything, or send again.
    pub(super) fn look_for_silence(&mut self, now: Instant, out: &mut Outbox) {
        let turned: Vec<(MemberKey, bool)> = self
            .members
            .iter()
            .filter(|(_, member)| member.may_publish)
            .map(|(key, member)| {
                let silent = now.saturating_duration_since(member.heard) >= SILENT_AFTER;
                (key, silent)
            })
            .filter(|(key, silent)| self.members[*key].publishing.silent != *silent)
            .collect();
        for (key, silent) in turned {
            self.set_silent(Origin::Here(key), silent, out);
        }
    }
}

impl Member {
    /// Why it has been waited for long enough, if it has.
    pub(super) fn overdue(&self, now: Instant) -> Option<DisconnectReason> {
        let (since, patience, reason) = match (self.connected, self.lost, self.reached) {
            (Some(_), Some(lost), _) => (lost, RESTART_GRACE, DisconnectReason::Lost),
            (Some(_), None, _) => return None,
            (None, _, Some(reached)) => (
                reached,
                HANDSHAKE_TIMEOUT,
                DisconnectReason::HandshakeTimeout,
            ),
            (None, _, None) => (self.joined, REACH_TIMEOUT, DisconnectReason::NeverReached),
        };
        (now.saturating_duration_since(since) > patience).then_some(reason)
    }
}

//! A packet's way through a room: from its publisher to whoever should have it.

use std::time::{Duration, Instant};

use protocol::media::{Source, TrackRef};
use protocol::relay::RelayFrame;
use protocol::sfu::SfuEvent;

use super::Room;
use crate::cascade::Body;
use crate::keys::TrackKey;
use crate::outbox::{Outbox, Output};
use crate::peer::Sent;
use crate::publishing::Origin;
use crate::rtp::{MediaPacket, SenderReport, clock_rate};
use crate::track::{Feed, Track};

/// How long the rest of a picture is waited for: one that a publisher hands its kernel at once is whole by then, and no
/// viewer can show it earlier than its last packet comes.
const PATIENCE: Duration = Duration::from_micros(50);

/// From this many viewers on, the rest of a picture is worth waiting for: one more run for each of them costs more than
/// the wait.
const CROWD: usize = 16;

/// Viewers that are looked at together before they are served one by one. What it takes to serve one lies in some forty
/// places in memory, and a crowd has more of them than the processor's caches hold: looked at together, they are
/// fetched together.
const AHEAD: usize = 8;

impl Room {
    /// Keeps a publisher's sender report, by which encodings are bridged, and passes it on.
    pub(crate) fn on_sender_report(
        &mut self,
        origin: Origin,
        report: SenderReport,
        out: &mut Outbox,
    ) {
        let Some(publishing) = self.publishing(origin) else {
            return;
        };
        let Some(track_key) = publishing.tracks[report.source as usize] else {
            return;
        };
        if let Some(participant) = self.name_of(origin) {
            self.pass_on(origin, out, || Body::Report(participant, report));
        }
        let track = &mut self.tracks[track_key];
        track.layers[report.layer].report = Some(report);
        if track.open {
            for relay in &self.relays {
                relay.report(track_key, &report, &mut |frame: RelayFrame| {
                    out.outputs.push_back(Output::Relay(frame));
                });
            }
        }
    }

    /// Brings a published packet to all who should have it.
    pub(crate) fn forward(
        &mut self,
        now: Instant,
        origin: Origin,
        packet: &MediaPacket,
        out: &mut Outbox,
    ) {
        let Some(track_key) = self.track_for(now, origin, packet, out) else {
            return;
        };
        let track = &mut self.tracks[track_key];
        let new_stream = track.observe(now, packet);
        if !track.open {
            out.counters.dropped_closed += 1;
            return;
        }
        let participant = track.reference.participant;
        self.pass_on(origin, out, || Body::Packet(participant, packet.clone()));
        let track = &self.tracks[track_key];
        for relay in &mut self.relays {
            relay.forward(
                now,
                track_key,
                track,
                packet,
                &mut out.next_stream,
                &mut |frame| out.outputs.push_back(Output::Relay(frame)),
            );
        }
        if packet.source == Source::Microphone {
            let size = packet.payload.len();
            if self.speakers.observe(now, track_key, packet.loudness, size) {
                self.assign_voices(now, out);
            }
        } else if new_stream {
            // An encoding appeared: somebody may want it, or wait for it.
            self.refresh(now, out);
        }
        self.await_delivery(now, track_key, packet, out);
    }

    /// Puts a packet with those that came with it, to be delivered together.
    fn await_delivery(
        &mut self,
        now: Instant,
        track_key: TrackKey,
        packet: &MediaPacket,
        out: &mut Outbox,
    ) {
        let track = &mut self.tracks[track_key];
        if !track.forwarded {
            out.counters.dropped_quiet += 1;
            return;
        }
        let crowd = track.subscribers.len() >= CROWD || !self.links.is_empty();
        let incomplete = packet.source.is_video() && crowd && !packet.marker;
        track.await_rest(packet.encoding(), incomplete.then(|| now + PATIENCE));
        if track.arrived.is_empty() {
            out.arrived.push_back((self.key, track_key));
        }
        let feed = Feed::of(track_key, track.stretch, packet);
        track.arrived.push((feed, packet.clone()));
    }

    /// Brings what arrived of a track to its subscriber with this index. `false` when there is none.
    ///
    /// One viewer after the other gets all of it: what is known of a viewer is then fetched into the processor's cache
    /// once for a whole picture, and its packets leave in one run.
    pub(crate) fn deliver(
        &mut self,
        now: Instant,
        track_key: TrackKey,
        index: usize,
        out: &mut Outbox,
    ) -> bool {
        let Some(track) = self.tracks.get(track_key) else {
            return false;
        };
        let Some(subscriber) = track.subscribers.get(index) else {
            return false;
        };
        if index.is_multiple_of(AHEAD) {
            let next = track.subscribers.iter().skip(index).take(AHEAD);
            for subscriber in next {
                if let Some(viewer) = self.members.get_mut(subscriber.member) {
                    viewer.touch(subscriber.slot);
                }
            }
        }
        let Some(viewer) = self.members.get_mut(subscriber.member) else {
            return true;
        };
        if !viewer.peer.is_connected() {
            return true;
        }
        let subscription = &mut viewer.slots[subscriber.slot].subscription;
        for (feed, packet) in &track.arrived {
            let bridge = |old: Feed| bridge(track, track_key, old, packet);
            let end = subscription.end();
            let Some(rewritten) = subscription.accept(*feed, packet, bridge) else {
                continue;
            };
            let peer = &mut viewer.peer;
            let fate = peer.send(now, subscriber.slot, packet, &rewritten, &mut out.runs);
            if fate == Sent::Dropped {
                out.counters.dropped_queue += 1;
                subscription.refuse(packet.received, end);
            } else {
                out.counters.forwarded += 1;
            }
            if fate != Sent::Now && !viewer.dirty {
                viewer.dirty = true;
                out.dirty.push((self.key, subscriber.member));
            }
        }
        true
    }

    /// Ends the delivery of what arrived of a track.
    pub(crate) fn end_delivery(&mut self, track_key: TrackKey) {
        if let Some(track) = self.tracks.get_mut(track_key) {
            // Only now: whoever was sent what is kept a moment ago was sent these packets as well.
            track.keep_arrived();
        }
    }

    /// The track that a packet belongs to, which begins with its first packet; none when nobody knows the publisher.
    fn track_for(
        &mut self,
        now: Instant,
        origin: Origin,
        packet: &MediaPacket,
        out: &mut Outbox,
    ) -> Option<TrackKey> {
        let (source, codec) = (packet.source, packet.codec);
        let publishing = self.publishing(origin)?;
        if let Some(track) = publishing.tracks[source as usize] {
            return Some(track);
        }
        let grant = &publishing.grant;
        let (open, rids) = (grant.open[source as usize], grant.rids_of(source));
        let reference = TrackRef {
            participant: self.name_of(origin)?,
            source,
        };
        let track = self
            .tracks
            .insert(Track::new(now, reference, origin, codec, rids, open));
        self.publishing_mut(origin)?.tracks[source as usize] = Some(track);
        if matches!(origin, Origin::Here(_)) {
            out.event(SfuEvent::TrackStarted {
                room: self.id,
                track: reference,
            });
        }
        Some(track)
    }
}

/// The RTP time, on the clock of the encoding that flowed, of a packet of another encoding of the same track, by the
/// publisher's sender reports for both.
fn bridge(track: &Track, key: TrackKey, old: Feed, packet: &MediaPacket) -> Option<u32> {
    if old.track != key {
        return None;
    }
    let from = track.layers[old.layer]
        .report
        .filter(|report| report.ssrc == old.ssrc)?;
    let to = track.layers[packet.encoding()]
        .report
        .filter(|report| report.ssrc == packet.ssrc)?;
    let clock = i128::from(clock_rate(packet.source));
    let between = ((i128::from(to.ntp) - i128::from(from.ntp)) * clock) >> 32;
    let since_report = (packet.time & 0xffff_ffff) as u32;
    let since_report = since_report.wrapping_sub(to.rtp);
    // Modulo 2³², like every RTP time.
    let between = (between & 0xffff_ffff) as u32;
    Some(from.rtp.wrapping_add(between).wrapping_add(since_report))
}

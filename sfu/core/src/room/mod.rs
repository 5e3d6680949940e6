//! A room: who publishes, who subscribes, who must receive this packet.
//!
//! Tracks are put on lines (`voices`, `stage`), each line gets as much as its viewer's link carries (`layers`), and what a
//! publisher sends goes where it belongs (`forwarding`, `keyframes`): to viewers, to a recorder (`relay`), and to other
//! shards (`cascade`).

mod cascade;
mod explain;
mod figures;
mod forwarding;
mod keyframes;
mod layers;
mod member;
mod peers;
mod relay;
mod speakers;
mod stage;
mod telling;
mod voices;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use protocol::media::{DisconnectReason, Profile, ReceiveMode, Source, TrackRef};
use protocol::sfu::{OfferRefusal, RoomPolicy};
use protocol::{ParticipantId, RecordingId, RoomId};
use slotmap::SlotMap;

use self::cascade::CascadeLinks;
pub use self::figures::RoomFigures;
pub(crate) use self::member::{Member, Slot};
use self::relay::Relay;
use self::speakers::Speakers;
use crate::allocation::{Downlink, Ledger, Share};
use crate::cascade::Body;
use crate::config::Config;
use crate::keys::{FastMap, MemberKey, RoomKey, ShardId, TrackKey};
use crate::outbox::{Outbox, Output};
use crate::peer::{Negotiation, Peer, PeerFailure};
use crate::publishing::{Grant, Origin, Publishing};
use crate::sdp::{Offer, Plan};
use crate::subscription::Subscription;
use crate::track::{Subscriber, Track};

/// How often a room looks at its speakers, slots and budgets; also the most often that it tells who speaks.
pub(crate) const TICK: Duration = Duration::from_millis(200);

/// A participant for whom a room makes a peer.
pub(crate) struct Join {
    pub(crate) participant: ParticipantId,
    pub(crate) profile: Profile,
    pub(crate) may_publish: bool,
    pub(crate) microphone_open: bool,
    pub(crate) offer: String,
}

/// A room and all that belongs to it.
pub(crate) struct Room {
    pub(crate) id: RoomId,
    key: RoomKey,
    pub(crate) members: SlotMap<MemberKey, Member>,
    by_participant: FastMap<ParticipantId, MemberKey>,
    /// Publishers of other shards, and from where they are heard.
    pub(crate) distant: BTreeMap<ParticipantId, (ShardId, Publishing)>,
    pub(crate) links: CascadeLinks,
    pub(crate) tracks: SlotMap<TrackKey, Track>,
    pub(crate) policy: RoomPolicy,
    pub(crate) speakers: Speakers,
    relays: Vec<Relay>,
    /// Whether its tick is in the timer heap.
    pub(crate) ticking: bool,
    told_active: Option<ParticipantId>,
    told_quiet: bool,
}

impl Room {
    pub(crate) fn new(id: RoomId, key: RoomKey) -> Self {
        Self {
            id,
            key,
            members: SlotMap::with_key(),
            by_participant: FastMap::default(),
            distant: BTreeMap::new(),
            links: CascadeLinks::default(),
            tracks: SlotMap::with_key(),
            policy: RoomPolicy::default(),
            speakers: Speakers::default(),
            relays: Vec::new(),
            ticking: false,
            told_active: None,
            told_quiet: true,
        }
    }

    /// Whether there is anything to look after.
    pub(crate) fn is_alive(&self) -> bool {
        !self.members.is_empty() || !self.links.is_empty()
    }

    /// Makes a peer from an offer; with it the answer. A peer of the same participant is closed first.
    pub(crate) fn join(
        &mut self,
        now: Instant,
        config: &Config,
        join: Join,
        out: &mut Outbox,
    ) -> Result<(MemberKey, String), OfferRefusal> {
        let offer = Offer::read(&join.offer)?;
        let plan = Plan::of(join.profile, &offer)?;
        let (peer, answer) = Peer::answer(
            now,
            &Negotiation {
                offer: &offer,
                profile: join.profile,
                plan: &plan,
                addresses: &config.addresses,
                tcp: config.tcp,
            },
        )?;
        if let Some(old) = self.member_of(join.participant) {
            self.leave(now, old, out);
        }
        let slots = plan
            .slots
            .iter()
            .zip(0_u32..)
            .map(|(line, at)| Slot {
                kind: line.kind,
                mid: line.mid.clone(),
                track: None,
                since: now,
                subscription: Subscription::new(at.wrapping_mul(2_654_435_761)),
                share: Share::new(now),
                paused: None,
                told: (None, None),
            })
            .collect();
        let key = self.members.insert(Member {
            participant: join.participant,
            peer,
            may_publish: join.may_publish,
            is_player: join.profile == Profile::Whep,
            publishing: Publishing::new(Grant {
                open: [join.microphone_open, true, true],
                rids: plan
                    .publish
                    .into_iter()
                    .map(|line| (line.source, line.rids))
                    .collect(),
            }),
            slots,
            mode: ReceiveMode::default(),
            view: None,
            pinned: None,
            estimate_bps: None,
            ledger: Ledger::default(),
            downlink: Downlink::default(),
            given_bps: 0,
            joined: now,
            heard: now,
            reached: None,
            connected: None,
            lost: None,
            dirty: false,
        });
        self.by_participant.insert(join.participant, key);
        self.supersede(now, join.participant, out);
        self.announce(key, out);
        self.keep_linked(now, out);
        self.mark_dirty(key, out);
        Ok((key, answer))
    }

    /// Restarts ICE of a participant's peer.
    pub(crate) fn restart(
        &mut self,
        now: Instant,
        participant: ParticipantId,
        offer: &str,
        out: &mut Outbox,
    ) -> Result<(MemberKey, String), OfferRefusal> {
        let key = self.member_of(participant).ok_or(OfferRefusal::NoPeer)?;
        let member = &mut self.members[key];
        let answer = member.peer.restart(&Offer::read(offer)?)?;
        // The client has the whole grace for its new path.
        member.lost = member.lost.map(|_| now);
        member.joined = now;
        self.drain(now, key, out);
        Ok((key, answer))
    }

    /// The peer of a participant.
    pub(crate) fn member_of(&self, participant: ParticipantId) -> Option<MemberKey> {
        self.by_participant.get(&participant).copied()
    }

    /// Closes a peer, with a goodbye to its client.
    pub(crate) fn leave(&mut self, now: Instant, key: MemberKey, out: &mut Outbox) {
        self.say_goodbye(now, key, out);
        self.remove(now, key, out);
        self.refresh(now, out);
    }

    fn say_goodbye(&mut self, now: Instant, key: MemberKey, out: &mut Outbox) {
        if let Some(member) = self.members.get_mut(key)
            && member.peer.close().is_ok()
        {
            let mut events = std::mem::take(&mut out.events);
            // What the engine still says is of no interest; its goodbye is.
            let _ = member.peer.drain(now, &mut out.runs, &mut events);
            events.clear();
            out.events = events;
        }
    }

    fn remove(&mut self, now: Instant, key: MemberKey, out: &mut Outbox) {
        let Some(member) = self.members.remove(key) else {
            return;
        };
        // A successor of the same participant may be there already.
        if self.by_participant.get(&member.participant) == Some(&key) {
            self.by_participant.remove(&member.participant);
        }
        for (slot, track) in member.slots.iter().enumerate() {
            if let Some(track) = track.track.and_then(|track| self.tracks.get_mut(track)) {
                track
                    .subscribers
                    .retain(|subscriber| *subscriber != Subscriber { member: key, slot });
            }
        }
        for track in member.publishing.tracks.into_iter().flatten() {
            self.remove_track(now, track, out);
        }
        // Unless it publishes from another shard by now.
        if member.may_publish && !self.distant.contains_key(&member.participant) {
            self.pass_on(Origin::Here(key), out, || Body::Gone(member.participant));
        }
        out.gone.push((self.key, key));
    }

    pub(crate) fn remove_track(&mut self, now: Instant, key: TrackKey, out: &mut Outbox) {
        let Some(track) = self.tracks.remove(key) else {
            return;
        };
        self.speakers.forget(key);
        for subscriber in track.subscribers {
            if let Some(member) = self.members.get_mut(subscriber.member) {
                let slot = &mut member.slots[subscriber.slot];
                slot.track = None;
                slot.subscription.set_goal(now, None);
            }
        }
        for relay in &mut self.relays {
            relay.end_track(key, &mut |frame| {
                out.outputs.push_back(Output::Relay(frame));
            });
        }
    }

    /// Lets a voice, camera or screen through or not. Takes effect with the next packet.
    pub(crate) fn set_gate(
        &mut self,
        now: Instant,
        origin: Origin,
        source: Source,
        open: bool,
        out: &mut Outbox,
    ) {
        let Some(publishing) = self.publishing_mut(origin) else {
            return;
        };
        publishing.grant.open[source as usize] = open;
        let track = publishing.tracks[source as usize];
        if let Some(participant) = self.name_of(origin) {
            self.pass_on(origin, out, || Body::Gate(participant, source, open));
        }
        let Some(track_key) = track else {
            return;
        };
        let track = &mut self.tracks[track_key];
        if track.open == open {
            return;
        }
        track.open = open;
        track.forget_keyframes();
        // What comes after the gap is spliced on, so that the gap is not taken for loss.
        track.stretch = track.stretch.wrapping_add(1);
        if source == Source::Microphone && !open {
            self.speakers.forget(track_key);
        }
        self.refresh(now, out);
    }

    /// Notes whom the room's rules put first.
    pub(crate) fn set_policy(&mut self, now: Instant, policy: RoomPolicy, out: &mut Outbox) {
        self.policy = policy;
        self.pass_policy(out);
        self.refresh(now, out);
    }

    /// Notes what a viewer chose to receive.
    pub(crate) fn set_receive(
        &mut self,
        now: Instant,
        participant: ParticipantId,
        mode: ReceiveMode,
        out: &mut Outbox,
    ) {
        if let Some(key) = self.member_of(participant) {
            self.members[key].mode = mode;
            self.refresh_member(now, key, out);
        }
    }

    /// Notes which seats a viewer sees.
    pub(crate) fn set_view(
        &mut self,
        now: Instant,
        participant: ParticipantId,
        seats: Vec<ParticipantId>,
        pinned: Option<TrackRef>,
        out: &mut Outbox,
    ) {
        if let Some(key) = self.member_of(participant) {
            let member = &mut self.members[key];
            member.view = Some(seats);
            member.pinned = pinned;
            self.refresh_member(now, key, out);
        }
    }

    /// Begins to relay the room; repeating it does nothing.
    pub(crate) fn start_relay(&mut self, now: Instant, recording: RecordingId, out: &mut Outbox) {
        if self.relays.iter().all(|r| r.recording() != recording) {
            let emit = &mut |frame| out.outputs.push_back(Output::Relay(frame));
            self.relays.push(Relay::start(recording, emit));
            self.refresh(now, out);
        }
    }

    /// Ends a relay.
    pub(crate) fn stop_relay(&mut self, recording: RecordingId, out: &mut Outbox) {
        self.relays.retain_mut(|relay| {
            let ends = relay.recording() == recording;
            if ends {
                relay.end(&mut |frame| out.outputs.push_back(Output::Relay(frame)));
            }
            !ends
        });
    }

    /// The track of this name, if any packet of it came.
    pub(crate) fn track_of(&self, reference: TrackRef) -> Option<TrackKey> {
        let origin = self.origin_of(reference.participant)?;
        self.publishing(origin)?.tracks[reference.source as usize]
    }

    fn source_of(&self, participant: ParticipantId, source: Source) -> Option<TrackKey> {
        self.track_of(TrackRef {
            participant,
            source,
        })
    }

    fn cameras(&self) -> impl Iterator<Item = TrackKey> + '_ {
        self.tracks_of(Source::Camera)
    }

    fn tracks_of(&self, source: Source) -> impl Iterator<Item = TrackKey> + '_ {
        self.tracks
            .iter()
            .filter(move |(_, track)| track.reference.source == source)
            .map(|(key, _)| key)
    }

    /// Ends the room and all its peers.
    pub(crate) fn close(&mut self, now: Instant, out: &mut Outbox) {
        for relay in &mut self.relays {
            relay.end(&mut |frame| out.outputs.push_back(Output::Relay(frame)));
        }
        self.relays.clear();
        let keys: Vec<MemberKey> = self.members.keys().collect();
        for key in keys {
            self.say_goodbye(now, key, out);
            self.remove(now, key, out);
        }
    }

    pub(crate) fn mark_dirty(&mut self, key: MemberKey, out: &mut Outbox) {
        if let Some(member) = self.members.get_mut(key)
            && !member.dirty
        {
            member.dirty = true;
            out.dirty.push((self.key, key));
        }
    }

    /// Looks after everything that changes with time. Call it every [`TICK`].
    pub(crate) fn tick(&mut self, now: Instant, out: &mut Outbox) {
        let overdue: Vec<(MemberKey, DisconnectReason)> = self
            .members
            .iter()
            .filter_map(|(key, member)| Some((key, member.overdue(now)?)))
            .collect();
        for (key, reason) in overdue {
            self.disconnect(now, key, &PeerFailure::plain(reason), out);
        }
        self.look_for_silence(now, out);
        for track in self.tracks.values_mut() {
            track.measure(now);
        }
        self.speakers.tick(now);
        self.refresh(now, out);
        if !self.links.is_branch() {
            self.tell_speakers(now, out);
        }
        self.tell_wants(now, out);
        self.keep_linked(now, out);
    }

    /// Brings slots, budgets and keyframe requests up to date with what changed.
    pub(crate) fn refresh(&mut self, now: Instant, out: &mut Outbox) {
        self.assign_voices(now, out);
        let keys: Vec<MemberKey> = self.members.keys().collect();
        for key in keys {
            self.assign_pictures(now, key);
            self.allocate(now, key, out);
        }
        self.choose_caches();
        self.request_keyframes(now, out);
    }

    fn refresh_member(&mut self, now: Instant, key: MemberKey, out: &mut Outbox) {
        self.assign_pictures(now, key);
        self.allocate(now, key, out);
        self.request_keyframes_for(now, key, out);
    }

    /// Puts a track on a line, or nothing.
    pub(crate) fn put(
        &mut self,
        now: Instant,
        member: MemberKey,
        slot: usize,
        track: Option<TrackKey>,
    ) {
        let line = &mut self.members[member].slots[slot];
        if line.track == track {
            return;
        }
        let subscriber = Subscriber { member, slot };
        if let Some(old) = line.track.and_then(|old| self.tracks.get_mut(old)) {
            old.subscribers.retain(|known| *known != subscriber);
        }
        if let Some(new) = track.and_then(|new| self.tracks.get_mut(new)) {
            new.subscribers.push(subscriber);
        }
        line.track = track;
        line.since = now;
        line.share = Share::new(now);
        line.paused = None;
        line.subscription.set_goal(now, None);
    }
}

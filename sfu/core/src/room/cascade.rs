//! A room on several shards: how its parts keep each other up to date over cascade links.
//!
//! The first shard of a room is its home. Each further one, a branch, holds peers that the home has no room for. It is
//! linked to the home alone, so that the parts form a star. Whatever is published on one shard is told to all its
//! links. What comes over a link goes on to the other links, so that each packet crosses to each shard once. A part
//! treats distant publishers like its own: it forwards, allocates and chooses voices for its own peers, and asks for
//! keyframes and encodings where they come from.
//!
//! ```text
//! branch --Open--> home      repeated until the home answers
//! branch <--Policy, Publisher…-- home
//! branch <--Packet, Report, Gate, Silent, Gone--> home
//! branch <--Taken, Keyframe--> home      towards the publisher
//! branch --Close--> home      with its last peer
//! ```

use std::time::Instant;

use protocol::ParticipantId;
use protocol::sfu::RoomPolicy;

use super::Room;
use crate::cascade::Body;
use crate::keys::{MemberKey, ShardId};
use crate::outbox::Outbox;
use crate::publishing::{Origin, Publishing};
use crate::rtp::MAX_LAYERS;

/// The links to the other parts of a room.
#[derive(Debug, Default)]
pub(crate) struct CascadeLinks {
    /// Of a branch, where its home is.
    home: Option<ShardId>,
    /// Shards that hear what is published here.
    linked: Vec<ShardId>,
}

impl CascadeLinks {
    /// Whether this part is a branch.
    pub(crate) const fn is_branch(&self) -> bool {
        self.home.is_some()
    }

    /// Whether another part hears what is published here.
    pub(crate) fn is_empty(&self) -> bool {
        self.linked.is_empty()
    }
}

impl Room {
    /// Makes this part a branch of the room whose home is on another shard.
    pub(crate) fn adopt(&mut self, home: ShardId) {
        self.links.home = Some(home);
    }

    /// The publisher of this name: one of this shard before one of another, whose leaving is still on its way.
    pub(crate) fn origin_of(&self, participant: ParticipantId) -> Option<Origin> {
        let here = self.member_of(participant).map(Origin::Here);
        here.or_else(|| {
            let (shard, _) = self.distant.get(&participant)?;
            Some(Origin::There(*shard, participant))
        })
    }

    pub(crate) fn publishing(&self, origin: Origin) -> Option<&Publishing> {
        match origin {
            Origin::Here(key) => Some(&self.members.get(key)?.publishing),
            Origin::There(shard, participant) => {
                let (from, publishing) = self.distant.get(&participant)?;
                (*from == shard).then_some(publishing)
            }
        }
    }

    pub(crate) fn publishing_mut(&mut self, origin: Origin) -> Option<&mut Publishing> {
        match origin {
            Origin::Here(key) => Some(&mut self.members.get_mut(key)?.publishing),
            Origin::There(shard, participant) => {
                let (from, publishing) = self.distant.get_mut(&participant)?;
                (*from == shard).then_some(publishing)
            }
        }
    }

    /// The participant who publishes there.
    pub(crate) fn name_of(&self, origin: Origin) -> Option<ParticipantId> {
        match origin {
            Origin::Here(key) => Some(self.members.get(key)?.participant),
            Origin::There(_, participant) => Some(participant),
        }
    }

    /// Tells all other parts of the room something of a publisher, but not the one it came from.
    pub(crate) fn pass_on(&self, origin: Origin, out: &mut Outbox, body: impl Fn() -> Body) {
        for to in &self.links.linked {
            if !matches!(origin, Origin::There(from, _) if from == *to) {
                out.cascade(*to, self.id, body());
            }
        }
    }

    /// Tells other parts that a member may publish.
    pub(crate) fn announce(&self, key: MemberKey, out: &mut Outbox) {
        if let Some(member) = self.members.get(key)
            && member.may_publish
        {
            self.pass_on(Origin::Here(key), out, || {
                Body::Publisher(member.participant, member.publishing.grant.clone())
            });
        }
    }

    /// Asks the home for what is published, as long as this part has peers; call it every [`TICK`].
    pub(crate) fn keep_linked(&mut self, now: Instant, out: &mut Outbox) {
        let Some(home) = self.links.home else {
            return;
        };
        match (self.members.is_empty(), self.links.is_empty()) {
            (false, true) => out.cascade(home, self.id, Body::Open),
            (true, false) => {
                out.cascade(home, self.id, Body::Close);
                self.unlink(now, home, out);
            }
            (false, false) | (true, true) => {}
        }
    }

    fn unlink(&mut self, now: Instant, shard: ShardId, out: &mut Outbox) {
        self.links.linked.retain(|linked| *linked != shard);
        let behind = self.distant.iter().filter(|(_, (from, _))| *from == shard);
        let behind: Vec<ParticipantId> = behind.map(|(participant, _)| *participant).collect();
        for participant in behind {
            self.forget_distant(now, shard, participant, out);
        }
        self.refresh(now, out);
    }

    /// Forgets somebody who was on another shard and is here now.
    pub(crate) fn supersede(&mut self, now: Instant, participant: ParticipantId, out: &mut Outbox) {
        if let Some((before, _)) = self.distant.get(&participant) {
            self.forget_distant(now, *before, participant, out);
        }
    }

    fn forget_distant(
        &mut self,
        now: Instant,
        shard: ShardId,
        participant: ParticipantId,
        out: &mut Outbox,
    ) {
        let origin = Origin::There(shard, participant);
        let Some(publishing) = self.publishing(origin) else {
            return;
        };
        for track in publishing.tracks.into_iter().flatten() {
            self.remove_track(now, track, out);
        }
        self.distant.remove(&participant);
        self.pass_on(origin, out, || Body::Gone(participant));
    }

    /// Hears another part of the room.
    pub(crate) fn on_cascade(&mut self, now: Instant, from: ShardId, body: Body, out: &mut Outbox) {
        match body {
            Body::Open => self.on_open(from, out),
            Body::Close => {
                if self.links.linked.contains(&from) {
                    self.unlink(now, from, out);
                }
            }
            Body::Policy(policy) => {
                if self.links.home == Some(from) {
                    self.on_policy(now, from, policy, out);
                }
            }
            Body::Publisher(participant, grant) => {
                if !self.links.linked.contains(&from) {
                    return;
                }
                self.supersede(now, participant, out);
                let publishing = Publishing::new(grant.clone());
                self.distant.insert(participant, (from, publishing));
                self.pass_on(Origin::There(from, participant), out, || {
                    Body::Publisher(participant, grant.clone())
                });
            }
            Body::Gone(participant) => {
                self.forget_distant(now, from, participant, out);
                self.refresh(now, out);
            }
            Body::Gate(participant, source, open) => {
                self.set_gate(now, Origin::There(from, participant), source, open, out);
            }
            Body::Silent(participant, silent) => {
                self.set_silent(Origin::There(from, participant), silent, out);
            }
            Body::Packet(participant, packet) => {
                self.forward(now, Origin::There(from, participant), &packet, out);
            }
            Body::Report(participant, report) => {
                self.on_sender_report(Origin::There(from, participant), report, out);
            }
            Body::Taken(track, layer) => {
                if let Some(track) = self.track_of(track) {
                    self.tracks[track].take(now, layer);
                }
            }
            Body::Keyframe(track, layer) => {
                if let Some(track) = self.track_of(track)
                    && layer < MAX_LAYERS
                {
                    self.want_keyframe(now, track, layer, out);
                }
            }
        }
    }

    fn on_open(&mut self, from: ShardId, out: &mut Outbox) {
        if self.links.is_branch() || self.links.linked.contains(&from) {
            return;
        }
        out.cascade(from, self.id, Body::Policy(self.policy.clone()));
        for member in self.members.values().filter(|member| member.may_publish) {
            self.introduce(from, member.participant, &member.publishing, out);
        }
        for (participant, (_, publishing)) in &self.distant {
            self.introduce(from, *participant, publishing, out);
        }
        self.links.linked.push(from);
    }

    fn introduce(
        &self,
        to: ShardId,
        participant: ParticipantId,
        publishing: &Publishing,
        out: &mut Outbox,
    ) {
        let grant = publishing.grant.clone();
        out.cascade(to, self.id, Body::Publisher(participant, grant));
        if publishing.silent {
            out.cascade(to, self.id, Body::Silent(participant, true));
        }
    }

    /// Notes whether anything comes from a publisher. The next tick looks at who is large.
    pub(crate) fn set_silent(&mut self, origin: Origin, silent: bool, out: &mut Outbox) {
        let Some(publishing) = self.publishing_mut(origin) else {
            return;
        };
        if std::mem::replace(&mut publishing.silent, silent) == silent {
            return;
        }
        if let Some(participant) = self.name_of(origin) {
            self.pass_on(origin, out, || Body::Silent(participant, silent));
        }
    }

    fn on_policy(&mut self, now: Instant, home: ShardId, policy: RoomPolicy, out: &mut Outbox) {
        if self.members.is_empty() {
            // The home answers somebody who has left meanwhile.
            out.cascade(home, self.id, Body::Close);
            return;
        }
        if self.links.is_empty() {
            self.links.linked.push(home);
            for key in self.members.keys() {
                self.announce(key, out);
            }
        }
        self.set_policy(now, policy, out);
    }

    /// Tells the branches what a home is told.
    pub(crate) fn pass_policy(&self, out: &mut Outbox) {
        if !self.links.is_branch() {
            for to in &self.links.linked {
                out.cascade(*to, self.id, Body::Policy(self.policy.clone()));
            }
        }
    }
}

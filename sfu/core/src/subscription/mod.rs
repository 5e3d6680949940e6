//! One subscriber's view of one track: which encoding flows, and how its packets are renumbered so that the receiver
//! sees one unbroken stream, whatever is put on its line.
//!
//! ```text
//!             assign, resume                  keyframe of the goal
//! (nothing) ------------------> waiting ----------------------------> following
//!     ^                            ^                                      |
//!     +---------- pause -----------+--- stream replaced, line dropped ----+
//! ```
//! While another encoding is the goal, the old one flows until a keyframe of the new one comes.

mod rewriter;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::hint::black_box;
use std::time::Instant;

use self::rewriter::{Fate, Rewriter, Written};
use crate::rtp::Temporal;
use crate::rtp::{Layer, MediaPacket, Rewritten, clock_rate};
use crate::track::Feed;

/// Which packets go to one line, and under which numbers.
#[derive(Debug)]
pub(crate) struct Subscription {
    goal: Option<Layer>,
    feed: Option<Feed>,
    waiting_since: Option<Instant>,
    /// The highest temporal layer that should flow, and the highest that does.
    rate_goal: u8,
    rate: u8,
    /// The highest spatial layer that flows of a scalable stream.
    top: Layer,
    /// What was decided on the last pictures, oldest first, since something was first left out: a picture is forwarded
    /// whole, up to one layer, or not at all, whenever its packets come.
    decisions: VecDeque<Decision>,
    rewriter: Rewriter,
}

/// Whether a picture is forwarded.
#[derive(Debug, Clone, Copy)]
struct Decision {
    /// The RTP time of the picture.
    time: u64,
    forward: bool,
    /// The highest temporal layer from this picture on.
    rate: u8,
    /// The highest spatial layer of this picture.
    top: Layer,
    /// Whether that layer's last packet came: none above it can follow any more.
    ended: bool,
}

/// Decisions remembered: half a second of pictures. What is older is not forwarded any more when it comes late.
const DECISIONS: usize = 16;

/// All temporal layers.
pub(crate) const FULL_RATE: u8 = u8::MAX;

impl Subscription {
    /// A line on which nothing has flowed. `seed` chooses its first numbers.
    pub(crate) const fn new(seed: u32) -> Self {
        Self {
            goal: None,
            feed: None,
            waiting_since: None,
            rate_goal: FULL_RATE,
            rate: FULL_RATE,
            top: 0,
            decisions: VecDeque::new(),
            rewriter: Rewriter::new(seed),
        }
    }

    /// Chooses the encoding that should flow; `None` stops the line at once.
    pub(crate) fn set_goal(&mut self, now: Instant, goal: Option<Layer>) {
        if goal.is_none() {
            self.feed = None;
            self.waiting_since = None;
        } else if self.goal != goal {
            let reached = self.feed.is_some_and(|feed| {
                if feed.scalable {
                    goal <= Some(self.top)
                } else {
                    Some(feed.layer) == goal
                }
            });
            self.waiting_since = (!reached).then_some(now);
        }
        self.goal = goal;
    }

    /// Chooses the highest temporal layer that should flow: pictures above it are left out from the next one on, and
    /// come back where no left-out picture is needed.
    pub(crate) const fn set_rate(&mut self, highest: u8) {
        self.rate_goal = highest;
    }

    /// Forgets the stream that flowed; the line goes on at a keyframe.
    pub(crate) fn restart(&mut self, now: Instant) {
        self.feed = None;
        self.waiting_since = self.goal.map(|_| now);
    }

    /// What was written last, for [`Self::refuse`].
    pub(crate) const fn end(&self) -> Option<Written> {
        self.rewriter.end()
    }

    /// The line did not take the packet that was written after `end`. The line goes on at a keyframe, which gets its
    /// numbers: a receiver would ask in vain for what was never sent.
    pub(crate) fn refuse(&mut self, now: Instant, end: Option<Written>) {
        self.rewriter.take_back(end);
        self.restart(now);
    }

    /// The encoding that flows.
    pub(crate) fn flowing(&self) -> Option<Layer> {
        let feed = self.feed?;
        Some(if feed.scalable { self.top } else { feed.layer })
    }

    /// The encoding of which a keyframe is needed, and since when.
    pub(crate) fn waiting(&self) -> Option<(Layer, Instant)> {
        self.goal.zip(self.waiting_since)
    }

    /// Brings what [`Self::accept`] needs into the processor's caches.
    pub(crate) fn touch(&self) {
        black_box((self.goal, self.feed, self.decisions.is_empty()));
        self.rewriter.touch();
    }

    /// Decides whether a packet of `feed` goes to this line, and under which numbers. `bridge` tells, for a stream
    /// that is to take over from another, which RTP time of the old one is the packet's moment.
    pub(crate) fn accept(
        &mut self,
        feed: Feed,
        packet: &MediaPacket,
        bridge: impl FnOnce(Feed) -> Option<u32>,
    ) -> Option<Rewritten> {
        let goal = self.goal?;
        if self.feed == Some(feed) {
            return self.write(packet);
        }
        if let Some(old) = self.feed
            && old.layer == feed.layer
            && old.track == feed.track
        {
            // The publisher replaced its stream or its codec; nothing more comes of the old one.
            self.restart(packet.received);
        }
        if !(feed.scalable || goal == feed.layer) || !packet.starts_keyframe() {
            return None;
        }
        let time = self.feed.and_then(bridge);
        self.feed = Some(feed);
        self.waiting_since = None;
        self.rewriter
            .splice(packet, clock_rate(packet.source), time);
        self.decisions.clear();
        self.write(packet)
    }

    /// Writes a packet of the stream that flows, or leaves it out.
    fn write(&mut self, packet: &MediaPacket) -> Option<Rewritten> {
        if packet.scalable {
            return self.write_scalable(packet);
        }
        let fate = self.fate(packet);
        self.rewriter.rewrite(packet, fate)
    }

    /// Writes a packet of a stream of spatial layers, up to the goal. Down with the next picture; up where a layer
    /// refers to those below it alone. The last packet of the highest layer written ends the picture.
    fn write_scalable(&mut self, packet: &MediaPacket) -> Option<Rewritten> {
        let header = packet.picture.as_ref()?;
        if header.padding {
            return self.rewriter.rewrite(packet, Fate::Padding);
        }
        let spatial = header.spatial()?;
        let newest = self.rewriter.is_newest(packet);
        let known = self.decisions.back().map(|decision| decision.time);
        if newest && known.is_none_or(|time| time < packet.time) {
            let goal = self.goal?;
            // A keyframe is one also where its first packet is still missing.
            if (packet.layer == 0 && spatial.intra) || goal < self.top {
                self.top = goal;
            }
            self.remember(packet.time, true);
        }
        if newest
            && spatial.begins
            && spatial.intra
            && packet.layer == self.top + 1
            && let Some(goal) = self.goal
            && packet.layer <= goal
            && let Some(present) = self.decisions.back_mut()
            && !present.ended
        {
            self.top = packet.layer;
            present.top = packet.layer;
        }
        if self.goal <= Some(self.top) {
            self.waiting_since = None;
        }
        let mut decisions = self.decisions.iter_mut().rev();
        let decision = decisions.find(|decision| decision.time <= packet.time)?;
        let top = decision.top;
        decision.ended |= decision.time == packet.time && spatial.ends && packet.layer == top;
        let fate = if packet.layer <= top {
            Fate::Forward
        } else {
            Fate::Trim
        };
        let mut rewritten = self.rewriter.rewrite(packet, fate)?;
        rewritten.marker |= spatial.ends && packet.layer == top;
        Some(rewritten)
    }

    fn remember(&mut self, time: u64, forward: bool) {
        if self.decisions.len() == DECISIONS {
            self.decisions.pop_front();
        }
        self.decisions.push_back(Decision {
            time,
            forward,
            rate: self.rate,
            top: self.top,
            ended: false,
        });
    }

    /// What becomes of a packet of the stream that flows.
    fn fate(&mut self, packet: &MediaPacket) -> Fate {
        let Some(picture) = &packet.picture else {
            return Fate::Forward;
        };
        if picture.padding {
            return Fate::Padding;
        }
        let Some(temporal) = picture.temporal else {
            return Fate::Forward;
        };
        let unlimited = self.rate.min(self.rate_goal) == FULL_RATE;
        if self.decisions.is_empty() && (unlimited || self.rewriter.continues(packet)) {
            return Fate::Forward;
        }
        let newest = self.rewriter.is_newest(packet);
        let mut decisions = self.decisions.iter().rev();
        let forward = match decisions.find(|decision| decision.time <= packet.time) {
            Some(decision) if decision.time == packet.time => decision.forward,
            Some(decision) if !newest => temporal.layer <= decision.rate,
            None if !newest => self.decisions.len() < DECISIONS,
            _ => self.decide(packet.time, temporal, picture.starts_keyframe),
        };
        if forward {
            Fate::Forward
        } else {
            Fate::LeaveOut
        }
    }

    /// Decides on a new picture, and whether the rate changes with it.
    fn decide(&mut self, time: u64, temporal: Temporal, keyframe: bool) -> bool {
        if keyframe || self.rate_goal < self.rate {
            self.rate = self.rate_goal;
        } else if temporal.layer == self.rate.saturating_add(1)
            && temporal.layer <= self.rate_goal
            && temporal.sync
        {
            self.rate = temporal.layer;
        }
        let forward = temporal.layer <= self.rate;
        self.remember(time, forward);
        forward
    }
}

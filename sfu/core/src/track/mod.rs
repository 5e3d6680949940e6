//! A published track: its encodings, who subscribes, and its requests for keyframes.

mod cache;

use std::time::{Duration, Instant};

use protocol::media::{Source, TrackRef};

use self::cache::KeyframeCache;
use crate::keys::{MemberKey, TrackKey};
use crate::publishing::Origin;
use crate::rtp::{Codec, Layer, MAX_LAYERS, MediaPacket, SenderReport};

/// An encoding from which nothing came for this long is not chosen any more: longer than between two pictures of a
/// camera in the dark, shorter than a viewer takes for a frozen picture.
const LAYER_ALIVE: Duration = Duration::from_millis(700);

/// A camera from which nothing came for this long is called muted. A shared screen never is: some browsers send nothing
/// while it does not change.
const TRACK_ALIVE: Duration = Duration::from_secs(4);

/// A keyframe that began within this is still on its way to those who wait for one.
const KEYFRAME_COMES: Duration = Duration::from_millis(50);

/// The last packet of a keyframe is taken to have left a line after this long.
const KEYFRAME_WAITS: Duration = Duration::from_secs(1);

/// A track that has just begun is measured for the first time after this long.
const FIRST_MEASURE: Duration = Duration::from_millis(150);
/// Encoders make a keyframe about this often, or more rarely. The keyframe that a track begins with counts for its rate
/// as if it took this long.
const KEYFRAME_EVERY: Duration = Duration::from_secs(2);

/// The least time between two keyframe requests to the publisher for a small encoding, whoever asks.
const REQUEST_INTERVAL_SMALL: Duration = Duration::from_millis(500);
/// The same for the largest encoding and for screens, whose keyframes are big.
const REQUEST_INTERVAL_LARGE: Duration = Duration::from_secs(1);

/// How long an encoding that nobody takes stays wanted: a viewer that looks away and back costs no encoder restart.
const WANTED_LINGER: Duration = Duration::from_secs(3);

/// What an encoding is taken to need before it was measured, bits per second, smallest first.
const NOMINAL_BPS: [u64; MAX_LAYERS] = [150_000, 500_000, 1_500_000];
/// The same for a track with a single encoding.
const NOMINAL_SINGLE_BPS: u64 = 600_000;

/// Pictures are only left out where what stays is at most this share of the encoding, in percent.
const SPARSE_PERCENT: u64 = 80;

/// The stream a line follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Feed {
    pub(crate) track: TrackKey,
    pub(crate) layer: Layer,
    pub(crate) ssrc: u32,
    pub(crate) codec: Codec,
    /// Whether the stream carries spatial layers; its `layer` is then zero.
    pub(crate) scalable: bool,
    /// Counts the stretches for which the track is let through; a new one is spliced like a new stream.
    pub(crate) stretch: u32,
}

impl Feed {
    /// The feed of a packet, when its track is let through for the `stretch`-th time.
    pub(crate) fn of(track: TrackKey, stretch: u32, packet: &MediaPacket) -> Self {
        Self {
            track,
            layer: packet.encoding(),
            ssrc: packet.ssrc,
            codec: packet.codec,
            scalable: packet.scalable,
            stretch,
        }
    }
}

/// One line that shows this track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Subscriber {
    pub(crate) member: MemberKey,
    pub(crate) slot: usize,
}

/// What is known of one encoding.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LayerState {
    /// When its last packet came.
    pub(crate) last_packet: Option<Instant>,
    /// Of the stream that carries it.
    pub(crate) ssrc: u32,
    /// The publisher's last sender report for it.
    pub(crate) report: Option<SenderReport>,
    /// When its last keyframe began to be forwarded.
    pub(crate) keyframe: Option<Instant>,
    /// Whether a keyframe is owed to somebody who asked too soon after the last request.
    pub(crate) keyframe_wanted: bool,
    bytes: u64,
    /// Of those, what keyframes took, and the RTP time of the last of them.
    keyframe_bytes: u64,
    keyframe_time: Option<u64>,
    bps: Option<u64>,
    /// Of that, what pictures of the lowest temporal layer take; nothing where the publisher names no layers.
    base_bytes: u64,
    base_bps: Option<u64>,
    last_request: Option<Instant>,
    taken: Option<Instant>,
}

impl LayerState {
    /// Of the bytes that came within a span, those of keyframes that are not to be expected in every such span.
    fn beyond_rate(&self, span: Duration) -> u64 {
        let rare = KEYFRAME_EVERY.saturating_sub(span).as_micros();
        let bytes = u128::from(self.keyframe_bytes) * rare / KEYFRAME_EVERY.as_micros();
        u64::try_from(bytes).unwrap_or(self.keyframe_bytes)
    }
}

/// Bytes within a span as bits per second.
fn rate_bps(bytes: u64, span: Duration) -> u64 {
    let bits = u128::from(bytes) * 8;
    u64::try_from(bits * 1_000_000 / span.as_micros().max(1)).unwrap_or(u64::MAX)
}

/// One voice, camera or screen.
#[derive(Debug)]
pub(crate) struct Track {
    /// Its name.
    pub(crate) reference: TrackRef,
    /// Who publishes it.
    pub(crate) publisher: Origin,
    /// How its last packet was encoded.
    pub(crate) codec: Codec,
    /// Whether one stream carries all encodings, as spatial layers, and how many it has.
    scalable: Option<usize>,
    /// The names of its encodings, smallest first; empty without simulcast.
    pub(crate) rids: Vec<String>,
    /// Whether it is let through: microphone open, camera or screen on.
    pub(crate) open: bool,
    /// Whether it is forwarded to viewers; for voices, whether it is among those that are heard.
    pub(crate) forwarded: bool,
    /// Counts the stretches of being forwarded.
    pub(crate) stretch: u32,
    /// Who shows it.
    pub(crate) subscribers: Vec<Subscriber>,
    /// What came and was not delivered yet, oldest first; kept so that no packet allocates.
    pub(crate) arrived: Vec<(Feed, MediaPacket)>,
    /// When the wait for the rest of their pictures ends, by encoding: a camera's encodings come mixed.
    rest_due: [Option<Instant>; MAX_LAYERS],
    /// Its encodings; those beyond `rids` stay empty.
    pub(crate) layers: [LayerState; MAX_LAYERS],
    /// The last keyframe of each encoding, while the track is shown on somebody's stage or screen line.
    caches: Option<Box<[KeyframeCache; MAX_LAYERS]>>,
    announced: Option<Vec<String>>,
    /// What a single encoding took in the moments since it began, bits per second.
    first_bps: Option<u64>,
    measured: Instant,
}

impl Track {
    pub(crate) fn new(
        now: Instant,
        reference: TrackRef,
        publisher: Origin,
        codec: Codec,
        rids: Vec<String>,
        open: bool,
    ) -> Self {
        Self {
            reference,
            publisher,
            codec,
            scalable: None,
            rids,
            open,
            forwarded: reference.source.is_video(),
            stretch: 0,
            subscribers: Vec::new(),
            arrived: Vec::new(),
            rest_due: [None; MAX_LAYERS],
            layers: [LayerState {
                // All encodings are wanted until it is clear who takes which.
                taken: Some(now),
                ..LayerState::default()
            }; MAX_LAYERS],
            caches: None,
            announced: None,
            first_bps: None,
            measured: now,
        }
    }

    /// How many encodings the publisher offered.
    pub(crate) fn layer_count(&self) -> usize {
        let count = self.scalable.unwrap_or(self.rids.len());
        count.clamp(1, MAX_LAYERS)
    }

    /// The stream in which an encoding comes. A keyframe of the encoding is asked for in that stream.
    pub(crate) const fn stream_of(&self, layer: Layer) -> Layer {
        if self.scalable.is_some() { 0 } else { layer }
    }

    /// Notes a packet. `true` when it is the first of its encoding, of its codec, or of a stream that replaced another.
    pub(crate) fn observe(&mut self, now: Instant, packet: &MediaPacket) -> bool {
        let other_codec = std::mem::replace(&mut self.codec, packet.codec) != packet.codec;
        self.scalable = packet.scalable.then(|| {
            let known = self.scalable.filter(|_| !other_codec);
            known.unwrap_or_default().max(packet.layer + 1)
        });
        let layer = &mut self.layers[packet.layer];
        let other_stream = layer.last_packet.is_none() || layer.ssrc != packet.ssrc;
        let first = other_stream || other_codec;
        if other_stream {
            layer.report = None;
        }
        if packet.starts_keyframe() {
            layer.keyframe_wanted = false;
            layer.keyframe = Some(now);
            layer.keyframe_time = packet.picture.as_ref().map(|_| packet.time);
        }
        layer.ssrc = packet.ssrc;
        layer.last_packet = Some(packet.received);
        layer.bytes += packet.payload.len() as u64;
        if layer.keyframe_time == Some(packet.time) {
            layer.keyframe_bytes += packet.payload.len() as u64;
        }
        let temporal = packet.picture.as_ref().and_then(|picture| picture.temporal);
        if temporal.is_some_and(|temporal| temporal.layer == 0) {
            layer.base_bytes += packet.payload.len() as u64;
        }
        first
    }

    /// Waits for the rest of a picture of this encoding until then, unless it is waited for already. `None` ends the
    /// wait: that was the last of it.
    pub(crate) fn await_rest(&mut self, encoding: Layer, until: Option<Instant>) {
        let due = &mut self.rest_due[encoding];
        *due = until.map(|until| due.unwrap_or(until));
    }

    /// When the wait for the rest of what arrived ends.
    pub(crate) fn rest_due(&self) -> Option<Instant> {
        self.rest_due.iter().flatten().min().copied()
    }

    /// Everybody has what arrived; it is kept for late joiners, if the track is one that does.
    pub(crate) fn keep_arrived(&mut self) {
        self.rest_due = [None; MAX_LAYERS];
        for (_, packet) in self.arrived.drain(..) {
            if let Some(caches) = &mut self.caches {
                caches[packet.encoding()].observe(&packet);
            }
        }
    }

    /// Begins to keep keyframes, or ends it.
    pub(crate) fn keep_keyframes(&mut self, keep: bool) {
        if !keep {
            self.caches = None;
        } else if self.caches.is_none() {
            self.caches = Some(Box::default());
        }
    }

    /// Forgets kept keyframes: what follows has nothing to do with them.
    pub(crate) fn forget_keyframes(&mut self) {
        for cache in self.caches.iter_mut().flat_map(|caches| caches.iter_mut()) {
            cache.clear();
        }
    }

    /// What a new viewer of an encoding is sent at once; nothing when that is more than `max_bytes`.
    pub(crate) fn replay(&self, layer: Layer, max_bytes: usize) -> Vec<MediaPacket> {
        let stream = self.stream_of(layer);
        let cache = self.caches.as_ref().and_then(|caches| caches.get(stream));
        cache.map_or_else(Vec::new, |cache| cache.replay(max_bytes).collect())
    }

    /// Bytes of kept keyframes and what followed them.
    pub(crate) fn kept_bytes(&self) -> usize {
        let caches = self.caches.iter().flat_map(|caches| caches.iter());
        caches.map(KeyframeCache::bytes).sum()
    }

    /// Measures the encodings' bitrates once a second. Call it more often than that.
    pub(crate) fn measure(&mut self, now: Instant) {
        let span = now.saturating_duration_since(self.measured);
        if span < Duration::from_secs(1) {
            if span >= FIRST_MEASURE && self.layer_count() == 1 && self.layers[0].bps.is_none() {
                let layer = &self.layers[0];
                self.first_bps = Some(rate_bps(layer.bytes - layer.beyond_rate(span), span));
            }
            return;
        }
        self.measured = now;
        let average = |bytes: u64, beyond: u64, known: Option<u64>| match known {
            _ if bytes == 0 => known,
            Some(old) => Some((old * 3 + rate_bps(bytes, span)) / 4),
            None => Some(rate_bps(bytes.saturating_sub(beyond), span)),
        };
        for layer in &mut self.layers {
            if layer.bytes > 0 && layer.base_bytes == 0 {
                layer.base_bps = None;
            }
            let beyond = layer.beyond_rate(span);
            layer.bps = average(layer.bytes, beyond, layer.bps);
            layer.base_bps = average(layer.base_bytes, beyond, layer.base_bps);
            layer.bytes = 0;
            layer.base_bytes = 0;
            layer.keyframe_bytes = 0;
        }
    }

    /// Whether the publisher shows something at present.
    pub(crate) fn is_live(&self, now: Instant) -> bool {
        let screen = self.reference.source == Source::Screen;
        self.open && (screen || self.layers.iter().any(|l| came_within(l, now, TRACK_ALIVE)))
    }

    /// Whether packets of an encoding are coming.
    pub(crate) fn layer_is_live(&self, now: Instant, layer: Layer) -> bool {
        if self.reference.source == Source::Screen {
            return self.layers[layer].last_packet.is_some();
        }
        let alive = if self.layer_count() == 1 {
            TRACK_ALIVE
        } else {
            LAYER_ALIVE
        };
        came_within(&self.layers[layer], now, alive)
    }

    /// The best encoding that is coming, at most `wanted`; failing that, the smallest that is.
    pub(crate) fn best_live(&self, now: Instant, wanted: Layer) -> Option<Layer> {
        let live = |layer: &Layer| self.layer_is_live(now, *layer);
        (0..=wanted.min(MAX_LAYERS - 1))
            .rev()
            .find(live)
            .or_else(|| (0..MAX_LAYERS).find(live))
    }

    /// What an encoding needs, bits per second: as measured, or as is usual.
    pub(crate) fn layer_bps(&self, layer: Layer) -> u64 {
        // A spatial layer needs those below it.
        let below = match self.scalable {
            Some(_) => self.layers[..layer].iter().filter_map(|l| l.bps).sum(),
            None => 0,
        };
        self.layers[layer]
            .bps
            .map(|bps| below + bps)
            .unwrap_or(if self.layer_count() == 1 {
                NOMINAL_SINGLE_BPS.max(self.first_bps.unwrap_or_default())
            } else {
                NOMINAL_BPS[layer]
            })
    }

    /// Whether it is known what its smallest encoding takes. Where there are several, that is little in any case.
    pub(crate) fn is_measured(&self) -> bool {
        self.layer_count() > 1 || self.layers[0].bps.is_some()
    }

    /// What the smallest encoding needs at the least, with only those of its pictures that others refer to, bits per
    /// second; `None` where leaving out pictures would save little, or nothing is known of it.
    pub(crate) fn sparse_bps(&self) -> Option<u64> {
        let base = self.layers[0]
            .base_bps
            .filter(|_| self.scalable.is_none())?;
        (base * 100 <= self.layer_bps(0) * SPARSE_PERCENT).then_some(base)
    }

    /// Whether the publisher may be asked for a keyframe again; if so, notes that it is.
    pub(crate) fn may_request_keyframe(&mut self, now: Instant, layer: Layer) -> bool {
        let large = self.scalable.is_some() || (layer + 1 == self.layer_count() && layer != 1);
        let interval = if large {
            REQUEST_INTERVAL_LARGE
        } else {
            REQUEST_INTERVAL_SMALL
        };
        let last = &mut self.layers[layer].last_request;
        let due = last.is_none_or(|last| now.saturating_duration_since(last) >= interval);
        if due {
            *last = Some(now);
        }
        due
    }

    /// Whether a keyframe of this encoding is on its way to those who wait for one.
    pub(crate) fn keyframe_comes(&self, now: Instant, layer: Layer) -> bool {
        let began = self.layers[layer].keyframe;
        let starts = |packet: &MediaPacket| packet.encoding() == layer && packet.starts_keyframe();
        began.is_some_and(|began| now.saturating_duration_since(began) < KEYFRAME_COMES)
            || self.arrived.iter().any(|(_, packet)| starts(packet))
    }

    /// Whether the last keyframe of this encoding is so new that what waits on a line may be it.
    pub(crate) fn had_keyframe(&self, now: Instant, layer: Layer) -> bool {
        let began = self.layers[self.stream_of(layer)].keyframe;
        began.is_some_and(|began| now.saturating_duration_since(began) < KEYFRAME_WAITS)
    }

    /// Notes that somebody takes, or would take, an encoding.
    pub(crate) fn take(&mut self, now: Instant, layer: Layer) {
        if let Some(state) = self.layers.get_mut(layer) {
            state.taken = Some(now);
        }
    }

    /// Which encodings somebody took within the last `span`.
    pub(crate) fn taken_within(
        &self,
        now: Instant,
        span: Duration,
    ) -> impl Iterator<Item = Layer> + '_ {
        let taken = move |layer: &LayerState| {
            let since = |taken| now.saturating_duration_since(taken);
            layer.taken.is_some_and(|taken| since(taken) <= span)
        };
        (0..self.layer_count()).filter(move |layer| taken(&self.layers[*layer]))
    }

    /// The rids that somebody takes, if they differ from those last told.
    pub(crate) fn changed_wants(&mut self, now: Instant) -> Option<Vec<String>> {
        let wanted: Vec<String> = self
            .rids
            .iter()
            .zip(&self.layers)
            .filter(|(_, layer)| {
                layer
                    .taken
                    .is_some_and(|taken| now.saturating_duration_since(taken) < WANTED_LINGER)
            })
            .map(|(rid, _)| rid.clone())
            .collect();
        if self.announced.as_ref() == Some(&wanted) {
            return None;
        }
        self.announced = Some(wanted.clone());
        Some(wanted)
    }
}

fn came_within(layer: &LayerState, now: Instant, span: Duration) -> bool {
    layer
        .last_packet
        .is_some_and(|last| now.saturating_duration_since(last) < span)
}

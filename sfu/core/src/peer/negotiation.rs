//! What a peer's client and we agree on: codecs, extensions, lines, paths.

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use protocol::media::{MediaPath, Profile, SlotKind};
use protocol::sfu::OfferRefusal;
use str0m::bwe::Bitrate;
use str0m::change::SdpOffer;
use str0m::format::{self, FormatParams};
use str0m::media::{Frequency, Mid, Pt};
use str0m::net::TcpType;
use str0m::rtp::{Extension, ExtensionMap, StreamTx};
use str0m::{Candidate, Rtc};

use super::incoming::codec_of;
use super::link::LinkMeter;
use super::sealing::SlotStream;
use super::{INITIAL_ESTIMATE_BPS, LINK_REPORT_INTERVAL, Peer, PublishStream};
use crate::rtp::Codec;
use crate::rtp::red::Redundancy;
use crate::sdp::{CONSTRAINED_BASELINE, Offer, Plan, unacceptable};

/// How long a sent video packet can be sent again: an answer to a NACK that comes later would come too late to be
/// shown, and longer costs memory (about 400 bytes a packet).
const RESEND_WINDOW: Duration = Duration::from_secs(1);

/// Packets kept for resending on the stage and the screen line: 1 s at 3 Mbit/s.
const RESEND_PACKETS_LARGE: usize = 384;
/// The same for a tile: 1 s at 800 kbit/s.
const RESEND_PACKETS_TILE: usize = 96;

/// The share of resent bytes at which resending stops. The engine's default of 0.15 leaves bursts on lossy links
/// unrepaired.
const RESEND_RATIO_CAP: f32 = 0.3;

/// Opus until the client's offer says under which payload type it knows it.
const OPUS_PT: u8 = 111;
/// The same for H.264, and for its packets that are sent again.
const H264_PT: (u8, u8) = (108, 109);
/// The same for VP9.
const VP9_PT: (u8, u8) = (98, 99);
/// The same for redundant Opus (RFC 2198).
const RED_PT: u8 = 63;

/// What an answer is made for.
pub(crate) struct Negotiation<'a> {
    /// The client's offer.
    pub(crate) offer: &'a Offer,
    /// What the client is.
    pub(crate) profile: Profile,
    /// What its lines are for.
    pub(crate) plan: &'a Plan,
    /// Where this node listens; UDP and TCP on the same port.
    pub(crate) addresses: &'a [SocketAddr],
    /// Whether TCP is listened on.
    pub(crate) tcp: bool,
}

impl Peer {
    /// Makes an engine for a client from its first offer; with it the SDP answer.
    ///
    /// # Errors
    /// [`OfferRefusal::BadOffer`], when the engine takes it for another reason than those that were looked for before.
    pub(crate) fn answer(
        now: Instant,
        negotiation: &Negotiation<'_>,
    ) -> Result<(Self, String), OfferRefusal> {
        catch_unwind(AssertUnwindSafe(|| Self::negotiate(now, negotiation)))
            .unwrap_or_else(|_| Err(NOT_TAKEN.to_owned()))
            .map_err(unacceptable)
    }

    fn negotiate(now: Instant, negotiation: &Negotiation<'_>) -> Result<(Self, String), String> {
        let plan = negotiation.plan;
        let estimated = plan.transport_feedback && !plan.slots.is_empty();
        let mut config = Rtc::builder()
            .set_ice_lite(true)
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_vp8(true)
            .set_extension_map(extensions(plan.transport_feedback))
            .set_stats_interval(Some(LINK_REPORT_INTERVAL));
        config.codec_config().add_config(
            OPUS_PT.into(),
            None,
            format::Codec::Opus,
            Frequency::FORTY_EIGHT_KHZ,
            Some(2),
            FormatParams {
                min_p_time: Some(10),
                // Clients repair a lost voice packet from the next, and send next to nothing while nobody speaks.
                use_inband_fec: Some(true),
                use_dtx: Some(true),
                ..FormatParams::default()
            },
        );
        config.codec_config().add_h264(
            H264_PT.0.into(),
            Some(H264_PT.1.into()),
            true,
            CONSTRAINED_BASELINE,
        );
        config.codec_config().add_config(
            VP9_PT.0.into(),
            Some(VP9_PT.1.into()),
            format::Codec::Vp9,
            Frequency::NINETY_KHZ,
            None,
            FormatParams {
                profile_id: Some(0),
                ..FormatParams::default()
            },
        );
        config
            .codec_config()
            .set_red_pt(format::Codec::Opus, RED_PT.into());
        if estimated {
            config = config.enable_bwe(Some(Bitrate::from(INITIAL_ESTIMATE_BPS)));
        }
        let mut rtc = config.build(now);
        for candidate in candidates(negotiation)? {
            rtc.add_local_candidate(candidate);
        }
        let profile = negotiation.profile;
        let answer = accept(&mut rtc, negotiation.offer, profile)?;
        let publish = plan
            .publish
            .iter()
            .map(|line| PublishStream {
                mid: line.engine_mid.as_str().into(),
                source: line.source,
                rids: line.rids.iter().map(|rid| rid.as_str().into()).collect(),
            })
            .collect();
        let slots = plan
            .slots
            .iter()
            .map(|line| slot_stream(&mut rtc, line.engine_mid.as_str().into(), line.kind))
            .collect::<Result<_, _>>()?;
        let params = rtc.codec_config().params();
        let red = params
            .iter()
            .find_map(|params| Some((params.red()?, params.pt())));
        let peer = Self {
            rtc,
            profile,
            publish,
            slots,
            routes: Vec::new(),
            path: MediaPath::Udp,
            client: None,
            connected: false,
            ended: false,
            estimated,
            panicked: false,
            red,
            feedback: 0,
            redundancy: 0,
            paced_bps: 0,
            untold: true,
            link: LinkMeter::new(now),
            #[cfg(test)]
            poisoned: false,
        };
        Ok((peer, answer))
    }

    /// Restarts ICE; the lines stay as they are.
    ///
    /// # Errors
    /// As for [`Peer::answer`]. The engine goes on as before.
    pub(crate) fn restart(&mut self, offer: &Offer) -> Result<String, OfferRefusal> {
        let (rtc, profile) = (&mut self.rtc, self.profile);
        catch_unwind(AssertUnwindSafe(|| accept(rtc, offer, profile)))
            .unwrap_or_else(|_| Err(NOT_TAKEN.to_owned()))
            .map_err(unacceptable)
    }

    /// The `ice-ufrag` of the last answer: the name by which the client's binding requests are known.
    pub(crate) fn ufrag(&mut self) -> String {
        self.rtc.direct_api().local_ice_credentials().ufrag
    }
}

/// What a client is told of an offer that the engine does not take for a reason that was not foreseen. The reason
/// itself is in its own words, which name what a client need not know.
const NOT_TAKEN: &str = "the media engine does not take it";

/// Gives an offer to the engine: its answer, as the client expects it.
fn accept(rtc: &mut Rtc, offer: &Offer, profile: Profile) -> Result<String, String> {
    let not_taken = |error: &dyn std::fmt::Display| {
        tracing::warn!(%error, "the engine does not take an offer");
        NOT_TAKEN.to_owned()
    };
    let engines =
        SdpOffer::from_sdp_string(&offer.for_engine(profile)).map_err(|error| not_taken(&error))?;
    let answer = rtc.sdp_api().accept_offer(engines);
    let answer = answer.map_err(|error| not_taken(&error))?.to_sdp_string();
    let answer = offer.in_terms_of_the_offer(&answer);
    Ok(match profile {
        Profile::Whep => join_streams(&answer),
        _ => answer,
    })
}

/// The header extensions we understand; the client's offer decides their numbers. Video orientation is left out, so
/// that phones turn their pictures before encoding and recordings need not. The send time is for clients that
/// estimate by it; with transport feedback it would be four bytes and a conversion a packet for nothing.
fn extensions(transport_feedback: bool) -> ExtensionMap {
    let mut map = ExtensionMap::empty();
    map.set(1, Extension::AudioLevel);
    if !transport_feedback {
        map.set(2, Extension::AbsoluteSendTime);
    }
    map.set(3, Extension::TransportSequenceNumber);
    map.set(4, Extension::RtpMid);
    map.set(10, Extension::RtpStreamId);
    map.set(11, Extension::RepairedRtpStreamId);
    map
}

/// Host candidates, UDP before TCP, so that TCP is what is left when UDP does not pass.
fn candidates(negotiation: &Negotiation<'_>) -> Result<Vec<Candidate>, String> {
    let udp = negotiation
        .addresses
        .iter()
        .map(|address| Candidate::host(*address, "udp"));
    let tcp = negotiation
        .addresses
        .iter()
        .filter(|_| negotiation.tcp)
        .map(|address| {
            Candidate::builder()
                .tcp()
                .host(*address)
                .tcptype(TcpType::Passive)
                .build()
        });
    udp.chain(tcp).collect::<Result<_, _>>().map_err(|error| {
        tracing::error!(%error, "this node's address cannot be a candidate");
        NOT_TAKEN.to_owned()
    })
}

fn slot_stream(rtc: &mut Rtc, mid: Mid, kind: SlotKind) -> Result<SlotStream, String> {
    let media = rtc
        .media(mid)
        .ok_or_else(|| format!("line {mid} is rejected"))?;
    let codecs: Vec<(Codec, Pt)> = rtc
        .codec_config()
        .params()
        .iter()
        .filter(|params| media.remote_pts().contains(&params.pt()))
        .filter_map(|params| Some((codec_of(params.spec().codec)?, params.pt())))
        .filter(|(codec, _)| codec.is_picture() == (kind != SlotKind::Audio))
        .collect();
    if codecs.is_empty() {
        return Err(format!("line {mid} offers no codec that fits"));
    }
    let params = rtc.codec_config().params();
    let red = params
        .iter()
        .filter(|_| kind == SlotKind::Audio)
        .find_map(|params| params.red());
    let mut direct = rtc.direct_api();
    let stream = direct
        .stream_tx_by_mid(mid, None)
        .ok_or_else(|| format!("line {mid} does not receive"))?;
    keep_sent(stream, kind);
    Ok(SlotStream {
        mid,
        kind,
        ssrc: stream.ssrc(),
        codecs,
        red,
        redundancy: Redundancy::default(),
    })
}

/// Chooses how much of what was sent is kept to be sent again; what was kept so far is forgotten.
pub(super) fn keep_sent(stream: &mut StreamTx, kind: SlotKind) {
    match kind {
        // Voices are not sent again: Opus repairs a loss itself, sooner.
        SlotKind::Audio => stream.set_rtx_cache(1, Duration::from_millis(1), None),
        SlotKind::Tile => {
            stream.set_rtx_cache(RESEND_PACKETS_TILE, RESEND_WINDOW, Some(RESEND_RATIO_CAP));
        }
        SlotKind::Stage | SlotKind::Screen => {
            stream.set_rtx_cache(RESEND_PACKETS_LARGE, RESEND_WINDOW, Some(RESEND_RATIO_CAP));
        }
    }
}

/// Gives all lines of an answer one media stream id, so that a player that shows "the stream" has sound and picture
/// in it, in step.
fn join_streams(answer: &str) -> String {
    const STREAM: &str = "diemcau";
    let mut joined = String::with_capacity(answer.len());
    for line in answer.split_inclusive("\r\n") {
        let (head, msid) = match line.find("msid:") {
            Some(at) if line.starts_with("a=msid:") || line.starts_with("a=ssrc:") => {
                line.split_at(at + "msid:".len())
            }
            _ => {
                joined.push_str(line);
                continue;
            }
        };
        let track = msid.find(' ').map_or(msid, |space| &msid[space..]);
        joined.push_str(head);
        joined.push_str(STREAM);
        joined.push_str(track);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::join_streams;

    #[test]
    fn joined_streams_share_an_id_and_keep_their_tracks() {
        let answer = "a=msid-semantic:WMS x y\r\na=msid:x one\r\na=ssrc:7 cname:c\r\na=ssrc:7 msid:y two\r\n";
        assert_eq!(
            join_streams(answer),
            "a=msid-semantic:WMS x y\r\na=msid:diemcau one\r\na=ssrc:7 cname:c\r\na=ssrc:7 msid:diemcau two\r\n"
        );
    }
}

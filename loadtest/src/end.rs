//! An end of WebRTC as a participant uses it: a whole stack ([`crate::peer`]) or one thin enough for hundreds
//! ([`crate::thin`]).

use std::future::Future;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use protocol::media::SlotKind;
use tokio::sync::mpsc;

use crate::lines::Lines;
use crate::media::Layer;
use crate::publish::{Instruction, Outlet, Wire};
use crate::thin::Delays;
use crate::tunnel::Tunnel;

/// One line of an offer.
#[derive(Debug, Clone)]
pub enum LineSpec {
    /// Sends a voice.
    Voice,
    /// Sends a picture with these layers; one layer is sent without a rid.
    Picture(Vec<Layer>),
    /// Receives.
    Receive(SlotKind),
}

impl LineSpec {
    /// Whether it is a line for pictures.
    #[must_use]
    pub const fn is_video(&self) -> bool {
        match self {
            Self::Voice | Self::Receive(SlotKind::Audio) => false,
            Self::Picture(_) | Self::Receive(_) => true,
        }
    }
}

/// How to publish on a line, once the answer is applied.
#[derive(Debug, Clone)]
pub struct Sending<O> {
    /// The SSRC of each layer; the layer means nothing for a voice.
    pub ssrcs: Vec<(Layer, u32)>,
    /// What packets look like.
    pub wire: Wire,
    /// Where they go.
    pub outlet: O,
}

/// The meters of one participant, readable while it takes part.
pub type SharedLines = Arc<Mutex<Lines>>;

/// Where an end measures.
#[derive(Clone, Default)]
pub struct Gauge {
    /// What it sees and hears.
    pub lines: SharedLines,
    /// How long stamped packets were under way, when somebody wants to know; who has it stamps what it sends. A whole stack
    /// does neither.
    pub delays: Option<Delays>,
}

impl std::fmt::Debug for Gauge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gauge").finish_non_exhaustive()
    }
}

/// How an end reaches the server.
#[derive(Debug)]
pub enum Way {
    /// From a UDP socket on this address.
    Direct(IpAddr),
    /// Through the server's port of HTTPS alone. Only a whole stack knows how.
    Tunnel(Tunnel),
}

/// An end of WebRTC. It drives itself; dropping it ends it.
pub trait End: Sized + Send + Sync + 'static {
    /// Where packets of a line go.
    type Outlet: Outlet;

    /// An end that reaches the server by this `way`, with these lines, which measures into `gauge`. The second value yields the
    /// keyframe requests of the server.
    ///
    /// # Errors
    /// When the socket cannot be bound, or this kind of end does not know the way.
    fn open(
        way: Way,
        lines: Vec<LineSpec>,
        gauge: Gauge,
    ) -> impl Future<Output = anyhow::Result<(Self, mpsc::UnboundedReceiver<Instruction>)>> + Send;

    /// The SDP offer of all lines.
    ///
    /// # Errors
    /// When the stack cannot make it.
    fn offer(&mut self) -> impl Future<Output = anyhow::Result<String>> + Send;

    /// Applies the server's answer.
    ///
    /// # Errors
    /// When it does not fit the offer.
    fn answer(&self, sdp: &str) -> impl Future<Output = anyhow::Result<()>> + Send;

    /// Waits until media can flow.
    ///
    /// # Errors
    /// When ICE or DTLS failed.
    fn connected(&mut self) -> impl Future<Output = anyhow::Result<()>> + Send;

    /// Whether media can flow at this moment.
    fn is_connected(&self) -> bool;

    /// How to publish on the line at this place of the offer.
    ///
    /// # Errors
    /// When the line receives or the server refused it.
    fn sending(
        &self,
        line: usize,
    ) -> impl Future<Output = anyhow::Result<Sending<Self::Outlet>>> + Send;

    /// Where to send instructions for the publisher of this end.
    fn instructions(&self) -> &mpsc::UnboundedSender<Instruction>;

    /// The receive lines.
    fn lines(&self) -> MutexGuard<'_, Lines>;

    /// Asks the server for keyframes of the pictures that cannot be shown without.
    ///
    /// # Errors
    /// When the connection is closed.
    fn request_keyframes(&self) -> impl Future<Output = anyhow::Result<()>> + Send;

    /// Closes the connection; the other side is told.
    ///
    /// # Errors
    /// When it was closed before.
    fn close(&self) -> impl Future<Output = anyhow::Result<()>> + Send;
}

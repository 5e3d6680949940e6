//! The control link to the SFU, as a pair of channels.

use protocol::relay::RelayFrame;
use protocol::sfu::{SfuCommand, SfuEvent};
use tokio::sync::mpsc;

/// The three channels between this service and the SFU.
#[derive(Debug)]
pub struct SfuLink {
    /// What signaling asks.
    pub commands: mpsc::Sender<SfuCommand>,
    /// What the SFU reports.
    pub events: mpsc::Receiver<SfuEvent>,
    /// Packets and reports for the recorder.
    pub relay: mpsc::Receiver<RelayFrame>,
}

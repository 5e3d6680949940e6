//! What every handler and every room shares.

use std::path::PathBuf;
use std::sync::Arc;

use axum::http::HeaderMap;

use crate::auth::{Passwords, SignInLimits};
use crate::http::wish::Resources;
use crate::metrics::ServerMetrics;
use crate::places::MediaPlaces;
use crate::rooms::Rooms;
use crate::tls::Certificates;
use crate::{Clock, Config, Store, Turn, authority};

/// What every handler and every room shares. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AppState {
    /// Settings.
    pub config: Arc<Config>,
    /// The data folder.
    pub data_dir: Arc<PathBuf>,
    /// The address people type, without a slash at its end.
    pub public_url: Arc<str>,
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// The live rooms.
    pub rooms: Rooms,
    /// Checks passwords.
    pub passwords: Passwords,
    /// How often somebody may try.
    pub sign_in_limits: SignInLimits,
    /// How many media connections somebody may have.
    pub media_places: MediaPlaces,
    /// What was made by WHIP and WHEP.
    pub(crate) resources: Arc<Resources>,
    /// Counters.
    pub metrics: ServerMetrics,
    /// The way through firewalls, if there is one.
    pub turn: Option<Turn>,
    /// What the server shows of itself.
    pub certificates: Certificates,
}

impl AppState {
    /// The address people type, without a slash at its end: as configured, else by which a proxy was asked, else as this
    /// server knows itself.
    #[must_use]
    pub fn public_url(&self, headers: &HeaderMap) -> String {
        let proxied = match self.config.public_url.as_str() {
            "" => authority::proxied_url(headers),
            _ => None,
        };
        proxied.unwrap_or_else(|| self.public_url.to_string())
    }
}

//! What every handler and every room shares.

use std::path::PathBuf;
use std::sync::Arc;

use axum::http::HeaderMap;
use office_core::org::Tree;

use crate::access::oidc::Provider;
use crate::access::{Passwords, SignInLimits};
use crate::live::places::MediaPlaces;
use crate::live::rooms::Rooms;
use crate::live::wish::Resources;
use crate::org::first_day::FirstCode;
use crate::org::units::Org;
use crate::platform::authority;
use crate::platform::clock::day;
use crate::platform::database::{Conn, StoreResult};
use crate::platform::mail::Post;
use crate::platform::metrics::ServerMetrics;
use crate::platform::seal::Seal;
use crate::platform::settings::{Settings, Standing};
use crate::platform::tls::Certificates;
use crate::{Clock, Config, Store, Turn};

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
    /// The organisation in memory.
    pub org: Org,
    /// What the department decides, in memory.
    pub settings: Settings,
    /// The time.
    pub clock: Clock,
    /// The live rooms.
    pub rooms: Rooms,
    /// Checks passwords.
    pub passwords: Passwords,
    /// The way out for letters, if there is mail.
    pub post: Option<Post>,
    /// Seals what the database keeps of secrets.
    pub seal: Seal,
    /// How often somebody may try.
    pub sign_in_limits: SignInLimits,
    /// By whom people sign in besides, if by anybody.
    pub provider: Option<Provider>,
    /// How many media connections somebody may have.
    pub media_places: MediaPlaces,
    /// The code by which the first administrator is made.
    pub first_code: FirstCode,
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
    /// Today's tree of units, as `conn` sees it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tree(&self, conn: &mut Conn) -> StoreResult<Arc<Tree>> {
        self.org.tree(conn, &day(self.clock.now())).await
    }

    /// The settings that hold, as `conn` sees them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn standing(&self, conn: &mut Conn) -> StoreResult<Arc<Standing>> {
        self.settings.standing(conn).await
    }

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

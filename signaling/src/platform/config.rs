//! Settings of the service. Every key is in `configs/signaling.toml` with its default; unknown keys are errors.

use std::ffi::OsStr;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use protocol::api::AccountRole;
use protocol::bounds::within;
use serde::{Deserialize, Deserializer, Serialize};

use crate::platform::authority::{Network, is_authority, is_origin};
use crate::platform::mail::Mail;
use crate::platform::oidc::Oidc;

/// Settings of the service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The address people type, for example `https://diemcau.example.vn`; empty: made from the first public address,
    /// else `localhost`, and the port.
    #[serde(deserialize_with = "address_or_none")]
    pub public_url: String,
    /// Addresses of this server as others see them; they go into the certificate.
    pub public_ips: Vec<IpAddr>,
    /// Further names of this server; they go into the certificate.
    #[serde(deserialize_with = "names")]
    pub host_names: Vec<String>,
    /// Reverse proxies that end TLS before us: from these addresses, what they say of client and host is believed.
    pub trusted_proxies: Vec<Network>,
    /// The database.
    pub database: Database,
    /// Certificates.
    pub tls: Tls,
    /// Media through the HTTPS port.
    pub turn: Turn,
    /// HTTP.
    pub http: Http,
    /// Signing in.
    pub sign_in: SignIn,
    /// Signing in by a provider.
    pub oidc: Oidc,
    /// Mail that goes out.
    pub mail: Mail,
    /// Encoders and players.
    pub media: Media,
    /// Sessions.
    pub sessions: Sessions,
    /// `/metrics`.
    pub metrics: Metrics,
    /// Jobs.
    pub jobs: Jobs,
    /// How long things are kept.
    pub retention: Retention,
    /// Copies.
    pub backup: Backup,
    /// The settings of the services beside this one, by the names of their files, for those who look at them.
    #[serde(skip)]
    pub beside: Vec<(String, serde_json::Value)>,
}

impl Config {
    /// The address people type, without a slash at its end; `port` is the one really listened on.
    #[must_use]
    pub fn public_url(&self, port: u16) -> String {
        if !self.public_url.is_empty() {
            return self.public_url.trim_end_matches('/').to_owned();
        }
        let host = match (self.host_names.first(), self.public_ips.first()) {
            (Some(name), _) => name.clone(),
            (None, Some(IpAddr::V6(address))) => format!("[{address}]"),
            (None, Some(IpAddr::V4(address))) => address.to_string(),
            (None, None) => "localhost".to_owned(),
        };
        match port {
            443 => format!("https://{host}"),
            port => format!("https://{host}:{port}"),
        }
    }

    /// The port that people reach HTTPS under; `port` is the one listened on.
    #[must_use]
    pub fn public_port(&self, port: u16) -> u16 {
        let url = self.public_url(port);
        let authority = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
        let authority = authority.split('/').next().unwrap_or_default();
        // The colons inside brackets are an address's.
        let after = authority.rsplit(']').next().unwrap_or_default();
        let named = after
            .rsplit_once(':')
            .and_then(|(_, port)| port.parse().ok());
        named.unwrap_or(443)
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), 8443),
            public_url: String::new(),
            public_ips: Vec::new(),
            host_names: Vec::new(),
            trusted_proxies: Vec::new(),
            database: Database::default(),
            tls: Tls::default(),
            turn: Turn::default(),
            http: Http::default(),
            sign_in: SignIn::default(),
            oidc: Oidc::default(),
            mail: Mail::default(),
            media: Media::default(),
            sessions: Sessions::default(),
            metrics: Metrics::default(),
            jobs: Jobs::default(),
            retention: Retention::default(),
            backup: Backup::default(),
            beside: Vec::new(),
        }
    }
}

/// The longest time that a setting in hours may say: a year.
const MOST_HOURS: u32 = 8_784;
/// The longest time that a setting in days may say: a century, as archives keep.
const MOST_DAYS: u32 = 36_525;
/// The earliest that a room opens: a day before.
const MOST_EARLY_MINUTES: u32 = 1_440;

/// The longest that a request may take: an hour.
const MOST_SECONDS: u32 = 3_600;
/// The largest body: 64 MiB.
const MOST_BODY_BYTES: u32 = 64 * 1024 * 1024;
/// The most of anything that is counted: people, players, tries.
const MANY: u32 = 1_000_000;
/// The most of what takes a core or a connection each.
const MOST_WORKERS: u32 = 1_000;

/// The database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// `postgres://…`; empty: SQLite, the file `diemcau.db` in the data folder.
    pub url: String,
    /// Connections that read at the same time (SQLite), or all connections (PostgreSQL).
    #[serde(deserialize_with = "within::<_, _, 1, MOST_WORKERS>")]
    pub connections: u32,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: String::new(),
            connections: 8,
        }
    }
}

/// Certificates. Without files the server makes its own authority and certificate in the data folder.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tls {
    /// Certificate chain, PEM; read again when it changes.
    pub certificate_file: Option<PathBuf>,
    /// Its private key, PEM.
    pub key_file: Option<PathBuf>,
}

/// The address that people type, or nothing; a slash at its end is dropped.
fn address_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let address = text.trim().trim_end_matches('/');
    match address.is_empty() || is_origin(address) {
        true => Ok(address.to_owned()),
        false => Err(unlike(&text, "https://hop.example.vn")),
    }
}

/// A host and perhaps a port, or nothing.
fn authority_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let authority = text.trim();
    match authority.is_empty() || is_authority(authority) {
        true => Ok(authority.to_owned()),
        false => Err(unlike(&text, "hop.example.vn:8443")),
    }
}

/// Names that can stand in a certificate and an address: letters, digits and hyphens between dots (RFC 1123, 2.1), in
/// small letters. Another script is written as the registry has it (`xn--…`).
fn names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let plain = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let read = |text: String| {
        let name = text.trim().to_ascii_lowercase();
        match name.len() <= 253 && name.split('.').all(plain) {
            true => Ok(name),
            false => Err(unlike(&text, "hop.example.vn")),
        }
    };
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts.into_iter().map(read).collect()
}

/// Origins as browsers write them, or `*`.
fn origins<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let read = |text: String| {
        let origin = text.trim().trim_end_matches('/').to_ascii_lowercase();
        match origin == "*" || is_origin(&origin) {
            true => Ok(origin),
            false => Err(unlike(&text, "https://truyenhinh.example.vn")),
        }
    };
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts.into_iter().map(read).collect()
}

fn unlike<E: serde::de::Error>(text: &str, example: &str) -> E {
    E::custom(format!("{text:?} is not like {example}"))
}

/// The embedded TURN server, on the port of HTTPS, for places whose firewall passes nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Turn {
    /// Whether there is one.
    pub enabled: bool,
    /// How long a credential lets its participant open relays, in hours; open ones outlast it.
    #[serde(deserialize_with = "within::<_, _, 1, MOST_HOURS>")]
    pub credential_hours: u32,
    /// Relays of one participant: browsers open one for each of their addresses, and new ones when the network changes.
    #[serde(deserialize_with = "within::<_, _, 1, MANY>")]
    pub allocations_per_participant: usize,
    /// Relays of all.
    #[serde(deserialize_with = "within::<_, _, 1, MANY>")]
    pub allocations: usize,
    /// What one relay carries at most, both ways together, in Mbit/s; what is beyond is dropped.
    #[serde(deserialize_with = "within::<_, _, 1, MANY>")]
    pub max_mbps: u32,
    /// Host and port that clients are told, for example `hop.example.vn:8443`; empty: the name by which they reach us,
    /// and nothing to those who come through a proxy, because it passes HTTPS and not TURN.
    #[serde(deserialize_with = "authority_or_none")]
    pub address: String,
    /// Where the media engine is, if the addresses that clients are told are not this machine's own (one-to-one NAT) and
    /// it does not listen on all of them.
    pub media_ip: Option<IpAddr>,
}

impl Default for Turn {
    fn default() -> Self {
        Self {
            enabled: true,
            credential_hours: 12,
            allocations_per_participant: 8,
            allocations: 4_000,
            max_mbps: 40,
            address: String::new(),
            media_ip: None,
        }
    }
}

/// HTTP.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// The largest request body, in bytes; a longer one is answered with 413.
    #[serde(deserialize_with = "within::<_, _, 1024, MOST_BODY_BYTES>")]
    pub max_body_bytes: usize,
    /// How long a request may take, and its body to come; playing a recording is no request in this sense.
    #[serde(deserialize_with = "within::<_, _, 1, MOST_SECONDS>")]
    pub request_timeout_seconds: u64,
    /// Origins whose pages may publish and play with a bearer token (WHIP, WHEP); `*` is any.
    #[serde(deserialize_with = "origins")]
    pub media_origins: Vec<String>,
    /// A folder served instead of the embedded web client, for development.
    pub web_root: Option<PathBuf>,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            max_body_bytes: 256 * 1024,
            request_timeout_seconds: 30,
            media_origins: vec!["*".to_owned()],
            web_root: None,
        }
    }
}

/// Encoders and players (WHIP, WHEP).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Media {
    /// Players that one token or account may have at once.
    #[serde(deserialize_with = "within::<_, _, 0, MANY>")]
    pub players_per_identity: usize,
    /// Offers per minute of one token or account, ICE restarts among them.
    #[serde(deserialize_with = "within::<_, _, 1, MANY>")]
    pub offers_per_minute: u32,
    /// Offers per minute from one address (of IPv6: one /64); a whole school shares one.
    #[serde(deserialize_with = "within::<_, _, 1, MANY>")]
    pub offers_per_minute_per_address: u32,
}

impl Default for Media {
    fn default() -> Self {
        Self {
            players_per_identity: 4,
            offers_per_minute: 30,
            offers_per_minute_per_address: 1_200,
        }
    }
}

/// Signing in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignIn {
    /// How long a browser stays signed in, in hours.
    #[serde(deserialize_with = "within::<_, _, 1, MOST_HOURS>")]
    pub hours: u32,
    /// Wrong passwords per minute for one login from one network (an IPv4 address, or an IPv6 /64).
    #[serde(deserialize_with = "within::<_, _, 1, MANY>")]
    pub attempts_per_minute: u32,
    /// Wrong passwords, and links that nobody made, per minute from one network; a whole school shares one. A site with many
    /// IPv6 networks (a /48) has four times as much.
    #[serde(deserialize_with = "within::<_, _, 1, MANY>")]
    pub attempts_per_minute_per_address: u32,
    /// Password checks at the same time, at most, and fewer than there are cores; each takes 19 MiB and one core for about
    /// 30 ms.
    #[serde(deserialize_with = "within::<_, _, 1, MOST_WORKERS>")]
    pub parallel_checks: usize,
    /// Roles that demand a second factor: who holds one sets it up before anything else.
    pub second_factor_roles: Vec<AccountRole>,
}

impl Default for SignIn {
    fn default() -> Self {
        Self {
            hours: 12,
            attempts_per_minute: 10,
            attempts_per_minute_per_address: 300,
            parallel_checks: 4,
            second_factor_roles: Vec::new(),
        }
    }
}

/// Sessions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sessions {
    /// Participants who may speak, per new session.
    #[serde(deserialize_with = "within::<_, _, 1, MANY>")]
    pub max_interactive: u32,
    /// Receive-only viewers, per new session.
    #[serde(deserialize_with = "within::<_, _, 0, MANY>")]
    pub max_receive_only: u32,
    /// How long before its planned begin a room may be entered, in minutes.
    #[serde(deserialize_with = "within::<_, _, 0, MOST_EARLY_MINUTES>")]
    pub early_minutes: u32,
    /// How long after the planned end of its session a link still works, in hours.
    #[serde(deserialize_with = "within::<_, _, 0, MOST_HOURS>")]
    pub link_hours_after_end: u32,
    /// How long after the planned end a guest's link still shows the recordings, where the session lets guests see
    /// them, in days.
    #[serde(deserialize_with = "within::<_, _, 0, MOST_DAYS>")]
    pub guest_replay_days: u32,
}

impl Default for Sessions {
    fn default() -> Self {
        Self {
            max_interactive: 60,
            max_receive_only: 1_000,
            early_minutes: 60,
            link_hours_after_end: 2,
            guest_replay_days: 7,
        }
    }
}

/// `/metrics`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Metrics {
    /// Addresses that may read it, besides loopback and the server's own.
    pub allow: Vec<IpAddr>,
}

/// Jobs, which run as child processes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Jobs {
    /// The executable that records and composes; the server's own when absent.
    pub executable: Option<PathBuf>,
    /// Where it finds its settings. `serve` names its own folder when this is absent.
    pub config_dir: Option<PathBuf>,
    /// Its arguments for composing, before `--recording FOLDER --output FILE`.
    pub args: Vec<String>,
    /// How many jobs run at the same time; 0 runs none here. Housekeeping needs no child and runs on every server.
    #[serde(deserialize_with = "within::<_, _, 0, MOST_WORKERS>")]
    pub parallel: usize,
    /// How often the table is looked at for due jobs, in milliseconds.
    #[serde(deserialize_with = "within::<_, _, 10, MANY>")]
    pub poll_ms: u64,
    /// How long a runner holds a job without a sign of life, in seconds; it renews its lease four times as often.
    #[serde(deserialize_with = "within::<_, _, 1, MOST_SECONDS>")]
    pub lease_seconds: u64,
    /// How often a job is tried before it has failed.
    #[serde(deserialize_with = "within::<_, _, 1, MANY>")]
    pub max_attempts: u32,
}

impl Default for Jobs {
    fn default() -> Self {
        Self {
            executable: None,
            config_dir: None,
            args: vec!["compose".to_owned()],
            parallel: 1,
            poll_ms: 1_000,
            lease_seconds: 60,
            max_attempts: 3,
        }
    }
}

impl Jobs {
    /// The arguments that tell a child where its settings are.
    pub(crate) fn config_dir_args(&self) -> impl Iterator<Item = &OsStr> {
        let folder = self.config_dir.iter();
        folder.flat_map(|folder| [OsStr::new("--config-dir"), folder.as_os_str()])
    }
}

/// How long things are kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Measurements of links, in days.
    #[serde(deserialize_with = "within::<_, _, 1, MOST_DAYS>")]
    pub link_sample_days: u32,
    /// Sign-ins that ended or ran out, in days: who came, and by which link.
    #[serde(deserialize_with = "within::<_, _, 1, MOST_DAYS>")]
    pub sign_in_days: u32,
    /// Recordings of sessions planned from now on, in days; pages say until when.
    #[serde(deserialize_with = "within::<_, _, 1, MOST_DAYS>")]
    pub recording_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            link_sample_days: 30,
            sign_in_days: 30,
            recording_days: 731,
        }
    }
}

/// Copies of everything.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Backup {
    /// Where they lie; none are made when it is absent. Another disk, or a share that is mounted there.
    pub folder: Option<PathBuf>,
    /// At which hour of the night in Viet Nam one is made.
    #[serde(deserialize_with = "within::<_, _, 0, 23>")]
    pub hour: u8,
    /// How many good ones are kept.
    #[serde(deserialize_with = "within::<_, _, 1, MANY>")]
    pub keep: u32,
}

impl Default for Backup {
    fn default() -> Self {
        Self {
            folder: None,
            hour: 2,
            keep: 14,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_file_shows_every_key_with_its_default() {
        let text = include_str!("../../../configs/signaling.toml");
        let written: Config = toml::from_str(text).unwrap();
        assert_eq!(written, Config::default());
        let shown: toml::Table = toml::from_str(text).unwrap();
        let every = toml::Table::try_from(Config::default()).unwrap();
        assert_every_key(&every, &shown, "");
        // Paths without a default stand in the file as comments, because TOML has no word for nothing.
        for key in [
            "certificate_file",
            "key_file",
            "media_ip",
            "client_secret_file",
            "password_file",
            "ca_file",
            "web_root",
            "executable",
            "folder",
        ] {
            assert!(text.contains(&format!("# {key} = ")), "{key}");
        }
    }

    fn assert_every_key(every: &toml::Table, shown: &toml::Table, path: &str) {
        for (key, value) in every {
            let found = shown
                .get(key)
                .unwrap_or_else(|| panic!("{path}{key} is not in the file"));
            if let (Some(every), Some(shown)) = (value.as_table(), found.as_table()) {
                assert_every_key(every, shown, &format!("{path}{key}."));
            }
        }
    }

    #[test]
    fn port_is_the_one_people_use() {
        let mut config = Config::default();
        assert_eq!(config.public_port(8443), 8443);
        config.public_ips.push(IpAddr::V6(Ipv6Addr::LOCALHOST));
        assert_eq!(config.public_port(8443), 8443);
        assert_eq!(config.public_port(443), 443);
        config.public_url = "https://hop.example.vn".to_owned();
        assert_eq!(config.public_port(8443), 443, "something forwards it");
        config.public_url = "https://[2001:db8::1]".to_owned();
        assert_eq!(config.public_port(8443), 443);
    }

    #[test]
    fn number_that_nobody_means_is_refused() {
        for text in [
            "[sign_in]\nhours = 0",
            "[sign_in]\nhours = 4294967295",
            "[turn]\ncredential_hours = 99999999999",
            "[sessions]\nlink_hours_after_end = -1",
            "[sessions]\nearly_minutes = 100000",
            "[http]\nrequest_timeout_seconds = 9223372036854775807",
            "[http]\nrequest_timeout_seconds = 0",
            "[http]\nmax_body_bytes = -1",
            "[http]\nmax_body_bytes = 99999999999",
            "[jobs]\npoll_ms = 0",
            "[jobs]\nlease_seconds = 9223372036854775807",
            "[jobs]\nmax_attempts = 0",
            "[jobs]\nparallel = 4611686018427387904",
            "[database]\nconnections = 0",
            "[sign_in]\nparallel_checks = 4611686018427387904",
            "[sign_in]\nattempts_per_minute = 0",
            "[media]\noffers_per_minute = 0",
            "[sessions]\nmax_interactive = 0",
            "[turn]\nmax_mbps = 4294967295",
            "[retention]\nlink_sample_days = 0",
            "[backup]\nhour = 24",
            "[backup]\nkeep = 0",
            "[retention]\nrecording_days = 9999999",
        ] {
            let refused = toml::from_str::<Config>(text).unwrap_err().to_string();
            assert!(refused.contains("is not between"), "{text}: {refused}");
        }
    }

    #[test]
    fn name_or_address_that_leads_nowhere_is_refused_by_what_it_should_be_like() {
        for (key, bad) in [
            (
                "public_url",
                "'hop.example.vn' 'https://' 'https://hop.example.vn/phong' 'ftp://hop.example.vn' 'https://a b' \
                 'https://hop@example.vn' 'https://hop.example.vn:x'",
            ),
            (
                "turn.address",
                "'https://hop.example.vn' 'a b' 'hop.example.vn:99999' 'hop.example.vn/x' ':8443'",
            ),
        ] {
            for bad in bad.split("' ").map(|text| text.trim().trim_matches('\'')) {
                let refused = toml::from_str::<Config>(&format!("{key} = {bad:?}"));
                let refused = refused.unwrap_err().to_string();
                assert!(refused.contains("is not like"), "{key} {bad}: {refused}");
            }
        }
        for (key, bad) in [
            (
                "host_names",
                [
                    "điểmcầu.vn",
                    "",
                    "a..b",
                    "-a.vn",
                    "*.example.vn",
                    "a b",
                    "hop.example.vn:8443",
                ],
            ),
            (
                "http.media_origins",
                [
                    "hop.example.vn",
                    "",
                    "https://a b",
                    "null",
                    "**",
                    "https://a/b",
                    "file://x",
                ],
            ),
        ] {
            for bad in bad {
                let refused = toml::from_str::<Config>(&format!("{key} = [{bad:?}]"));
                let refused = refused.unwrap_err().to_string();
                assert!(refused.contains("is not like"), "{key} {bad}: {refused}");
            }
        }
        let config: Config = toml::from_str(
            "public_url = ' https://hop.example.vn/ '\nhost_names = ['Hop.Example.vn', 'xn--im-cu-qpa.vn']\n\
             turn.address = '[2001:db8::1]:8443'\nhttp.media_origins = ['https://A.example/', '*']",
        )
        .unwrap();
        assert_eq!(config.public_url, "https://hop.example.vn");
        assert_eq!(config.host_names, ["hop.example.vn", "xn--im-cu-qpa.vn"]);
        assert_eq!(config.turn.address, "[2001:db8::1]:8443");
        assert_eq!(config.http.media_origins, ["https://a.example", "*"]);
    }

    #[test]
    fn unknown_key_is_refused() {
        assert!(toml::from_str::<Config>("listne = '[::]:8443'").is_err());
        assert!(toml::from_str::<Config>("[sign_in]\nhuors = 3").is_err());
    }

    #[test]
    fn public_address_is_the_best_known_name() {
        let mut config = Config::default();
        assert_eq!(config.public_url(8443), "https://localhost:8443");
        config.public_ips.push(IpAddr::from([203, 0, 113, 7]));
        assert_eq!(config.public_url(443), "https://203.0.113.7");
        config.host_names.push("diemcau.example.vn".to_owned());
        assert_eq!(config.public_url(8443), "https://diemcau.example.vn:8443");
        config.public_url = "https://hop.example.vn/".to_owned();
        assert_eq!(config.public_url(8443), "https://hop.example.vn");
    }
}

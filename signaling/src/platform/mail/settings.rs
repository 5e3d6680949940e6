//! Settings of the mail that goes out.

use std::path::PathBuf;

use protocol::bounds::within;
use serde::{Deserialize, Deserializer, Serialize};

use super::letter::is_address;
use crate::platform::oidc::Hidden;

/// How mail goes out. None does when no server is named.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mail {
    /// The department's mail server. Empty: there is no mail.
    pub server: String,
    /// The port on which it takes letters.
    #[serde(deserialize_with = "within::<_, _, 1, 65_535>")]
    pub port: u32,
    /// How the way to it is sealed.
    pub tls: MailTls,
    /// As whom this server signs in there; empty: it does not.
    pub user: String,
    /// With which password.
    pub password: Hidden,
    /// A file with it.
    pub password_file: Option<PathBuf>,
    /// From which address letters come.
    #[serde(deserialize_with = "address_or_none")]
    pub from: String,
    /// Under which name.
    pub name: String,
    /// The authority that signed the server's certificate, PEM; those that this machine knows when absent.
    pub ca_file: Option<PathBuf>,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            server: String::new(),
            port: 587,
            tls: MailTls::Starttls,
            user: String::new(),
            password: Hidden::default(),
            password_file: None,
            from: String::new(),
            name: "Điểm Cầu".to_owned(),
            ca_file: None,
        }
    }
}

impl Mail {
    /// Whether there is mail.
    #[must_use]
    pub fn is_on(&self) -> bool {
        !self.server.is_empty()
    }
}

/// How the way to the mail server is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailTls {
    /// By STARTTLS, without which nothing is sent: port 587.
    Starttls,
    /// From the first byte: port 465.
    Implicit,
    /// Not at all, which is for a server on this machine alone.
    None,
}

fn address_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let address = text.trim();
    match address.is_empty() || is_address(address) {
        true => Ok(address.to_owned()),
        false => Err(serde::de::Error::custom(format!(
            "{text:?} is not like diemcau@so.example.vn"
        ))),
    }
}

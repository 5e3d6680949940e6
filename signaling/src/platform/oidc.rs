//! Settings of the sign-in by an OpenID Connect provider.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use office_core::oidc::GroupRole;
use protocol::api::AccountRole;
use reqwest::Url;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Sign-in by an OpenID Connect provider. There is none when no issuer is named.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Oidc {
    /// The provider, as it calls itself: `https://sso.example.vn/realms/so`. Empty: there is none.
    #[serde(deserialize_with = "issuer_or_none")]
    pub issuer: String,
    /// What the provider calls this server.
    pub client_id: String,
    /// What this server shows to the provider; empty when it shows nothing.
    pub client_secret: Hidden,
    /// A file with it.
    pub client_secret_file: Option<PathBuf>,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// What stands on the key of the sign-in page.
    pub name: String,
    /// Where in the ID token the groups stand.
    pub groups_claim: String,
    /// Which groups give which roles.
    pub mapping: Vec<GroupGrant>,
    /// Whether the provider is in the department's own network.
    pub private_network: bool,
    /// The authority that signed the provider's certificate, PEM; those that this machine knows when absent.
    pub ca_file: Option<PathBuf>,
}

impl Default for Oidc {
    fn default() -> Self {
        Self {
            issuer: String::new(),
            client_id: String::new(),
            client_secret: Hidden::default(),
            client_secret_file: None,
            scopes: vec!["openid".to_owned(), "profile".to_owned()],
            name: "Đăng nhập bằng tài khoản Sở".to_owned(),
            groups_claim: "groups".to_owned(),
            mapping: Vec::new(),
            private_network: false,
            ca_file: None,
        }
    }
}

impl Oidc {
    /// Whether there is a provider.
    #[must_use]
    pub fn is_on(&self) -> bool {
        !self.issuer.is_empty()
    }

    /// The mapping, as it is decided by.
    pub fn rules(&self) -> impl Iterator<Item = GroupRole<'_>> {
        self.mapping.iter().map(|one| GroupRole {
            group: &one.group,
            role: one.role,
            unit: &one.unit,
        })
    }
}

/// That whoever is in a group of the provider holds a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupGrant {
    /// What the provider calls the group.
    pub group: String,
    /// The role.
    pub role: AccountRole,
    /// The code of the unit at which it holds.
    pub unit: String,
}

/// A secret of the settings, which is neither logged nor shown.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Hidden(String);

impl Hidden {
    /// One that somebody wrote.
    #[must_use]
    pub const fn of(secret: String) -> Self {
        Self(secret)
    }

    /// The secret.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    const fn told(&self) -> &'static str {
        if self.0.is_empty() { "" } else { "…" }
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.told())
    }
}

impl Serialize for Hidden {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.told())
    }
}

/// The address of the host, if it is written as one.
#[must_use]
pub fn literal_address(url: &Url) -> Option<IpAddr> {
    let host = url.host_str()?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok()
}

/// An issuer, or nothing. It is kept letter for letter, because tokens are compared with it so.
fn issuer_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let issuer = text.trim();
    match issuer.is_empty() || is_issuer(issuer) {
        true => Ok(issuer.to_owned()),
        false => Err(serde::de::Error::custom(format!(
            "{text:?} is not like https://sso.example.vn/realms/so"
        ))),
    }
}

/// OpenID Connect Discovery, section 3: HTTPS, with neither query nor fragment. On the machine itself, where tests run a provider,
/// HTTP will do.
fn is_issuer(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    let on_this_machine = literal_address(&url).is_some_and(|address| address.is_loopback());
    let scheme = url.scheme() == "https" || (url.scheme() == "http" && on_this_machine);
    let bare = url.query().is_none() && url.fragment().is_none();
    scheme && bare && url.has_host() && url.username().is_empty() && url.password().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Oidc, toml::de::Error> {
        toml::from_str(text)
    }

    #[test]
    fn issuer_is_an_address_of_https_kept_letter_for_letter() {
        let issuer = |text: &str| read(&format!("issuer = {text:?}")).map(|read| read.issuer);
        for good in [
            "https://sso.example.vn",
            "https://sso.example.vn/",
            "https://sso.example.vn:8443/realms/so",
            "http://127.0.0.1:4000",
            "http://[::1]:4000",
        ] {
            assert_eq!(issuer(good).as_deref(), Ok(good));
        }
        assert_eq!(issuer("").as_deref(), Ok(""));
        for bad in [
            "sso.example.vn",
            "http://sso.example.vn",
            "http://localhost:4000",
            "https://sso.example.vn?realm=so",
            "https://sso.example.vn#so",
            "https://a:b@sso.example.vn",
            "file:///etc/passwd",
        ] {
            let refused = issuer(bad).expect_err(bad).to_string();
            assert!(refused.contains("is not like"), "{bad}: {refused}");
        }
    }

    #[test]
    fn secret_is_in_no_log_and_on_no_page() {
        let oidc = read("client_secret = 'rất kín'").expect("settings");
        assert_eq!(oidc.client_secret.expose(), "rất kín");
        let shown = toml::to_string(&oidc).expect("text");
        assert!(!shown.contains("kín") && !format!("{oidc:?}").contains("kín"));
    }

    #[test]
    fn mapping_names_a_role_that_there_is() {
        let mapping = "[[mapping]]\ngroup = 'xa-a'\nrole = 'unit_admin'\nunit = 'XA-A'";
        let oidc = read(mapping).expect("settings");
        assert_eq!(oidc.mapping[0].role, AccountRole::UnitAdmin);
        assert!(read("[[mapping]]\ngroup = 'a'\nrole = 'chief'\nunit = 'XA-A'").is_err());
        assert!(read("[[mapping]]\ngroup = 'a'\nrole = 'member'").is_err());
    }
}

//! The only way to the provider: to its own origin, by HTTPS, without redirects, for a bounded time, and for answers of a bounded
//! size. What the provider's documents name cannot lead this server anywhere else, and neither can whoever answers for its name.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use anyhow::Context as _;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, RequestBuilder, StatusCode, Url};

use super::fault::Fault;
use crate::platform::authority::Network;
use crate::platform::oidc::Oidc;

/// The largest answer that is read. Keys of a large provider take some tens of kilobytes.
const MOST_BYTES: usize = 256 * 1024;

/// How long a connection may take, and a whole answer: pages are patient for 30 s.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);
const ANSWER_WITHIN: Duration = Duration::from_secs(8);

/// Requests to one origin.
#[derive(Debug)]
pub(super) struct Net {
    client: Client,
    origin: Url,
}

impl Net {
    /// To the origin of the settings' issuer.
    ///
    /// # Errors
    /// When the issuer is no address, or the authority's file cannot be read.
    pub(super) fn new(settings: &Oidc) -> anyhow::Result<Self> {
        let origin: Url = settings.issuer.parse().context("oidc.issuer")?;
        let mut client = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .referer(false)
            .connect_timeout(CONNECT_WITHIN)
            .timeout(ANSWER_WITHIN)
            .https_only(origin.scheme() == "https")
            .dns_resolver(Guarded {
                private_too: settings.private_network,
            });
        if let Some(file) = &settings.ca_file {
            let pem =
                std::fs::read(file).with_context(|| format!("oidc.ca_file: {}", file.display()))?;
            let authorities = Certificate::from_pem_bundle(&pem).context("oidc.ca_file")?;
            client = client.tls_certs_only(authorities);
        } else if origin.scheme() == "http" {
            // Nothing is asked by TLS, and no machine has to know any authority for it.
            client = client.tls_certs_only([]);
        }
        let client = client.build().context("a client of the provider")?;
        Ok(Self { client, origin })
    }

    /// Lets an address through that the provider's documents name as `what`.
    ///
    /// # Errors
    /// When it does not lie at the provider's own origin.
    pub(super) fn own(&self, what: &'static str, address: &str) -> Result<Url, Fault> {
        Url::parse(address)
            .ok()
            .filter(|url| url.origin() == self.origin.origin())
            .filter(|url| url.username().is_empty() && url.password().is_none())
            .ok_or(Fault::Elsewhere(what))
    }

    /// What stands there. `url` has passed [`Self::own`], or is made of the issuer.
    pub(super) async fn get(&self, url: Url) -> Result<Vec<u8>, Fault> {
        match answer(self.client.get(url)).await? {
            (StatusCode::OK, body) => Ok(body),
            (status, _) => Err(Fault::Status(status.as_u16())),
        }
    }

    /// What comes of a form that is sent there, whatever the status: `sign` puts in who sends it.
    pub(super) async fn send(
        &self,
        url: Url,
        form: &[(&str, &str)],
        sign: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<(StatusCode, Vec<u8>), Fault> {
        let request = self.client.post(url).body(form_of(form));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        answer(sign(request)).await
    }
}

/// A form as it is sent.
fn form_of(fields: &[(&str, &str)]) -> String {
    let mut url = Url::parse("form:").expect("it is an address");
    url.query_pairs_mut().extend_pairs(fields);
    url.query().unwrap_or_default().to_owned()
}

async fn answer(request: RequestBuilder) -> Result<(StatusCode, Vec<u8>), Fault> {
    let request = request.header("accept", "application/json");
    let mut response = request.send().await.map_err(Fault::silent)?;
    let status = response.status();
    if status.is_redirection() {
        return Err(Fault::Redirects);
    }
    if status.is_server_error() {
        return Err(Fault::Status(status.as_u16()));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(Fault::silent)? {
        if body.len() + chunk.len() > MOST_BYTES {
            return Err(Fault::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok((status, body))
}

/// Finds the addresses of names, and keeps those to itself that the provider cannot have.
#[derive(Debug, Clone, Copy)]
struct Guarded {
    private_too: bool,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let Self { private_too } = *self;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let (good, bad): (Vec<SocketAddr>, Vec<SocketAddr>) =
                found.partition(|address| may_be_asked(address.ip(), private_too));
            if good.is_empty() && !bad.is_empty() {
                return Err(Inside.into());
            }
            Ok(Box::new(good.into_iter()) as Addrs)
        })
    }
}

/// The provider's name leads to a private address.
#[derive(Debug, thiserror::Error)]
#[error("its name leads into a private network, which oidc.private_network does not allow")]
struct Inside;

/// Networks that nobody outside reaches, and that a provider may be in when the settings say so: of the machine itself, private
/// ones, and those that providers of lines share out.
const PRIVATE: [&str; 7] = [
    "127.0.0.0/8",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "::1/128",
    "fc00::/7",
];

/// Networks where no provider is: of no host, of one cable (where clouds keep their machines' secrets), of many hosts, of examples,
/// and those that lead elsewhere by another protocol.
const NOBODYS: [&str; 14] = [
    "0.0.0.0/8",
    "169.254.0.0/16",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
    "::/128",
    "fe80::/10",
    "ff00::/8",
    "2001:db8::/32",
    "64:ff9b::/32",
    "2002::/16",
];

fn may_be_asked(address: IpAddr, private_too: bool) -> bool {
    // `::127.0.0.1` is written so by nobody who means well.
    let compatible = match address {
        IpAddr::V6(address) => address.to_bits() >> 32 == 0 && address != Ipv6Addr::LOCALHOST,
        IpAddr::V4(_) => false,
    };
    !compatible && !lies_in(&NOBODYS, address) && (private_too || !lies_in(&PRIVATE, address))
}

fn lies_in(networks: &[&str], address: IpAddr) -> bool {
    networks
        .iter()
        .filter_map(|network| network.parse::<Network>().ok())
        .any(|network| network.contains(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_network_is_one() {
        for network in PRIVATE.iter().chain(&NOBODYS) {
            assert!(network.parse::<Network>().is_ok(), "{network}");
        }
    }

    #[test]
    fn private_addresses_are_asked_only_when_the_settings_say_so_and_some_never() {
        let asked = |text: &str| {
            let address = text.parse().unwrap();
            (may_be_asked(address, false), may_be_asked(address, true))
        };
        for public in ["113.160.0.1", "1.1.1.1", "2405:4800::1", "::ffff:1.1.1.1"] {
            assert_eq!(asked(public), (true, true), "{public}");
        }
        for private in [
            "127.0.0.1",
            "127.8.8.8",
            "10.0.0.5",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "::1",
            "fd00::5",
            "::ffff:10.0.0.5",
        ] {
            assert_eq!(asked(private), (false, true), "{private}");
        }
        for never in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "fe80::1",
            "::127.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::",
        ] {
            assert_eq!(asked(never), (false, false), "{never}");
        }
    }

    #[test]
    fn only_the_issuers_own_origin_is_asked() {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let settings = Oidc {
            issuer: "https://sso.example.vn/realms/so".to_owned(),
            ..Oidc::default()
        };
        let net = Net::new(&settings).unwrap();
        assert!(net.own("keys", "https://sso.example.vn/keys").is_ok());
        assert!(net.own("keys", "https://sso.example.vn:443/keys").is_ok());
        for elsewhere in [
            "https://169.254.169.254/latest/meta-data",
            "https://other.example.vn/keys",
            "https://sso.example.vn.evil.example/keys",
            "https://sso.example.vn@evil.example/keys",
            "https://a@sso.example.vn/keys",
            "https://sso.example.vn:8443/keys",
            "http://sso.example.vn/keys",
            "file:///etc/passwd",
            "/keys",
            "",
        ] {
            let refused = net.own("keys", elsewhere);
            assert!(
                matches!(refused, Err(Fault::Elsewhere("keys"))),
                "{elsewhere}"
            );
        }
    }
}

//! Under which name a request reached us, and from whom it comes: worked out once, before anything else looks.
//!
//! HTTP/1.1 names the host in a header, HTTP/2 in the request line (RFC 9113, 8.3.1), and a reverse proxy that ends TLS in
//! a header of its own: `Forwarded` (RFC 7239), or `X-Forwarded-For`, `-Host` and `-Proto`. Anybody can write these, so
//! they count only from the addresses that the settings name (`trusted_proxies`).
//!
//! After [`settle`] every request looks as if there were neither HTTP/2 nor a proxy: its `Host` is the name that the
//! client used, without a port that goes without saying, its connection comes from the client, and `Forwarded` is there exactly when a trusted proxy stands
//! between.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::AppState;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// A range of addresses: `10.0.0.0/8`, `2001:db8::/32`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// Not a range of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is neither an address nor a range like 10.0.0.0/8")]
pub struct NotANetwork;

impl Network {
    /// Whether an address lies in it. An IPv4 address that came over an IPv6 socket is an IPv4 address.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let shift = |bits: u8| u32::from(bits) - u32::from(self.prefix);
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let differ = own.to_bits() ^ other.to_bits();
                differ.checked_shr(shift(32)).unwrap_or(0) == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let differ = own.to_bits() ^ other.to_bits();
                differ.checked_shr(shift(128)).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NotANetwork)?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => longest,
            Some(prefix) => prefix
                .parse()
                .ok()
                .filter(|p| *p <= longest)
                .ok_or(NotANetwork)?,
        };
        Ok(Self { address, prefix })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl Serialize for Network {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse()
            .map_err(|cause| D::Error::custom(format!("{text}: {cause}")))
    }
}

/// The host, and the port if it is not that of HTTPS, by which a settled request reached us, for example
/// `diemcau.example.vn` or `[2001:db8::1]:8443`.
#[must_use]
pub fn of(headers: &HeaderMap) -> Option<Authority> {
    let mut named = headers.get_all(header::HOST).iter();
    // Of two names, nobody knows which was meant (RFC 9112, 3.2).
    let (only, None) = (named.next()?, named.next()) else {
        return None;
    };
    parse(only.to_str().ok()?)
}

/// The address that people type, when a settled request came through a trusted proxy, for example
/// `https://hop.example.vn`.
#[must_use]
pub fn proxied_url(headers: &HeaderMap) -> Option<String> {
    let told = elements(headers, &header::FORWARDED);
    let scheme = match Hop::last_of(&told).proto?.as_str() {
        "http" => "http",
        _ => "https",
    };
    Some(format!("{scheme}://{}", of(headers)?))
}

/// Whether a settled request comes from our own pages, as far as its `Origin` tells. Browsers send it with every
/// WebSocket and every POST; a request without it does not come from a page.
#[must_use]
pub fn is_own_page(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let Some((scheme, origin)) = origin.to_str().ok().and_then(|o| o.split_once("://")) else {
        return false;
    };
    // Neither has the usual port.
    matches!(scheme, "https" | "http")
        && of(headers).is_some_and(|own| own.as_str().eq_ignore_ascii_case(origin))
}

/// Settles where a request comes from and by which name; see the module.
pub(crate) async fn settle(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    settle_request(&mut request, &state.config.trusted_proxies);
    next.run(request).await
}

fn settle_request(request: &mut Request, trusted: &[Network]) {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(peer)| *peer);
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let own = match request.uri().authority() {
        Some(authority) => parse(authority.as_str()),
        None => of(request.headers()),
    };
    let through_proxy = peer.is_some_and(|peer| is_trusted(peer.ip()));
    let hop = Hop::of(request.headers());
    let headers = request.headers_mut();
    for name in [
        header::FORWARDED,
        FORWARDED_FOR,
        FORWARDED_HOST,
        FORWARDED_PROTO,
    ] {
        headers.remove(name);
    }
    let (authority, scheme) = match (&hop, through_proxy) {
        (Some(hop), true) => (
            hop.host.as_deref().and_then(parse).or(own),
            hop.proto.as_deref(),
        ),
        _ => (own, None),
    };
    let authority = authority.map(|authority| without_usual_port(authority, scheme));
    match authority.and_then(|authority| HeaderValue::try_from(authority.as_str()).ok()) {
        Some(host) => {
            headers.insert(header::HOST, host);
        }
        // Whatever it is, nobody reads it as a host.
        None => {
            headers.remove(header::HOST);
        }
    }
    match (hop, peer, through_proxy) {
        (Some(hop), Some(peer), true) => {
            if let Ok(told) =
                HeaderValue::try_from(format!("proto={}", hop.proto.as_deref().unwrap_or("https")))
            {
                headers.insert(header::FORWARDED, told);
            }
            // From the right: what trusted proxies have written, up to the first address that is none of theirs; if all
            // are, the one furthest away.
            let mut client = None;
            for address in hop.clients.iter().rev().map_while(|address| *address) {
                client = Some(address);
                if !is_trusted(address) {
                    break;
                }
            }
            if let Some(client) = client {
                let client = SocketAddr::new(client, peer.port());
                request.extensions_mut().insert(ConnectInfo(client));
            }
        }
        (Some(_), Some(peer), false) => warn_of_unknown_proxy(peer.ip()),
        _ => {}
    }
}

/// A name without the port that its scheme has anyway. Browsers leave it out of the origin that is compared with this;
/// proxies and encoders may not.
fn without_usual_port(authority: Authority, scheme: Option<&str>) -> Authority {
    let usual = match scheme {
        Some("http") => ":80",
        _ => ":443",
    };
    let bare = authority.as_str().strip_suffix(usual).and_then(parse);
    bare.unwrap_or(authority)
}

/// Says once that something looks like a proxy that nobody named.
fn warn_of_unknown_proxy(peer: IpAddr) {
    static SAID: AtomicBool = AtomicBool::new(false);
    if !SAID.swap(true, Ordering::Relaxed) {
        tracing::warn!(%peer, "a request names another client, but trusted_proxies does not name its sender: it is ignored");
    }
}

/// What proxies say of a request.
#[derive(Debug, Default, PartialEq, Eq)]
struct Hop {
    /// The addresses from the client on, each as the next saw it; none where it cannot be read.
    clients: Vec<Option<IpAddr>>,
    host: Option<String>,
    proto: Option<String>,
}

impl Hop {
    /// What the headers say, if they say anything: `Forwarded`, or the older ones. A proxy writes one kind and passes
    /// the other on as the client wrote it, so what the two say differently is believed of neither.
    fn of(headers: &HeaderMap) -> Option<Self> {
        let forwarded = Self::last_of(&elements(headers, &header::FORWARDED));
        let clients = elements(headers, &FORWARDED_FOR);
        let older = Self {
            clients: clients.iter().map(|text| address(text)).collect(),
            host: elements(headers, &FORWARDED_HOST).pop(),
            proto: elements(headers, &FORWARDED_PROTO)
                .pop()
                .map(|proto| proto.to_ascii_lowercase()),
        };
        let nothing = Self::default();
        match (forwarded != nothing, older != nothing) {
            (false, false) => None,
            (true, false) => Some(forwarded),
            (false, true) => Some(older),
            (true, true) => Some(forwarded.agreed_with(older)),
        }
    }

    /// What two kinds of header say alike.
    fn agreed_with(self, other: Self) -> Self {
        fn alike<T: PartialEq>(one: T, other: T) -> Option<T> {
            (one == other).then_some(one)
        }
        Self {
            clients: alike(self.clients, other.clients).unwrap_or_default(),
            host: alike(self.host, other.host).flatten(),
            proto: alike(self.proto, other.proto).flatten(),
        }
    }

    /// Reads the elements of `Forwarded` (RFC 7239, section 4); the last proxy's host and protocol count.
    fn last_of(elements: &[String]) -> Self {
        let mut hop = Self::default();
        for element in elements {
            let (mut client, mut host, mut proto) = (None, None, None);
            for pair in element.split(';') {
                let Some((name, value)) = pair.split_once('=') else {
                    continue;
                };
                let value = value.trim().trim_matches('"');
                match name.trim().to_ascii_lowercase().as_str() {
                    "for" => client = address(value),
                    "host" => host = Some(value.to_owned()),
                    "proto" => proto = Some(value.to_ascii_lowercase()),
                    _ => {}
                }
            }
            hop.clients.push(client);
            hop.host = host.or(hop.host);
            hop.proto = proto.or(hop.proto);
        }
        hop
    }
}

/// The elements of a list header, over all its lines.
fn elements(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    headers
        .get_all(name)
        .iter()
        .flat_map(|value| value.to_str().unwrap_or_default().split(','))
        .map(|element| element.trim().to_owned())
        .filter(|element| !element.is_empty())
        .collect()
}

/// An address as proxies write it: bare, with a port, IPv6 in brackets.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
        .map(|(address, _)| address);
    let address = bare.and_then(|address| address.parse().ok());
    address
        .or_else(|| text.parse().ok())
        .or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
        .map(|address: IpAddr| address.to_canonical())
}

/// Whether this is a host and perhaps a port, and nothing else.
pub(crate) fn is_authority(text: &str) -> bool {
    // What follows the last colon outside brackets is a port; the type takes more than there are.
    let port = text
        .rsplit(']')
        .next()
        .and_then(|rest| rest.split_once(':'));
    parse(text).is_some() && port.is_none_or(|(_, port)| port.parse::<u16>().is_ok())
}

/// Whether this is an origin as browsers write one: `https://hop.example.vn:8443`.
pub(crate) fn is_origin(text: &str) -> bool {
    let authority = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    authority.is_some_and(is_authority)
}

/// A host and perhaps a port, and nothing else.
fn parse(text: &str) -> Option<Authority> {
    let plain =
        |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    let authority: Authority = text.bytes().all(plain).then(|| text.parse().ok())??;
    (!authority.host().is_empty()).then_some(authority)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn networks(texts: &[&str]) -> Vec<Network> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    /// A request as it looks after it was settled: its host, its client, its public address.
    fn settled(
        peer: &str,
        uri: &str,
        headers: &[(&str, &str)],
        trusted: &[&str],
    ) -> (Option<String>, String, Option<String>) {
        let mut request = Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::empty()).unwrap();
        let peer: IpAddr = peer.parse().unwrap();
        request
            .extensions_mut()
            .insert(ConnectInfo(SocketAddr::new(peer, 4_711)));
        settle_request(&mut request, &networks(trusted));
        let ConnectInfo(client) = request
            .extensions()
            .get::<ConnectInfo<SocketAddr>>()
            .unwrap();
        let client = client.ip().to_string();
        let headers = request.headers();
        (
            of(headers).map(|own| own.to_string()),
            client,
            proxied_url(headers),
        )
    }

    fn host(uri: &str, headers: &[(&str, &str)]) -> Option<String> {
        settled("192.0.2.1", uri, headers, &[]).0
    }

    #[test]
    fn host_is_the_same_over_http_1_and_2() {
        assert_eq!(
            host("/", &[("host", "diemcau.example.vn")]).as_deref(),
            Some("diemcau.example.vn")
        );
        assert_eq!(
            host("https://diemcau.example.vn:8443/", &[]).as_deref(),
            Some("diemcau.example.vn:8443")
        );
        // The request line counts (RFC 9113, 8.3.1).
        let both = host("https://diemcau.example.vn/", &[("host", "evil.example")]);
        assert_eq!(both.as_deref(), Some("diemcau.example.vn"));
        assert_eq!(
            host("/", &[("host", "[2001:db8::1]:8443")]).as_deref(),
            Some("[2001:db8::1]:8443")
        );
    }

    #[test]
    fn usual_port_goes_without_saying_whoever_says_it() {
        for named in ["hop.example.vn", "hop.example.vn:443"] {
            let direct = host("/", &[("host", named)]);
            assert_eq!(direct.as_deref(), Some("hop.example.vn"), "{named}");
            let line = host(&format!("https://{named}/"), &[]);
            assert_eq!(line.as_deref(), Some("hop.example.vn"), "{named}");
        }
        assert_eq!(
            host("/", &[("host", "[2001:db8::1]:443")]).as_deref(),
            Some("[2001:db8::1]")
        );
        for other in [
            "hop.example.vn:80",
            "hop.example.vn:8443",
            "hop.example.vn:4430",
        ] {
            assert_eq!(host("/", &[("host", other)]).as_deref(), Some(other));
        }
        let behind = |proto: &str, named: &str| {
            let headers = [
                ("host", "127.0.0.1:8443"),
                ("x-forwarded-host", named),
                ("x-forwarded-proto", proto),
            ];
            settled("10.0.0.2", "/", &headers, &["10.0.0.2"]).2
        };
        let url = |url: &str| Some(url.to_owned());
        assert_eq!(
            behind("https", "hop.example.vn:443"),
            url("https://hop.example.vn")
        );
        assert_eq!(
            behind("http", "hop.example.vn:80"),
            url("http://hop.example.vn")
        );
        assert_eq!(
            behind("https", "hop.example.vn:80"),
            url("https://hop.example.vn:80")
        );
    }

    #[test]
    fn request_with_two_hosts_has_none() {
        let twice = [("host", "hop.example.vn"), ("host", "evil.example")];
        assert_eq!(host("/", &twice), None);
        let line = host("https://hop.example.vn/", &twice);
        assert_eq!(
            line.as_deref(),
            Some("hop.example.vn"),
            "the request line counts"
        );
    }

    #[test]
    fn what_is_no_host_is_none() {
        for text in [
            "",
            "a b",
            "user@host",
            "host/path",
            "h\"st",
            "a,b",
            "<x>",
            "[::1",
            "host:port:port",
        ] {
            assert_eq!(host("/", &[("host", text)]), None, "{text}");
        }
    }

    #[test]
    fn proxy_is_believed_only_where_it_is_named() {
        let headers = [
            ("host", "127.0.0.1:8443"),
            ("x-forwarded-for", "203.0.113.9"),
            ("x-forwarded-host", "hop.example.vn"),
            ("x-forwarded-proto", "https"),
        ];
        let (host, client, url) = settled("10.0.0.2", "/", &headers, &["10.0.0.0/8"]);
        assert_eq!(host.as_deref(), Some("hop.example.vn"));
        assert_eq!(client, "203.0.113.9");
        assert_eq!(url.as_deref(), Some("https://hop.example.vn"));
        let (host, client, url) = settled("192.0.2.2", "/", &headers, &["10.0.0.0/8"]);
        assert_eq!(
            (host.as_deref(), client.as_str(), url),
            (Some("127.0.0.1:8443"), "192.0.2.2", None)
        );
    }

    #[test]
    fn forwarded_of_rfc_7239_is_read_too() {
        let headers = [
            ("host", "127.0.0.1"),
            (
                "forwarded",
                "for=\"[2001:db8::5]:4711\";proto=https;host=hop.example.vn",
            ),
        ];
        let (host, client, url) = settled("10.0.0.2", "/", &headers, &["10.0.0.2"]);
        assert_eq!(
            (host.as_deref(), client.as_str()),
            (Some("hop.example.vn"), "2001:db8::5")
        );
        assert_eq!(url.as_deref(), Some("https://hop.example.vn"));
    }

    #[test]
    fn what_two_kinds_of_header_say_differently_is_believed_of_neither() {
        let told = |forwarded: &str| {
            let headers = [
                ("host", "127.0.0.1"),
                ("forwarded", forwarded),
                ("x-forwarded-for", "203.0.113.9"),
                ("x-forwarded-host", "hop.example.vn"),
                ("x-forwarded-proto", "https"),
            ];
            let (host, client, _) = settled("10.0.0.2", "/", &headers, &["10.0.0.2"]);
            (host.unwrap_or_default(), client)
        };
        let told_as = |forwarded, host: &str, client: &str| {
            assert_eq!(
                told(forwarded),
                (host.to_owned(), client.to_owned()),
                "{forwarded}"
            );
        };
        let same = "for=203.0.113.9;host=hop.example.vn;proto=https";
        told_as(same, "hop.example.vn", "203.0.113.9");
        // Whoever writes the other kind gains nothing: neither another address nor another name.
        told_as("for=198.51.100.1", "127.0.0.1", "10.0.0.2");
        told_as(
            "for=203.0.113.9;host=evil.example",
            "127.0.0.1",
            "203.0.113.9",
        );
        told_as("host=evil.example", "127.0.0.1", "10.0.0.2");
    }

    #[test]
    fn client_is_the_last_address_that_is_no_proxy_of_ours() {
        let client = |chain: &str| {
            settled(
                "10.0.0.2",
                "/",
                &[("host", "h"), ("x-forwarded-for", chain)],
                &["10.0.0.0/8"],
            )
            .1
        };
        assert_eq!(client("203.0.113.9, 10.0.0.3"), "203.0.113.9");
        // What the client itself has written stands further left.
        assert_eq!(client("127.0.0.1, 203.0.113.9"), "203.0.113.9");
        assert_eq!(
            client("1.2.3.4, nonsense, 10.0.0.3"),
            "10.0.0.3",
            "nobody vouches for what is before it"
        );
        assert_eq!(client("10.0.0.7"), "10.0.0.7");
        assert_eq!(client("::ffff:203.0.113.9"), "203.0.113.9");
        assert_eq!(client("unknown"), "10.0.0.2");
    }

    #[test]
    fn origin_is_compared_with_the_name_that_the_client_used() {
        let own = |host: &'static str, origin: &'static str| {
            let headers = [(header::HOST, host), (header::ORIGIN, origin)];
            is_own_page(
                &headers
                    .into_iter()
                    .map(|(name, value)| (name, value.parse().unwrap()))
                    .collect(),
            )
        };
        assert!(own("diemcau.example.vn", "https://diemcau.example.vn"));
        assert!(own("diemcau.example.vn", "https://DIEMCAU.example.vn"));
        assert!(own("10.0.0.5:8443", "https://10.0.0.5:8443"));
        assert!(own("[::1]:8443", "https://[::1]:8443"));
        assert!(!own("diemcau.example.vn", "https://evil.example"));
        assert!(!own(
            "diemcau.example.vn",
            "https://diemcau.example.vn.evil.example"
        ));
        assert!(!own("diemcau.example.vn", "null"));
        assert!(is_own_page(&HeaderMap::new()), "not a page");
    }

    #[test]
    fn network_contains_what_it_says() {
        let contains = |network: &str, address: &str| {
            network
                .parse::<Network>()
                .unwrap()
                .contains(address.parse().unwrap())
        };
        assert!(contains("10.0.0.0/8", "10.255.1.1") && !contains("10.0.0.0/8", "11.0.0.1"));
        assert!(contains("127.0.0.1", "127.0.0.1") && !contains("127.0.0.1", "127.0.0.2"));
        assert!(contains("127.0.0.1", "::ffff:127.0.0.1"));
        assert!(contains("0.0.0.0/0", "203.0.113.9") && !contains("0.0.0.0/0", "::1"));
        assert!(
            contains("2001:db8::/32", "2001:db8:1::1") && !contains("2001:db8::/32", "2001:db9::1")
        );
        assert!(contains("::/0", "2001:db8::1"));
        for text in [
            "",
            "10.0.0.0/33",
            "10.0.0/8",
            "::/129",
            "hop.example.vn",
            "10.0.0.0/-1",
            "10.0.0.0/8/8",
        ] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }
}

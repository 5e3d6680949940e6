//! The server under test, as a client sees it: HTTP, WebSocket, and the metrics it offers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, ensure};
use protocol::client::Refusal;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, COOKIE, LOCATION, ORIGIN};
use reqwest::{StatusCode, Url};
use rustls::ClientConfig;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs};
use rustls::{DigitallySignedStruct, SignatureScheme};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{self, client::IntoClientRequest};

/// How long any one request may take; joins of a full room queue behind each other.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// Whose certificates to accept.
#[derive(Debug, Clone)]
pub enum Trust {
    /// Those signed by a certificate in this PEM file, for example the server's `ca.crt`.
    Authority(std::path::PathBuf),
    /// Any: for a server on the same machine only.
    Anything,
}

/// A WebSocket to the server.
pub type WebSocket = WebSocketStream<TlsStream<TcpStream>>;

/// What somebody shows at a door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// Nothing.
    Nothing,
    /// A bearer token.
    Token(String),
    /// The cookie of a sign-in or of an exchanged link: `name=value`.
    Cookie(String),
}

/// An answer that is not what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The HTTP status.
    pub status: u16,
    /// The stable code of the problem (RFC 9457); none when the answer has none.
    pub code: Option<String>,
}

impl Refused {
    /// Reads the code out of a problem.
    #[must_use]
    pub fn new(status: u16, body: &[u8]) -> Self {
        #[derive(serde::Deserialize)]
        struct Problem {
            code: String,
        }
        let problem = serde_json::from_slice(body).ok();
        Self {
            status,
            code: problem.map(|Problem { code }| code),
        }
    }

    /// A refusal by a room, which has a code and no status; it counts as one of the client's.
    #[must_use]
    pub fn by_room(refusal: &Refusal) -> Self {
        let code = serde_json::to_value(refusal.code).ok();
        Self {
            status: 400,
            code: code.and_then(|code| code.as_str().map(str::to_owned)),
        }
    }

    /// Whether a program can tell what was wrong, and nothing broke.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.code.is_some() && self.status >= 400 && self.status != 500
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let code = self.code.as_deref().unwrap_or("no code");
        write!(f, "{} {code}", self.status)
    }
}

/// A WHIP or WHEP resource that the server made.
#[derive(Debug, Clone)]
pub struct Resource {
    /// Where to end it.
    pub location: Url,
    /// The SDP answer.
    pub answer: String,
}

/// A server by its address.
#[derive(Debug, Clone)]
pub struct Server {
    base: Url,
    http: reqwest::Client,
    tls: Arc<ClientConfig>,
    bind: IpAddr,
    from: Option<IpAddr>,
    only_https: bool,
}

impl Server {
    /// A client for the server at `base`, `https://host:port`. Media sockets are bound to `bind`, or, when it is none,
    /// to the loopback address when the server is on this machine and to any otherwise.
    ///
    /// # Errors
    /// When the address is not HTTPS or the certificate file cannot be read.
    pub fn new(base: &str, trust: &Trust, bind: Option<IpAddr>) -> anyhow::Result<Self> {
        let base = Url::parse(base).with_context(|| format!("{base} is not an address"))?;
        ensure!(
            base.scheme() == "https",
            "the address must begin with https://"
        );
        let config = tls_config(trust)?;
        let http = client(&config, None)?;
        let local = match base.host_str().unwrap_or_default() {
            "localhost" => true,
            host => host
                .trim_matches(['[', ']'])
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback()),
        };
        let bind = bind.unwrap_or(match (local, base.host_str()) {
            (true, Some("[::1]")) => Ipv6Addr::LOCALHOST.into(),
            (true, _) => Ipv4Addr::LOCALHOST.into(),
            (false, _) => Ipv4Addr::UNSPECIFIED.into(),
        });
        Ok(Self {
            base,
            http,
            tls: Arc::new(config),
            bind,
            from: None,
            only_https: false,
        })
    }

    /// The same server for somebody who comes from this address of the machine. On loopback there are many.
    ///
    /// # Errors
    /// When the stack refuses it.
    pub fn coming_from(&self, address: IpAddr) -> anyhow::Result<Self> {
        Ok(Self {
            http: client(&self.tls, Some(address))?,
            from: Some(address),
            ..self.clone()
        })
    }

    /// Where its port is, for those who say something else than HTTPS.
    ///
    /// # Errors
    /// When the address names none.
    pub fn port(&self) -> anyhow::Result<(String, u16)> {
        let host = self.base.host_str().context("the address has no host")?;
        let port = self
            .base
            .port_or_known_default()
            .context("the address has no port")?;
        Ok((host.trim_matches(['[', ']']).to_owned(), port))
    }

    /// A request for a path or address of the server, with what is shown. A page that shows a cookie says where it is
    /// from.
    ///
    /// # Errors
    /// When it is no path.
    pub fn request(
        &self,
        method: reqwest::Method,
        path: &str,
        shown: &Credential,
    ) -> anyhow::Result<reqwest::RequestBuilder> {
        let request = self.http.request(method, self.base.join(path)?);
        Ok(match shown {
            Credential::Nothing => request.header(ORIGIN, self.origin()),
            Credential::Token(token) => request.bearer_auth(token),
            Credential::Cookie(cookie) => {
                request.header(COOKIE, cookie).header(ORIGIN, self.origin())
            }
        })
    }

    fn origin(&self) -> String {
        self.base.origin().ascii_serialization()
    }

    /// The address that media sockets are bound to.
    #[must_use]
    pub const fn bind(&self) -> IpAddr {
        self.bind
    }

    /// The same server for people whose firewall passes the port of HTTPS alone.
    #[must_use]
    pub fn behind_firewall(mut self) -> Self {
        self.only_https = true;
        self
    }

    /// Whether media, too, must go through the port of HTTPS.
    #[must_use]
    pub const fn only_https(&self) -> bool {
        self.only_https
    }

    /// A TLS connection with nothing said on it yet.
    ///
    /// # Errors
    /// When nobody listens there, or the certificate is not trusted.
    pub async fn tls(&self, host: &str, port: u16) -> anyhow::Result<TlsStream<TcpStream>> {
        let name = ServerName::try_from(host.to_owned())?;
        let tcp = self.tcp(host, port).await?;
        let connector = TlsConnector::from(self.tls.clone());
        Ok(connector.connect(name, tcp).await?)
    }

    /// A TCP connection with nothing said on it.
    ///
    /// # Errors
    /// When nobody listens there.
    pub async fn tcp(&self, host: &str, port: u16) -> anyhow::Result<TcpStream> {
        let unreachable = || format!("cannot reach {host}:{port}");
        let tcp = match self.from {
            None => TcpStream::connect((host, port)).await,
            Some(from) => {
                let to = tokio::net::lookup_host((host, port))
                    .await?
                    .find(|to| to.is_ipv4() == from.is_ipv4())
                    .with_context(unreachable)?;
                let socket = match from {
                    IpAddr::V4(_) => TcpSocket::new_v4()?,
                    IpAddr::V6(_) => TcpSocket::new_v6()?,
                };
                socket.bind((from, 0).into())?;
                socket.connect(to).await
            }
        }
        .with_context(unreachable)?;
        tcp.set_nodelay(true)?;
        Ok(tcp)
    }

    /// Opens the WebSocket of a session.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses the token or the session.
    pub async fn websocket(&self, session: &str, token: &str) -> anyhow::Result<WebSocket> {
        self.dial(session, &Credential::Token(token.to_owned()))
            .await?
            .map_err(|refused| {
                anyhow!("the server refused the WebSocket of session {session}: {refused}")
            })
    }

    /// Asks for the WebSocket of a session.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub async fn dial(
        &self,
        session: &str,
        shown: &Credential,
    ) -> anyhow::Result<Result<WebSocket, Refused>> {
        let mut address = self.base.join(&format!("ws/sessions/{session}"))?;
        address
            .set_scheme("wss")
            .map_err(|()| anyhow!("the address has no WebSocket form"))?;
        let (host, port) = self.port()?;
        let tls = self.tls(&host, port).await?;
        let mut request = address.as_str().into_client_request()?;
        let headers = request.headers_mut();
        match shown {
            Credential::Nothing => {}
            Credential::Token(token) => {
                headers.insert(AUTHORIZATION, format!("Bearer {token}").parse()?);
            }
            Credential::Cookie(cookie) => {
                headers.insert(COOKIE, cookie.parse()?);
                headers.insert(ORIGIN, self.origin().parse()?);
            }
        }
        match tokio_tungstenite::client_async(request, tls).await {
            Ok((socket, _)) => Ok(Ok(socket)),
            Err(tungstenite::Error::Http(response)) => Ok(Err(Refused::new(
                response.status().as_u16(),
                response.body().as_deref().unwrap_or_default(),
            ))),
            Err(cause) => Err(cause).with_context(|| format!("the WebSocket of session {session}")),
        }
    }

    /// Posts an SDP offer to `/whip/{session}` or `/whep/{session}`; `protocol` is the first part.
    ///
    /// # Errors
    /// When the answer is not 201 with a location and an SDP answer.
    pub async fn post_offer(
        &self,
        protocol: &str,
        session: &str,
        token: &str,
        offer: String,
    ) -> anyhow::Result<Resource> {
        let shown = Credential::Token(token.to_owned());
        self.offer(protocol, session, &shown, offer)
            .await?
            .map_err(|refused| anyhow!("/{protocol}/{session} answered {refused}"))
    }

    /// Offers media to `/whip/{session}` or `/whep/{session}`.
    ///
    /// # Errors
    /// When the server cannot be reached, or made a resource without saying where.
    pub async fn offer(
        &self,
        protocol: &str,
        session: &str,
        shown: &Credential,
        offer: String,
    ) -> anyhow::Result<Result<Resource, Refused>> {
        let address = self.base.join(&format!("{protocol}/{session}"))?;
        let response = self
            .request(reqwest::Method::POST, address.as_str(), shown)?
            .header(CONTENT_TYPE, "application/sdp")
            .header(ACCEPT, "application/sdp")
            .body(offer)
            .send()
            .await?;
        let status = response.status();
        if status != StatusCode::CREATED {
            let body = response.bytes().await.unwrap_or_default();
            return Ok(Err(Refused::new(status.as_u16(), &body)));
        }
        let location = response
            .headers()
            .get(LOCATION)
            .and_then(|location| location.to_str().ok())
            .and_then(|location| address.join(location).ok())
            .with_context(|| format!("{address} answered without a Location"))?;
        Ok(Ok(Resource {
            location,
            answer: response.text().await?,
        }))
    }

    /// Ends a WHIP or WHEP resource.
    ///
    /// # Errors
    /// When the server does not confirm it.
    pub async fn delete(&self, resource: &Resource, token: &str) -> anyhow::Result<()> {
        let location = resource.location.clone();
        let response = self.http.delete(location).bearer_auth(token).send().await?;
        response.error_for_status()?;
        Ok(())
    }

    /// The server's metrics, if it lets us see them.
    ///
    /// # Errors
    /// When `/metrics` is closed to us.
    pub async fn metrics(&self) -> anyhow::Result<Metrics> {
        let response = self.http.get(self.base.join("metrics")?).send().await?;
        Ok(Metrics(response.error_for_status()?.text().await?))
    }
}

/// One reading of `/metrics` in the text format of Prometheus.
#[derive(Debug, Clone)]
pub struct Metrics(String);

impl Metrics {
    /// The sum of a metric over all its labels; none when there is no such metric.
    #[must_use]
    pub fn sum(&self, name: &str) -> Option<f64> {
        let values: Vec<f64> = self
            .0
            .lines()
            .filter_map(|line| {
                let rest = line.strip_prefix(name)?;
                let value = match rest.strip_prefix('{') {
                    Some(labelled) => labelled.rsplit_once('}')?.1,
                    None => rest.strip_prefix(' ')?,
                };
                value.split_ascii_whitespace().next()?.parse().ok()
            })
            .collect();
        (!values.is_empty()).then(|| values.iter().sum())
    }
}

fn client(tls: &ClientConfig, from: Option<IpAddr>) -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .timeout(REQUEST_TIMEOUT)
        .local_address(from)
        .no_proxy()
        .build()
}

fn tls_config(trust: &Trust) -> anyhow::Result<ClientConfig> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()?;
    let config = match trust {
        Trust::Authority(path) => {
            let mut roots = rustls::RootCertStore::empty();
            for certificate in read_certificates(path)? {
                roots.add(certificate)?;
            }
            builder.with_root_certificates(roots)
        }
        Trust::Anything => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AcceptAnything::new(&provider))),
    };
    Ok(config.with_no_client_auth())
}

fn read_certificates(path: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let certificates: Vec<_> = CertificateDer::pem_file_iter(path)
        .with_context(|| format!("cannot read {}", path.display()))?
        .collect::<Result<_, _>>()
        .with_context(|| format!("{} is not PEM", path.display()))?;
    ensure!(
        !certificates.is_empty(),
        "{} holds no certificate",
        path.display()
    );
    Ok(certificates)
}

/// Accepts every certificate, and checks only that the server holds its key.
#[derive(Debug)]
struct AcceptAnything(WebPkiSupportedAlgorithms);

impl AcceptAnything {
    fn new(provider: &CryptoProvider) -> Self {
        Self(provider.signature_verification_algorithms)
    }
}

impl ServerCertVerifier for AcceptAnything {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, certificate, signature, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_summed_over_their_labels() {
        let metrics = Metrics(
            "# HELP out Packets.\n# TYPE out counter\nout{shard=\"0\"} 10\nout{shard=\"1\"} 5.5\n\
             out_total 7\nprocess_resident_memory_bytes 1.5e+07\n"
                .to_owned(),
        );
        assert_eq!(metrics.sum("out"), Some(15.5));
        assert_eq!(metrics.sum("out_total"), Some(7.0));
        assert_eq!(metrics.sum("process_resident_memory_bytes"), Some(1.5e7));
        assert_eq!(metrics.sum("absent"), None);
    }

    #[test]
    fn media_sockets_follow_the_address_of_the_server() {
        let bind = |base: &str| Server::new(base, &Trust::Anything, None).unwrap().bind();
        assert_eq!(bind("https://localhost:8443").to_string(), "127.0.0.1");
        assert_eq!(bind("https://127.0.0.1:8443").to_string(), "127.0.0.1");
        assert_eq!(bind("https://[::1]:8443").to_string(), "::1");
        assert_eq!(bind("https://meet.example").to_string(), "0.0.0.0");
        assert!(Server::new("http://localhost", &Trust::Anything, None).is_err());
    }
}

//! The server under test, as a client sees it: HTTP, WebSocket, and the metrics it offers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, bail, ensure};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, LOCATION};
use reqwest::{StatusCode, Url};
use rustls::ClientConfig;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs};
use rustls::{DigitallySignedStruct, SignatureScheme};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

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
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(config.clone())
            .timeout(REQUEST_TIMEOUT)
            .no_proxy()
            .build()?;
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
            only_https: false,
        })
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
        let tcp = TcpStream::connect((host, port))
            .await
            .with_context(|| format!("cannot reach {host}:{port}"))?;
        tcp.set_nodelay(true)?;
        let connector = TlsConnector::from(self.tls.clone());
        Ok(connector.connect(name, tcp).await?)
    }

    /// Opens the WebSocket of a session.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses the token or the session.
    pub async fn websocket(&self, session: &str, token: &str) -> anyhow::Result<WebSocket> {
        let mut address = self.base.join(&format!("ws/sessions/{session}"))?;
        address
            .set_scheme("wss")
            .map_err(|()| anyhow!("the address has no WebSocket form"))?;
        let host = self.base.host_str().context("the address has no host")?;
        let port = self
            .base
            .port_or_known_default()
            .context("the address has no port")?;
        let tls = self.tls(host.trim_matches(['[', ']']), port).await?;
        let mut request = address.as_str().into_client_request()?;
        request
            .headers_mut()
            .insert(AUTHORIZATION, format!("Bearer {token}").parse()?);
        let (socket, _) = tokio_tungstenite::client_async(request, tls)
            .await
            .with_context(|| format!("the server refused the WebSocket of session {session}"))?;
        Ok(socket)
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
        let address = self.base.join(&format!("{protocol}/{session}"))?;
        let response = self
            .http
            .post(address.clone())
            .bearer_auth(token)
            .header(CONTENT_TYPE, "application/sdp")
            .header(ACCEPT, "application/sdp")
            .body(offer)
            .send()
            .await?;
        let status = response.status();
        if status != StatusCode::CREATED {
            let body = response.text().await.unwrap_or_default();
            bail!("{address} answered {status}: {}", body.trim());
        }
        let location = response
            .headers()
            .get(LOCATION)
            .and_then(|location| location.to_str().ok())
            .and_then(|location| address.join(location).ok())
            .with_context(|| format!("{address} answered without a Location"))?;
        Ok(Resource {
            location,
            answer: response.text().await?,
        })
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

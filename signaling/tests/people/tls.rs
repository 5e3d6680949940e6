//! Certificates as a client sees them.

use std::sync::{Arc, Mutex};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, SignatureScheme};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::support::{Server, eventually, problem};

#[tokio::test]
async fn authority_is_offered_and_makes_the_server_trusted() {
    let server = Server::start().await;
    let browser = server.stranger();
    let answer = browser.get("/ca.crt").await;
    assert_eq!(
        answer.headers()["content-type"],
        "application/x-x509-ca-cert"
    );
    let pem = answer.text().await.unwrap();
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"));
    let instructions = browser.get("/ca").await.text().await.unwrap();
    assert!(instructions.contains("Android") && instructions.contains("/ca.crt"));
    let trusting = reqwest::Client::builder()
        .tls_certs_only([reqwest::Certificate::from_pem(pem.as_bytes()).unwrap()])
        .build()
        .unwrap();
    for host in ["localhost", "127.0.0.1"] {
        let url = format!("https://{host}:{}/healthz", server.address.port());
        assert_eq!(
            trusting.get(url).send().await.unwrap().status(),
            200,
            "{host}"
        );
    }
    let doubting = reqwest::Client::builder()
        .tls_certs_only([])
        .build()
        .unwrap();
    assert!(doubting.get(server.url("/healthz")).send().await.is_err());
}

/// Takes any certificate and remembers it.
#[derive(Debug)]
struct Remember(Mutex<Vec<u8>>);

impl ServerCertVerifier for Remember {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        *self.0.lock().unwrap() = end_entity.to_vec();
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        rustls::crypto::aws_lc_rs::default_provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// A connection whose client names `protocols` in the handshake, and the certificate that the server shows it.
async fn connect(server: &Server, protocols: &[&[u8]]) -> (TlsStream<TcpStream>, Vec<u8>) {
    let remember = Arc::new(Remember(Mutex::default()));
    let mut config = rustls::ClientConfig::builder()
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&remember) as Arc<dyn ServerCertVerifier>)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    let tcp = TcpStream::connect(server.address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let tls = TlsConnector::from(Arc::new(config))
        .connect(name, tcp)
        .await
        .unwrap();
    let shown = remember.0.lock().unwrap().to_vec();
    (tls, shown)
}

/// The certificate that the server shows to a new connection.
async fn shown(server: &Server) -> Vec<u8> {
    connect(server, &[]).await.1
}

/// What the server says to the first bytes of a connection.
async fn answer(server: &Server, protocols: &[&[u8]], bytes: &[u8]) -> Vec<u8> {
    let (mut tls, _) = connect(server, protocols).await;
    // In two parts: the server must not depend on how they arrive.
    tls.write_all(&bytes[..1]).await.unwrap();
    tls.flush().await.unwrap();
    tls.write_all(&bytes[1..]).await.unwrap();
    let mut answer = vec![0; 12];
    tls.read_exact(&mut answer).await.unwrap();
    answer
}

/// What a client may promise in the handshake.
const NOTHING: &[&[u8]] = &[];
const HTTP: &[&[u8]] = &[b"http/1.1"];
const TURN: &[&[u8]] = &[b"stun.turn"];

/// A STUN binding request, which needs no credential, and the beginning of the answer to it.
const BINDING: &[u8] = b"\x00\x01\x00\x00\x21\x12\xa4\x42abcdefghijkl";
const BOUND: &[u8] = b"\x01\x01\x00\x0c\x21\x12\xa4\x42abcd";

#[tokio::test]
async fn one_port_serves_http_and_turn_to_whoever_begins_so() {
    let server = Server::start().await;
    let request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for protocols in [NOTHING, HTTP, TURN] {
        assert_eq!(answer(&server, protocols, request).await, b"HTTP/1.1 200");
    }
    for protocols in [NOTHING, TURN] {
        assert_eq!(answer(&server, protocols, BINDING).await, BOUND);
    }
}

#[tokio::test]
async fn without_turn_the_port_speaks_http_alone() {
    let server = Server::start_with(|config| config.turn.enabled = false).await;
    let (mut tls, _) = connect(&server, &[]).await;
    tls.write_all(BINDING).await.unwrap();
    let mut answer = Vec::new();
    // Whatever HTTP makes of it, the connection ends.
    let _ = tls.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"\x01\x01"), "{answer:?}");
    let browser = server.stranger();
    assert_eq!(browser.get("/healthz").await.status(), 200);
}

fn write_certificate(folder: &std::path::Path) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("own.key"), made.signing_key.serialize_pem()).unwrap();
    std::fs::write(folder.join("own.crt"), made.cert.pem()).unwrap();
}

#[tokio::test]
async fn authority_that_is_moved_away_is_not_replaced_and_the_certificate_stays() {
    let server = Server::start().await;
    let before = shown(&server).await;
    let (tls, away) = (
        server.folder.path().join("tls"),
        server.folder.path().join("away"),
    );
    std::fs::rename(&tls, &away).unwrap();
    // Two looks at the files, and some more.
    for _ in 0..6 {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        assert!(!tls.exists(), "a new authority was made");
    }
    assert_eq!(shown(&server).await, before);
    std::fs::rename(&away, &tls).unwrap();
    // The server renews its certificate again, here because somebody removed it.
    std::fs::remove_file(tls.join("server.crt")).unwrap();
    eventually(
        "a new certificate of the old authority is shown",
        async || shown(&server).await != before,
    )
    .await;
    let browser = server.stranger();
    assert_eq!(browser.get("/healthz").await.status(), 200, "still trusted");
}

#[tokio::test]
async fn own_certificate_is_read_again_when_it_changes() {
    let files = tempfile::tempdir().unwrap();
    write_certificate(files.path());
    let (certificate, key) = (files.path().join("own.crt"), files.path().join("own.key"));
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_with(|config| {
        config.tls.certificate_file = Some(certificate.clone());
        config.tls.key_file = Some(key.clone());
    })
    .await;
    let first = shown(&server).await;
    write_certificate(files.path());
    eventually("the new certificate is shown", async || {
        shown(&server).await != first
    })
    .await;
    let second = shown(&server).await;

    std::fs::write(&certificate, "broken").unwrap();
    let anything = reqwest::Client::builder()
        .tls_danger_accept_invalid_certs(true)
        .build()
        .unwrap();
    let authority = anything.get(server.url("/ca.crt")).send().await.unwrap();
    assert_eq!(problem(authority, 404).await.code, "no_own_authority");
    assert_eq!(
        shown(&server).await,
        second,
        "a broken file leaves the certificate as it is"
    );
    drop(folder);
}

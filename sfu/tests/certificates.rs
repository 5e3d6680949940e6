//! A whole node and OpenSSL's DTLS: which certificates of encoders and players are taken, and what is told of the others.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use protocol::media::{DisconnectReason, Profile};
use protocol::sfu::{SfuCommand, SfuEvent};
use protocol::{ParticipantId, RoomId};
use sfu::{Config, Running};
use str0m::ice::{StunMessage, TransId};
use uuid::Uuid;

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(20);

/// What became of a peer.
#[derive(Debug, PartialEq)]
enum End {
    Connected,
    Refused(DisconnectReason, Option<String>),
}

/// Which end begins the handshake.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Setup {
    Active,
    Passive,
}

fn start() -> Running {
    sfu::start(
        Config {
            listen_ip: Ipv4Addr::UNSPECIFIED.into(),
            public_ips: vec![Ipv4Addr::LOCALHOST.into()],
            media_port: 0,
            shards: 1,
            pin_threads: false,
            ..Config::default()
        },
        None,
    )
    .unwrap()
}

fn openssl(arguments: &[&str], folder: &Path) -> String {
    output_of(Command::new("openssl").args(arguments), folder)
}

fn output_of(command: &mut Command, folder: &Path) -> String {
    let output = command
        .current_dir(folder)
        .output()
        .expect("openssl and faketime are installed");
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// A key and a certificate for it in `folder`; its fingerprint as an offer has it.
fn certificate(folder: &Path, key: &[&str], hash: &str) -> String {
    let says = ["-subj", "/CN=encoder", "-days", "30"];
    certificate_made(folder, key, hash, ("now", &says))
}

/// The same, with when it was made, and what it says of itself.
fn certificate_made(
    folder: &Path,
    key: &[&str],
    hash: &str,
    (when, says): (&str, &[&str]),
) -> String {
    let generate = [&["genpkey", "-out", "key.pem"], key].concat();
    openssl(&generate, folder);
    let made = [
        "req", "-x509", "-new", "-key", "key.pem", "-out", "cert.pem",
    ];
    let mut at_that_time = Command::new("faketime");
    let make = at_that_time.args([when, "openssl"]).args(made).args(says);
    output_of(make, folder);
    let told = openssl(
        &["x509", "-in", "cert.pem", "-noout", "-fingerprint", hash],
        folder,
    );
    told.trim().rsplit('=').next().unwrap().to_owned()
}

fn offer(fingerprints: &[&str], setup: Setup) -> String {
    let setup = match setup {
        Setup::Active => "active",
        Setup::Passive => "passive",
    };
    let fingerprints: String = fingerprints
        .iter()
        .map(|fingerprint| format!("a=fingerprint:{fingerprint}\r\n"))
        .collect();
    format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n{fingerprints}\
         m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=sendonly\r\na=rtcp-mux\r\n\
         a=setup:{setup}\r\na=ice-ufrag:openssl\r\na=ice-pwd:openssl-has-a-long-password\r\n\
         a=rtpmap:111 opus/48000/2\r\n"
    )
}

/// The way between the node and a process that speaks DTLS: checks with ICE, and carries everything else.
struct Bridge {
    node: UdpSocket,
    /// Toward OpenSSL, which connects to it, or to which it connects.
    dtls: UdpSocket,
    peer: Option<SocketAddr>,
    username: String,
    password: String,
    next_check: Instant,
}

impl Bridge {
    fn to(answer: &str, peer: Option<SocketAddr>) -> Self {
        let value = |start: &str| {
            let mut lines = answer.lines();
            lines.find_map(|line| line.strip_prefix(start)).unwrap()
        };
        let candidate: Vec<&str> = value("a=candidate:").split(' ').collect();
        let port: u16 = candidate[5].parse().unwrap();
        let bind = || {
            let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            socket.set_nonblocking(true).unwrap();
            socket
        };
        let node = bind();
        node.connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        Self {
            node,
            dtls: bind(),
            peer,
            username: format!("{}:openssl", value("a=ice-ufrag:")),
            password: value("a=ice-pwd:").to_owned(),
            next_check: Instant::now(),
        }
    }

    fn step(&mut self) {
        if Instant::now() >= self.next_check {
            self.next_check += Duration::from_millis(500);
            self.check();
        }
        let mut buffer = [0; 2000];
        while let Ok(length) = self.node.recv(&mut buffer) {
            // 20 to 63 is DTLS (RFC 7983).
            if matches!(buffer[0], 20..=63)
                && let Some(peer) = self.peer
            {
                self.dtls.send_to(&buffer[..length], peer).unwrap();
            }
        }
        while let Ok((length, source)) = self.dtls.recv_from(&mut buffer) {
            self.peer = Some(source);
            self.node.send(&buffer[..length]).unwrap();
        }
    }

    fn check(&self) {
        let hmac = str0m::crypto::from_feature_flags().sha1_hmac_provider;
        let request =
            StunMessage::binding_request(&self.username, TransId::new(), true, 1, 1, true);
        let mut bytes = [0; 500];
        let password = Some(self.password.as_bytes());
        let length = request
            .to_bytes(password, &mut bytes, |key, parts| {
                hmac.sha1_hmac(key, parts)
            })
            .unwrap();
        self.node.send(&bytes[..length]).unwrap();
    }
}

/// OpenSSL as one end of a handshake; ended with the test.
struct OpenSsl(Child);

impl OpenSsl {
    fn client(folder: &Path, bridge: &Bridge, more: &[&str]) -> Self {
        let to = bridge.dtls.local_addr().unwrap().to_string();
        Self::run(folder, &[&["s_client", "-connect", &to], more].concat())
    }

    /// And where it listens, once it does.
    fn server(folder: &Path, more: &[&str]) -> (Self, SocketAddr) {
        let free = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let accept = address.to_string();
        let asked = ["s_server", "-accept", &accept, "-Verify", "1"];
        let mut server = Self::run(folder, &[asked.as_slice(), more].concat());
        let mut lines = BufReader::new(server.0.stdout.take().unwrap()).lines();
        assert!(
            lines.any(|line| line.unwrap().starts_with("ACCEPT")),
            "s_server listens"
        );
        (server, address)
    }

    fn run(folder: &Path, arguments: &[&str]) -> Self {
        let all = [
            arguments,
            &["-dtls1_2", "-cert", "cert.pem", "-key", "key.pem"],
            &["-use_srtp", "SRTP_AEAD_AES_128_GCM", "-mtu", "1200"],
        ];
        let child = Command::new("openssl")
            .args(all.concat())
            .current_dir(folder)
            // It ends when its input does.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl is installed");
        Self(child)
    }
}

impl Drop for OpenSsl {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Lets an encoder with the certificate in `folder` connect.
fn connect(folder: &Path, fingerprints: &[&str], setup: Setup, more: &[&str]) -> End {
    let mut node = start();
    node.commands
        .blocking_send(SfuCommand::Join {
            request: 1,
            room: RoomId::from(Uuid::from_u128(7)),
            participant: ParticipantId(Uuid::from_u128(1)),
            profile: Profile::Whip,
            may_publish: true,
            microphone_open: true,
            offer: offer(fingerprints, setup),
        })
        .unwrap();
    let SfuEvent::Answered { answer, .. } = node.events.blocking_recv().unwrap() else {
        panic!("the offer is not taken");
    };
    let (mut bridge, openssl) = match setup {
        Setup::Active => {
            let bridge = Bridge::to(&answer, None);
            let openssl = OpenSsl::client(folder, &bridge, more);
            (bridge, openssl)
        }
        Setup::Passive => {
            let (openssl, address) = OpenSsl::server(folder, more);
            (Bridge::to(&answer, Some(address)), openssl)
        }
    };
    let started = Instant::now();
    let end = loop {
        assert!(started.elapsed() < PATIENCE, "nothing comes of it");
        bridge.step();
        match node.events.try_recv() {
            Ok(SfuEvent::Connected { .. }) => break End::Connected,
            Ok(SfuEvent::Disconnected { reason, detail, .. }) => {
                break End::Refused(reason, detail);
            }
            // The pace of the carrying, not a wait for anything.
            _ => std::thread::sleep(Duration::from_millis(1)),
        }
    };
    drop(openssl);
    node.node.shutdown().unwrap();
    end
}

const CURVE: &str = "ec_paramgen_curve:";

#[test]
fn certificates_of_every_usual_key_connect_whoever_begins_the_handshake() {
    let folder = tempfile::tempdir().unwrap();
    let keys: [&[&str]; 6] = [
        &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:4096"],
        &["-algorithm", "ED25519"],
        &["-algorithm", "EC", "-pkeyopt", &format!("{CURVE}P-256")],
        &["-algorithm", "EC", "-pkeyopt", &format!("{CURVE}P-384")],
        &["-algorithm", "EC", "-pkeyopt", &format!("{CURVE}P-521")],
    ];
    for key in keys {
        let fingerprint = format!("sha-256 {}", certificate(folder.path(), key, "-sha256"));
        for setup in [Setup::Active, Setup::Passive] {
            // OpenSSL 3.0 serves no DTLS with such a key, not even to itself.
            if (key[1], setup) == ("ED25519", Setup::Passive) {
                continue;
            }
            let end = connect(folder.path(), &[&fingerprint], setup, &[]);
            assert_eq!(end, End::Connected, "{key:?} {setup:?}");
        }
    }
}

#[test]
fn what_a_certificate_says_of_itself_does_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let p256 = ["-algorithm", "EC", "-pkeyopt", &format!("{CURVE}P-256")];
    let rsa = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
    let long = format!("/O={}/CN=encoder", "x".repeat(64));
    let usual = ["-subj", "/CN=encoder", "-days", "30"];
    let with = |more: &[&'static str]| [usual.as_slice(), more].concat();
    for (when, says) in [
        // It has run out; it is not valid yet; it is for a century; it has no name, or a long one.
        ("2020-01-01", with(&[])),
        ("2040-01-01", with(&[])),
        ("now", vec!["-subj", "/CN=encoder", "-days", "36500"]),
        ("now", vec!["-subj", "/", "-days", "30"]),
        ("now", vec!["-subj", &long, "-days", "30"]),
        // It is signed as nobody should; it is for something else.
        ("now", with(&["-sha1"])),
        ("now", with(&["-sha512"])),
        ("now", with(&["-addext", "keyUsage=critical,keyCertSign"])),
    ] {
        for key in [p256, rsa] {
            let digest = certificate_made(folder.path(), &key, "-sha256", (when, &says));
            let fingerprint = format!("sha-256 {digest}");
            let more = ["-cipher", "DEFAULT@SECLEVEL=0"];
            let end = connect(folder.path(), &[&fingerprint], Setup::Active, &more);
            assert_eq!(end, End::Connected, "{when} {says:?} {key:?}");
        }
    }
}

#[test]
fn rsa_signatures_are_taken_as_pkcs1_and_as_pss_with_every_hash() {
    let folder = tempfile::tempdir().unwrap();
    let key = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
    let fingerprint = format!("sha-256 {}", certificate(folder.path(), &key, "-sha256"));
    for scheme in [
        "RSA+SHA256",
        "RSA+SHA384",
        "RSA+SHA512",
        "rsa_pss_rsae_sha256",
        "rsa_pss_rsae_sha384",
        "rsa_pss_rsae_sha512",
    ] {
        for setup in [Setup::Active, Setup::Passive] {
            // Our own certificate is ECDSA.
            let algorithms = format!("{scheme}:ECDSA+SHA256");
            let more = ["-sigalgs", &algorithms];
            let end = connect(folder.path(), &[&fingerprint], setup, &more);
            assert_eq!(end, End::Connected, "{scheme} {setup:?}");
        }
    }
}

#[test]
fn fingerprint_is_compared_by_the_hash_that_it_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let key = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
    certificate(path, &key, "-sha256");
    let of = |name: &str, hash: &str| {
        let told = openssl(
            &["x509", "-in", "cert.pem", "-noout", "-fingerprint", hash],
            path,
        );
        format!("{name} {}", told.trim().rsplit('=').next().unwrap())
    };
    let (sha256, sha384, sha512) = (
        of("sha-256", "-sha256"),
        of("sha-384", "-sha384"),
        of("sha-512", "-sha512"),
    );
    let foreign = format!("sha-256 {}", vec!["AB"; 32].join(":"));
    for fingerprints in [
        vec![sha384.as_str()],
        vec![sha512.as_str()],
        vec![sha256.as_str(), sha512.as_str()],
        // A client may name several certificates and show one of them (RFC 8122, 5).
        vec![foreign.as_str(), sha256.as_str()],
    ] {
        let end = connect(path, &fingerprints, Setup::Active, &[]);
        assert_eq!(end, End::Connected, "{fingerprints:?}");
    }
    let foreign512 = format!("sha-512 {}", vec!["AB"; 64].join(":"));
    for fingerprints in [
        vec![foreign.as_str()],
        vec![foreign512.as_str()],
        // The strongest hash decides (RFC 8122, 5).
        vec![sha256.as_str(), foreign512.as_str()],
    ] {
        let end = connect(path, &fingerprints, Setup::Active, &[]);
        let mismatch = End::Refused(DisconnectReason::FingerprintMismatch, None);
        assert_eq!(end, mismatch, "{fingerprints:?}");
    }
}

#[test]
fn failed_handshake_ends_the_peer_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let short = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"];
    let fingerprint = format!("sha-256 {}", certificate(path, &short, "-sha256"));
    // OpenSSL itself takes such keys no more, unless told to.
    let weak = ["-cipher", "DEFAULT@SECLEVEL=0"];
    let end = connect(path, &[&fingerprint], Setup::Active, &weak);
    let detail = "its RSA key has 1024 bits; 2048 to 8192 are taken";
    let expected = End::Refused(DisconnectReason::CertificateRefused, Some(detail.into()));
    assert_eq!(end, expected);

    let fingerprint = format!(
        "sha-256 {}",
        certificate(path, &["-algorithm", "ED448"], "-sha256")
    );
    let end = connect(path, &[&fingerprint], Setup::Active, &[]);
    let expected = End::Refused(DisconnectReason::CertificateMissing, None);
    assert_eq!(
        end, expected,
        "OpenSSL shows none when ours asks for others"
    );

    let key = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
    let fingerprint = format!("sha-256 {}", certificate(path, &key, "-sha256"));
    let end = connect(
        path,
        &[&fingerprint],
        Setup::Active,
        &["-cipher", "AES128-SHA:ECDHE-ECDSA-AES128-SHA"],
    );
    assert!(
        matches!(
            end,
            End::Refused(DisconnectReason::NothingInCommon, Some(_))
        ),
        "{end:?}"
    );
}

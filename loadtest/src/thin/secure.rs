//! DTLS as the client, and the SRTP keys that it agrees on (RFC 5764).

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use anyhow::{Context as _, anyhow, bail};
use bytes::BytesMut;
use rtc::crypto::{HashAlgorithm, RTCCryptoProvider, default_provider};
use rtc::dtls::config::{ConfigBuilder, ExtendedMasterSecretType};
use rtc::dtls::crypto::Certificate;
use rtc::dtls::endpoint::{Endpoint, EndpointEvent};
use rtc::dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc::shared::TransportProtocol;
use rtc::shared::error::Error;
use rtc::srtp::config::{Config, LABEL_EXTRACTOR_DTLS_SRTP};
use rtc::srtp::context::Context;
use rtc::srtp::protection_profile::ProtectionProfile;

/// The profiles offered, in the order of browsers, with the name each has in RFC 5764 and RFC 7714.
const SUITES: [(SrtpProtectionProfile, ProtectionProfile, &str); 3] = [
    (
        SrtpProtectionProfile::Srtp_Aead_Aes_256_Gcm,
        ProtectionProfile::AeadAes256Gcm,
        "SRTP_AEAD_AES_256_GCM",
    ),
    (
        SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm,
        ProtectionProfile::AeadAes128Gcm,
        "SRTP_AEAD_AES_128_GCM",
    ),
    (
        SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80,
        ProtectionProfile::Aes128CmHmacSha1_80,
        "SRTP_AES128_CM_HMAC_SHA1_80",
    ),
];

/// The generator's certificate: one for all of its peers, because making one costs more than a handshake.
pub(super) struct Identity {
    pub(super) provider: Arc<dyn RTCCryptoProvider>,
    certificate: Certificate,
    /// As SDP writes it, without the name of the hash.
    pub(super) fingerprint: String,
}

impl Identity {
    /// The identity of this process.
    pub(super) fn of_process() -> anyhow::Result<&'static Self> {
        static IDENTITY: OnceLock<Result<Identity, String>> = OnceLock::new();
        IDENTITY
            .get_or_init(|| Self::generate().map_err(|error| format!("{error:#}")))
            .as_ref()
            .map_err(|error| anyhow!("{error}"))
    }

    fn generate() -> anyhow::Result<Self> {
        let provider = default_provider().context("no cryptography provider")?;
        let certificate =
            Certificate::generate_self_signed(vec!["loadtest".to_owned()], provider.crypto())?;
        let der = certificate
            .certificate
            .first()
            .context("no certificate was made")?;
        let fingerprint = fingerprint(&*provider, der)?;
        Ok(Self {
            provider,
            certificate,
            fingerprint,
        })
    }
}

fn fingerprint(provider: &dyn RTCCryptoProvider, certificate: &[u8]) -> anyhow::Result<String> {
    let hash = provider
        .crypto()
        .hash(HashAlgorithm::Sha256, certificate)
        .map_err(|error| anyhow!("no SHA-256: {error}"))?;
    let bytes: Vec<String> = hash.iter().map(|byte| format!("{byte:02X}")).collect();
    Ok(bytes.join(":"))
}

/// What a finished handshake gives.
pub(super) struct Keys {
    pub(super) outgoing: Context,
    pub(super) incoming: Context,
    /// The name of the SRTP profile.
    pub(super) suite: &'static str,
}

/// The DTLS association with the server.
pub(super) struct Association {
    endpoint: Endpoint,
    remote: SocketAddr,
    provider: &'static dyn RTCCryptoProvider,
}

impl Association {
    /// Begins a handshake; `fingerprint` is the server's, from its SDP.
    pub(super) fn begin(
        now: Instant,
        identity: &'static Identity,
        local: SocketAddr,
        remote: SocketAddr,
        expected: String,
    ) -> anyhow::Result<Self> {
        let provider = identity.provider.clone();
        let config = ConfigBuilder::default()
            .with_crypto_provider(identity.provider.clone())
            .with_certificates(vec![identity.certificate.clone()])
            .with_srtp_protection_profiles(SUITES.map(|(profile, _, _)| profile).to_vec())
            // Certificates are self-signed; their fingerprint is what counts.
            .with_insecure_skip_verify(true)
            .with_verify_peer_certificate(Some(Arc::new(move |certificates: &[Vec<u8>], _| {
                let shown = certificates.first().ok_or(Error::ErrNonCertificate)?;
                match fingerprint(&*provider, shown) {
                    Ok(shown) if shown.eq_ignore_ascii_case(&expected) => Ok(()),
                    _ => Err(Error::ErrNoMatchingCertificateFingerprint),
                }
            })))
            .with_extended_master_secret(ExtendedMasterSecretType::Require)
            .build(true, None)?;
        let mut endpoint = Endpoint::new(local, TransportProtocol::UDP, None);
        endpoint.connect(now, remote, Arc::new(config), None)?;
        Ok(Self {
            endpoint,
            remote,
            provider: &*identity.provider,
        })
    }

    /// Takes a DTLS datagram; returns the keys when it ended the handshake.
    pub(super) fn handle(&mut self, now: Instant, datagram: &[u8]) -> anyhow::Result<Option<Keys>> {
        let data = BytesMut::from(datagram);
        for event in self.endpoint.read(now, self.remote, None, data)? {
            match event {
                EndpointEvent::HandshakeComplete => return self.keys().map(Some),
                EndpointEvent::PeerClosed => bail!("the server closed the media connection"),
                _ => {}
            }
        }
        Ok(None)
    }

    /// The next datagram to send, if there is one.
    pub(super) fn poll_transmit(&mut self) -> Option<BytesMut> {
        self.endpoint.poll_transmit().map(|sent| sent.message)
    }

    /// Repeats what was not answered, if it is time.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> anyhow::Result<()> {
        Ok(self.endpoint.handle_timeout(self.remote, now)?)
    }

    /// Tells the server that it is over.
    pub(super) fn close(&mut self, now: Instant) -> anyhow::Result<()> {
        Ok(self.endpoint.close(now)?)
    }

    fn keys(&self) -> anyhow::Result<Keys> {
        let state = self
            .endpoint
            .get_connection_state(self.remote)
            .context("a finished handshake without state")?;
        let agreed = state.srtp_protection_profile();
        let &(_, profile, suite) = SUITES
            .iter()
            .find(|(offered, _, _)| *offered == agreed)
            .context("the server chose no SRTP profile that was offered")?;
        let mut config = Config {
            profile,
            ..Config::default()
        };
        let material = state.export_keying_material(
            LABEL_EXTRACTOR_DTLS_SRTP,
            &[],
            config.keying_material_len(),
        )?;
        config.set_session_keys_from_keying_material(material.as_ref(), true)?;
        // Duplicates are the meters' business: no replay protection.
        let context = |key: &[u8], salt: &[u8]| {
            Context::new(key, salt, profile, None, None, self.provider.crypto())
        };
        let keys = &config.keys;
        Ok(Keys {
            outgoing: context(&keys.local_master_key, &keys.local_master_salt)?,
            incoming: context(&keys.remote_master_key, &keys.remote_master_salt)?,
            suite,
        })
    }
}

//! Why an engine ended, told apart by who can do something about it.

use dimpl::{CertificateError, CryptoError, Error as DtlsError, SecurityError};
use protocol::media::DisconnectReason;
use str0m::RtcError;
use str0m::error::DtlsError as Dtls;

/// Why an engine ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{}", reason.as_str(), detail.as_ref().map(|detail| format!(": {detail}")).unwrap_or_default())]
pub(crate) struct PeerFailure {
    /// Told to signaling.
    pub(crate) reason: DisconnectReason,
    /// More than the reason says, in English, for the technician.
    pub(crate) detail: Option<String>,
    /// Whether the engine has a bug.
    pub(crate) panicked: bool,
}

impl PeerFailure {
    /// The engine panicked: a bug in it, by its own design.
    pub(crate) const PANICKED: Self = Self {
        reason: DisconnectReason::EngineFailed,
        detail: None,
        panicked: true,
    };

    /// A failure whose reason says all.
    pub(crate) const fn plain(reason: DisconnectReason) -> Self {
        Self {
            reason,
            detail: None,
            panicked: false,
        }
    }

    fn because(reason: DisconnectReason, detail: String) -> Self {
        Self {
            detail: Some(detail),
            ..Self::plain(reason)
        }
    }
}

impl From<RtcError> for PeerFailure {
    fn from(error: RtcError) -> Self {
        match error {
            RtcError::RemoteFingerprint => Self::plain(DisconnectReason::FingerprintMismatch),
            RtcError::Dtls(Dtls::CryptoError(str0m::crypto::CryptoError::DtlsImpl(error))) => {
                of_handshake(&error)
            }
            RtcError::Dtls(error) => {
                tracing::debug!(%error, "a handshake failed");
                Self::plain(DisconnectReason::HandshakeFailed)
            }
            error => {
                tracing::debug!(%error, "an engine failed");
                Self::plain(DisconnectReason::EngineFailed)
            }
        }
    }
}

fn of_handshake(error: &DtlsError) -> PeerFailure {
    use DisconnectReason as Reason;
    let because = PeerFailure::because;
    match error {
        DtlsError::CertificateError(
            CertificateError::NoClientCertificateReceived
            | CertificateError::NoServerCertificateReceived
            | CertificateError::NoClientCertificateForVerification,
        ) => PeerFailure::plain(Reason::CertificateMissing),
        DtlsError::CertificateError(_) => PeerFailure::plain(Reason::CertificateRefused),
        DtlsError::CryptoError(error) => match of_certificate(error) {
            Some(detail) => because(Reason::CertificateRefused, detail),
            None => PeerFailure::plain(Reason::HandshakeFailed),
        },
        DtlsError::SecurityError(SecurityError::FatalAlert { description }) => {
            because(Reason::RefusedByClient, alert(*description))
        }
        DtlsError::SecurityError(error) => match missing(error) {
            Some(detail) => because(Reason::NothingInCommon, detail.to_owned()),
            None => PeerFailure::plain(Reason::HandshakeFailed),
        },
        DtlsError::Timeout(_) => PeerFailure::plain(Reason::HandshakeTimeout),
        error => {
            tracing::debug!(%error, "a handshake failed");
            PeerFailure::plain(Reason::HandshakeFailed)
        }
    }
}

/// What is wrong with a certificate, if that is what failed.
fn of_certificate(error: &CryptoError) -> Option<String> {
    let detail = match error {
        CryptoError::UnsupportedRsaKeySize { bits } => {
            return Some(format!(
                "its RSA key has {bits} bits; 2048 to 8192 are taken"
            ));
        }
        CryptoError::UnsupportedPublicKeyAlgorithm => "its key is not ECDSA, Ed25519 or RSA",
        CryptoError::UnsupportedEcCurve
        | CryptoError::MissingEcCurveParameter
        | CryptoError::InvalidEcCurveParameter => "its curve is not P-256, P-384 or P-521",
        CryptoError::UnsupportedSignatureAlgorithm(_)
        | CryptoError::UnsupportedSignaturePair { .. }
        | CryptoError::UnsupportedSignatureVerification { .. }
        | CryptoError::SignatureAlgorithmNotOfferedByClient
        | CryptoError::SignatureAlgorithmMismatch { .. } => {
            "it is signed with in a way that was not asked for"
        }
        CryptoError::CertificateParseFailed | CryptoError::InvalidSubjectPublicKey => {
            "it cannot be read"
        }
        CryptoError::SignatureInvalid(_)
        | CryptoError::SignatureVerificationFailed { .. }
        | CryptoError::InvalidSignatureFormat
        | CryptoError::InvalidPublicKey(_) => "the signature made with its key is wrong",
        _ => return None,
    };
    Some(detail.to_owned())
}

/// What the two ends have not in common, if that is what failed.
fn missing(error: &SecurityError) -> Option<&'static str> {
    Some(match error {
        SecurityError::NoMutuallyAcceptableCipherSuite
        | SecurityError::ServerSelectedUnknownCipherSuite
        | SecurityError::ServerSelectedIncompatibleCipherSuite(_)
        | SecurityError::ServerSelectedDisallowedCipherSuite(_) => {
            "no cipher suite of DTLS 1.2 with ECDHE and AES-GCM or ChaCha20"
        }
        SecurityError::ExtendedMasterSecretNotNegotiated => "no extended master secret (RFC 7627)",
        SecurityError::NoCommonKeyExchangeGroup => "no key exchange over X25519, P-256 or P-384",
        SecurityError::UnsupportedClientVersion(_) | SecurityError::UnsupportedServerVersion(_) => {
            "not DTLS 1.2"
        }
        SecurityError::UnsupportedClientCompression
        | SecurityError::UnsupportedServerCompression(_) => "not without compression",
        _ => return None,
    })
}

/// A DTLS alert by number and name (RFC 5246, 7.2).
fn alert(description: u8) -> String {
    let name = match description {
        0 => "close_notify",
        10 => "unexpected_message",
        20 => "bad_record_mac",
        40 => "handshake_failure",
        42 => "bad_certificate",
        43 => "unsupported_certificate",
        45 => "certificate_expired",
        46 => "certificate_unknown",
        47 => "illegal_parameter",
        48 => "unknown_ca",
        50 => "decode_error",
        51 => "decrypt_error",
        70 => "protocol_version",
        71 => "insufficient_security",
        80 => "internal_error",
        90 => "user_canceled",
        _ => return format!("DTLS alert {description}"),
    };
    format!("DTLS alert {description}, {name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dtls(error: DtlsError) -> PeerFailure {
        let error = str0m::crypto::CryptoError::DtlsImpl(error);
        RtcError::Dtls(Dtls::CryptoError(error)).into()
    }

    #[test]
    fn failed_handshake_says_whose_fault_it_is_in_our_own_words() {
        let failure = dtls(DtlsError::CryptoError(CryptoError::UnsupportedRsaKeySize {
            bits: 1024,
        }));
        assert_eq!(
            failure.to_string(),
            "certificate_refused: its RSA key has 1024 bits; 2048 to 8192 are taken"
        );
        let failure = dtls(DtlsError::SecurityError(SecurityError::FatalAlert {
            description: 40,
        }));
        assert_eq!(
            failure.to_string(),
            "refused_by_client: DTLS alert 40, handshake_failure"
        );
        let failure = PeerFailure::from(RtcError::RemoteFingerprint);
        assert_eq!(failure.to_string(), "fingerprint_mismatch");
    }
}

//! Certificates: the operator's own from files, else the server's own authority and a certificate it signs.
//!
//! The authority lives in the data folder (`tls/ca.key`, readable by its owner alone, and `tls/ca.crt`), ten years. A new
//! one is made where there is neither file at the start, and never while the server runs: every device that trusts the
//! old one would have to be told.
//! The server's certificate beside it is made anew when its names change or its end comes near; devices that trust
//! the authority need not be told.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use std::{fs, io};

use anyhow::{Context as _, ensure};
use axum_server::tls_rustls::RustlsConfig;
use protocol::UtcMicros;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, SerialNumber,
};
use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

use crate::platform::clock::days;
use crate::platform::descriptors;
use crate::{Clock, Config};

/// How TURN is called in the handshake (RFC 7443). Browsers do not say it, but some clients do.
pub(crate) const TURN: &[u8] = b"stun.turn";

/// How long the authority is valid, in days.
const AUTHORITY_DAYS: u32 = 3_650;
/// How long the server's certificate is valid, in days. Apple refuses more than 825, and 398 from public authorities.
const SERVER_DAYS: u32 = 397;
/// How long before its end the server's certificate is made anew, in days.
const RENEW_DAYS: u32 = 30;
/// What the server's certificate was made for.
const RECORD_FILE: &str = "server.json";
/// What to do about an authority that cannot be used.
const PUT_BACK: &str = "put both files of the authority back from a backup, or remove both to have a new authority, which \
                        every device must then be told to trust";
/// How often the files of certificates are looked at for changes.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What the server shows of itself.
#[derive(Debug, Clone)]
pub struct Certificates {
    rustls: RustlsConfig,
    source: Arc<Source>,
    authority_pem: Option<Arc<str>>,
}

#[derive(Debug)]
enum Source {
    Files {
        certificate: PathBuf,
        key: PathBuf,
    },
    Own {
        folder: PathBuf,
        names: BTreeSet<String>,
        authority: Authority,
    },
}

impl Certificates {
    /// Loads the files that `config` names, else makes or loads the server's own in `data_dir`.
    ///
    /// # Errors
    /// When only one of the two files is named, or files cannot be read, written or understood.
    pub fn load(config: &Config, data_dir: &Path, now: UtcMicros) -> anyhow::Result<Self> {
        let (source, authority_pem) = match (&config.tls.certificate_file, &config.tls.key_file) {
            (Some(certificate), Some(key)) => {
                let source = Source::Files {
                    certificate: certificate.clone(),
                    key: key.clone(),
                };
                (source, None)
            }
            (None, None) => {
                let folder = data_dir.join("tls");
                let names = names(config);
                let authority = Authority::load_or_make(&folder, now)?;
                authority.issue_if_needed(&folder, &names, now)?;
                let pem = authority.pem.clone().into();
                let source = Source::Own {
                    folder,
                    names,
                    authority,
                };
                (source, Some(pem))
            }
            _ => anyhow::bail!("tls.certificate_file and tls.key_file go together"),
        };
        let (certificate, key) = source.files();
        let loaded = match (server_config(&certificate, &key), &source) {
            // What the authority has signed it can sign again: a file that a full disk left empty stops no meeting.
            (
                Err(cause),
                Source::Own {
                    folder,
                    names,
                    authority,
                },
            ) => {
                tracing::warn!(cause = %format!("{cause:#}"), "the server's certificate cannot be used; another one is made");
                authority.issue(folder, names, now)?;
                server_config(&certificate, &key)?
            }
            (loaded, _) => loaded?,
        };
        Ok(Self {
            rustls: RustlsConfig::from_config(loaded),
            source: Arc::new(source),
            authority_pem,
        })
    }

    /// For the listener.
    #[must_use]
    pub fn rustls(&self) -> RustlsConfig {
        self.rustls.clone()
    }

    /// The certificate of the server's own authority, PEM; none when the operator brought certificates.
    #[must_use]
    pub fn authority_pem(&self) -> Option<&str> {
        self.authority_pem.as_deref()
    }

    /// Reads the files again whenever they change, and renews the server's own certificate in time, until `shutdown`.
    /// Files that cannot be used leave the certificate as it is.
    pub async fn keep_fresh(self, clock: Clock, shutdown: CancellationToken) {
        let (certificate, key) = self.source.files();
        let mut seen = (modified(&certificate), modified(&key));
        let mut trouble = Trouble::default();
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            if let Source::Own {
                folder,
                names,
                authority,
            } = &*self.source
            {
                let renewed = authority.renew(folder, names, clock.now());
                if !trouble.tell(renewed, "the server's certificate cannot be renewed") {
                    continue;
                }
            }
            let found = (modified(&certificate), modified(&key));
            if found == seen {
                continue;
            }
            let loaded = server_config(&certificate, &key).map(|config| {
                self.rustls.reload_from_config(config);
                tracing::info!(file = %certificate.display(), "certificate loaded");
            });
            if trouble.tell(
                loaded,
                "the changed certificate cannot be used; the old one stays",
            ) {
                seen = found;
            }
        }
    }
}

/// What was told last, so that it is told once and not every two seconds.
#[derive(Default)]
struct Trouble(Option<String>);

impl Trouble {
    /// Tells of a failure that is not the one told last. Whether it went well.
    fn tell(&mut self, result: anyhow::Result<()>, what: &str) -> bool {
        let said = result.err().map(|error| {
            let mut causes = error.chain().filter_map(|cause| cause.downcast_ref());
            match causes.find_map(descriptors::limit_reached) {
                // The certificate is not to blame.
                Some(said) => said.to_owned(),
                None => format!("{what}: {error:#}"),
            }
        });
        if let Some(said) = &said
            && self.0.as_ref() != Some(said)
        {
            tracing::error!("{said}");
        }
        self.0 = said;
        self.0.is_none()
    }
}

impl Source {
    fn files(&self) -> (PathBuf, PathBuf) {
        match self {
            Self::Files { certificate, key } => (certificate.clone(), key.clone()),
            Self::Own { folder, .. } => (folder.join("server.crt"), folder.join("server.key")),
        }
    }
}

fn modified(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).and_then(|meta| meta.modified()).ok()
}

/// TLS 1.2 and 1.3; HTTP/2, HTTP/1.1 and TURN. Fails when the key does not belong to the certificate.
fn server_config(certificate: &Path, key: &Path) -> anyhow::Result<Arc<ServerConfig>> {
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("cannot read the certificate {}", certificate.display()))?;
    ensure!(
        !chain.is_empty(),
        "{} holds no certificate",
        certificate.display()
    );
    let key_der = PrivateKeyDer::from_pem_file(key)
        .with_context(|| format!("cannot read the key {}", key.display()))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .context("no TLS version is supported")?
        .with_no_client_auth()
        .with_single_cert(chain, key_der)
        .with_context(|| {
            format!(
                "{} and {} do not go together",
                certificate.display(),
                key.display()
            )
        })?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec(), TURN.to_vec()];
    Ok(Arc::new(config))
}

/// Every name and address under which people reach this server.
fn names(config: &Config) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = ["localhost", "127.0.0.1", "::1"].map(String::from).into();
    names.extend(host_name());
    names.extend(config.public_ips.iter().map(IpAddr::to_string));
    names.extend(config.host_names.iter().cloned());
    if let Some(host) = host_of(&config.public_url) {
        names.insert(host);
    }
    names
}

/// The name of this machine, when it can stand in a certificate.
fn host_name() -> Option<String> {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    let name = name.trim().to_lowercase();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    (!name.is_empty() && name.chars().all(plain)).then_some(name)
}

/// The host of a URL, without port and brackets.
fn host_of(url: &str) -> Option<String> {
    let rest = url.split_once("://")?.1;
    let authority = rest.split(['/', '?']).next()?;
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next()?,
        None => authority.split(':').next()?,
    };
    (!host.is_empty()).then(|| host.to_owned())
}

/// The server's own authority.
#[derive(Debug)]
struct Authority {
    key: KeyPair,
    pem: String,
}

/// What the server's certificate was made for, kept beside it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Issued {
    names: BTreeSet<String>,
    not_after_us: i64,
    authority: String,
}

impl Authority {
    fn load_or_make(folder: &Path, now: UtcMicros) -> anyhow::Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let (key_file, certificate_file) = (folder.join("ca.key"), folder.join("ca.crt"));
        match (
            fs::read_to_string(&key_file),
            fs::read_to_string(&certificate_file),
        ) {
            (Ok(key), Ok(pem)) => {
                let key = KeyPair::from_pem(&key)
                    .with_context(|| format!("{} is not a key; {PUT_BACK}", key_file.display()))?;
                let certificate = CertificateDer::from_pem_slice(pem.as_bytes())
                    .ok()
                    .with_context(|| {
                        format!(
                            "{} is not a certificate; {PUT_BACK}",
                            certificate_file.display()
                        )
                    })?;
                ensure!(
                    is_of(&certificate, &key),
                    "{} is not the certificate of {}; {PUT_BACK}",
                    certificate_file.display(),
                    key_file.display()
                );
                Ok(Self { key, pem })
            }
            (Ok(_), Err(e)) | (Err(e), Ok(_)) if e.kind() == io::ErrorKind::NotFound => {
                anyhow::bail!(
                    "one of {} and {} is missing; put it back, or remove the other to have a new authority, which every \
                     device must then be told to trust",
                    key_file.display(),
                    certificate_file.display()
                )
            }
            (Err(e), Err(other))
                if e.kind() == io::ErrorKind::NotFound
                    && other.kind() == io::ErrorKind::NotFound =>
            {
                let key = KeyPair::generate()?;
                let mut params = Self::params(&key);
                validity(&mut params, now, AUTHORITY_DAYS)?;
                let pem = params.self_signed(&key)?.pem();
                write_private(&key_file, &key.serialize_pem())?;
                write_public(&certificate_file, &pem)?;
                Ok(Self { key, pem })
            }
            (Err(e), _) | (_, Err(e)) => {
                Err(e).with_context(|| format!("cannot read the authority in {}", folder.display()))
            }
        }
    }

    /// What the authority is called depends on its key alone, so it can be told again without parsing certificates.
    fn params(key: &KeyPair) -> CertificateParams {
        let mut params = CertificateParams::default();
        let mark = hex::encode(&Sha256::digest(key.public_key_raw())[..4]);
        params.distinguished_name = DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::CommonName, format!("Diem Cau CA {mark}"));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params
    }

    /// By which the record of a certificate names this authority.
    fn mark(&self) -> String {
        hex::encode(Sha256::digest(self.pem.as_bytes()))
    }

    /// Makes the server's certificate anew in time, where this authority still lies.
    fn renew(&self, folder: &Path, names: &BTreeSet<String>, now: UtcMicros) -> anyhow::Result<()> {
        let certificate_file = folder.join("ca.crt");
        match fs::read_to_string(&certificate_file) {
            Ok(pem) if pem == self.pem => self.issue_if_needed(folder, names, now),
            Ok(_) => anyhow::bail!(
                "{} is another authority's; the server goes on with its own until it is started again",
                certificate_file.display()
            ),
            Err(cause) => Err(cause).with_context(|| {
                format!(
                    "cannot read {}; the server goes on with what it has, put it back before the next start",
                    certificate_file.display()
                )
            }),
        }
    }

    /// Makes the server's certificate when there is none for these names, or its end is near.
    fn issue_if_needed(
        &self,
        folder: &Path,
        names: &BTreeSet<String>,
        now: UtcMicros,
    ) -> anyhow::Result<()> {
        let fresh = fs::read(folder.join(RECORD_FILE))
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Issued>(&bytes).ok())
            .is_some_and(|issued| {
                issued.names == *names
                    && issued.authority == self.mark()
                    && issued.not_after_us > now.plus(days(RENEW_DAYS)).0
            });
        let (certificate_file, key_file) = (folder.join("server.crt"), folder.join("server.key"));
        if fresh && certificate_file.is_file() && key_file.is_file() {
            return Ok(());
        }
        self.issue(folder, names, now)
    }

    /// Makes the server's certificate, in place of one that is there.
    fn issue(&self, folder: &Path, names: &BTreeSet<String>, now: UtcMicros) -> anyhow::Result<()> {
        let (certificate_file, key_file) = (folder.join("server.crt"), folder.join("server.key"));
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(names.iter().cloned().collect::<Vec<_>>())
            .context("a name of this server cannot stand in a certificate")?;
        params.distinguished_name = DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::CommonName, "Diem Cau");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let mut serial = [0_u8; 16];
        getrandom::fill(&mut serial).context("no randomness")?;
        params.serial_number = Some(SerialNumber::from_slice(&serial));
        validity(&mut params, now, SERVER_DAYS)?;
        let issuer = Issuer::new(Self::params(&self.key), &self.key);
        let certificate = params.signed_by(&key, &issuer)?;
        write_private(&key_file, &key.serialize_pem())?;
        write_public(&certificate_file, &certificate.pem())?;
        let issued = Issued {
            names: names.clone(),
            not_after_us: now.plus(days(SERVER_DAYS)).0,
            authority: self.mark(),
        };
        write_public(
            &folder.join(RECORD_FILE),
            &serde_json::to_string_pretty(&issued)?,
        )?;
        tracing::info!(?names, "made the server's certificate");
        Ok(())
    }
}

/// Whether a certificate is about a key: its bytes, which are like no others, stand in the certificate.
fn is_of(certificate: &CertificateDer<'_>, key: &KeyPair) -> bool {
    let bytes = key.public_key_raw();
    certificate.windows(bytes.len()).any(|part| part == bytes)
}

/// From yesterday, because clocks differ, for so many days.
fn validity(params: &mut CertificateParams, now: UtcMicros, days: u32) -> anyhow::Result<()> {
    let today = jiff::Timestamp::from_microsecond(now.0)?
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date();
    let date = |offset: i64| -> anyhow::Result<_> {
        let date = today.checked_add(jiff::Span::new().try_days(offset)?)?;
        let (month, day) = (u8::try_from(date.month())?, u8::try_from(date.day())?);
        Ok(rcgen::date_time_ymd(i32::from(date.year()), month, day))
    };
    params.not_before = date(-1)?;
    params.not_after = date(i64::from(days))?;
    Ok(())
}

/// Writes a file that tells no secret. It is the owner's alone all the same, as everything in the data folder.
fn write_public(file: &Path, text: &str) -> anyhow::Result<()> {
    write(file, text, 0o600)
}

/// Writes a file that its owner alone may read, from its first byte on.
fn write_private(file: &Path, text: &str) -> anyhow::Result<()> {
    write(file, text, 0o600)
}

/// Writes beside, then renames: a reader sees the old file or the new one.
pub(crate) fn write(file: &Path, text: &str, mode: u32) -> anyhow::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;

    let beside = file.with_extension("new");
    let attempt = || -> io::Result<()> {
        match fs::remove_file(&beside) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        let mut out = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(&beside)?;
        out.write_all(text.as_bytes())?;
        out.sync_all()?;
        fs::rename(&beside, file)
    };
    attempt().with_context(|| format!("cannot write {}", file.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::platform::descriptors::EMFILE;

    const NOW: UtcMicros = UtcMicros(1_795_280_400_000_000);

    fn read(folder: &Path, name: &str) -> String {
        fs::read_to_string(folder.join("tls").join(name)).unwrap()
    }

    fn load(config: &Config, folder: &Path, now: UtcMicros) -> (String, String) {
        Certificates::load(config, folder, now).unwrap();
        (read(folder, "ca.crt"), read(folder, "server.crt"))
    }

    #[test]
    fn key_of_the_authority_is_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        load(&Config::default(), folder.path(), NOW);
        for key in ["ca.key", "server.key"] {
            let mode = fs::metadata(folder.path().join("tls").join(key))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600, "{key}");
        }
    }

    #[test]
    fn certificate_is_made_anew_when_names_change_or_its_end_is_near_and_the_authority_stays() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        let first = load(&config, folder.path(), NOW);
        assert_eq!(load(&config, folder.path(), NOW), first, "nothing changed");

        config.public_ips.push(IpAddr::from([203, 0, 113, 7]));
        let renamed = load(&config, folder.path(), NOW);
        assert_eq!(
            renamed.0, first.0,
            "devices keep trusting the same authority"
        );
        assert_ne!(renamed.1, first.1);

        let near_end = NOW.plus(days(SERVER_DAYS - RENEW_DAYS + 1));
        let renewed = load(&config, folder.path(), near_end);
        assert_eq!(renewed.0, first.0);
        assert_ne!(renewed.1, renamed.1);
    }

    #[test]
    fn half_an_authority_is_not_replaced_by_a_new_one() {
        for half in ["ca.key", "ca.crt"] {
            let folder = tempfile::tempdir().unwrap();
            load(&Config::default(), folder.path(), NOW);
            let rest = if half == "ca.key" { "ca.crt" } else { "ca.key" };
            let kept = read(folder.path(), rest);
            fs::remove_file(folder.path().join("tls").join(half)).unwrap();
            let loaded = Certificates::load(&Config::default(), folder.path(), NOW);
            assert!(loaded.unwrap_err().to_string().contains(half));
            assert_eq!(read(folder.path(), rest), kept);
        }
    }

    #[test]
    fn damaged_authority_is_named_with_what_to_do_and_left_as_it_is() {
        for file in ["ca.key", "ca.crt"] {
            let (folder, foreign) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            load(&Config::default(), folder.path(), NOW);
            load(&Config::default(), foreign.path(), NOW);
            let whole = read(folder.path(), file);
            for content in [
                String::new(),
                whole[..whole.len() / 2].to_owned(),
                read(foreign.path(), file),
            ] {
                let path = folder.path().join("tls").join(file);
                fs::write(&path, &content).unwrap();
                let loaded = Certificates::load(&Config::default(), folder.path(), NOW);
                let said = format!("{:#}", loaded.expect_err("it cannot be used"));
                assert!(said.contains(file) && said.contains("backup"), "{said}");
                assert_eq!(fs::read_to_string(&path).unwrap(), content);
            }
        }
    }

    #[test]
    fn certificate_that_a_full_disk_left_empty_is_made_anew_and_the_authority_stays() {
        for file in ["server.key", "server.crt", "server.json"] {
            let folder = tempfile::tempdir().unwrap();
            let (authority, _) = load(&Config::default(), folder.path(), NOW);
            fs::write(folder.path().join("tls").join(file), "").unwrap();
            let (same, _) = load(&Config::default(), folder.path(), NOW);
            assert_eq!(same, authority, "{file}");
        }
    }

    #[test]
    fn trouble_is_told_once_and_open_files_are_named_as_the_cause() {
        let full = || Err(anyhow::Error::from(io::Error::from_raw_os_error(EMFILE)).context("x"));
        let mut trouble = Trouble::default();
        assert!(!trouble.tell(full(), "the certificate"));
        let said = trouble.0.clone().unwrap();
        assert!(said.contains("LimitNOFILE") && !said.contains("certificate"));
        assert!(!trouble.tell(full(), "the certificate"));
        assert!(trouble.tell(Ok(()), "the certificate"));
        assert!(trouble.0.is_none());
    }

    #[test]
    fn key_without_certificate_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.tls.key_file = Some("server.key".into());
        assert!(Certificates::load(&config, folder.path(), NOW).is_err());
    }

    #[test]
    fn host_is_found_in_a_url() {
        let host = |url| host_of(url).unwrap_or_default();
        assert_eq!(host("https://diemcau.example.vn"), "diemcau.example.vn");
        assert_eq!(
            host("https://diemcau.example.vn:8443/x"),
            "diemcau.example.vn"
        );
        assert_eq!(host("https://[2001:db8::1]:8443"), "2001:db8::1");
        assert_eq!(host(""), "");
    }
}

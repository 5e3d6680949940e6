//! The one way out for letters: to the server that the settings name, within a bounded time.

use std::error::Error as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor, transport::smtp};

use super::letter::Letter;
use super::settings::{Mail, MailTls};

/// How long the mail server may be silent.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);
/// How long a letter may take on the whole.
const SENT_WITHIN: Duration = Duration::from_secs(60);

/// The way to the mail server. Cheap to clone.
#[derive(Clone)]
pub struct Post(Arc<Inner>);

struct Inner {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl std::fmt::Debug for Post {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Post").finish_non_exhaustive()
    }
}

/// Why a letter was not sent, as far as it can be told from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The server does not answer, or not in time.
    Unreachable,
    /// The way to it cannot be sealed: no STARTTLS, or a certificate of an authority that nobody here knows.
    NotSecure,
    /// It does not take this user and password.
    NotSignedIn,
    /// It says that it will later.
    Later,
    /// It says that it never will: there is no such mailbox, for example.
    Refused,
}

/// A letter that was not sent.
#[derive(Debug, thiserror::Error)]
#[error("{said}")]
pub struct NotSent {
    /// Why.
    pub cause: Cause,
    /// What the technician is told. It names no address and nothing of the letter: it goes into logs.
    pub said: String,
}

impl NotSent {
    fn slow() -> Self {
        Self {
            cause: Cause::Unreachable,
            said: "the mail server did not answer in time".to_owned(),
        }
    }

    fn of(error: &smtp::Error) -> Self {
        if let Some(status) = error.status() {
            let cause = match u16::from(status) {
                530 | 534 | 535 | 538 | 454 => Cause::NotSignedIn,
                _ if error.is_transient() => Cause::Later,
                _ => Cause::Refused,
            };
            // Servers repeat the address in their sentence; the number says enough.
            let said = format!("the mail server answered {status}");
            return Self { cause, said };
        }
        let cause = match error.is_tls() || error.is_client() || is_of_tls(error) {
            true => Cause::NotSecure,
            false => Cause::Unreachable,
        };
        let said = format!("the mail server cannot be used: {error}");
        Self { cause, said }
    }
}

/// Whether TLS failed somewhere below.
fn is_of_tls(error: &smtp::Error) -> bool {
    let mut source = error.source();
    while let Some(cause) = source {
        let inner = cause
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        if inner.is_some_and(|inner| inner.is::<rustls::Error>()) || cause.is::<rustls::Error>() {
            return true;
        }
        source = cause.source();
    }
    false
}

impl Post {
    /// The way to the server of the settings, if they name one; in `public_url` stands by which name this server presents itself.
    ///
    /// # Errors
    /// When the settings are half written, or a file that they name cannot be read.
    pub fn new(settings: &Mail, public_url: &str) -> anyhow::Result<Option<Self>> {
        if !settings.is_on() {
            return Ok(None);
        }
        anyhow::ensure!(!settings.from.is_empty(), "mail.from is empty");
        let address = settings.from.parse().context("mail.from")?;
        let from = Mailbox::new(Some(settings.name.clone()), address);
        let port = u16::try_from(settings.port).context("mail.port")?;
        let tls = match settings.tls {
            MailTls::Starttls => Tls::Required(parameters(settings)?),
            MailTls::Implicit => Tls::Wrapper(parameters(settings)?),
            MailTls::None => {
                anyhow::ensure!(
                    is_on_this_machine(&settings.server),
                    "mail.tls = \"none\" is for a mail server on this machine alone"
                );
                Tls::None
            }
        };
        let url = reqwest::Url::parse(public_url).ok();
        let host = url.as_ref().and_then(reqwest::Url::domain);
        let host = host.unwrap_or("localhost").to_owned();
        let mut transport =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.server)
                .port(port)
                .tls(tls)
                .hello_name(ClientId::Domain(host))
                .timeout(Some(ANSWER_WITHIN));
        if !settings.user.is_empty() {
            let password = match &settings.password_file {
                Some(file) => std::fs::read_to_string(file)
                    .with_context(|| format!("mail.password_file: {}", file.display()))?
                    .trim_end_matches(['\r', '\n'])
                    .to_owned(),
                None => settings.password.expose().to_owned(),
            };
            transport = transport.credentials(Credentials::new(settings.user.clone(), password));
        }
        let transport = transport.build();
        Ok(Some(Self(Arc::new(Inner { transport, from }))))
    }

    /// Hands a letter to the server.
    ///
    /// # Errors
    /// Why it was not taken.
    pub(crate) async fn send(&self, letter: &Letter) -> Result<(), NotSent> {
        let written = letter.written(&self.0.from).map_err(|_| NotSent {
            cause: Cause::Refused,
            said: "no letter can be sent to this address".to_owned(),
        })?;
        let sent = tokio::time::timeout(SENT_WITHIN, self.0.transport.send(written));
        let sent = sent.await.map_err(|_| NotSent::slow())?;
        sent.map(drop).map_err(|error| NotSent::of(&error))
    }

    /// Connects, seals the way and signs in, and sends nothing.
    ///
    /// # Errors
    /// What does not work.
    pub async fn examine(&self) -> Result<(), NotSent> {
        let asked = tokio::time::timeout(SENT_WITHIN, self.0.transport.test_connection());
        match asked.await.map_err(|_| NotSent::slow())? {
            Ok(true) => Ok(()),
            Ok(false) => Err(NotSent::slow()),
            Err(error) => Err(NotSent::of(&error)),
        }
    }
}

fn is_on_this_machine(server: &str) -> bool {
    let address = server.parse::<IpAddr>();
    server == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

fn parameters(settings: &Mail) -> anyhow::Result<TlsParameters> {
    let mut tls = TlsParameters::builder(settings.server.clone());
    if let Some(file) = &settings.ca_file {
        let pem =
            std::fs::read(file).with_context(|| format!("mail.ca_file: {}", file.display()))?;
        let authority = Certificate::from_pem(&pem).context("mail.ca_file")?;
        tls = tls
            .certificate_store(CertificateStore::None)
            .add_root_certificate(authority);
    }
    tls.build_rustls().context("mail.tls")
}

//! The provider: what is known of it, and what it is asked.
//!
//! Its document (OpenID Connect Discovery) is asked for again whenever somebody leaves, unless that was a few seconds ago: whoever
//! is sent to a provider that is down would find a page of their browser there, and none of ours. Its keys are kept for an hour, and
//! asked for again when no key fits a token, because the provider changes them when it likes. Neither is asked for more often than
//! the constants say, whatever comes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use office_core::oidc::Expected;
use protocol::UtcMicros;
use reqwest::{RequestBuilder, StatusCode, Url};
use serde::Deserialize;
use signaling_core::Mono;
use tokio::sync::Mutex;

use super::departure::Departure;
use super::fault::Fault;
use super::net::Net;
use super::token::{self, Key, Said};
use crate::Clock;
use crate::platform::clock::hours;
use crate::platform::oidc::{Hidden, Oidc};

/// How old the document may be for somebody who leaves, and how long a provider that failed is left alone.
const FRESH: Duration = Duration::from_secs(5);

/// How old the document and the keys may be for somebody who comes back.
const KEPT: Duration = hours(1);

/// How often keys are asked for because none fits.
const KEYS_AGAIN_AFTER: Duration = Duration::from_secs(10);

/// The longest ID token that is looked at.
const MOST_TOKEN_BYTES: usize = 64 * 1024;

/// The provider of the settings. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Provider(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: Oidc,
    secret: Hidden,
    net: Net,
    clock: Clock,
    known: Mutex<Known>,
    down: AtomicBool,
}

/// What is known of it.
#[derive(Debug, Default)]
struct Known {
    document: Option<(Arc<Document>, Mono)>,
    failed: Option<(Fault, Mono)>,
    keys: Option<(Arc<[Key]>, Mono)>,
    keys_asked_again: Option<Mono>,
}

/// What its document says, as far as it is used.
#[derive(Debug, Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    id_token_signing_alg_values_supported: Vec<String>,
    response_types_supported: Option<Vec<String>>,
    code_challenge_methods_supported: Option<Vec<String>>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl Provider {
    /// The provider of the settings, if they name one. Nothing is asked of it yet.
    ///
    /// # Errors
    /// When the settings are incomplete, or a file that they name cannot be read.
    pub fn new(settings: &Oidc, clock: Clock) -> anyhow::Result<Option<Self>> {
        if !settings.is_on() {
            return Ok(None);
        }
        ensure!(!settings.client_id.is_empty(), "oidc.client_id is missing");
        let openid = settings.scopes.iter().any(|scope| scope == "openid");
        ensure!(openid, "oidc.scopes has no \"openid\" in it");
        let secret = match &settings.client_secret_file {
            Some(file) => {
                let read = std::fs::read_to_string(file);
                let text =
                    read.with_context(|| format!("oidc.client_secret_file: {}", file.display()))?;
                Hidden::of(text.trim().to_owned())
            }
            None => settings.client_secret.clone(),
        };
        Ok(Some(Self(Arc::new(Inner {
            settings: settings.clone(),
            secret,
            net: Net::new(settings)?,
            clock,
            known: Mutex::default(),
            down: AtomicBool::new(false),
        }))))
    }

    /// Its settings.
    #[must_use]
    pub fn settings(&self) -> &Oidc {
        &self.0.settings
    }

    /// Whether it did not answer when it was asked last.
    #[must_use]
    pub fn is_down(&self) -> bool {
        self.0.down.load(Ordering::Relaxed)
    }

    /// Asks it for its document and its keys.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn examine(&self) -> Result<(), Fault> {
        let document = self.document(FRESH).await?;
        self.keys(&document, None).await.map(drop)
    }

    /// The page to which somebody leaves. Whoever links shows there who they are once more: the browser may be somebody else's
    /// too.
    ///
    /// # Errors
    /// What is wrong with the provider.
    pub(super) async fn page(
        &self,
        departure: &Departure,
        redirect: &str,
        links: bool,
    ) -> Result<Url, Fault> {
        let document = self.document(FRESH).await?;
        let Inner { settings, net, .. } = &*self.0;
        let mut page = net.own("authorization_endpoint", &document.authorization_endpoint)?;
        page.set_fragment(None);
        let mut query = page.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &settings.client_id)
            .append_pair("redirect_uri", redirect)
            .append_pair("scope", &settings.scopes.join(" "))
            .append_pair("state", departure.state.expose())
            .append_pair("nonce", &departure.nonce())
            .append_pair("code_challenge", &departure.challenge())
            .append_pair("code_challenge_method", "S256");
        if links {
            query.append_pair("prompt", "login");
        }
        drop(query);
        Ok(page)
    }

    /// Whom a code is about that the provider gave to somebody who left.
    ///
    /// # Errors
    /// What is wrong with the provider, or with what it says.
    pub(super) async fn redeem(
        &self,
        departure: &Departure,
        redirect: &str,
        (code, issuer): (&str, Option<&str>),
        now: UtcMicros,
    ) -> Result<Said, Fault> {
        let document = self.document(KEPT).await?;
        let told = issuer.map(|issuer| issuer == document.issuer);
        // Another provider's answer, put into ours (RFC 9207, section 2.4).
        if told == Some(false)
            || (told.is_none() && document.authorization_response_iss_parameter_supported)
        {
            return Err(Fault::OtherIssuer);
        }
        let token = self.exchange(&document, departure, redirect, code).await?;
        let said = self.read(&document, &token).await?;
        let expected = Expected {
            issuer: &self.0.settings.issuer,
            client: &self.0.settings.client_id,
            nonce: &departure.nonce(),
            now: now.0.div_euclid(1_000_000),
        };
        match said.claims.fault(expected) {
            Some(fault) => Err(Fault::Claims(fault)),
            None => Ok(said),
        }
    }

    /// The ID token for a code.
    async fn exchange(
        &self,
        document: &Document,
        departure: &Departure,
        redirect: &str,
        code: &str,
    ) -> Result<String, Fault> {
        #[derive(Deserialize)]
        struct Answer {
            id_token: String,
        }
        let Inner {
            settings,
            secret,
            net,
            ..
        } = &*self.0;
        let url = net.own("token_endpoint", &document.token_endpoint)?;
        let verifier = departure.verifier();
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect),
            ("code_verifier", verifier.as_str()),
        ];
        let takes = |method: &str| match &document.token_endpoint_auth_methods_supported {
            Some(methods) => methods.iter().any(|known| known == method),
            None => method == "client_secret_basic",
        };
        let in_head = !secret.expose().is_empty() && takes("client_secret_basic");
        if !in_head {
            form.push(("client_id", settings.client_id.as_str()));
            if !secret.expose().is_empty() {
                form.push(("client_secret", secret.expose()));
            }
        }
        let sign = |request: RequestBuilder| match in_head {
            true => request.basic_auth(
                form_encoded(&settings.client_id),
                Some(form_encoded(secret.expose())),
            ),
            false => request,
        };
        let sent = net.send(url, &form, sign).await;
        let (status, body) = self.heard(sent)?;
        if status != StatusCode::OK {
            return Err(Fault::CodeRefused(refusal(&body)));
        }
        let answer: Answer =
            serde_json::from_slice(&body).map_err(|_| Fault::Unreadable("answer to the code"))?;
        if answer.id_token.len() > MOST_TOKEN_BYTES {
            return Err(Fault::TooLarge);
        }
        Ok(answer.id_token)
    }

    /// What an ID token says that the provider signed.
    async fn read(&self, document: &Document, token: &str) -> Result<Said, Fault> {
        let offered = &document.id_token_signing_alg_values_supported;
        let token = token::take_apart(token, offered)?;
        let keys = self.keys(document, None).await?;
        if let Some(said) = token::read(&token, &keys)? {
            return Ok(said);
        }
        let others = self.keys(document, Some(&keys)).await?;
        token::read(&token, &others)?.ok_or(Fault::Signature("is signed by none of its keys"))
    }

    /// Its document, which is at most so old.
    async fn document(&self, at_most: Duration) -> Result<Arc<Document>, Fault> {
        let mut known = self.0.known.lock().await;
        let now = self.0.clock.mono();
        if let Some((document, at)) = &known.document
            && now.since(*at) < at_most
        {
            return Ok(Arc::clone(document));
        }
        if let Some((fault, at)) = &known.failed
            && now.since(*at) < FRESH
        {
            return Err(fault.clone());
        }
        let asked = self.ask_document().await;
        match self.heard(asked) {
            Ok(document) => {
                let document = Arc::new(document);
                known.document = Some((Arc::clone(&document), now));
                known.failed = None;
                Ok(document)
            }
            Err(fault) => {
                // Waited for, and not from when it was asked: those behind wait no second time.
                known.failed = Some((fault.clone(), self.0.clock.mono()));
                Err(fault)
            }
        }
    }

    async fn ask_document(&self) -> Result<Document, Fault> {
        let Inner { settings, net, .. } = &*self.0;
        let issuer = settings.issuer.trim_end_matches('/');
        let address = format!("{issuer}/.well-known/openid-configuration");
        let body = net.get(net.own("document", &address)?).await?;
        let document: Document =
            serde_json::from_slice(&body).map_err(|_| Fault::Unreadable("document"))?;
        if document.issuer != settings.issuer {
            return Err(Fault::OtherIssuer);
        }
        for (what, address) in [
            ("authorization_endpoint", &document.authorization_endpoint),
            ("token_endpoint", &document.token_endpoint),
            ("jwks_uri", &document.jwks_uri),
        ] {
            net.own(what, address)?;
        }
        let lacks = |listed: &Option<Vec<String>>, wanted: &str| {
            let listed = listed.as_ref();
            listed.is_some_and(|listed| !listed.iter().any(|one| one == wanted))
        };
        if !token::signs_well(&document.id_token_signing_alg_values_supported) {
            Err(Fault::Lacks("RS256 or ES256"))
        } else if lacks(&document.response_types_supported, "code") {
            Err(Fault::Lacks("the code flow"))
        } else if lacks(&document.code_challenge_methods_supported, "S256") {
            Err(Fault::Lacks("PKCE with S256"))
        } else {
            Ok(document)
        }
    }

    /// Its keys; others than `unfit`, if it may be asked for them.
    async fn keys(
        &self,
        document: &Document,
        unfit: Option<&Arc<[Key]>>,
    ) -> Result<Arc<[Key]>, Fault> {
        let mut known = self.0.known.lock().await;
        let now = self.0.clock.mono();
        if let Some((keys, at)) = &known.keys {
            let fits = unfit.is_none_or(|unfit| !Arc::ptr_eq(unfit, keys));
            let asked = known.keys_asked_again;
            let too_soon = asked.is_some_and(|at| now.since(at) < KEYS_AGAIN_AFTER);
            if (fits && now.since(*at) < KEPT) || (!fits && too_soon) {
                return Ok(Arc::clone(keys));
            }
        }
        if unfit.is_some() {
            known.keys_asked_again = Some(now);
        }
        let url = self.0.net.own("jwks_uri", &document.jwks_uri)?;
        let asked = self.0.net.get(url).await;
        let keys: Arc<[Key]> = token::read_keys(&self.heard(asked)?)?.into();
        known.keys = Some((Arc::clone(&keys), now));
        Ok(keys)
    }

    /// Remembers whether it answered.
    fn heard<T>(&self, answer: Result<T, Fault>) -> Result<T, Fault> {
        let down = answer.as_ref().is_err_and(Fault::is_down);
        self.0.down.store(down, Ordering::Relaxed);
        answer
    }
}

/// Why no token was given (RFC 6749, section 5.2), in words that are known.
fn refusal(body: &[u8]) -> &'static str {
    #[derive(Deserialize)]
    struct Refusal {
        error: String,
    }
    const KNOWN: [&str; 5] = [
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
    ];
    let refusal: Option<Refusal> = serde_json::from_slice(body).ok();
    let said = refusal.as_ref().map_or("", |refusal| &refusal.error);
    let known = KNOWN.into_iter().find(|known| *known == said);
    known.unwrap_or("for a reason of its own")
}

/// Name and secret are written as in a form before they are written as in a head (RFC 6749, section 2.3.1).
fn form_encoded(text: &str) -> String {
    let mut url = Url::parse("form:").expect("it is an address");
    url.query_pairs_mut().append_key_only(text);
    url.query().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_and_secret_are_written_as_in_a_form() {
        assert_eq!(form_encoded("diemcau"), "diemcau");
        assert_eq!(form_encoded("a:b c+d&e=é"), "a%3Ab+c%2Bd%26e%3D%C3%A9");
    }

    #[test]
    fn refusal_is_told_in_words_that_are_known() {
        assert_eq!(refusal(br#"{"error":"invalid_grant"}"#), "invalid_grant");
        for other in [&br#"{"error":"<script>"}"#[..], b"<html>", b""] {
            assert_eq!(refusal(other), "for a reason of its own");
        }
    }

    #[test]
    fn settings_that_are_half_written_are_refused_by_the_key_that_is_missing() {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let refused = |change: fn(&mut Oidc)| {
            let mut settings = Oidc {
                issuer: "https://sso.example.vn".to_owned(),
                client_id: "diemcau".to_owned(),
                ..Oidc::default()
            };
            change(&mut settings);
            let made = Provider::new(&settings, Clock::system());
            made.err().map(|cause| format!("{cause:#}"))
        };
        let names = |refusal: Option<String>, key: &str| {
            let refusal = refusal.expect(key);
            assert!(refusal.contains(key), "{refusal}");
        };
        names(refused(|it| it.client_id.clear()), "oidc.client_id");
        names(refused(|it| it.scopes.clear()), "oidc.scopes");
        let nowhere = |it: &mut Oidc| it.client_secret_file = Some("/nowhere/secret".into());
        names(refused(nowhere), "/nowhere/secret");
        let nowhere = |it: &mut Oidc| it.ca_file = Some("/nowhere/ca.pem".into());
        names(refused(nowhere), "/nowhere/ca.pem");
        assert!(
            Provider::new(&Oidc::default(), Clock::system())
                .unwrap()
                .is_none()
        );
    }
}

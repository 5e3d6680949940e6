//! An OpenID Connect provider on this machine, with its own keys, that does what a test wants.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use axum::extract::{Form, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use reqwest::Url;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::support::TestClock;

pub(crate) const CLIENT: &str = "diemcau";
pub(crate) const SECRET: &str = "bí mật: 1+1";

/// How a token is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signing {
    Ec,
    Rsa,
    Unsigned,
    /// By the secret that the client shows.
    ClientSecret,
    /// By the public key, taken for a secret.
    PublicKey,
    /// By a key that is not published, under the name of one that is.
    ForeignKey,
    /// By a key that is not published, under a name of its own.
    UnknownKey,
}

/// How the document is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Document {
    Good,
    Huge,
    Slow,
    Moved,
    Broken,
}

/// What a test changes.
#[derive(Debug)]
pub(crate) struct Ways {
    pub(crate) signing: Signing,
    pub(crate) document: Document,
    /// Laid over what the document says.
    pub(crate) named: Value,
    /// Laid over what the ID token says; `null` leaves a claim out.
    pub(crate) claims: Value,
}

struct Keys {
    name: String,
    ec: EcdsaKeyPair,
    rsa: RsaKeyPair,
}

impl Keys {
    fn new(number: usize) -> Self {
        Self {
            name: format!("k{number}"),
            ec: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
            rsa: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
        }
    }

    fn published(&self) -> Value {
        let point = self.ec.public_key().as_ref();
        let (x, y) = point[1..].split_at(32);
        let (n, e) = parts_of(self.rsa.public_key().as_ref());
        json!({ "keys": [
            { "kty": "EC", "crv": "P-256", "use": "sig", "kid": format!("{}-ec", self.name), "x": encoded(x), "y": encoded(y) },
            { "kty": "RSA", "use": "sig", "alg": "RS256", "kid": format!("{}-rsa", self.name),
              "n": encoded(n), "e": encoded(e) },
        ] })
    }
}

/// Somebody who was sent here and let in.
struct Granted {
    subject: String,
    nonce: String,
    challenge: String,
    redirect: String,
}

struct Inner {
    issuer: String,
    clock: Mutex<TestClock>,
    ways: Mutex<Ways>,
    keys: Mutex<Keys>,
    granted: Mutex<HashMap<String, Granted>>,
    key_sets: AtomicUsize,
    documents: AtomicUsize,
    elsewhere: AtomicUsize,
}

/// The provider.
pub(crate) struct TestProvider {
    inner: Arc<Inner>,
    address: SocketAddr,
    server: tokio::task::JoinHandle<()>,
}

impl TestProvider {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let inner = Arc::new(Inner {
            issuer: format!("http://{address}"),
            clock: Mutex::default(),
            ways: Mutex::new(Ways {
                signing: Signing::Ec,
                document: Document::Good,
                named: json!({}),
                claims: json!({}),
            }),
            keys: Mutex::new(Keys::new(0)),
            granted: Mutex::default(),
            key_sets: AtomicUsize::new(0),
            documents: AtomicUsize::new(0),
            elsewhere: AtomicUsize::new(0),
        });
        let server = serve(listener, Arc::clone(&inner));
        Self {
            inner,
            address,
            server,
        }
    }

    /// Reads the time off the clock of a server.
    pub(crate) fn goes_by(&self, clock: &TestClock) {
        *self.inner.clock.lock().unwrap() = clock.clone();
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.inner.issuer
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Ways)) {
        change(&mut self.inner.ways.lock().unwrap());
    }

    pub(crate) fn rotate_keys(&self) {
        let number = self.key_sets();
        *self.inner.keys.lock().unwrap() = Keys::new(number + 1);
    }

    pub(crate) fn key_sets(&self) -> usize {
        self.inner.key_sets.load(Ordering::SeqCst)
    }

    pub(crate) fn documents(&self) -> usize {
        self.inner.documents.load(Ordering::SeqCst)
    }

    /// How often it was asked for what nobody should follow.
    pub(crate) fn elsewhere(&self) -> usize {
        self.inner.elsewhere.load(Ordering::SeqCst)
    }

    pub(crate) async fn stop(&mut self) {
        self.server.abort();
        let _ = (&mut self.server).await;
    }

    pub(crate) async fn start_again(&mut self) {
        let listener = tokio::net::TcpListener::bind(self.address).await.unwrap();
        self.server = serve(listener, Arc::clone(&self.inner));
    }

    /// Somebody signs in on the page, and is sent back: `state` and `code`.
    pub(crate) fn let_in(&self, page: &Url, subject: &str) -> (String, String) {
        let asked: HashMap<String, String> = page.query_pairs().into_owned().collect();
        assert_eq!(page.path(), "/page");
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["client_id"], CLIENT);
        assert_eq!(asked["code_challenge_method"], "S256");
        let mut granted = self.inner.granted.lock().unwrap();
        let code = format!("code-{}", asked["state"]);
        let grant = Granted {
            subject: subject.to_owned(),
            nonce: asked["nonce"].clone(),
            challenge: asked["code_challenge"].clone(),
            redirect: asked["redirect_uri"].clone(),
        };
        granted.insert(code.clone(), grant);
        (asked["state"].clone(), code)
    }
}

impl Drop for TestProvider {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn serve(listener: tokio::net::TcpListener, inner: Arc<Inner>) -> tokio::task::JoinHandle<()> {
    let router = Router::new()
        .route("/.well-known/openid-configuration", get(document))
        .route("/keys", get(keys))
        .route("/token", post(token))
        .fallback(elsewhere)
        // One that is stopped answers nobody who came before, either.
        .layer(SetResponseHeaderLayer::overriding(
            header::CONNECTION,
            HeaderValue::from_static("close"),
        ))
        .with_state(inner);
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() })
}

async fn elsewhere(State(inner): State<Arc<Inner>>) -> StatusCode {
    inner.elsewhere.fetch_add(1, Ordering::SeqCst);
    StatusCode::NOT_FOUND
}

async fn document(State(inner): State<Arc<Inner>>) -> Response {
    inner.documents.fetch_add(1, Ordering::SeqCst);
    let (way, named) = {
        let ways = inner.ways.lock().unwrap();
        (ways.document, ways.named.clone())
    };
    let issuer = &inner.issuer;
    match way {
        Document::Good => {}
        Document::Huge => return "x".repeat(300 * 1024).into_response(),
        Document::Slow => tokio::time::sleep(Duration::from_secs(60)).await,
        Document::Moved => return Redirect::temporary("/moved").into_response(),
        Document::Broken => return "<html>".into_response(),
    }
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/page?realm=so"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
    });
    lay_over(&mut document, &named);
    Json(document).into_response()
}

async fn keys(State(inner): State<Arc<Inner>>) -> Json<Value> {
    inner.key_sets.fetch_add(1, Ordering::SeqCst);
    Json(inner.keys.lock().unwrap().published())
}

async fn token(
    State(inner): State<Arc<Inner>>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let refused = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": error })));
    // RFC 6749, section 2.3.1: both are written as in a form first.
    let shown = "diemcau:b%C3%AD+m%E1%BA%ADt%3A+1%2B1";
    let expected = format!("Basic {}", STANDARD.encode(shown));
    if headers
        .get("authorization")
        .is_none_or(|it| it.as_bytes() != expected.as_bytes())
    {
        return refused("invalid_client").into_response();
    }
    let found = inner.granted.lock().unwrap().remove(&form["code"]);
    let good = |granted: &Granted| {
        form["grant_type"] == "authorization_code"
            && form["redirect_uri"] == granted.redirect
            && encoded(&Sha256::digest(&form["code_verifier"])) == granted.challenge
    };
    match found.filter(good) {
        Some(granted) => Json(json!({
            "access_token": "for nobody", "token_type": "Bearer", "id_token": inner.id_token(&granted),
        }))
        .into_response(),
        None => refused("invalid_grant").into_response(),
    }
}

impl Inner {
    fn id_token(&self, granted: &Granted) -> String {
        let (ways, keys) = (self.ways.lock().unwrap(), self.keys.lock().unwrap());
        let now = self.clock.lock().unwrap().now().0 / 1_000_000;
        let mut claims = json!({
            "iss": self.issuer, "sub": granted.subject, "aud": CLIENT, "nonce": granted.nonce, "iat": now, "exp": now + 300,
        });
        lay_over(&mut claims, &ways.claims);
        let (algorithm, key) = match ways.signing {
            Signing::Rsa => ("RS256", format!("{}-rsa", keys.name)),
            Signing::Unsigned => ("none", format!("{}-ec", keys.name)),
            Signing::ClientSecret | Signing::PublicKey => ("HS256", format!("{}-ec", keys.name)),
            Signing::UnknownKey => ("ES256", "unknown".to_owned()),
            Signing::Ec | Signing::ForeignKey => ("ES256", format!("{}-ec", keys.name)),
        };
        let header = json!({ "alg": algorithm, "kid": key, "typ": "JWT" });
        let signed = format!(
            "{}.{}",
            encoded(header.to_string().as_bytes()),
            encoded(claims.to_string().as_bytes())
        );
        let random = SystemRandom::new();
        let by_secret = |secret: &[u8]| {
            let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret);
            aws_lc_rs::hmac::sign(&key, signed.as_bytes())
                .as_ref()
                .to_vec()
        };
        let by_ec = |key: &EcdsaKeyPair| {
            let signature = key.sign(&random, signed.as_bytes()).unwrap();
            signature.as_ref().to_vec()
        };
        let signature = match ways.signing {
            Signing::Ec => by_ec(&keys.ec),
            Signing::ForeignKey | Signing::UnknownKey => by_ec(&Keys::new(9).ec),
            Signing::Rsa => {
                let mut signature = vec![0; keys.rsa.public_modulus_len()];
                keys.rsa
                    .sign(
                        &RSA_PKCS1_SHA256,
                        &random,
                        signed.as_bytes(),
                        &mut signature,
                    )
                    .unwrap();
                signature
            }
            Signing::Unsigned => Vec::new(),
            Signing::ClientSecret => by_secret(SECRET.as_bytes()),
            Signing::PublicKey => by_secret(keys.ec.public_key().as_ref()),
        };
        format!("{signed}.{}", encoded(&signature))
    }
}

/// Modulus and exponent of a public RSA key of 2048 bits: a sequence of two numbers (RFC 8017, appendix A.1.1).
fn parts_of(der: &[u8]) -> (&[u8], &[u8]) {
    // Sequence with two bytes of length, number with two bytes of length and a zero before its first bit.
    let (modulus, rest) = der[9..].split_at(256);
    // Number with one byte of length.
    (modulus, &rest[2..])
}

fn lay_over(under: &mut Value, over: &Value) {
    for (name, value) in over.as_object().unwrap() {
        under[name] = value.clone();
        if value.is_null() {
            under.as_object_mut().unwrap().remove(name);
        }
    }
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

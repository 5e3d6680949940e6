//! ID tokens: whether the provider signed one, and what it says.
//!
//! A token is three parts between dots (RFC 7515, section 3.1). Which algorithm it is checked by is decided here: its head only chooses
//! among those that are taken, each of which belongs to one kind of key.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use office_core::oidc::Claims;
use protocol::text::NAME;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::fault::Fault;

/// What providers may sign with. Nothing that the client's secret signs, and nothing unsigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    /// RSA with SHA-256, by keys of 2048 bits and more.
    Rs256,
    /// The curve P-256 with SHA-256.
    Es256,
}

impl Algorithm {
    const ALL: [Self; 2] = [Self::Rs256, Self::Es256];

    /// As tokens and key sets name it (RFC 7518, section 3.1).
    const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
        }
    }
}

/// Whether one of what a provider says it signs with is taken here.
pub(super) fn signs_well(offered: &[String]) -> bool {
    let names = Algorithm::ALL.map(Algorithm::name);
    offered
        .iter()
        .any(|offered| names.contains(&offered.as_str()))
}

/// A key of the provider.
#[derive(Debug, Clone)]
pub(super) struct Key {
    id: Option<String>,
    public: Public,
}

#[derive(Debug, Clone)]
enum Public {
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    /// A point, uncompressed.
    P256(Vec<u8>),
}

impl Key {
    const fn algorithm(&self) -> Algorithm {
        match self.public {
            Public::Rsa { .. } => Algorithm::Rs256,
            Public::P256(_) => Algorithm::Es256,
        }
    }

    /// Whether this key signed it.
    fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.public {
            Public::Rsa { modulus, exponent } => RsaPublicKeyComponents {
                n: modulus,
                e: exponent,
            }
            .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            .is_ok(),
            Public::P256(point) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                .verify(message, signature)
                .is_ok(),
        }
    }
}

/// The keys in a key set (RFC 7517) that signatures can be checked by; others are passed over.
///
/// # Errors
/// When it is no key set.
pub(super) fn read_keys(body: &[u8]) -> Result<Vec<Key>, Fault> {
    #[derive(Deserialize)]
    struct Set {
        keys: Vec<Value>,
    }
    let set: Set = serde_json::from_slice(body).map_err(|_| Fault::Unreadable("key set"))?;
    Ok(set.keys.into_iter().filter_map(read_key).collect())
}

/// A key as a set has it (RFC 7518, section 6).
#[derive(Debug, Deserialize)]
struct Written {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

fn read_key(value: Value) -> Option<Key> {
    let written: Written = serde_json::from_value(value).ok()?;
    let bytes = |text: Option<String>| URL_SAFE_NO_PAD.decode(text?).ok();
    // Leading zeros are no part of a number.
    let number = |text| {
        let bytes = bytes(text)?;
        let first = bytes.iter().position(|byte| *byte != 0)?;
        Some(bytes[first..].to_vec())
    };
    let public = match (&*written.kty, written.crv.as_deref()) {
        ("RSA", _) => Public::Rsa {
            modulus: number(written.n)?,
            exponent: number(written.e)?,
        },
        ("EC", Some("P-256")) => {
            let (x, y) = (bytes(written.x)?, bytes(written.y)?);
            if (x.len(), y.len()) != (32, 32) {
                return None;
            }
            Public::P256([&[4][..], &x, &y].concat())
        }
        _ => return None,
    };
    let key = Key {
        id: written.kid,
        public,
    };
    let signs = written.purpose.is_none_or(|purpose| purpose == "sig");
    let by_ours = written
        .alg
        .is_none_or(|name| name == key.algorithm().name());
    (signs && by_ours).then_some(key)
}

/// A token whose signature is still to be checked.
#[derive(Debug)]
pub(super) struct Signed<'a> {
    algorithm: Algorithm,
    key: Option<String>,
    /// What is signed: head and body as they were written.
    message: &'a [u8],
    body: &'a str,
    signature: Vec<u8>,
}

/// Takes a token apart.
///
/// # Errors
/// When it is no token, or not signed by an algorithm that is taken and that the provider says it signs with.
pub(super) fn take_apart<'a>(token: &'a str, offered: &[String]) -> Result<Signed<'a>, Fault> {
    #[derive(Deserialize)]
    struct Head {
        alg: String,
        kid: Option<String>,
        crit: Option<Value>,
    }
    let unreadable = || Fault::Unreadable("ID token");
    let (message, signature) = token.rsplit_once('.').ok_or_else(unreadable)?;
    let (head, body) = message.split_once('.').ok_or_else(unreadable)?;
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| unreadable());
    let head: Head = serde_json::from_slice(&decoded(head)?).map_err(|_| unreadable())?;
    if head.crit.is_some() {
        return Err(Fault::Signature("demands what is not known here"));
    }
    let is_offered = offered.contains(&head.alg);
    let taken = Algorithm::ALL
        .into_iter()
        .find(|algorithm| algorithm.name() == head.alg && is_offered);
    Ok(Signed {
        algorithm: taken.ok_or(Fault::Signature("is signed by no algorithm that is taken"))?,
        key: head.kid,
        message: message.as_bytes(),
        body,
        signature: decoded(signature)?,
    })
}

/// What a token says, when one of `keys` signed it; none when none of them did.
///
/// # Errors
/// When what is signed cannot be read.
pub(super) fn read(token: &Signed<'_>, keys: &[Key]) -> Result<Option<Said>, Fault> {
    let fits = |key: &&Key| {
        key.algorithm() == token.algorithm && (token.key.is_none() || key.id == token.key)
    };
    let mut fitting = keys.iter().filter(fits);
    if !fitting.any(|key| key.signed(token.message, &token.signature)) {
        return Ok(None);
    }
    let unreadable = || Fault::Unreadable("ID token");
    let body = URL_SAFE_NO_PAD
        .decode(token.body)
        .map_err(|_| unreadable())?;
    let said = serde_json::from_slice(&body).map_err(|_| unreadable())?;
    Said::of(said).map(Some)
}

/// What an ID token says.
#[derive(Debug, Clone)]
pub(super) struct Said {
    /// What it is judged by.
    pub(super) claims: Claims,
    all: Map<String, Value>,
}

impl Said {
    fn of(all: Map<String, Value>) -> Result<Self, Fault> {
        let text = |name: &str| all.get(name).and_then(Value::as_str).map(str::to_owned);
        let time = |name: &str| all.get(name).and_then(seconds);
        let needed = || Fault::Unreadable("ID token");
        let mut methods = texts(all.get("amr"));
        methods.extend(text("acr"));
        let claims = Claims {
            issuer: text("iss").ok_or_else(needed)?,
            subject: text("sub").ok_or_else(needed)?,
            audience: texts(all.get("aud")),
            authorized_party: text("azp"),
            nonce: text("nonce"),
            expires_at: time("exp").ok_or_else(needed)?,
            not_before: time("nbf"),
            issued_at: time("iat").ok_or_else(needed)?,
            methods,
        };
        Ok(Self { claims, all })
    }

    /// The groups that stand under `claim`: there itself, or where its dots lead.
    pub(super) fn groups(&self, claim: &str) -> Vec<String> {
        if let Some(groups) = self.all.get(claim) {
            return texts(Some(groups));
        }
        let mut steps = claim.split('.');
        let first = steps.next().and_then(|step| self.all.get(step));
        texts(steps.fold(first, |at, step| at?.get(step)))
    }

    /// What the provider calls them: for their own eyes, and to find nobody by.
    pub(super) fn label(&self) -> Option<String> {
        ["preferred_username", "email", "name"]
            .into_iter()
            .filter_map(|name| self.all.get(name)?.as_str())
            .find_map(|label| NAME.admit(label).ok())
    }
}

/// A text, or the texts of a list.
fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(only)) => vec![only.clone()],
        Some(Value::Array(all)) => {
            let texts = all.iter().filter_map(Value::as_str);
            texts.map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

/// Seconds since 1970, whole ones or with a fraction (RFC 7519, NumericDate).
fn seconds(value: &Value) -> Option<i64> {
    // What is beyond the range stays at its end, which is far from any time.
    let whole = |seconds: f64| seconds.floor() as i64;
    value.as_i64().or_else(|| value.as_f64().map(whole))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(claims: Value) -> Result<Said, Fault> {
        Said::of(claims.as_object().unwrap().clone())
    }

    #[test]
    fn claims_are_read_in_every_shape_that_providers_give_them() {
        let read = said(json!({
            "iss": "i", "sub": "s", "aud": ["a", "b"], "exp": 1.9e3, "iat": 17.5, "acr": "urn:mfa", "amr": ["pwd"],
            "groups": "can-bo", "realm_access": { "roles": ["xa-a", 7] }, "a.b": ["c"],
            "preferred_username": " \u{200b} ", "email": "hoai.vi@example.vn",
        }));
        let read = read.unwrap();
        assert_eq!(read.claims.audience, ["a", "b"]);
        assert_eq!((read.claims.expires_at, read.claims.issued_at), (1_900, 17));
        assert_eq!(read.claims.methods, ["pwd", "urn:mfa"]);
        assert_eq!(read.groups("groups"), ["can-bo"]);
        assert_eq!(read.groups("realm_access.roles"), ["xa-a"]);
        assert_eq!(read.groups("a.b"), ["c"]);
        assert_eq!(read.groups("realm_access.roles.x"), Vec::<String>::new());
        assert_eq!(read.label().as_deref(), Some("hoai.vi@example.vn"));
    }

    #[test]
    fn token_that_says_not_whose_it_is_or_until_when_is_none() {
        let whole = json!({ "iss": "i", "sub": "s", "exp": 1, "iat": 1 });
        assert!(said(whole.clone()).is_ok());
        for missing in ["iss", "sub", "exp", "iat"] {
            let mut claims = whole.clone();
            claims[missing] = Value::Null;
            assert!(said(claims).is_err(), "{missing}");
        }
    }

    #[test]
    fn keys_that_sign_nothing_are_passed_over_and_the_others_kept() {
        let point = URL_SAFE_NO_PAD.encode([7; 32]);
        let keys = json!({ "keys": [
            { "kty": "RSA", "kid": "rsa", "use": "sig", "alg": "RS256", "n": "AAAB", "e": "AQAB" },
            { "kty": "EC", "kid": "ec", "crv": "P-256", "x": point, "y": point },
            { "kty": "RSA", "kid": "enc", "use": "enc", "n": "AQAB", "e": "AQAB" },
            { "kty": "RSA", "kid": "other", "alg": "RS512", "n": "AQAB", "e": "AQAB" },
            { "kty": "RSA", "kid": "zero", "n": "AAAA", "e": "AQAB" },
            { "kty": "oct", "kid": "secret", "k": "AQAB" },
            { "kty": "EC", "kid": "large", "crv": "P-521", "x": point, "y": point },
            { "kty": "EC", "kid": "short", "crv": "P-256", "x": "AQAB", "y": point },
            { "kty": "new", "kid": "unknown" }, 7,
        ] });
        let keys = read_keys(keys.to_string().as_bytes()).unwrap();
        let ids: Vec<Option<&str>> = keys.iter().map(|key| key.id.as_deref()).collect();
        assert_eq!(ids, [Some("rsa"), Some("ec")]);
        assert!(read_keys(b"{}").is_err() && read_keys(b"<html>").is_err());
    }

    #[test]
    fn token_of_an_algorithm_that_is_not_taken_or_not_offered_is_none() {
        let all = ["RS256", "ES256", "HS256", "none"].map(str::to_owned);
        let token = |head: Value| {
            let head = URL_SAFE_NO_PAD.encode(head.to_string());
            format!("{head}.e30.c2ln")
        };
        let taken = |head: Value, offered: &[String]| take_apart(&token(head), offered).is_ok();
        assert!(taken(json!({ "alg": "ES256" }), &all));
        assert!(!taken(json!({ "alg": "ES256" }), &all[..1]));
        for alg in ["none", "None", "HS256", "es256", "RS512", ""] {
            assert!(!taken(json!({ "alg": alg }), &all), "{alg}");
        }
        assert!(!taken(
            json!({ "alg": "ES256", "crit": ["b64"], "b64": false }),
            &all
        ));
        assert!(!taken(json!({}), &all));
        for text in ["", ".", "..", "e30.e30", "e30.e30.!", "a.b.c.d"] {
            assert!(take_apart(text, &all).is_err(), "{text}");
        }
    }

    #[test]
    fn token_that_is_cut_anywhere_is_none() {
        let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256"}"#);
        let token = format!("{head}.e30.c2ln");
        let keys = read_keys(br#"{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}"#).unwrap();
        let offered = ["ES256".to_owned()];
        for end in 0..=token.len() {
            let read_so_far =
                take_apart(&token[..end], &offered).and_then(|token| read(&token, &keys));
            assert!(!matches!(read_so_far, Ok(Some(_))), "{end}");
        }
    }
}

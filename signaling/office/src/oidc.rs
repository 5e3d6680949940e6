//! Sign-in by an OpenID Connect provider: what an ID token has to say, which roles the provider's groups give, and where somebody
//! goes afterwards.
//!
//! Whether the provider wrote the token is for its signature to show; here it is only read.

use std::collections::BTreeSet;

use protocol::UnitId;
use protocol::api::AccountRole;

use crate::org::Tree;

/// How far the provider's clock may be off, in seconds.
pub const LEEWAY_SECONDS: i64 = 60;

/// The longest subject that a provider may give (OpenID Connect Core, section 2).
const MOST_SUBJECT_BYTES: usize = 255;

/// The longest address of a page to go to afterwards, in bytes.
const MOST_NEXT_BYTES: usize = 2_000;

/// What an ID token says, as far as it is looked at. Times are seconds since 1970.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// Who wrote it.
    pub issuer: String,
    /// Whom it is about: never another of the same issuer.
    pub subject: String,
    /// For whom it was written.
    pub audience: Vec<String>,
    /// Who asked for it.
    pub authorized_party: Option<String>,
    /// What the one who asked said, so that a token of another asking is told apart.
    pub nonce: Option<String>,
    /// From when on it does not count.
    pub expires_at: i64,
    /// Before when it does not count yet.
    pub not_before: Option<i64>,
    /// When it was written.
    pub issued_at: i64,
    /// How they showed who they are: `amr`, and `acr` as one of them.
    pub methods: Vec<String>,
}

/// What an ID token has to say.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The issuer of the settings.
    pub issuer: &'a str,
    /// The client of the settings.
    pub client: &'a str,
    /// What was said when somebody left for the provider.
    pub nonce: &'a str,
    /// The time, in seconds since 1970.
    pub now: i64,
}

/// Why an ID token does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsFault {
    /// `iss`.
    #[error("another issuer wrote it")]
    Issuer,
    /// `aud`.
    #[error("it was written for somebody else")]
    Audience,
    /// `azp`.
    #[error("somebody else asked for it")]
    AuthorizedParty,
    /// `nonce`.
    #[error("it answers another asking")]
    Nonce,
    /// `exp`.
    #[error("it is over")]
    Expired,
    /// `nbf`, `iat`.
    #[error("it is of the future")]
    Early,
    /// `sub`.
    #[error("it says not, or at too great length, whom it is about")]
    Subject,
}

impl Claims {
    /// Why the token does not count, if it does not (OpenID Connect Core, section 3.1.3.7).
    #[must_use]
    pub fn fault(&self, expected: Expected<'_>) -> Option<ClaimsFault> {
        let Expected { client, now, .. } = expected;
        let is_ours = self.audience.iter().any(|one| one == client);
        let asked = match &self.authorized_party {
            Some(party) => party == client,
            None => self.audience.len() == 1,
        };
        let is_early = |from: i64| from > now.saturating_add(LEEWAY_SECONDS);
        if self.issuer != expected.issuer {
            Some(ClaimsFault::Issuer)
        } else if !is_ours {
            Some(ClaimsFault::Audience)
        } else if !asked {
            Some(ClaimsFault::AuthorizedParty)
        } else if self.nonce.as_deref() != Some(expected.nonce) {
            Some(ClaimsFault::Nonce)
        } else if self.expires_at.saturating_add(LEEWAY_SECONDS) <= now {
            Some(ClaimsFault::Expired)
        } else if self.not_before.is_some_and(is_early) || is_early(self.issued_at) {
            Some(ClaimsFault::Early)
        } else if !(1..=MOST_SUBJECT_BYTES).contains(&self.subject.len()) {
            Some(ClaimsFault::Subject)
        } else {
            None
        }
    }

    /// Whether the provider says that they showed more than a password (RFC 8176: `mfa`, `otp`).
    #[must_use]
    pub fn shows_second_factor(&self) -> bool {
        let words = self.methods.iter().flat_map(|method| {
            let word = |c: char| !c.is_ascii_alphanumeric();
            method.split(word)
        });
        words
            .into_iter()
            .any(|word| word.eq_ignore_ascii_case("mfa") || word.eq_ignore_ascii_case("otp"))
    }
}

/// That whoever is in a group holds a role.
#[derive(Debug, Clone, Copy)]
pub struct GroupRole<'a> {
    /// What the provider calls the group.
    pub group: &'a str,
    /// The role.
    pub role: AccountRole,
    /// The code of the unit at which it holds.
    pub unit: &'a str,
}

/// What a mapping makes of somebody's groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapped {
    /// The roles, each once.
    pub roles: BTreeSet<(AccountRole, UnitId)>,
    /// Codes of the mapping, of these groups, that no unit has today.
    pub unknown_units: BTreeSet<String>,
}

/// The roles that `mapping` gives to whoever is in `groups`. Groups that it does not name give nothing.
#[must_use]
pub fn mapped<'a>(
    mapping: impl IntoIterator<Item = GroupRole<'a>>,
    groups: &[String],
    tree: &Tree,
) -> Mapped {
    let mut mapped = Mapped::default();
    for rule in mapping {
        if !groups.iter().any(|group| group == rule.group) {
            continue;
        }
        match tree.by_code(rule.unit) {
            Some(unit) => mapped.roles.insert((rule.role, unit.id)),
            None => mapped.unknown_units.insert(rule.unit.to_owned()),
        };
    }
    mapped
}

/// Where to go after a sign-in: the path of this site that was wished for, else the first page. What a browser could take for
/// another site is no path: `//other`, `/\other`, and whatever has characters that browsers leave out.
#[must_use]
pub fn local_path(wished: Option<&str>) -> &str {
    let is_local = |path: &&str| {
        path.starts_with('/')
            && !path.starts_with("//")
            && path.len() <= MOST_NEXT_BYTES
            && !path.chars().any(|c| c == '\\' || c.is_control())
    };
    wished.filter(is_local).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::org::Unit;

    const NOW: i64 = 1_795_334_400;

    fn claims() -> Claims {
        Claims {
            issuer: "https://sso.example.vn".to_owned(),
            subject: "8f2c".to_owned(),
            audience: vec!["diemcau".to_owned()],
            nonce: Some("n".to_owned()),
            expires_at: NOW + 300,
            issued_at: NOW,
            ..Claims::default()
        }
    }

    fn fault(change: impl FnOnce(&mut Claims)) -> Option<ClaimsFault> {
        let mut claims = claims();
        change(&mut claims);
        claims.fault(Expected {
            issuer: "https://sso.example.vn",
            client: "diemcau",
            nonce: "n",
            now: NOW,
        })
    }

    #[test]
    fn token_counts_only_when_everything_in_it_is_as_it_was_asked_for() {
        assert_eq!(fault(|_| {}), None);
        let issuer = "https://sso.example.vn/".to_owned();
        assert_eq!(fault(|it| it.issuer = issuer), Some(ClaimsFault::Issuer));
        let other = vec!["other".to_owned()];
        assert_eq!(fault(|it| it.audience = other), Some(ClaimsFault::Audience));
        assert_eq!(fault(|it| it.audience.clear()), Some(ClaimsFault::Audience));
        assert_eq!(
            fault(|it| it.audience.push("other".to_owned())),
            Some(ClaimsFault::AuthorizedParty),
            "two may use it, and it does not say who asked"
        );
        assert_eq!(
            fault(|it| it.authorized_party = Some("other".to_owned())),
            Some(ClaimsFault::AuthorizedParty)
        );
        let both = |it: &mut Claims| {
            it.audience.push("other".to_owned());
            it.authorized_party = Some("diemcau".to_owned());
        };
        assert_eq!(fault(both), None);
        assert_eq!(fault(|it| it.nonce = None), Some(ClaimsFault::Nonce));
        let nonce = Some("m".to_owned());
        assert_eq!(fault(|it| it.nonce = nonce), Some(ClaimsFault::Nonce));
        assert_eq!(fault(|it| it.subject.clear()), Some(ClaimsFault::Subject));
        assert_eq!(
            fault(|it| it.subject = "x".repeat(256)),
            Some(ClaimsFault::Subject)
        );
    }

    #[test]
    fn clocks_may_be_a_minute_apart_and_no_more() {
        let over = |by| fault(|it| it.expires_at = NOW - by);
        assert_eq!((over(59), over(60)), (None, Some(ClaimsFault::Expired)));
        let written = |by| fault(|it| it.issued_at = NOW + by);
        assert_eq!((written(60), written(61)), (None, Some(ClaimsFault::Early)));
        let begins = |by| fault(|it| it.not_before = Some(NOW + by));
        assert_eq!((begins(60), begins(61)), (None, Some(ClaimsFault::Early)));
        assert_eq!(
            fault(|it| it.expires_at = i64::MIN),
            Some(ClaimsFault::Expired)
        );
        assert_eq!(fault(|it| it.expires_at = i64::MAX), None);
    }

    #[test]
    fn second_factor_is_a_word_of_its_own() {
        let shows = |methods: &[&str]| {
            let methods = methods.iter().map(|&method| method.to_owned()).collect();
            let claims = Claims {
                methods,
                ..claims()
            };
            claims.shows_second_factor()
        };
        assert!(shows(&["pwd", "otp"]) && shows(&["MFA"]));
        assert!(shows(&["http://schemas.example/claims/mfa"]));
        assert!(!shows(&[]) && !shows(&["pwd"]) && !shows(&["nomfa", "hotpot"]));
    }

    #[test]
    fn groups_give_the_roles_of_the_mapping_and_no_other() {
        let unit = |id: u128, code: &str| Unit {
            id: UnitId(Uuid::from_u128(id)),
            code: code.to_owned(),
            name: code.to_owned(),
            kind: "department".to_owned(),
            parent: None,
        };
        let tree = Tree::of([unit(1, "SGD"), unit(2, "XA-A")]);
        let rule = |group, role, unit| GroupRole { group, role, unit };
        let mapping = [
            rule("can-bo", AccountRole::Member, "SGD"),
            rule("xa-a", AccountRole::UnitAdmin, "XA-A"),
            rule("quan-tri-xa-a", AccountRole::UnitAdmin, "XA-A"),
            rule("xa-cu", AccountRole::UnitAdmin, "XA-CU"),
        ];
        let of = |groups: &[&str]| {
            let groups: Vec<String> = groups.iter().map(|&group| group.to_owned()).collect();
            mapped(mapping, &groups, &tree)
        };
        let commune = (AccountRole::UnitAdmin, UnitId(Uuid::from_u128(2)));
        assert_eq!(of(&[]), Mapped::default());
        assert_eq!(of(&["department_admin", "Can-Bo"]), Mapped::default());
        let two_of_one = of(&["xa-a", "quan-tri-xa-a"]);
        assert_eq!(two_of_one.roles, BTreeSet::from([commune]));
        let gone = of(&["xa-cu", "xa-a"]);
        assert_eq!(gone.roles, BTreeSet::from([commune]));
        assert_eq!(gone.unknown_units, BTreeSet::from(["XA-CU".to_owned()]));
    }

    #[test]
    fn nobody_is_led_to_another_site() {
        for path in ["/", "/classes", "/s/GB-01?tab=links#top", "/a//b"] {
            assert_eq!(local_path(Some(path)), path);
        }
        for elsewhere in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/a\\b",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "classes",
            "",
            "javascript:alert(1)",
        ] {
            assert_eq!(local_path(Some(elsewhere)), "/", "{elsewhere:?}");
        }
        assert_eq!(local_path(Some(&format!("/{}", "x".repeat(2_000)))), "/");
        assert_eq!(local_path(None), "/");
    }
}

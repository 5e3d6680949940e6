//! People with their accounts as an administrator sees them: what is told of each, and what matters to rights.

use office_core::org::{Lineage, Tree};
use office_core::rights::{AccountFacts, GrantRoles, ManageAccount};
use protocol::api::{
    AccountAct, AccountPlace, AccountRole, AccountState, InvitationLetter, PersonAccount,
    ProblemCode, RoleSpan, UnitRef,
};
use protocol::{AccountId, PersonId, UtcMicros};
use serde::Deserialize as _;
use serde::de::IntoDeserializer as _;
use serde::de::value::{Error as NoSuchWord, StrDeserializer};

use super::store::{self, BETWEEN_FIELDS, BETWEEN_ROWS, Row};
use crate::access::{Actor, Subject};
use crate::platform::clock::day;
use crate::platform::database::{Conn, StoreError, StoreResult};
use crate::platform::error::{ApiError, ApiResult};

/// Somebody with an account, or without one.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(super) person: PersonId,
    pub(super) name: String,
    pub(super) sort_key: Vec<u8>,
    /// The account and its login.
    pub(super) account: Option<(AccountId, String)>,
    pub(super) state: AccountState,
    pub(super) places: Vec<AccountPlace>,
    roles: Vec<RoleSpan>,
    code_expires_at: Option<UtcMicros>,
    last_seen: Option<UtcMicros>,
    has_address: bool,
    letter: Option<InvitationLetter>,
    facts: AccountFacts,
}

impl Subject<AccountFacts> for Listed {
    fn facts(&self) -> &AccountFacts {
        &self.facts
    }
}

impl Listed {
    /// The account, for what only accounts can have done to them.
    ///
    /// # Errors
    /// 404 `unknown_account` when there is none.
    pub(super) fn id(&self) -> ApiResult<AccountId> {
        let (id, _) = self.account.as_ref().ok_or_else(unknown_account)?;
        Ok(*id)
    }

    /// A row as `asks` sees it; nobody's own when it is the server that asks.
    pub(super) fn of(row: Row, tree: &Tree, asks: Option<&Actor>) -> StoreResult<Self> {
        let rows = |text: Option<String>| -> Vec<Vec<String>> {
            let fields = |row: &str| row.split(BETWEEN_FIELDS).map(str::to_owned).collect();
            text.iter()
                .flat_map(|text| text.split(BETWEEN_ROWS))
                .map(fields)
                .collect()
        };
        // A unit that the tree has on no day stands below nobody's, so nobody but the server may do anything there.
        let lineage = |code: &str| match tree.of_any_day(code) {
            Some(unit) => (tree.name(unit), tree.lineage(unit)),
            None => {
                let (code, name) = (code.to_owned(), code.to_owned());
                (UnitRef { code, name }, Lineage::default())
            }
        };
        let mut facts = AccountFacts {
            own: asks.and_then(Actor::person) == Some(row.person_id),
            ..AccountFacts::default()
        };
        let all = rows(row.places);
        let lasts = |place: &Vec<String>| place.get(2).is_some_and(|word| word == "lasts");
        let any_lasts = all.iter().any(lasts);
        let mut places = Vec::new();
        for place in all.iter().filter(|place| lasts(place) || !any_lasts) {
            let [code, position, _] = place.as_slice() else {
                return Err(StoreError::Corrupt("a place in a list".to_owned()));
            };
            let (unit, at) = lineage(code);
            facts.places.push(at);
            let position = position.clone();
            places.push(AccountPlace { unit, position });
        }
        let mut roles = Vec::new();
        for held in rows(row.roles) {
            let [role, code, from, to] = held.as_slice() else {
                return Err(StoreError::Corrupt("a role in a list".to_owned()));
            };
            let (unit, at) = lineage(code);
            let role = role_of(role)?;
            facts.roles.push((role, at));
            roles.push(RoleSpan {
                role,
                unit,
                from: from.clone(),
                to: Some(to.clone()).filter(|day| !day.is_empty()),
            });
        }
        Ok(Self {
            person: row.person_id,
            name: row.full_name,
            sort_key: row.sort_key,
            account: row.account_id.zip(row.login),
            state: row.state.0,
            places,
            roles,
            code_expires_at: row.code_expires_at_us,
            last_seen: row.last_seen_us,
            has_address: row.has_address,
            letter: row
                .letter_state
                .zip(row.letter_at_us)
                .map(|(state, at_us)| InvitationLetter {
                    state: state.0,
                    failure: row.letter_failure.map(|word| word.0),
                    at_us,
                }),
            facts,
        })
    }

    /// What `actor` is told, with what they may do.
    pub(super) fn describe(self, actor: &Actor) -> PersonAccount {
        let may = [
            (
                AccountAct::ManageAccount,
                actor.may::<ManageAccount>(&self.facts),
            ),
            (AccountAct::GrantRoles, actor.may::<GrantRoles>(&self.facts)),
        ];
        let (account, login) = self.account.unzip();
        PersonAccount {
            person: self.person.to_string(),
            name: self.name,
            account: account.map(|id| id.to_string()),
            login,
            state: self.state,
            own: self.facts.own,
            places: self.places,
            roles: self.roles,
            code_expires_at_us: self.code_expires_at,
            last_seen_us: self.last_seen,
            has_address: self.has_address,
            letter: self.letter,
            may: may
                .into_iter()
                .filter(|(_, may)| *may)
                .map(|(act, _)| act)
                .collect(),
        }
    }
}

fn role_of(word: &str) -> StoreResult<AccountRole> {
    let word: StrDeserializer<'_, NoSuchWord> = word.into_deserializer();
    AccountRole::deserialize(word).map_err(|cause| StoreError::Corrupt(cause.to_string()))
}

/// 404: no such account.
pub(super) fn unknown_account() -> ApiError {
    ApiError::not_found(ProblemCode::UnknownAccount)
}

/// An account as `asks` sees it.
///
/// # Errors
/// 404 `unknown_account`.
pub(super) async fn find(
    conn: &mut Conn,
    tree: &Tree,
    asks: Option<&Actor>,
    account: AccountId,
    now: UtcMicros,
) -> ApiResult<Listed> {
    let row = store::by_account(conn, account, &day(now)).await?;
    Ok(Listed::of(row.ok_or_else(unknown_account)?, tree, asks)?)
}

/// Somebody, with or without an account.
///
/// # Errors
/// 404 `unknown_person`.
pub(super) async fn find_person(
    conn: &mut Conn,
    tree: &Tree,
    asks: &Actor,
    person: PersonId,
    now: UtcMicros,
) -> ApiResult<Listed> {
    let row = store::by_person(conn, person, &day(now)).await?;
    let row = row.ok_or_else(|| ApiError::not_found(ProblemCode::UnknownPerson))?;
    Ok(Listed::of(row, tree, Some(asks))?)
}

//! Who may be named for what.

use axum::http::StatusCode;
use office_core::org::Tree;
use office_core::rights::{Act, CandidateFacts, NameOfficer};
use protocol::api::{NewOfficer, OfficerPart, ProblemCode};
use protocol::{Day, PersonId, UnitId};

use super::store::{self, Named};
use crate::access::Permit;
use crate::platform::database::Conn;
use crate::platform::error::{ApiError, ApiResult};

/// How many people are in charge of a session at most.
const MOST: usize = 40;

/// Those named by a request, each of whom the caller may name, or is in charge already.
///
/// # Errors
/// `bad_officers` with the `reason`; `unknown_person`; `person_not_yours` with the `name`.
pub(crate) async fn named<A: Act, R>(
    conn: &mut Conn,
    (permit, convening): (&Permit<A, R>, UnitId),
    tree: &Tree,
    (wanted, known): (&[NewOfficer], &[Named]),
    today: &Day,
) -> ApiResult<Vec<Named>> {
    if wanted.len() > MOST {
        return Err(bad("too_many"));
    }
    let mut named: Vec<Named> = Vec::with_capacity(wanted.len());
    for officer in wanted {
        let person = officer.person.parse().map(PersonId);
        let person = person.map_err(|_| unknown())?;
        let this = (officer.part, person);
        if named.contains(&this) {
            return Err(bad("twice"));
        }
        if !known.iter().any(|(_, in_charge)| *in_charge == person) {
            may_name(conn, (permit, convening), tree, person, today).await?;
        }
        named.push(this);
    }
    let chairs = named.iter().filter(|(part, _)| *part == OfficerPart::Chair);
    if chairs.count() > 1 {
        return Err(bad("two_chairs"));
    }
    Ok(named)
}

async fn may_name<A: Act, R>(
    conn: &mut Conn,
    (permit, convening): (&Permit<A, R>, UnitId),
    tree: &Tree,
    person: PersonId,
    today: &Day,
) -> ApiResult<()> {
    let appointed = store::appointed(conn, person, today).await?;
    // Of somebody whom the caller may not name, no more is told than that.
    let facts = CandidateFacts {
        units: appointed
            .iter()
            .map(|one| tree.lineage(one.unit_id))
            .collect(),
        convening: Some(convening),
    };
    if permit.may::<NameOfficer>(&facts) {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::FORBIDDEN,
        ProblemCode::PersonNotYours,
        "the person works at none of the units that the caller may name people of",
    ))
}

fn unknown() -> ApiError {
    ApiError::bad_request(ProblemCode::UnknownPerson, "nobody has this id")
}

fn bad(reason: &str) -> ApiError {
    ApiError::bad_request(
        ProblemCode::BadOfficers,
        "a session has one chair at most, and nobody twice in one part",
    )
    .with("reason", reason)
}

//! What can be done with people and their appointments.

use axum::http::StatusCode;
use office_core::days;
use office_core::org::Lineage;
use office_core::rights::{AddPerson, AppointPerson, EditPerson, EndAppointment};
use protocol::api::{self, ProblemCode};
use protocol::{Day, PersonId, UnitId, UtcMicros, text};
use serde_json::json;

use super::store::{self, Names, NewAppointment};
use super::view::{SeenAppointment, SeenPerson, ToAppoint};
use crate::access::Permit;
use crate::platform::clock::day;
use crate::platform::database::{StoreError, Tx};
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::admit;
use crate::platform::http::etag::{ETag, IfMatch};
use crate::platform::mail;

/// Adds somebody with a first appointment.
///
/// # Errors
/// `namesake` when somebody of this name is at the unit and the request does not know of them; `person_code_taken`; 400
/// for what cannot be stored.
pub(crate) async fn add(
    tx: &mut Tx,
    permit: &Permit<AddPerson, Lineage>,
    unit: UnitId,
    new: &api::NewPerson,
    now: UtcMicros,
) -> ApiResult<PersonId> {
    let names = Admitted::of(
        &new.name,
        new.code.as_deref(),
        new.form_of_address.as_deref(),
        new.email.as_deref(),
    )?;
    let place = Place::of(&new.appointment, now)?;
    if !new.is_namesake {
        refuse_namesakes(tx, &names.full_name, unit, now).await?;
    }
    let person = match store::insert_named(tx, names.names(), now).await {
        Err(StoreError::Duplicate(_)) => return Err(code_taken(names.code)),
        result => result?,
    };
    store::set_email(tx, person, names.email.as_deref()).await?;
    store::insert_appointment(tx, person, place.at(unit)).await?;
    let after = json!({ "unit": unit, "from": place.from, "to": place.to });
    permit
        .note(tx, &resource(person), None, Some(after), now)
        .await?;
    Ok(person)
}

async fn refuse_namesakes(
    tx: &mut Tx,
    full_name: &str,
    unit: UnitId,
    now: UtcMicros,
) -> ApiResult<()> {
    let found = store::namesakes(tx, full_name, unit, &day(now)).await?;
    let Some(first) = found.into_iter().next() else {
        return Ok(());
    };
    Err(ApiError::new(
        StatusCode::CONFLICT,
        ProblemCode::Namesake,
        "somebody of this name is at this unit already",
    )
    .with("id", first.id)
    .with("name", first.full_name)
    .with("code", first.code.unwrap_or_default()))
}

/// Changes what somebody is called. What is as it was already is no change.
///
/// # Errors
/// `person_erased`; `changed_meanwhile` when `if_match` names another state, which is told; `person_code_taken`; 400 for what cannot be
/// stored.
pub(crate) async fn edit(
    tx: &mut Tx,
    permit: &Permit<EditPerson, SeenPerson>,
    if_match: &IfMatch,
    wanted: &api::PersonNames,
    now: UtcMicros,
) -> ApiResult<()> {
    let person = &permit.person;
    refuse_erased(person.erased_at)?;
    let names = Admitted::of(
        &wanted.name,
        wanted.code.as_deref(),
        wanted.form_of_address.as_deref(),
        wanted.email.as_deref(),
    )?;
    let before = Names {
        full_name: &person.full_name,
        code: person.code.as_deref(),
        form_of_address: person.form_of_address.as_deref(),
    };
    let read = ETag::of_version(person.version);
    if_match
        .demand(&read)
        .map_err(|refusal| as_it_is(refusal, person))?;
    if before == names.names() && person.email == names.email {
        return Ok(());
    }
    match store::rename(tx, person.id, person.version, names.names()).await {
        Err(StoreError::Duplicate(_)) => return Err(code_taken(names.code)),
        Ok(false) => return Err(overtaken(tx, if_match, person.id).await?),
        result => result?,
    };
    store::set_email(tx, person.id, names.email.as_deref()).await?;
    // Which of them, and not what: the log outlives what somebody has a right to have forgotten.
    let mut fields = Vec::new();
    let now_called = names.names();
    for (field, differs) in [
        ("name", before.full_name != now_called.full_name),
        ("code", before.code != now_called.code),
        (
            "form_of_address",
            before.form_of_address != now_called.form_of_address,
        ),
        ("email", person.email != names.email),
    ] {
        if differs {
            fields.push(field);
        }
    }
    let was = json!({ "version": person.version });
    let is = json!({ "version": person.version + 1, "fields": fields });
    permit
        .note(tx, &resource(person.id), Some(was), Some(is), now)
        .await?;
    Ok(())
}

/// Appoints somebody at one more unit.
///
/// # Errors
/// `person_erased`; 400 for what cannot be stored, `ends_before_it_begins`.
pub(crate) async fn appoint(
    tx: &mut Tx,
    permit: &Permit<AppointPerson, ToAppoint>,
    unit: UnitId,
    wanted: &api::NewAppointment,
    now: UtcMicros,
) -> ApiResult<()> {
    refuse_erased(permit.erased_at)?;
    let place = Place::of(wanted, now)?;
    let id = store::insert_appointment(tx, permit.person, place.at(unit)).await?;
    let after = json!({ "appointment": id, "unit": unit, "from": place.from, "to": place.to });
    permit
        .note(tx, &resource(permit.person), None, Some(after), now)
        .await?;
    Ok(())
}

/// Says which day of an appointment is the last.
///
/// # Errors
/// `bad_day`, `ends_before_it_begins`, `appointment_ended`.
pub(crate) async fn end(
    tx: &mut Tx,
    permit: &Permit<EndAppointment, SeenAppointment>,
    wanted: &api::AppointmentEnd,
    now: UtcMicros,
) -> ApiResult<()> {
    let one = &permit.appointment;
    let last = known_day(&wanted.last_day)?;
    if one.is_over(&day(now)) {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            ProblemCode::AppointmentEnded,
            "the appointment has ended before",
        ));
    }
    if last < one.valid_from {
        return Err(ends_before_it_begins());
    }
    store::end_appointment(tx, one.id, &last).await?;
    let told = |last: Option<&Day>| json!({ "appointment": one.id, "to": last });
    let (before, after) = (told(one.valid_to.as_ref()), told(Some(&last)));
    permit
        .note(tx, &resource(permit.person), Some(before), Some(after), now)
        .await?;
    Ok(())
}

/// What somebody is called and where letters reach them, as it may be stored.
struct Admitted {
    full_name: String,
    code: Option<String>,
    form_of_address: Option<String>,
    email: Option<String>,
}

impl Admitted {
    fn of(
        name: &str,
        code: Option<&str>,
        form_of_address: Option<&str>,
        email: Option<&str>,
    ) -> ApiResult<Self> {
        Ok(Self {
            full_name: admit(text::NAME, name, ProblemCode::BadName)?,
            code: optional(text::KEY, code, ProblemCode::BadPersonCode)?,
            form_of_address: optional(
                text::FORM_OF_ADDRESS,
                form_of_address,
                ProblemCode::BadFormOfAddress,
            )?,
            email: email.map(admit_email).transpose()?.flatten(),
        })
    }

    fn names(&self) -> Names<'_> {
        Names {
            full_name: &self.full_name,
            code: self.code.as_deref(),
            form_of_address: self.form_of_address.as_deref(),
        }
    }
}

/// As what somebody is appointed and when, as it may be stored.
struct Place {
    position: String,
    subject: Option<String>,
    from: Day,
    to: Option<Day>,
}

impl Place {
    fn of(wanted: &api::NewAppointment, now: UtcMicros) -> ApiResult<Self> {
        let from = wanted.from.as_deref().map(known_day).transpose()?;
        let place = Self {
            position: admit(text::POSITION, &wanted.position, ProblemCode::BadPosition)?,
            subject: optional(
                text::POSITION,
                wanted.subject.as_deref(),
                ProblemCode::BadSubject,
            )?,
            from: from.unwrap_or_else(|| day(now)),
            to: wanted.to.as_deref().map(known_day).transpose()?,
        };
        if place.to.as_ref().is_some_and(|last| *last < place.from) {
            return Err(ends_before_it_begins());
        }
        Ok(place)
    }

    fn at(&self, unit: UnitId) -> NewAppointment<'_> {
        NewAppointment {
            unit,
            position: &self.position,
            subject: self.subject.as_deref(),
            from: &self.from,
            to: self.to.as_ref(),
        }
    }
}

/// A text that may be absent; blanks alone are nothing.
fn optional(rule: text::Rule, text: Option<&str>, code: ProblemCode) -> ApiResult<Option<String>> {
    text.filter(|text| !text.trim().is_empty())
        .map(|text| admit(rule, text, code))
        .transpose()
}

/// An address of mail that may be absent; blanks alone are none.
fn admit_email(typed: &str) -> ApiResult<Option<String>> {
    let email = typed.trim();
    match email.is_empty() || mail::is_address(email) {
        true => Ok(Some(email.to_owned()).filter(|email| !email.is_empty())),
        false => Err(ApiError::bad_request(
            ProblemCode::BadEmail,
            "letters go to one address, as hoai@so.example.vn",
        )),
    }
}

fn known_day(shown: &str) -> ApiResult<Day> {
    days::parse(shown).ok_or_else(|| {
        ApiError::bad_request(
            ProblemCode::BadDay,
            "a day is one of the calendar, as 2026-09-01",
        )
        .with("day", text::drawable(shown, 40))
    })
}

fn ends_before_it_begins() -> ApiError {
    ApiError::bad_request(
        ProblemCode::EndsBeforeItBegins,
        "the last day lies before the first",
    )
}

fn code_taken(code: Option<String>) -> ApiError {
    ApiError::new(
        StatusCode::CONFLICT,
        ProblemCode::PersonCodeTaken,
        "somebody has this code already",
    )
    .with("code", code.unwrap_or_default())
}

/// Somebody else was quicker between the look and the deed.
async fn overtaken(tx: &mut Tx, if_match: &IfMatch, id: PersonId) -> ApiResult<ApiError> {
    let found = store::by_id(tx, id).await?;
    let person = found.ok_or_else(|| ApiError::not_found(ProblemCode::UnknownPerson))?;
    let is = ETag::of_version(person.version);
    Ok(match if_match.demand(&is) {
        Err(refusal) => as_it_is(refusal, &person),
        Ok(()) => ApiError::new(
            StatusCode::CONFLICT,
            ProblemCode::TryAgain,
            "somebody else wrote at the same moment",
        ),
    })
}

/// The refusal with what somebody is called by now, when that is why.
fn as_it_is(refusal: ApiError, person: &store::Person) -> ApiError {
    if refusal.code != ProblemCode::ChangedMeanwhile {
        return refusal;
    }
    let said = |text: Option<&String>| text.cloned().unwrap_or_default();
    refusal
        .with("name", &person.full_name)
        .with("code", said(person.code.as_ref()))
        .with("form_of_address", said(person.form_of_address.as_ref()))
        .with("email", said(person.email.as_ref()))
}

/// Whoever was erased gets nothing new by which somebody would know them.
fn refuse_erased(erased_at: Option<UtcMicros>) -> ApiResult<()> {
    match erased_at {
        None => Ok(()),
        Some(at) => Err(ApiError::new(
            StatusCode::CONFLICT,
            ProblemCode::PersonErased,
            "the data of this person were deleted",
        )
        .with("at_us", at.0)),
    }
}

fn resource(person: PersonId) -> String {
    format!("person:{person}")
}

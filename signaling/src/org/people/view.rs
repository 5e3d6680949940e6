//! People as somebody sees them.

use office_core::org::{Lineage, Tree};
use office_core::rights::{
    AppointPerson, AppointmentFacts, EditPerson, EndAppointment, ErasePerson, ExportPersonalData,
    PersonFacts,
};
use protocol::api::{
    Appointment, AppointmentAct, Person, PersonAct, PersonSummary, PositionAt, ProblemCode, UnitRef,
};
use protocol::{AppointmentId, Day, PersonId, UtcMicros};
use uuid::Uuid;

use super::store;
use crate::access::{Actor, Subject};
use crate::platform::database::{Conn, StoreResult};
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::http::etag::ETag;

/// Somebody with all their appointments.
#[derive(Debug, Clone)]
pub(crate) struct SeenPerson {
    /// Who.
    pub(crate) person: store::Person,
    /// Every appointment, the newest first.
    pub(crate) appointments: Vec<store::Appointment>,
    /// What of this matters to rights.
    pub(crate) facts: PersonFacts,
}

impl Subject<PersonFacts> for SeenPerson {
    fn facts(&self) -> &PersonFacts {
        &self.facts
    }
}

/// Somebody, and the unit at which they are to be appointed.
#[derive(Debug)]
pub(crate) struct ToAppoint {
    /// Who.
    pub(crate) person: PersonId,
    /// When what made them known was deleted.
    pub(crate) erased_at: Option<UtcMicros>,
    /// What of this matters to rights.
    pub(crate) facts: AppointmentFacts,
}

impl Subject<AppointmentFacts> for ToAppoint {
    fn facts(&self) -> &AppointmentFacts {
        &self.facts
    }
}

/// An appointment and the unit at which it is.
#[derive(Debug)]
pub(crate) struct SeenAppointment {
    /// Whose.
    pub(crate) person: PersonId,
    /// The appointment.
    pub(crate) appointment: store::Appointment,
    /// Where.
    pub(crate) unit: Lineage,
}

impl Subject<Lineage> for SeenAppointment {
    fn facts(&self) -> &Lineage {
        &self.unit
    }
}

/// Somebody by the id that an address shows.
///
/// # Errors
/// `unknown_person`.
pub(crate) async fn find(
    conn: &mut Conn,
    tree: &Tree,
    id: &str,
    today: &Day,
) -> ApiResult<SeenPerson> {
    let unknown = || ApiError::not_found(ProblemCode::UnknownPerson);
    let id: Uuid = id.parse().map_err(|_| unknown())?;
    let found = store::by_id(conn, PersonId(id)).await?;
    let person = found.ok_or_else(unknown)?;
    let appointments = store::appointments(conn, person.id).await?;
    Ok(SeenPerson {
        facts: store::facts_of(&appointments, tree, today),
        person,
        appointments,
    })
}

/// An appointment of somebody by the id that an address shows.
///
/// # Errors
/// `unknown_appointment`.
pub(crate) fn appointment_of(
    seen: &SeenPerson,
    tree: &Tree,
    id: &str,
) -> ApiResult<SeenAppointment> {
    let id = id.parse().ok().map(AppointmentId);
    let mut all = seen.appointments.iter();
    let found = all.find(|one| Some(one.id) == id);
    let appointment = found
        .cloned()
        .ok_or_else(|| ApiError::not_found(ProblemCode::UnknownAppointment))?;
    Ok(SeenAppointment {
        person: seen.person.id,
        unit: tree.lineage(appointment.unit_id),
        appointment,
    })
}

/// Tells of somebody.
///
/// # Errors
/// When the database fails.
pub(crate) async fn describe(
    conn: &mut Conn,
    tree: &Tree,
    actor: &Actor,
    seen: &SeenPerson,
    today: &Day,
) -> StoreResult<Person> {
    let person = &seen.person;
    let mut may = Vec::new();
    let is_known = person.erased_at.is_none();
    if is_known && actor.may::<EditPerson>(&seen.facts) {
        may.push(PersonAct::EditPerson);
    }
    // At which unit is decided when one is named: an administrator has at least one.
    let anywhere = actor.grants.0.iter().any(|grant| {
        actor.may::<AppointPerson>(&AppointmentFacts {
            person: seen.facts.clone(),
            unit: tree.lineage(grant.unit),
        })
    });
    if is_known && anywhere {
        may.push(PersonAct::AppointPerson);
    }
    if actor.may::<ExportPersonalData>(&()) {
        may.push(PersonAct::ExportPersonalData);
    }
    if actor.may::<ErasePerson>(&()) {
        may.push(PersonAct::ErasePerson);
    }
    Ok(Person {
        id: person.id.to_string(),
        code: person.code.clone(),
        name: person.full_name.clone(),
        form_of_address: person.form_of_address.clone(),
        email: person.email.clone(),
        etag: ETag::of_version(person.version).to_string(),
        appointments: seen
            .appointments
            .iter()
            .map(|one| describe_appointment(tree, actor, one, today))
            .collect(),
        has_account: store::has_account(conn, person.id).await?,
        erased_at_us: person.erased_at,
        may,
    })
}

fn describe_appointment(
    tree: &Tree,
    actor: &Actor,
    one: &store::Appointment,
    today: &Day,
) -> Appointment {
    let may_end = !one.is_over(today) && actor.may::<EndAppointment>(&tree.lineage(one.unit_id));
    Appointment {
        id: one.id.to_string(),
        unit: tree.name(one.unit_id),
        position: one.position.clone(),
        subject: one.subject.clone(),
        from: one.valid_from.0.clone(),
        to: one.valid_to.as_ref().map(|day| day.0.clone()),
        may: if may_end {
            vec![AppointmentAct::EndAppointment]
        } else {
            Vec::new()
        },
    }
}

/// Somebody in a list.
pub(crate) fn summarise(tree: &Tree, listed: store::Listed) -> PersonSummary {
    let name = |code: &str| match tree.of_any_day(code) {
        Some(unit) => tree.name(unit),
        None => UnitRef {
            code: code.to_owned(),
            name: code.to_owned(),
        },
    };
    let appointments = listed.appointments.into_iter();
    PersonSummary {
        id: listed.id.to_string(),
        code: listed.code,
        name: listed.full_name,
        form_of_address: listed.form_of_address,
        appointments: appointments
            .map(|(unit, position)| PositionAt {
                unit: name(&unit),
                position,
            })
            .collect(),
        has_account: listed.has_account,
    }
}

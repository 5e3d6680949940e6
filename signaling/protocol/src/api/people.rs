//! People and their appointments.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::org::UnitRef;
use crate::UtcMicros;

/// Somebody in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct PersonSummary {
    /// For asking about them.
    pub id: String,
    /// The external code, when another system knows them.
    pub code: Option<String>,
    /// Full name.
    pub name: String,
    /// Ông, Bà, Đồng chí: as the record has it.
    pub form_of_address: Option<String>,
    /// What they are today or will be, in the order in which it begins; empty when all is over.
    pub appointments: Vec<PositionAt>,
    /// Whether they can sign in.
    pub has_account: bool,
}

/// What somebody is, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct PositionAt {
    /// Where.
    pub unit: UnitRef,
    /// As what.
    pub position: String,
}

/// Somebody on their page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct Person {
    /// For asking about them.
    pub id: String,
    /// The external code, when another system knows them.
    pub code: Option<String>,
    /// Full name.
    pub name: String,
    /// Ông, Bà, Đồng chí: as the record has it.
    pub form_of_address: Option<String>,
    /// Where letters reach them, when somebody said so.
    pub email: Option<String>,
    /// How often code, name, form of address and e-mail were changed: to be shown as `If-Match` with a change.
    pub etag: String,
    /// Every appointment, the newest first.
    pub appointments: Vec<Appointment>,
    /// Whether they can sign in.
    pub has_account: bool,
    /// When what made them known was deleted; then name and code are gone.
    #[schema(value_type = Option<i64>)]
    pub erased_at_us: Option<UtcMicros>,
    /// What the caller may do with them.
    pub may: Vec<PersonAct>,
}

/// Where somebody sits or sat, as what, and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct Appointment {
    /// For ending it.
    pub id: String,
    /// Where.
    pub unit: UnitRef,
    /// As what.
    pub position: String,
    /// What a teacher teaches.
    pub subject: Option<String>,
    /// The first day, for example `2026-09-01`.
    pub from: String,
    /// The last day; none while it lasts.
    pub to: Option<String>,
    /// What the caller may do with it.
    pub may: Vec<AppointmentAct>,
}

/// What somebody may do with a person. A page offers the caller these and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum PersonAct {
    /// Change code, name, form of address and e-mail.
    EditPerson,
    /// Appoint them at a unit of one's own.
    AppointPerson,
    /// Take everything away that is kept about them, as a file.
    ExportPersonalData,
    /// Delete what makes them known, and see the report of that.
    ErasePerson,
}

/// What somebody may do with an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum AppointmentAct {
    /// Say when it ends.
    EndAppointment,
}

/// `POST /people`: somebody with a first appointment.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct NewPerson {
    /// 1 to 80 characters.
    pub name: String,
    /// The external code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Ông, Bà, Đồng chí.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form_of_address: Option<String>,
    /// Where letters reach them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Where and as what.
    pub appointment: NewAppointment,
    /// Whether somebody of the same name at the same unit is known to be another.
    #[serde(default)]
    pub is_namesake: bool,
}

/// `POST /people/{person}/appointments`, and the first appointment of somebody new.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct NewAppointment {
    /// Code of the unit.
    pub unit: String,
    /// As what: 1 to 120 characters.
    pub position: String,
    /// What a teacher teaches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The first day; today when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The last day, when it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// `PUT /people/{person}`: what they are called, and where letters reach them.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct PersonNames {
    /// 1 to 80 characters.
    pub name: String,
    /// The external code; none when no other system knows them.
    pub code: Option<String>,
    /// Ông, Bà, Đồng chí.
    pub form_of_address: Option<String>,
    /// Where letters reach them; none when they have no address.
    pub email: Option<String>,
}

/// `POST /people/{person}/appointments/{appointment}/end`.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[ts(export)]
pub struct AppointmentEnd {
    /// The last day on which it holds, for example `2026-08-31`.
    pub last_day: String,
}

//! Deleting what makes somebody known, everywhere, in one transaction.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use office_core::days;
use office_core::rights::ErasePerson;
use office_core::traces::Traces;
use protocol::api::{
    ErasedRows, Erasure, ErasureReport, FileColumn, KeptRows, KeptWhat, ProblemCode,
};
use protocol::{PersonId, UtcMicros};
use serde_json::{Value, json};

use super::journal;
use super::store::{self, Who};
use super::work::{Clean, Rest};
use crate::access::Permit;
use crate::access::accounts::{self, Guard};
use crate::access::second_factor;
use crate::jobs::Work as _;
use crate::platform::audit;
use crate::platform::clock::day;
use crate::platform::database::{Conn, StoreError, Tx};
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::text::like;

/// What is typed to confirm: the code, else the name.
pub(super) fn to_type(who: &Who) -> &str {
    who.code.as_deref().unwrap_or(&who.full_name)
}

/// Somebody who was not erased.
///
/// # Errors
/// `unknown_person`, `person_erased`.
pub(super) async fn find(conn: &mut Conn, id: PersonId) -> ApiResult<Who> {
    let found = store::who(conn, id).await?;
    let who = found.ok_or_else(|| ApiError::not_found(ProblemCode::UnknownPerson))?;
    match who.erased_at {
        None => Ok(who),
        Some(at) => Err(ApiError::new(
            StatusCode::CONFLICT,
            ProblemCode::PersonErased,
            "the data of this person were deleted",
        )
        .with("at_us", at.0)),
    }
}

/// The report on somebody who was erased.
///
/// # Errors
/// `not_erased`.
pub(super) async fn report(conn: &mut Conn, id: PersonId) -> ApiResult<Erasure> {
    let found = store::erasure(conn, id).await?;
    let (at_us, finished_at_us, report) =
        found.ok_or_else(|| ApiError::not_found(ProblemCode::NotErased))?;
    let report = serde_json::from_str(&report)
        .map_err(|cause| StoreError::Corrupt(format!("the report of an erasure: {cause}")))?;
    Ok(Erasure {
        at_us,
        finished_at_us,
        report,
    })
}

/// Everything by which texts name somebody: what they are called, and what lists of people say of them.
async fn traces_of(conn: &mut Conn, who: &Who, logins: &[String]) -> ApiResult<Traces> {
    let mut names = BTreeSet::from([who.full_name.clone()]);
    names.extend(store::link_names(conn, who.id).await?);
    let mut keys: BTreeSet<String> = logins.iter().cloned().collect();
    keys.extend(who.code.clone());
    // Of another system they may be called by anything, which is searched for as well.
    keys.extend(store::identity_names(conn, who.id).await?);
    let said = |names: &BTreeSet<String>, keys: &BTreeSet<String>| {
        Traces::of(
            names.iter().map(String::as_str),
            keys.iter().map(String::as_str),
        )
    };
    let so_far = said(&names, &keys);
    for (_, _, cells) in store::import_rows(conn, who, &so_far).await? {
        let cells: Value = serde_json::from_str(&cells).unwrap_or_default();
        collect_contacts(&cells, &mut keys);
    }
    Ok(said(&names, &keys))
}

/// Addresses and telephone numbers among the cells of a row.
fn collect_contacts(cells: &Value, contacts: &mut BTreeSet<String>) {
    match cells {
        Value::String(text) => {
            let digits = text.chars().filter(char::is_ascii_digit).count();
            let is_number = text
                .chars()
                .all(|c| c.is_ascii_digit() || matches!(c, ' ' | '.' | '-' | '+' | '(' | ')'));
            if text.contains('@') || (is_number && digits >= 9) {
                contacts.insert(text.trim().to_owned());
            }
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| collect_contacts(item, contacts)),
        Value::Object(fields) => fields
            .values()
            .for_each(|field| collect_contacts(field, contacts)),
        _ => {}
    }
}

/// How many rows of which table lost something.
#[derive(Default)]
struct Tally(BTreeMap<String, u64>);

impl Tally {
    fn add(&mut self, table: &str, rows: u64) {
        if rows > 0 {
            *self.0.entry(table.to_owned()).or_default() += rows;
        }
    }

    fn told(self) -> Vec<ErasedRows> {
        let one = |(table, rows)| ErasedRows {
            table,
            rows: u32::try_from(rows).unwrap_or(u32::MAX),
        };
        self.0.into_iter().map(one).collect()
    }
}

/// Deletes what makes somebody known, ends their account, and says what went and what stays. What lies in files goes with a job.
///
/// # Errors
/// `last_administrator`.
pub(super) async fn erase(
    tx: &mut Tx,
    permit: &Permit<ErasePerson>,
    who: &Who,
    now: UtcMicros,
) -> ApiResult<ErasureReport> {
    let guard = Guard::hold(tx, now).await?;
    let mut tally = Tally::default();
    let accounts = store::accounts(tx, who.id).await?;
    let logins: Vec<String> = accounts.iter().map(|(_, login)| login.clone()).collect();
    let traces = traces_of(tx, who, &logins).await?;
    let present = store::present(tx, who.id, &who.full_name).await?;

    for (account, _) in &accounts {
        accounts::disable(tx, *account, now).await?;
        tally.add("account", store::forget_account(tx, *account).await?);
        let worked = second_factor::remove(tx, *account).await?;
        tally.add("second_factor", worked.into());
    }
    let today = day(now);
    let yesterday = days::before(&today).unwrap_or(today);
    store::end_offices(tx, who.id, &yesterday).await?;
    guard.check(tx).await?;
    tally.add("person", store::forget_person(tx, who.id, now).await?);
    let identities = store::forget_identities(tx, who.id).await?;
    tally.add("external_identity", identities);
    tally.add("sign_in", store::forget_sign_ins(tx, who.id, now).await?);
    tally.add("access_token", store::forget_links(tx, who.id, now).await?);
    tally.add("account_letter", store::forget_letter(tx, who.id).await?);
    tally.add("notice_reader", store::forget_notices(tx, who.id).await?);
    tally.add("attendance", store::forget_reasons(tx, who.id).await?);
    let left = store::leave_sessions(tx, who.id, now).await?;
    tally.add("session_officer", left);
    forget_imports(tx, who, &traces, &mut tally).await?;
    tally.add("participant", present.len() as u64);
    let own = journal::forget(tx, &present).await?;
    let mentions = journal::forget_mentions(tx, &traces).await?;
    tally.add("session_event", own + mentions);
    let answers = store::forget_answers(tx, &traces).await?;
    tally.add("idempotent_request", answers);
    let mut count = |table: &str, rows: u64| tally.add(table, rows);
    store::forget_mentions(tx, &traces, &mut count).await?;

    let mut report = kept(tx, who, present.len()).await?;
    for session in present
        .iter()
        .map(|one| one.session_id)
        .collect::<BTreeSet<_>>()
    {
        let recordings = store::recordings(tx, session).await?;
        report
            .recordings
            .extend(recordings.into_iter().map(|(_, kept)| kept));
    }
    Clean::enqueue(tx, &Rest { person: who.id }, now).await?;
    // The log last: on PostgreSQL it is locked until the end.
    let patterns: Vec<String> = traces.forms().iter().map(|form| like(form)).collect();
    let taken = audit::take_out(tx, &patterns, &|text| traces.are_in(text)).await?;
    tally.add("audit_log", taken.lines);
    let after = json!({ "lines": taken.lines, audit::REMAINS: taken.remains });
    let resource = format!("person:{}", who.id);
    permit.note(tx, &resource, None, Some(after), now).await?;
    report.deleted = tally.told();
    let stored = json!(report).to_string();
    store::insert(tx, who.id, permit.account(), &stored, now).await?;
    Ok(report)
}

async fn forget_imports(
    tx: &mut Tx,
    who: &Who,
    traces: &Traces,
    tally: &mut Tally,
) -> ApiResult<()> {
    let rows = store::import_rows(tx, who, traces).await?;
    let lists: BTreeSet<_> = rows.iter().map(|(import, _, _)| *import).collect();
    for (import, number, _) in &rows {
        store::forget_import_row(tx, *import, *number).await?;
    }
    // What is shown of a list is taken from its first row, whoever that is about.
    for import in lists {
        let columns = store::import_columns(tx, import).await?;
        let mut columns: Vec<FileColumn> = serde_json::from_str(&columns)
            .map_err(|cause| StoreError::Corrupt(format!("columns of a list: {cause}")))?;
        columns.iter_mut().for_each(|column| column.example.clear());
        store::set_import_columns(tx, import, &json!(columns).to_string()).await?;
    }
    let told = store::forget_told(tx, traces).await?;
    tally.add("people_import_row", rows.len() as u64 + told);
    Ok(())
}

/// What stays, without what was deleted.
async fn kept(tx: &mut Tx, who: &Who, presences: usize) -> ApiResult<ErasureReport> {
    let left = store::left(tx, who.id).await?;
    let titles = store::titled(tx, &who.full_name).await?;
    let presences = i64::try_from(presences).unwrap_or(i64::MAX);
    let kept = [
        (KeptWhat::Appointments, left.appointments),
        (KeptWhat::Roles, left.roles),
        (KeptWhat::Presence, presences),
        (KeptWhat::Attendance, left.attendance),
        (KeptWhat::Officers, left.officers),
        (KeptWhat::Enrolments, left.enrolments),
        (KeptWhat::LogLines, left.log_lines),
        (KeptWhat::Titles, titles),
    ];
    let one = |(what, rows)| KeptRows {
        what,
        rows: u32::try_from(rows).unwrap_or(u32::MAX),
    };
    let kept = kept.into_iter().filter(|(_, rows)| *rows > 0);
    Ok(ErasureReport {
        kept: kept.map(one).collect(),
        ..ErasureReport::default()
    })
}

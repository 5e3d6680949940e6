//! Changing settings: all that is asked for, or nothing.

use axum::http::StatusCode;
use office_core::rights::ChangeSettings;
use office_core::settings::{
    BadValue, TARGETS, YEARS_AHEAD, YEARS_BACK, admit, report_year, report_year_of,
};
use protocol::api::{ProblemCode, SettingKey, SettingWrite};
use protocol::{Day, UtcMicros};
use serde_json::{Value, json};

use super::emblem::{self, EmblemFault};
use crate::access::Permit;
use crate::platform::clock::day;
use crate::platform::database::{Tx, Word};
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::http::etag::{ETag, IfMatch};
use crate::platform::settings;
use crate::platform::settings::{Row, Standing};

/// How the log calls the department's mark.
const EMBLEM: &str = "setting:emblem";

/// How many changes a request makes at most: each setting once, and each target in every year.
const MOST_CHANGES: usize = 100;

/// Holds the settings as whoever asks has seen them: nobody else changes them until the transaction ends.
///
/// # Errors
/// 428 `if_match_required`, 412 `changed_meanwhile`.
pub(super) async fn hold(tx: &mut Tx, standing: &Standing, said: &IfMatch) -> ApiResult<()> {
    let version = standing.version();
    said.demand(&ETag::of_version(version))?;
    if settings::raise(tx, version).await? {
        return Ok(());
    }
    // Somebody did between the look and this: PostgreSQL alone can show it.
    let other = ETag::of_version(version + 1);
    Err(ApiError::new(
        StatusCode::PRECONDITION_FAILED,
        ProblemCode::ChangedMeanwhile,
        "somebody has changed it meanwhile: read it again",
    )
    .with("etag", other))
}

/// Changes settings that are [held](hold), each with a line in the log.
///
/// # Errors
/// `bad_setting` with the `key` and what it takes, `bad_year`, `year_over`, `malformed_body` for one that is named twice.
pub(super) async fn change(
    tx: &mut Tx,
    permit: &Permit<ChangeSettings>,
    standing: &Standing,
    wanted: &[SettingWrite],
    now: UtcMicros,
) -> ApiResult<()> {
    check_once(wanted)?;
    let rows = settings::rows(tx).await?;
    for write in wanted {
        let year = year_of(write, &day(now))?;
        let value = match &write.value {
            Some(value) => {
                let admitted = admit(write.key, value);
                Some(admitted.map_err(|fault| bad_value(write.key, fault))?)
            }
            None => None,
        };
        let before = stands(standing, &rows, write.key, year);
        let after = match &value {
            Some(value) => json!(value),
            None => json!(standing.default(write.key)),
        };
        let is_said = value.is_some();
        if before == after && is_said == is_own(standing, &rows, write.key, year) {
            continue;
        }
        check_year(write, &before, &day(now))?;
        let by = (permit.account(), now);
        settings::write(tx, write.key, year.into(), &json!(value), by).await?;
        let resource = format!("setting:{}", Word(write.key));
        let told = |value: Value| match write.year {
            Some(year) => json!({ "value": value, "year": year }),
            None => json!({ "value": value }),
        };
        let (before, after) = (told(before), told(after));
        permit
            .note(tx, &resource, Some(before), Some(after), now)
            .await?;
    }
    Ok(())
}

/// Puts a picture in place of the department's mark, or none.
///
/// # Errors
/// `bad_emblem` with the `reason`.
pub(super) async fn put_emblem(
    tx: &mut Tx,
    permit: &Permit<ChangeSettings>,
    standing: &Standing,
    picture: Option<&emblem::Drawn>,
    now: UtcMicros,
) -> ApiResult<()> {
    let hash = picture.map(emblem::Drawn::hash);
    if hash == standing.emblem() {
        return Ok(());
    }
    let stored = picture.map(|picture| (picture.hash(), picture.bytes()));
    settings::write_emblem(tx, stored, (permit.account(), now)).await?;
    let told = |hash: Option<&str>| json!({ "value": hash });
    let (before, after) = (told(standing.emblem()), told(hash));
    permit
        .note_as(
            tx,
            "change_emblem",
            EMBLEM,
            (Some(before), Some(after)),
            now,
        )
        .await?;
    Ok(())
}

/// 400: the picture cannot be the department's mark.
pub(super) fn bad_emblem(fault: EmblemFault) -> ApiError {
    ApiError::bad_request(ProblemCode::BadEmblem, "the picture cannot be the emblem")
        .with("reason", fault.word())
}

fn check_once(wanted: &[SettingWrite]) -> ApiResult<()> {
    let mut named: Vec<_> = wanted.iter().map(|one| (one.key, one.year)).collect();
    named.sort();
    named.dedup();
    if named.len() == wanted.len() && named.len() <= MOST_CHANGES {
        return Ok(());
    }
    Err(ApiError::bad_request(
        ProblemCode::MalformedBody,
        "a setting is named twice, or there are too many",
    ))
}

/// The year that a change is of, 0 for every year.
fn year_of(write: &SettingWrite, today: &Day) -> ApiResult<u32> {
    let present = report_year_of(today);
    let (first, last) = (present - YEARS_BACK, present + YEARS_AHEAD);
    match (TARGETS.contains(&write.key), write.year) {
        (false, None) => Ok(0),
        (true, Some(year)) if (first..=last).contains(&year) => Ok(year),
        _ => Err(ApiError::bad_request(
            ProblemCode::BadYear,
            "targets are of a year, and nothing else is",
        )
        .with("first", first)
        .with("last", last)),
    }
}

/// Reports of a year that is over rest on its targets.
fn check_year(write: &SettingWrite, before: &Value, today: &Day) -> ApiResult<()> {
    let year = write.year.unwrap_or_default();
    let is_over = report_year(year).is_some_and(|(_, last)| *today > last);
    if write.year.is_none() || before.is_null() || !is_over {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::CONFLICT,
        ProblemCode::YearOver,
        "the target stands, and its year is over",
    )
    .with("key", Word(write.key))
    .with("year", year))
}

/// The row that says something of a setting in a year.
fn row_of(rows: &[Row], key: SettingKey, year: u32) -> Option<&Row> {
    let key = Word(key).to_string();
    let mut rows = rows.iter();
    rows.find(|row| row.key == key && row.year == i64::from(year) && row.value != "null")
}

fn is_own(standing: &Standing, rows: &[Row], key: SettingKey, year: u32) -> bool {
    match year {
        0 => standing.own(key).is_some(),
        year => row_of(rows, key, year).is_some(),
    }
}

/// What holds before a change.
fn stands(standing: &Standing, rows: &[Row], key: SettingKey, year: u32) -> Value {
    if year == 0 {
        return json!(standing.value(key));
    }
    let row = row_of(rows, key, year);
    row.and_then(|row| serde_json::from_str(&row.value).ok())
        .unwrap_or(Value::Null)
}

/// 400: the setting takes other values.
fn bad_value(key: SettingKey, fault: BadValue) -> ApiError {
    let refused = ApiError::bad_request(
        ProblemCode::BadSetting,
        "the setting does not take this value",
    )
    .with("key", Word(key));
    match fault {
        BadValue::Number { least, most } => refused
            .with("reason", "number")
            .with("least", least)
            .with("most", most),
        BadValue::Word(words) => refused
            .with("reason", "word")
            .with("words", words.join(", ")),
        BadValue::Text(fault, limit) => refused.with("reason", fault.word()).with("limit", limit),
    }
}

//! Settings as the interface tells them.

use office_core::settings::{
    SETTINGS, TARGETS, YEARS_AHEAD, YEARS_BACK, group, report_year, report_year_of, shape,
};
use protocol::Day;
use protocol::api::{
    Branding, Emblem, LastChange, Setting, SettingKey, Settings, Target, TargetYear,
};

use super::fixed;
use crate::AppState;
use crate::platform::clock::day;
use crate::platform::database::{Conn, Word};
use crate::platform::error::ApiResult;
use crate::platform::http::API;
use crate::platform::http::etag::ETag;
use crate::platform::settings;
use crate::platform::settings::{Row, Standing};

/// How many years of targets are offered after the present one, whether anybody has set them or not.
const YEARS_OFFERED: u32 = 1;

/// Tells of every setting.
///
/// # Errors
/// When the database fails.
pub(super) async fn describe(
    state: &AppState,
    conn: &mut Conn,
    may_change: bool,
) -> ApiResult<(ETag, Settings)> {
    let standing = state.standing(conn).await?;
    let rows = settings::rows(conn).await?;
    let tag = ETag::of_version(standing.version());
    let told = Settings {
        etag: tag.to_string(),
        may_change,
        settings: SETTINGS
            .iter()
            .map(|key| setting(&standing, &rows, *key))
            .collect(),
        emblem: emblem_url(&standing).map(|url| Emblem {
            url,
            changed: changed(&rows, "emblem", 0),
        }),
        years: years(&rows, &day(state.clock.now())),
        fixed: fixed::of(&state.config),
    };
    Ok((tag, told))
}

fn setting(standing: &Standing, rows: &[Row], key: SettingKey) -> Setting {
    Setting {
        key,
        group: group(key),
        shape: shape(key).into(),
        value: standing.value(key),
        default: standing.default(key),
        is_own: standing.own(key).is_some(),
        changed: changed(rows, &Word(key).to_string(), 0),
    }
}

fn row_of<'a>(rows: &'a [Row], key: &str, year: u32) -> Option<&'a Row> {
    rows.iter()
        .find(|row| row.key == key && row.year == i64::from(year))
}

fn changed(rows: &[Row], key: &str, year: u32) -> Option<LastChange> {
    let row = row_of(rows, key, year)?;
    Some(LastChange {
        at_us: row.changed_at_us?,
        by: row.changed_by.clone(),
    })
}

/// The years for which something is set, the present one and the next.
fn years(rows: &[Row], today: &Day) -> Vec<TargetYear> {
    let present = report_year_of(today);
    let known = |year: u32| {
        let mut rows = rows.iter();
        rows.any(|row| row.year == i64::from(year) && row.value != "null")
    };
    let offered = |year: &u32| (present..=present + YEARS_OFFERED).contains(year) || known(*year);
    let all = present - YEARS_BACK..=present + YEARS_AHEAD;
    let tell = |year| {
        let (from, to) = report_year(year)?;
        Some(TargetYear {
            is_over: *today > to,
            targets: TARGETS.iter().map(|key| target(rows, *key, year)).collect(),
            year,
            from,
            to,
        })
    };
    all.filter(offered).filter_map(tell).collect()
}

fn target(rows: &[Row], key: SettingKey, year: u32) -> Target {
    let word = Word(key).to_string();
    let stored = row_of(rows, &word, year).map(|row| row.value.as_str());
    Target {
        key,
        percent: stored.and_then(|value| serde_json::from_str(value).ok()),
        changed: changed(rows, &word, year),
    }
}

/// Where the department's own mark is had, if it has one.
fn emblem_url(standing: &Standing) -> Option<String> {
    let hash = standing.emblem()?;
    Some(format!("{API}/branding/emblem/{hash}"))
}

/// What the department is called.
///
/// # Errors
/// When the database fails.
pub(super) async fn branding(state: &AppState, conn: &mut Conn) -> ApiResult<Branding> {
    let standing = state.standing(conn).await?;
    let name = match standing.text(SettingKey::DepartmentName) {
        Some(name) => Some(name),
        None => {
            let tree = state.tree(conn).await?;
            tree.root().map(|unit| unit.name.clone())
        }
    };
    Ok(Branding {
        name,
        short_name: standing.text(SettingKey::DepartmentShortName),
        emblem: emblem_url(&standing),
    })
}

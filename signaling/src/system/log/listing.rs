//! What is asked of the log, and how a line of it is told.

use protocol::api::{AuditLine, AuditParty, AuditThing, ProblemCode};
use protocol::{Day, UtcMicros};
use serde::Deserialize;
use serde_json::{Value, json};

use super::store::{Listed, Wanted};
use crate::platform::audit::readable;
use crate::platform::clock::{days, start_of};
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::paging::not_ours;
use crate::platform::text::{fold, like};

/// Which lines are asked for.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Part of the name or login of whoever did it; marks may be left out.
    who: Option<String>,
    /// Part of the name or code of what it was done to.
    thing: Option<String>,
    /// Only this action; see `/audit-log/actions`.
    action: Option<String>,
    /// Not before this day, for example `2026-11-01`, as days are counted in Viet Nam.
    from: Option<String>,
    /// Not after this day.
    to: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

impl Asked {
    /// # Errors
    /// 400 `malformed_query`.
    pub(super) fn wanted(&self) -> ApiResult<Wanted> {
        let texts = [&self.who, &self.thing, &self.action];
        if texts.into_iter().flatten().any(|text| text.contains('\0')) {
            return Err(ApiError::bad_request(
                ProblemCode::MalformedQuery,
                "no name has such a character",
            ));
        }
        let to = self.to.as_deref().map(|to| begin("to", to)).transpose()?;
        let from = self.from.as_deref().map(|from| begin("from", from));
        let before = self.cursor.as_deref().map(parse_cursor).transpose()?;
        Ok(Wanted {
            before: before.unwrap_or(i64::MAX),
            from: from.transpose()?.unwrap_or(UtcMicros(i64::MIN)),
            // The last day is inside; no day of Viet Nam is longer or shorter than others.
            to: to.map_or(UtcMicros(i64::MAX), |to| to.plus(days(1))),
            action: given(self.action.as_deref()).map(str::to_owned),
            who: given(self.who.as_deref()).map(|who| like(&fold(who))),
            thing: given(self.thing.as_deref()).map(|thing| like(&fold(thing))),
        })
    }

    /// What the log says of whoever took this part of it away.
    pub(super) fn described(&self) -> Value {
        json!({
            "who": given(self.who.as_deref()),
            "thing": given(self.thing.as_deref()),
            "action": given(self.action.as_deref()),
            "from": self.from,
            "to": self.to,
        })
    }
}

fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

fn begin(name: &str, day: &str) -> ApiResult<UtcMicros> {
    start_of(&Day(day.to_owned())).ok_or_else(|| {
        ApiError::bad_request(
            ProblemCode::MalformedQuery,
            "a day is written as 2026-11-01",
        )
        .with("detail", name)
    })
}

fn parse_cursor(cursor: &str) -> ApiResult<i64> {
    cursor.parse().map_err(|_| not_ours())
}

/// A line, as people are told it.
pub(super) fn describe(listed: Listed) -> AuditLine {
    AuditLine {
        seq: listed.seq,
        at_us: listed.at_us,
        actor: AuditParty {
            kind: kind_of(&listed.actor),
            word: listed.actor,
            name: listed.actor_name,
            login: listed.actor_login,
        },
        action: listed.action,
        thing: AuditThing {
            kind: kind_of(&listed.resource),
            word: listed.resource,
            code: listed.thing_code,
            name: listed.thing_name,
            participant: listed.thing_participant,
        },
        before: parsed(listed.before.as_deref()),
        after: parsed(listed.after.as_deref()),
        previous_hash: hex::encode(listed.previous_hash),
        hash: hex::encode(listed.hash),
    }
}

fn kind_of(word: &str) -> String {
    word.split(':').next().unwrap_or_default().to_owned()
}

/// The JSON of a line; what somebody made of it who changed the database is told as it stands.
fn parsed(stored: Option<&str>) -> Option<Value> {
    let stored = stored?;
    Some(serde_json::from_str(stored).map_or_else(|_| stored.into(), readable))
}

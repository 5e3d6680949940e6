//! What was done to a session, from the audit log.

use std::collections::BTreeMap;

use office_core::rights::ViewHistory;
use protocol::UtcMicros;
use protocol::api::{FieldChange, SessionDeed};
use serde_json::Value;
use uuid::Uuid;

use super::store;
use crate::access::Permit;
use crate::platform::audit::{self, Row};
use crate::platform::database::Conn;
use crate::platform::error::ApiResult;
use crate::schedule::admission::SessionView;

/// At most `limit` deeds before the line `before` of the log, newest first.
///
/// # Errors
/// When the database fails.
pub(crate) async fn of_session(
    conn: &mut Conn,
    permit: &Permit<ViewHistory, SessionView>,
    before: i64,
    limit: i64,
) -> ApiResult<Vec<SessionDeed>> {
    let resource = format!("session:{}", permit.session.code);
    let rows = audit::of_resource(conn, &resource, before, limit).await?;
    let mut names: BTreeMap<String, Option<String>> = BTreeMap::new();
    for row in &rows {
        if let Some(actor) = id_of(&row.actor)
            && !names.contains_key(&row.actor)
        {
            let name = store::name_of(conn, actor).await?;
            names.insert(row.actor.clone(), name);
        }
    }
    let deeds = rows.into_iter().map(|row| SessionDeed {
        seq: row.seq,
        at_us: UtcMicros(row.at_us),
        by: names.get(&row.actor).cloned().flatten(),
        fields: fields(&row),
        action: row.action,
    });
    Ok(deeds.collect())
}

/// The account or the key that the log names.
fn id_of(actor: &str) -> Option<Uuid> {
    let (kind, id) = actor.split_once(':')?;
    let has_name = matches!(kind, "account" | "api_key");
    id.parse().ok().filter(|_| has_name)
}

/// What is another: every field that the line names before or after.
fn fields(row: &Row) -> Vec<FieldChange> {
    let said = |text: &Option<String>| -> BTreeMap<String, String> {
        let read = text
            .as_deref()
            .and_then(|text| serde_json::from_str(text).ok());
        match read {
            Some(Value::Object(fields)) => fields
                .into_iter()
                .filter_map(|(name, value)| Some((name, say(&value)?)))
                .collect(),
            _ => BTreeMap::new(),
        }
    };
    let (mut before, mut after) = (said(&row.before), said(&row.after));
    let mut names: Vec<String> = before.keys().chain(after.keys()).cloned().collect();
    names.sort();
    names.dedup();
    let fields = names.into_iter().map(|field| FieldChange {
        before: before.remove(&field),
        after: after.remove(&field),
        field,
    });
    fields.collect()
}

/// A value as text; several one after another.
fn say(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().filter_map(say).collect();
            (!items.is_empty()).then(|| items.join(", "))
        }
        other => Some(other.to_string()),
    }
}

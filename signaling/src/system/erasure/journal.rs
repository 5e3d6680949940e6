//! What journals of rooms say of somebody.

use std::collections::BTreeSet;

use office_core::traces::Traces;
use protocol::ParticipantId;
use serde_json::Value;

use super::store::{self, Present};
use super::{GONE, NOBODY};
use crate::platform::database::{StoreResult, Tx};

/// Takes names and words of these off the rooms in which they were. How many entries of journals changed.
pub(super) async fn forget(tx: &mut Tx, all: &[Present]) -> StoreResult<u64> {
    let mut changed = 0;
    for one in all {
        // Whoever sat at a point is shown by the point's name.
        if one.point_id.is_none() && one.display_name != NOBODY {
            store::forget_present(tx, one.id, NOBODY).await?;
        }
        for (seq, payload) in store::events_about(tx, one.session_id, one.id).await? {
            if let Some(left) = without(&payload, one) {
                store::set_event(tx, one.session_id, seq, &left).await?;
                changed += 1;
            }
        }
    }
    Ok(changed)
}

/// A payload without name and words of one participant; none when it has neither.
fn without(payload: &str, one: &Present) -> Option<String> {
    let mut value: Value = serde_json::from_str(payload).ok()?;
    let is_changed = forget_in(event_of(&mut value), one.id, one.point_id.is_none());
    is_changed.then(|| value.to_string())
}

/// The event of a payload, whatever its version.
fn event_of(payload: &mut Value) -> &mut Value {
    match payload.get("event").is_some() {
        true => &mut payload["event"],
        false => payload,
    }
}

/// Takes name and words of a participant out of an event. Whether there were any.
pub(super) fn forget_in(event: &mut Value, id: ParticipantId, is_named: bool) -> bool {
    let id = id.to_string();
    let mut is_changed = false;
    let mut set = |field: &mut Value, to: &str| {
        if field.is_string() && *field != to {
            *field = to.into();
            is_changed = true;
        }
    };
    let about = |thing: &Value, key: &str| thing.get(key).and_then(Value::as_str) == Some(&id);
    if let Some(participant) = event.get_mut("participant")
        && about(participant, "id")
        && is_named
    {
        set(&mut participant["name"], NOBODY);
    }
    if let Some(message) = event.get_mut("message")
        && about(message, "from")
    {
        if is_named {
            set(&mut message["name"], NOBODY);
        }
        set(&mut message["text"], GONE);
    }
    if about(event, "participant")
        && let Some(topic) = event.get_mut("topic")
    {
        set(topic, GONE);
    }
    is_changed
}

/// What somebody wrote that an event tells: a line of the chat, or what they would speak about.
pub(super) fn said_in(event: &mut Value) -> Option<&mut Value> {
    let place = match event.get("topic") {
        Some(topic) if topic.is_string() => "/topic",
        _ => "/message/text",
    };
    event.pointer_mut(place)
}

/// Takes mentions out of what others wrote. How many events changed.
pub(super) async fn forget_mentions(tx: &mut Tx, traces: &Traces) -> StoreResult<u64> {
    let mut changed = BTreeSet::new();
    for form in traces.forms() {
        for (session, seq, payload) in store::written_with(tx, &form).await? {
            let Ok(mut value) = serde_json::from_str::<Value>(&payload) else {
                continue;
            };
            let Some(text) = said_in(event_of(&mut value)) else {
                continue;
            };
            let left = text.as_str().and_then(|said| traces.without(said, GONE));
            let Some(left) = left else { continue };
            *text = left.into();
            store::set_event(tx, session, seq, &value.to_string()).await?;
            changed.insert((session, seq));
        }
    }
    Ok(changed.len() as u64)
}

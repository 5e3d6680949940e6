//! What a recording's folder says of somebody besides picture and voice: their name beside each track, and what the room told of
//! them. The recorder writes both files (`recorder::segment`); here they are written anew when it is done with them.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use protocol::ParticipantId;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::journal::{forget_in, said_in};
use super::{GONE, NOBODY};

const MANIFEST: &str = "manifest.json";
const EVENTS: &str = "events.jsonl";

/// Takes names and words of these off the files of a recording. Whether it could: not while it is being written.
///
/// # Errors
/// When the disk does not let it.
pub(super) fn forget(folder: &Path, whom: &BTreeSet<ParticipantId>) -> io::Result<bool> {
    let Some(manifest) = read(&folder.join(MANIFEST))? else {
        return Ok(true);
    };
    let Ok(mut manifest) = serde_json::from_slice::<Value>(&manifest) else {
        return Ok(false);
    };
    if manifest["state"] != "finalised" {
        return Ok(false);
    }
    let mut is_changed = false;
    if let Some(events) = read(&folder.join(EVENTS))? {
        let left = without(&events, whom);
        if left != events {
            write(&folder.join(EVENTS), &left)?;
            is_changed = true;
        }
        // Also after a kill between the two files.
        if let Some(entry) = manifest["events"].as_object_mut() {
            let sha256 = json!(hex::encode(Sha256::digest(&left)));
            is_changed |= entry.get("sha256") != Some(&sha256);
            entry.insert("bytes".to_owned(), json!(left.len()));
            entry.insert("sha256".to_owned(), sha256);
        }
    }
    for track in manifest["tracks"].as_array_mut().into_iter().flatten() {
        let whose = track.pointer("/track/participant").and_then(Value::as_str);
        let is_theirs = whose
            .and_then(|id| id.parse().ok())
            .is_some_and(|id| whom.contains(&ParticipantId(id)));
        if is_theirs && track["name"] != NOBODY {
            track["name"] = NOBODY.into();
            is_changed = true;
        }
    }
    if is_changed {
        write(
            &folder.join(MANIFEST),
            &serde_json::to_vec_pretty(&manifest)?,
        )?;
    }
    Ok(true)
}

/// The lines without them; a line that is damaged stays as it is. What people wrote stands in the journal of the session, and no
/// film shows it.
fn without(events: &[u8], whom: &BTreeSet<ParticipantId>) -> Vec<u8> {
    let mut left = Vec::with_capacity(events.len());
    for line in events.split_inclusive(|byte| *byte == b'\n') {
        match std::str::from_utf8(line)
            .ok()
            .and_then(|line| line_without(line, whom))
        {
            Some(other) => left.extend(other.into_bytes()),
            None => left.extend(line),
        }
    }
    left
}

/// A line with its checksum, if it changes.
fn line_without(line: &str, whom: &BTreeSet<ParticipantId>) -> Option<String> {
    let (body, _) = line.trim_end().rsplit_once(",\"crc\":\"")?;
    let mut value: Value = serde_json::from_str(&format!("{body}}}")).ok()?;
    let mut is_changed = false;
    let told = value.get_mut("event")?;
    match told["type"].as_str()? {
        "stream_started" => {
            let whose = told.pointer("/track/participant").and_then(Value::as_str);
            let is_theirs = whose.is_some_and(|id| whom.iter().any(|one| one.to_string() == id));
            if is_theirs && told["name"] != NOBODY {
                told["name"] = NOBODY.into();
                is_changed = true;
            }
        }
        "room" => {
            let event = told.get_mut("event")?;
            for one in whom {
                is_changed |= forget_in(event, *one, true);
            }
            if let Some(text) = said_in(event)
                && *text != GONE
            {
                *text = GONE.into();
                is_changed = true;
            }
        }
        _ => {}
    }
    is_changed.then(|| {
        let mut json = value.to_string();
        let crc = crc32fast::hash(json.as_bytes());
        json.pop();
        format!("{json},\"crc\":\"{crc:08x}\"}}\n")
    })
}

fn read(file: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(file) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(cause),
    }
}

/// Whole or not at all.
fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = file.with_extension("erasing");
    let mut out = fs::File::create(&beside)?;
    out.write_all(bytes)?;
    out.sync_all()?;
    fs::rename(&beside, file)
}

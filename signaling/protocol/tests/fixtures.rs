//! The literal JSON of every message of the browser protocol, read and written back unchanged.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use protocol::client::{ClientFrame, Command, Event, ServerFrame};
use protocol::weak_line::{WEAK_LOSS_PERCENT, WEAK_RTT_MS};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

fn fixtures(wire: &str) -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut found: Vec<_> = fs::read_dir(folder)
        .expect("the fixtures folder")
        .map(|entry| entry.expect("a folder entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .map(|path| {
            let name = path
                .file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            let text = fs::read_to_string(&path).expect("a readable fixture");
            (
                name,
                serde_json::from_str(&text).expect("a fixture is JSON"),
            )
        })
        .filter(|(name, _): &(String, Value)| name.starts_with(wire))
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

fn round_trips<T: Serialize + DeserializeOwned>(wire: &str) {
    for (name, json) in fixtures(wire) {
        let frame: T = serde_json::from_value(json.clone())
            .unwrap_or_else(|e| panic!("{name} is not understood: {e}"));
        let back = serde_json::to_value(&frame).expect("a frame is JSON");
        assert_eq!(back, json, "{name} changes on the way through");
    }
}

/// The `type` of every variant of the enum that is tagged so and sits at `pointer` in the fixtures of `wire`.
fn types_at(wire: &str, pointer: &str) -> BTreeSet<String> {
    fixtures(wire)
        .iter()
        .filter_map(|(_, json)| json.pointer(pointer)?.as_str().map(str::to_owned))
        .collect()
}

/// The variants that the generated TypeScript type lists, itself or through the types that it joins.
fn types_in_typescript(name: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../web-client/src/protocol/generated")
        .join(format!("{name}.ts"));
    let text = fs::read_to_string(path).expect("the generated type");
    let (_, union) = text
        .split_once(&format!("export type {name} = "))
        .expect("the declaration");
    let own = union.split("\"type\": \"").skip(1);
    let own = own.filter_map(|rest| rest.split('"').next().map(str::to_owned));
    let joined = union.trim_end().trim_end_matches(';').split(" | ");
    let joined = joined.filter(|part| part.chars().all(char::is_alphanumeric));
    own.chain(joined.flat_map(types_in_typescript)).collect()
}

#[test]
fn client_frames_keep_every_byte() {
    round_trips::<ClientFrame>("client.");
}

#[test]
fn server_frames_keep_every_byte() {
    round_trips::<ServerFrame>("server.");
}

#[test]
fn every_message_has_a_fixture() {
    assert_eq!(
        types_at("client.command.", "/command/type"),
        types_in_typescript("Command")
    );
    assert_eq!(
        types_at("server.event.", "/event/type"),
        types_in_typescript("Event")
    );
    for (listed, name) in [(Command::TYPES, "Command"), (Event::TYPES, "Event")] {
        let listed: BTreeSet<String> = listed.iter().map(|&word| word.to_owned()).collect();
        assert_eq!(listed, types_in_typescript(name));
    }
    assert_eq!(
        types_at("server.bye.", "/reason/type"),
        types_in_typescript("ByeReason")
    );
    assert_eq!(
        types_at("server.media.", "/message/type"),
        types_in_typescript("MediaMessage")
    );
}

#[test]
fn bad_command_is_refused_for_what_is_wrong_with_it() {
    let fault = |command: &str| {
        let frame = format!(r#"{{"type":"command","id":1,"command":{command}}}"#);
        let read = serde_json::from_str::<ClientFrame>(&frame);
        read.expect_err("a bad command").to_string()
    };
    let unknown = fault(r#"{"type":"fly"}"#);
    assert!(
        unknown.starts_with("unknown variant `fly`, expected one of `offer`"),
        "{unknown}"
    );
    assert!(fault(r#"{"type":"mute"}"#).starts_with("missing field `participant`"));
    assert!(fault(r#"{"participant":"x","type":"mute"}"#).starts_with("UUID parsing failed"));
    assert!(fault(r#"{}"#).starts_with("missing field `type`"));
}

#[test]
fn unknown_fields_are_ignored() {
    let frame = r#"{"type":"hello","protocol":1,"profile":"desk","colour":"blue"}"#;
    assert!(serde_json::from_str::<ClientFrame>(frame).is_ok());
}

#[test]
fn protocol_page_names_every_message() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/protocol.md");
    let page = fs::read_to_string(page).expect("the page");
    for list in [
        "Command",
        "Event",
        "ByeReason",
        "MediaMessage",
        "ClientFrame",
        "ServerFrame",
    ] {
        for name in types_in_typescript(list) {
            assert!(
                page.contains(&format!("`{name}`")),
                "{list} `{name}` is not in docs/protocol.md"
            );
        }
    }
}

#[test]
fn weak_line_is_the_one_of_the_pages() {
    let text = include_str!("../fixtures/weak_line.json");
    let told: Value = serde_json::from_str(text).unwrap();
    assert_eq!(told["loss_percent"], f64::from(WEAK_LOSS_PERCENT));
    assert_eq!(told["rtt_ms"], f64::from(WEAK_RTT_MS));
}

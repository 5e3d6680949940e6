//! Settings that stand in files, as those are told them who look after the server: never what is secret.

use protocol::api::FixedSetting;
use serde_json::Value;

use crate::Config;

/// The file of this service.
const FILE: &str = "signaling.toml";

/// What the department changes while the server runs: it is on the page already, with this as its default.
const CHANGED_AT_RUN_TIME: &[&str] = &["sessions.", "retention.", "sign_in.hours"];

/// A key with one of these words in its last part says what nobody else may know, or where it lies. One that is added later is hidden
/// by its name before anybody thinks of it.
const SECRET_WORDS: &[&str] = &[
    "password",
    "secret",
    "token",
    "key",
    "credential",
    "credentials",
    "url",
    "dsn",
];

/// Keys with such a word that hide nothing.
const PLAIN: &[&str] = &["public_url", "turn.credential_hours"];

/// Every setting that stands in a file, in the order of the files.
pub(super) fn of(config: &Config) -> Vec<FixedSetting> {
    let own = serde_json::to_value(config).unwrap_or_default();
    let mut found = Vec::new();
    let beside = config
        .beside
        .iter()
        .map(|(file, value)| (file.as_str(), value));
    for (file, value) in std::iter::once((FILE, &own)).chain(beside) {
        walk(file, "", value, &mut found);
    }
    found.retain(|one| {
        let mut changed = CHANGED_AT_RUN_TIME.iter();
        one.file != FILE || !changed.any(|prefix| one.key.starts_with(prefix))
    });
    found
}

fn walk(file: &str, path: &str, value: &Value, found: &mut Vec<FixedSetting>) {
    if let Value::Object(table) = value {
        // The keys of a file stand before its tables, as they do in TOML.
        let (tables, keys): (Vec<_>, Vec<_>) =
            table.iter().partition(|(_, value)| value.is_object());
        for (key, value) in keys.into_iter().chain(tables) {
            let path = match path {
                "" => key.clone(),
                path => format!("{path}.{key}"),
            };
            walk(file, &path, value, found);
        }
        return;
    }
    let said = said(value);
    let is_secret = is_secret(path) || said.as_deref().is_some_and(holds_a_password);
    found.push(FixedSetting {
        file: file.to_owned(),
        key: path.to_owned(),
        is_set: said.is_some(),
        value: said.filter(|_| !is_secret),
        is_secret,
    });
}

/// A value as a person reads it; none when nothing stands there.
fn said(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => (!text.is_empty()).then(|| text.clone()),
        Value::Array(items) if items.is_empty() => None,
        Value::Array(items) => {
            let items: Vec<_> = items.iter().filter_map(said).collect();
            Some(items.join(", "))
        }
        other => Some(other.to_string()),
    }
}

fn is_secret(path: &str) -> bool {
    let last = path.rsplit('.').next().unwrap_or(path);
    !PLAIN.contains(&path) && last.split('_').any(|word| SECRET_WORDS.contains(&word))
}

/// Whether an address has somebody's name in it, and so perhaps a password.
fn holds_a_password(text: &str) -> bool {
    text.split_once("://").is_some_and(|(_, rest)| {
        rest.split('/')
            .next()
            .is_some_and(|host| host.contains('@'))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_told_as_set_or_not_and_everything_else_as_it_stands() {
        let mut config = Config {
            public_url: "https://hop.example.vn".to_owned(),
            ..Config::default()
        };
        config.database.url = "postgres://diemcau:geheim@db/diemcau".to_owned();
        config.beside = vec![(
            "mail.toml".to_owned(),
            json!({ "smtp": { "relay": "smtp://a:geheim@host", "password": "geheim", "port": 25 } }),
        )];
        let found = of(&config);
        let one = |key: &str| found.iter().find(|one| one.key == key).unwrap();
        assert!(!format!("{found:?}").contains("geheim"));
        let url = one("database.url");
        assert!(url.is_secret && url.is_set && url.value.is_none());
        assert!(one("tls.key_file").is_secret && !one("tls.key_file").is_set);
        assert!(one("smtp.password").is_set && one("smtp.relay").is_secret);
        assert_eq!(one("smtp.port").value.as_deref(), Some("25"));
        assert_eq!(
            one("public_url").value.as_deref(),
            Some("https://hop.example.vn")
        );
        assert_eq!(one("turn.credential_hours").value.as_deref(), Some("12"));
        assert_eq!(found[0].file, "signaling.toml");
        let changed = found.iter().any(|one| one.key == "sessions.early_minutes");
        assert!(!changed, "it is changed at run time");
    }
}

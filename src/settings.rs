//! Settings of a service: its file in the configuration folder, overridden by environment variables.
//!
//! `DIEMCAU_SFU__MEDIA_PORT=41000` sets `media_port` of `sfu.toml`; further `__` step into tables. A value is read as
//! TOML when it is TOML (`8`, `true`, `["a"]`) and as a string otherwise. Keys that no service knows are refused.
//! Flags of the command line are applied after this, by `main`.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::de::DeserializeOwned;
use toml::{Table, Value};

/// Where the settings of `service` are, if anywhere.
pub(crate) fn file(service: &str, folder: &Path) -> PathBuf {
    folder.join(format!("{service}.toml"))
}

/// Reads the settings of `service` (`sfu`, `signaling` or `recorder`) from `folder/<service>.toml`, if the file is
/// there, and from `variables` (names and values of the environment).
///
/// # Errors
/// When the file is not TOML, or a key or a value is not one that `T` knows; the message names the file or variable.
pub(crate) fn load<T: DeserializeOwned>(
    service: &str,
    folder: &Path,
    variables: impl IntoIterator<Item = (String, String)>,
) -> anyhow::Result<T> {
    let file = file(service, folder);
    let mut table = match std::fs::read_to_string(&file) {
        // Editors of Windows begin a file with a byte order mark.
        Ok(text) => text
            .trim_start_matches('\u{feff}')
            .parse::<Table>()
            .with_context(|| format!("{} is not TOML", file.display()))?,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Table::new(),
        Err(e) => return Err(e).with_context(|| format!("cannot read {}", file.display())),
    };
    let prefix = format!("DIEMCAU_{}__", service.to_uppercase());
    let mut overridden = Vec::new();
    for (name, value) in variables {
        if let Some(path) = name.strip_prefix(&prefix) {
            let keys: Vec<String> = path.split("__").map(str::to_lowercase).collect();
            set(&mut table, &keys, parse_value(&value))
                .with_context(|| format!("variable {name}"))?;
            overridden.push(name);
        }
    }
    T::deserialize(Value::Table(table)).with_context(|| {
        let variables = if overridden.is_empty() {
            String::new()
        } else {
            format!(" with {}", overridden.join(", "))
        };
        format!("settings of {service} ({}{variables})", file.display())
    })
}

fn parse_value(text: &str) -> Value {
    format!("v = {text}")
        .parse::<Table>()
        .ok()
        .and_then(|mut table| table.remove("v"))
        .unwrap_or_else(|| Value::String(text.to_owned()))
}

fn set(table: &mut Table, keys: &[String], value: Value) -> anyhow::Result<()> {
    match keys {
        [] => bail!("no key"),
        [key] => {
            table.insert(key.clone(), value);
            Ok(())
        }
        [key, rest @ ..] => match table
            .entry(key.clone())
            .or_insert_with(|| Value::Table(Table::new()))
        {
            Value::Table(inner) => set(inner, rest, value),
            _ => bail!("`{key}` is a value, not a table"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields, default)]
    struct Sample {
        port: u16,
        name: String,
        metrics: Metrics,
    }

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields, default)]
    struct Metrics {
        allow: Vec<String>,
    }

    impl Default for Sample {
        fn default() -> Self {
            Self {
                port: 1,
                name: "x".into(),
                metrics: Metrics::default(),
            }
        }
    }

    fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect()
    }

    fn folder(text: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("sample.toml"), text).expect("a file");
        folder
    }

    #[test]
    fn variable_wins_over_file_and_file_over_default() {
        let folder = folder("port = 2\nname = \"file\"");
        let set = variables(&[
            ("DIEMCAU_SAMPLE__PORT", "3"),
            ("DIEMCAU_SAMPLE__METRICS__ALLOW", "[\"::1\"]"),
            ("DIEMCAU_OTHER__PORT", "9"),
        ]);
        let sample: Sample = load("sample", folder.path(), set).expect("good settings");
        assert_eq!(
            sample,
            Sample {
                port: 3,
                name: "file".into(),
                metrics: Metrics {
                    allow: vec!["::1".into()]
                }
            }
        );
    }

    #[test]
    fn file_that_begins_with_a_byte_order_mark_is_read() {
        let folder = folder("\u{feff}port = 2");
        let sample: Sample = load("sample", folder.path(), []).expect("good settings");
        assert_eq!(sample.port, 2);
    }

    #[test]
    fn missing_file_means_defaults() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(
            load::<Sample>("sample", folder.path(), []).expect("defaults"),
            Sample::default()
        );
    }

    #[test]
    fn unknown_key_is_refused_by_name() {
        let folder = folder("prot = 2");
        let error = format!(
            "{:#}",
            load::<Sample>("sample", folder.path(), []).expect_err("a refusal")
        );
        assert!(
            error.contains("prot") && error.contains("sample.toml"),
            "{error}"
        );
    }

    #[test]
    fn unknown_variable_is_refused_by_name() {
        let folder = folder("");
        let set = variables(&[("DIEMCAU_SAMPLE__PROT", "3")]);
        let error = format!(
            "{:#}",
            load::<Sample>("sample", folder.path(), set).expect_err("a refusal")
        );
        assert!(error.contains("DIEMCAU_SAMPLE__PROT"), "{error}");
    }
}

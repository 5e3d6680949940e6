//! Holds the order of the rule sets: each decides only by those before it, so that none can be tied to another in a circle.

#![allow(clippy::unwrap_used, reason = "a folder that cannot be read fails")]

use std::fs;
use std::path::{Path, PathBuf};

/// From the lowest to the highest.
const ORDER: [&str; 11] = [
    "hand",
    "chat",
    "media",
    "microphone",
    "picture",
    "floor",
    "recording",
    "session",
    "viewers",
    "chair",
    "roster",
];

#[test]
fn rule_sets_decide_only_by_those_before_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    let mut against = Vec::new();
    let mut seen = Vec::new();
    for path in files(&folder) {
        let first = path.strip_prefix(&folder).unwrap().iter().next().unwrap();
        let name = Path::new(first).with_extension("").display().to_string();
        if name == "mod" {
            continue;
        }
        let place = place_of(&name).unwrap_or_else(|| panic!("{name} has no place in ORDER"));
        seen.push(place);
        let text = fs::read_to_string(&path).unwrap();
        let above = |other: &&str| place_of(other).is_none_or(|other| other > place);
        let known = rule_sets_in(&text).into_iter().filter(above);
        against.extend(known.map(|other| format!("{} knows {other}", path.display())));
    }
    assert!(against.is_empty(), "{against:#?}");
    assert!((0..ORDER.len()).all(|place| seen.contains(&place)));
}

/// The table at the top of the folder lists them in the same order.
#[test]
fn documentation_lists_rule_sets_in_their_order() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules/mod.rs");
    let page = fs::read_to_string(page).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("//! | `"));
    let listed: Vec<&str> = rows.filter_map(|row| row.split('`').next()).collect();
    assert_eq!(listed, ORDER);
}

fn place_of(name: &str) -> Option<usize> {
    ORDER.iter().position(|known| *known == name)
}

/// The rule sets that a file names in its code.
fn rule_sets_in(text: &str) -> Vec<&str> {
    let code = text.lines().filter(|line| !line.trim().starts_with("//"));
    code.flat_map(|line| line.split("crate::rules::").skip(1))
        .filter_map(|rest| rest.split("::").next())
        .filter(|name| name.starts_with(char::is_lowercase))
        .collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

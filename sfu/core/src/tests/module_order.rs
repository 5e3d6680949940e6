//! Holds the order of the crate's modules: each knows those before it, so that none can be tied to another in a circle.

use std::fs;
use std::path::{Path, PathBuf};

/// From the lowest to the highest. The root and its tests are above them all.
const ORDER: [&str; 14] = [
    "keys",
    "config",
    "rtp",
    "sdp",
    "demux",
    "timers",
    "allocation",
    "peer",
    "publishing",
    "cascade",
    "outbox",
    "track",
    "subscription",
    "room",
];

/// Not part of the order: the root, and what tests it.
const ABOVE: [&str; 2] = ["lib", "tests"];

#[test]
fn modules_know_only_those_below_them() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut against = Vec::new();
    let mut seen = Vec::new();
    for path in files(&source) {
        let module = module_of(path.strip_prefix(&source).unwrap());
        if ABOVE.contains(&module.as_str()) {
            continue;
        }
        let place = place_of(&module).unwrap_or_else(|| panic!("{module} has no place in ORDER"));
        seen.push(place);
        let text = fs::read_to_string(&path).unwrap();
        let above = |name: &String| place_of(name).is_none_or(|other| other > place);
        let names = names_of_the_crate(&text).into_iter().filter(above);
        against.extend(names.map(|name| format!("{} knows {name}", path.display())));
    }
    assert!(against.is_empty(), "{against:#?}");
    assert!((0..ORDER.len()).all(|place| seen.contains(&place)));
}

#[test]
fn names_are_read_from_paths_and_groups_but_not_from_comments() {
    let text = "use crate::room::{Member, Room};\nuse crate::{\n    peer::{Peer, Runs},\n    rtp,\n    Sfu,\n};\n\
                // crate::sdp\nlet clock = crate::track::rate(); // crate::demux\n";
    assert_eq!(
        names_of_the_crate(text),
        ["room", "peer", "rtp", "Sfu", "track"]
    );
}

fn place_of(module: &str) -> Option<usize> {
    ORDER.iter().position(|known| *known == module)
}

/// The module at the root that a file belongs to.
fn module_of(path: &Path) -> String {
    let first = Path::new(path.iter().next().expect("a file has a name"));
    first.with_extension("").display().to_string()
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

/// The first names behind every `crate::`: modules of the crate, or what stands in its root.
fn names_of_the_crate(text: &str) -> Vec<String> {
    let without_comment = |line: &str| line.split("//").next().map(str::to_owned);
    let code: Vec<String> = text.lines().filter_map(without_comment).collect();
    let code = code.join("\n");
    let mut names = Vec::new();
    for path in code.split("crate::").skip(1) {
        match path.strip_prefix('{') {
            Some(group) => names.extend(members(group).into_iter().map(first_name)),
            None => names.push(first_name(path)),
        }
    }
    names
}

/// The paths in a group, up to the brace that closes it.
fn members(group: &str) -> Vec<&str> {
    let (mut depth, mut start) = (0, 0);
    let mut found = Vec::new();
    for (at, letter) in group.char_indices() {
        match letter {
            ',' | '}' if depth == 0 => {
                found.push(group[start..at].trim());
                start = at + 1;
            }
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if letter == '}' && start == at + 1 {
            break;
        }
    }
    found.retain(|path| !path.is_empty());
    found
}

fn first_name(path: &str) -> String {
    let is_part = |letter: &char| letter.is_alphanumeric() || *letter == '_';
    path.chars().take_while(is_part).collect()
}

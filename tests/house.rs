//! The order of the modules in the crates that have one, where SQL stands, and who has no permit of the system.
//!
//! A crate's own page lists its modules from the lowest to the highest; each may name those before it alone, so that none
//! can be tied to another in a circle.

#![allow(clippy::unwrap_used, reason = "a folder that cannot be read fails")]

use std::fs;
use std::path::{Path, PathBuf};

/// A folder of modules and the page that lists them.
struct House {
    /// Below the workspace.
    folder: &'static str,
    page: &'static str,
    /// What stands before the name of a module.
    path: &'static str,
    /// Files and folders that put everything together or test it, and have no place.
    above: &'static [&'static str],
    /// Whether what stands in the page itself (types, macros) may be named everywhere.
    root_is_common: bool,
}

const SIGNALING: House = House {
    folder: "signaling/src",
    page: "lib.rs",
    path: "crate::",
    above: &["lib"],
    root_is_common: true,
};

const RULES: House = House {
    folder: "signaling/core/src/rules",
    page: "mod.rs",
    path: "crate::rules::",
    above: &["mod"],
    root_is_common: true,
};

const SFU_CORE: House = House {
    folder: "sfu/core/src",
    page: "lib.rs",
    path: "crate::",
    above: &["lib", "tests"],
    root_is_common: false,
};

#[test]
fn modules_name_only_those_before_them() {
    for house in [SIGNALING, RULES, SFU_CORE] {
        let order = house.order();
        let place_of = |name: &str| order.iter().position(|known| known == name);
        let mut against = Vec::new();
        let mut seen = Vec::new();
        for file in rust_files(&house.folder()) {
            let module = house.module_of(&file);
            if house.above.contains(&module.as_str()) {
                continue;
            }
            let place = place_of(&module).unwrap_or_else(|| panic!("{module} is not listed"));
            seen.push(place);
            let code = code_of(&fs::read_to_string(&file).unwrap());
            let counts = |name: &String| {
                !house.root_is_common || name.starts_with(|letter: char| letter.is_lowercase())
            };
            let above = |name: &String| place_of(name).is_none_or(|other| other > place);
            let named = names_behind(house.path, &code).into_iter().filter(counts);
            against.extend(
                named
                    .filter(above)
                    .map(|name| format!("{} names {name}", file.display())),
            );
        }
        assert!(against.is_empty(), "{against:#?}");
        let missing = (0..order.len()).find(|place| !seen.contains(place));
        assert_eq!(missing.map(|place| &order[place]), None, "it is listed");
    }
}

/// The macro by which SQL is run, and sqlx's own functions.
const SQL: [&str; 3] = ["sql!(", "sqlx::query", "query_as"];

#[test]
fn sql_stands_in_files_named_store_alone() {
    let folder = SIGNALING.folder();
    let macro_file = folder.join("platform/database/sql.rs");
    let mut stores = 0;
    for file in rust_files(&folder) {
        let code = code_of(&fs::read_to_string(&file).unwrap());
        if file == macro_file || !SQL.iter().any(|sign| code.contains(sign)) {
            continue;
        }
        assert_eq!(file.file_name().unwrap(), "store.rs", "{}", file.display());
        stores += 1;
    }
    assert!(stores > 10, "stores are found: {stores}");
}

#[test]
fn no_request_is_answered_by_the_systems_own_permit() {
    let mut doors = 0;
    for file in rust_files(&SIGNALING.folder()) {
        if file.file_name().unwrap() != "http.rs" {
            continue;
        }
        let code = code_of(&fs::read_to_string(&file).unwrap());
        assert!(!code.contains("Permit::system"), "{}", file.display());
        doors += 1;
    }
    assert!(doors > 5, "files of handlers are found: {doors}");
}

#[test]
fn names_are_read_from_paths_and_groups_but_not_from_comments() {
    let text = "use crate::room::{Member, Room};\nuse crate::{\n    peer::{Peer, Runs},\n    rtp,\n    Sfu,\n};\n\
                // crate::sdp\nlet clock = crate::track::rate(); // crate::demux\n\
                #[cfg(test)]\nmod tests {\n    use crate::outbox;\n}\n";
    assert_eq!(
        names_behind("crate::", &code_of(text)),
        ["room", "peer", "rtp", "Sfu", "track"]
    );
}

impl House {
    fn folder(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(self.folder)
    }

    /// From the lowest to the highest: the names in the items, or in the first cells of the rows, of the page's list.
    fn order(&self) -> Vec<String> {
        let page = fs::read_to_string(self.folder().join(self.page)).unwrap();
        let items = page
            .lines()
            .filter_map(|line| line.strip_prefix("//! - ").or(first_cell(line)));
        let names = items.flat_map(|item| item.split('`').skip(1).step_by(2));
        let order: Vec<String> = names.map(str::to_owned).collect();
        assert!(order.len() > 8, "modules are listed: {order:?}");
        order
    }

    /// The module, right in the folder, that a file belongs to.
    fn module_of(&self, file: &Path) -> String {
        let below = file.strip_prefix(self.folder()).unwrap();
        let first = Path::new(below.iter().next().expect("a file has a name"));
        first.with_extension("").display().to_string()
    }
}

fn first_cell(line: &str) -> Option<&str> {
    line.strip_prefix("//! | ")?.split('|').next()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}

/// A file without its comments and its own tests.
fn code_of(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let lines = code.lines().map(|line| line.split("//").next().unwrap());
    lines.collect::<Vec<&str>>().join("\n")
}

/// The first name behind each `path`, also in a group.
fn names_behind(path: &str, code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for behind in code.split(path).skip(1) {
        match behind.strip_prefix('{') {
            Some(group) => names.extend(members(group).into_iter().map(first_name)),
            None => names.push(first_name(behind)),
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

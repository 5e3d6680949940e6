//! The order of the modules.

use std::path::{Path, PathBuf};

/// Each module uses those above it alone. `AppState`, the context of every handler, is named everywhere and does not count.
const ORDER: [&str; 38] = [
    // What others rest on.
    "catalogue",
    "clock",
    "secret",
    "text",
    "descriptors",
    "authority",
    "config",
    "store",
    "error",
    "extract",
    // Who somebody is, and what they may.
    "auth",
    "authorise",
    "admission",
    "entry",
    // Outside the room.
    "chores",
    "free_time",
    "point_history",
    "jobs",
    "lapse",
    "metrics",
    // The live room.
    "sfu_link",
    "places",
    "turn",
    "tls",
    "demo",
    "board",
    "journal_writer",
    "visits",
    "recorder_child",
    "recorder_link",
    "narration",
    "room_task",
    "rooms",
    "access_watch",
    // The doors, and what puts everything together.
    "ws",
    "http",
    "state",
    "serve",
];

#[test]
fn no_module_uses_one_that_stands_on_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let place = |module: &str| ORDER.iter().position(|known| *known == module);
    let mut seen = 0;
    for file in rust_files(&root) {
        let module = module_of(file.strip_prefix(&root).unwrap());
        if module == "lib" {
            continue;
        }
        let stands = place(&module).unwrap_or_else(|| panic!("{module} has no place in the order"));
        let text = std::fs::read_to_string(&file).unwrap();
        for used in modules_named_in(&text).filter(|used| *used != module) {
            let below = place(&used).unwrap_or_else(|| panic!("{used} has no place in the order"));
            assert!(below < stands, "{} uses {used}", file.display());
            seen += 1;
        }
    }
    assert!(seen > 100, "imports are found: {seen}");
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => rust_files(&path),
            false => vec![path],
        })
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .collect()
}

/// The module below the root that a file belongs to.
fn module_of(file: &Path) -> String {
    let top = file.iter().next().unwrap().to_str().unwrap();
    top.strip_suffix(".rs").unwrap_or(top).to_owned()
}

/// The modules of this crate that a file names outside its comments and its own tests.
fn modules_named_in(text: &str) -> impl Iterator<Item = String> {
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let lines = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let code: Vec<&str> = lines.collect();
    let code = code.join("\n");
    let named: Vec<String> = code
        .split("crate::")
        .skip(1)
        .flat_map(|after| match after.strip_prefix('{') {
            Some(several) => several.split('}').next().unwrap().split(',').collect(),
            None => vec![after],
        })
        .map(|path| {
            let end = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
            path.trim().split(end).next().unwrap().to_owned()
        })
        .collect();
    let is_module = |name: &String| name.starts_with(|c: char| c.is_ascii_lowercase());
    named.into_iter().filter(is_module)
}

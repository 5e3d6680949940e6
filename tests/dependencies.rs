//! What the program is built from: one cryptography, one of each heavy library, permissive licences only.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Name, version and licence of every crate that is compiled into the product on Linux.
fn compiled() -> Vec<(String, String, String)> {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--workspace",
            "--locked",
            "--edges",
            "normal,build",
            "--prefix",
            "none",
        ])
        .args([
            "--target",
            "x86_64-unknown-linux-gnu",
            "--format",
            "{p}|{l}",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo tree runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).expect("names are text");
    let crates: BTreeSet<(String, String, String)> = text
        .lines()
        .filter_map(|line| {
            let (package, licence) = line.split_once('|')?;
            let mut words = package.split_whitespace();
            let licence = licence.trim_end_matches(" (*)").trim();
            Some((
                words.next()?.to_owned(),
                words.next()?.to_owned(),
                licence.to_owned(),
            ))
        })
        .collect();
    assert!(
        crates.len() > 100,
        "cargo tree lists the product: {} crates",
        crates.len()
    );
    crates.into_iter().collect()
}

#[test]
fn one_cryptography_and_no_foreign_tls() {
    for (name, version, _) in compiled() {
        assert!(
            !["ring", "openssl-sys", "native-tls"].contains(&name.as_str()),
            "{name} {version} is compiled in; see docs/decisions"
        );
    }
}

#[test]
fn heavy_libraries_are_there_once() {
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, version, _) in compiled() {
        versions.entry(name).or_default().insert(version);
    }
    for name in [
        "sqlx-core",
        "rustls",
        "rcgen",
        "libsqlite3-sys",
        "aws-lc-sys",
        "axum",
        "hyper",
        "str0m",
    ] {
        let found = versions.get(name).map_or(0, BTreeSet::len);
        assert_eq!(found, 1, "{name}: {:?}", versions.get(name));
    }
}

#[test]
fn licences_are_permissive() {
    const PERMISSIVE: [&str; 13] = [
        "MIT",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "ISC",
        "Zlib",
        "0BSD",
        "Unlicense",
        "CC0-1.0",
        "Unicode-3.0",
        "MIT-0",
        "BSL-1.0",
        "CDLA-Permissive-2.0",
    ];
    let passes = |licence: &str| Expression::new(licence).any_of(&PERMISSIVE);
    let refused: Vec<_> = compiled()
        .into_iter()
        .filter(|(_, _, licence)| !passes(licence))
        .collect();
    assert!(
        refused.is_empty(),
        "licences that need a look: {refused:#?}"
    );
}

/// A licence expression (SPDX), read from left to right; `/` is an old way to write `OR`.
struct Expression {
    /// Reversed, so that the next word is at the end.
    words: Vec<String>,
}

impl Expression {
    fn new(text: &str) -> Self {
        let spaced = text
            .replace('/', " OR ")
            .replace('(', " ( ")
            .replace(')', " ) ");
        Self {
            words: spaced.split_whitespace().rev().map(str::to_owned).collect(),
        }
    }

    /// Whether the licences `allowed` suffice to use the crate.
    fn any_of(&mut self, allowed: &[&str]) -> bool {
        let mut passes = self.all_of(allowed);
        while self.take("OR") {
            passes |= self.all_of(allowed);
        }
        passes
    }

    fn all_of(&mut self, allowed: &[&str]) -> bool {
        let mut passes = self.one(allowed);
        while self.take("AND") {
            passes &= self.one(allowed);
        }
        passes
    }

    fn one(&mut self, allowed: &[&str]) -> bool {
        if self.take("(") {
            let passes = self.any_of(allowed);
            return self.take(")") && passes;
        }
        let passes = self
            .words
            .pop()
            .is_some_and(|licence| allowed.contains(&licence.as_str()));
        if self.take("WITH") {
            // An exception only ever permits more.
            self.words.pop();
        }
        passes
    }

    fn take(&mut self, word: &str) -> bool {
        self.words.pop_if(|next| next == word).is_some()
    }
}

#[test]
fn licence_expressions_are_understood() {
    let passes = |text: &str| Expression::new(text).any_of(&["MIT", "ISC"]);
    assert!(passes("GPL-3.0 OR MIT"));
    assert!(passes("ISC AND (GPL-3.0 OR MIT)"));
    assert!(!passes("MIT AND GPL-3.0"));
    assert!(!passes("(MIT OR ISC) AND GPL-3.0"));
    assert!(!passes(""));
}

//! Vietnamese text: folding for search, keys for the order of names.

use std::sync::OnceLock;

use icu_collator::options::CollatorOptions;
use icu_collator::{Collator, CollatorBorrowed};
use icu_locale_core::locale;

pub use office_core::text::fold;

/// A pattern of `LIKE … ESCAPE '!'` for whatever has this text in it.
#[must_use]
pub fn like(part: &str) -> String {
    let mut pattern = String::with_capacity(part.len() + 2);
    pattern.push('%');
    for c in part.chars() {
        if matches!(c, '!' | '%' | '_') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// The key by which people are listed: by given name (the last word), then by the whole name, in Vietnamese order.
#[must_use]
pub fn name_sort_key(full_name: &str) -> Vec<u8> {
    let given = full_name.split_whitespace().next_back().unwrap_or_default();
    sort_key(&format!("{given} {full_name}"))
}

/// The key by which texts stand in Vietnamese order.
#[must_use]
pub fn sort_key(text: &str) -> Vec<u8> {
    let mut key = Vec::new();
    // Writing to a vector cannot fail; the collator's sink type is infallible for it.
    let _ = collator().write_sort_key_to(text, &mut key);
    key
}

fn collator() -> &'static CollatorBorrowed<'static> {
    static COLLATOR: OnceLock<CollatorBorrowed<'static>> = OnceLock::new();
    COLLATOR.get_or_init(|| {
        Collator::try_new(locale!("vi").into(), CollatorOptions::default())
            .expect("the data of the Vietnamese collation are compiled in")
    })
}

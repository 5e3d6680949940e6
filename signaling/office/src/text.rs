//! Text as people look for it.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Folds text for search: canonical decomposition, marks off, `đ` to `d`, lower case, runs of blanks to one.
/// "Nguyễn  Đức Ý" becomes "nguyen duc y".
#[must_use]
pub fn fold(text: &str) -> String {
    let folded: String = text
        .nfd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        // Some keyboards put the Icelandic letter where the Vietnamese one is meant; they look the same as capitals.
        .map(|c| if matches!(c, 'đ' | 'ð') { 'd' } else { c })
        .collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

//! Where a text names somebody: by their name, login, code, address or telephone.
//!
//! A text of others is searched for what names one person. Whole words count: who is called Nguyễn Văn An is not named by
//! "an toàn", and "Trường THPT Nguyễn Trãi" is no mention of somebody called Trãi.

use crate::text::fold;

/// What names somebody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traces(Vec<Trace>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Trace {
    /// In lower case, a letter for a letter.
    letters: Vec<char>,
    /// Whether it counts as the whole of a text alone, because it may be part of anything.
    is_whole: bool,
}

/// The shortest login or code that counts inside a text.
const CLEAR: usize = 5;

impl Traces {
    /// Of somebody with these names, and with these logins, codes, addresses and telephone numbers.
    #[must_use]
    pub fn of<'a>(
        names: impl IntoIterator<Item = &'a str>,
        keys: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let mut all = Vec::new();
        let mut add = |text: &str, is_whole: bool| {
            let letters = lower(text.trim());
            if !letters.is_empty() && !all.iter().any(|one: &Trace| one.letters == letters) {
                all.push(Trace { letters, is_whole });
            }
        };
        for name in names {
            let is_whole = name.split_whitespace().count() < 2;
            add(name, is_whole);
            add(&fold(name), is_whole);
        }
        for key in keys {
            add(key, key.chars().count() < CLEAR);
        }
        Self(all)
    }

    /// Whether a text names them.
    #[must_use]
    pub fn are_in(&self, text: &str) -> bool {
        let letters = lower(text);
        self.0.iter().any(|one| one.first_in(&letters, 0).is_some())
    }

    /// A text with `instead` wherever it names them; none when it does not.
    #[must_use]
    pub fn without(&self, text: &str, instead: &str) -> Option<String> {
        let mut left: Vec<char> = text.chars().collect();
        let mut found = false;
        for one in &self.0 {
            let mut from = 0;
            while let Some(at) = one.first_in(&lower_each(&left), from) {
                let new: Vec<char> = instead.chars().collect();
                from = at + new.len();
                left.splice(at..at + one.letters.len(), new);
                found = true;
            }
        }
        found.then(|| left.into_iter().collect())
    }

    /// As what they may stand in a text: as they are written, in lower case and in capitals. What a database compares letter by letter
    /// finds every text that names them by one of these, unless it mixes them.
    #[must_use]
    pub fn forms(&self) -> Vec<String> {
        let mut forms: Vec<String> = Vec::new();
        for one in &self.0 {
            let lower: String = one.letters.iter().collect();
            let title = titled(&lower);
            for form in [title, lower.to_uppercase(), lower] {
                if !forms.contains(&form) {
                    forms.push(form);
                }
            }
        }
        forms
    }
}

impl Trace {
    /// Where it stands first, not before `from`.
    fn first_in(&self, text: &[char], from: usize) -> Option<usize> {
        if self.is_whole {
            return (from == 0 && text == self.letters).then_some(0);
        }
        let places = text.windows(self.letters.len()).enumerate().skip(from);
        places
            .filter(|(_, window)| *window == self.letters)
            .map(|(at, _)| at)
            .find(|at| {
                let behind = at + self.letters.len();
                !joins_before(text, *at) && !joins_behind(text, behind)
            })
    }
}

/// Whether a word goes on to the left: "lan" in "mai.lan" is another login.
fn joins_before(text: &[char], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).and_then(|at| text.get(at)) else {
        return false;
    };
    before.is_alphanumeric() || matches!(before, '.' | '-' | '_' | '@')
}

/// Whether it goes on to the right; a full stop ends a sentence.
fn joins_behind(text: &[char], at: usize) -> bool {
    match text.get(at) {
        None => false,
        Some('.' | '-' | '_' | '@') => text.get(at + 1).is_some_and(|next| next.is_alphanumeric()),
        Some(next) => next.is_alphanumeric(),
    }
}

fn lower(text: &str) -> Vec<char> {
    text.chars().map(lower_one).collect()
}

fn lower_each(text: &[char]) -> Vec<char> {
    text.iter().copied().map(lower_one).collect()
}

/// A letter for a letter, so that places in the text stay.
fn lower_one(letter: char) -> char {
    let mut lower = letter.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => letter,
    }
}

/// Each word with a capital, as names are written.
fn titled(lower: &str) -> String {
    let mut begins = true;
    let mut title = String::new();
    for letter in lower.chars() {
        if begins {
            title.extend(letter.to_uppercase());
        } else {
            title.push(letter);
        }
        begins = letter.is_whitespace();
    }
    title
}

#[cfg(test)]
mod tests {
    use super::*;

    fn yen() -> Traces {
        Traces::of(
            ["Nguyễn Thị Yến"],
            ["yen.nt", "0117", "yen@nghean.edu.vn", "0912345678"],
        )
    }

    #[test]
    fn somebody_is_named_by_name_login_address_and_telephone_in_any_case() {
        let traces = yen();
        for text in [
            "Nguyễn Thị Yến",
            "chủ trì: nguyễn thị yến",
            "Mời bà NGUYỄN THỊ YẾN, phòng 2.",
            "nguyen thi yen",
            "giao cho yen.nt.",
            "yen@nghean.edu.vn",
            "gọi 0912345678 nhé",
            "0117",
        ] {
            assert!(traces.are_in(text), "{text}");
            let left = traces.without(text, "(đã xóa)").unwrap();
            assert!(!traces.are_in(&left), "{left}");
            assert!(left.contains("(đã xóa)"), "{left}");
        }
    }

    #[test]
    fn parts_of_other_words_name_nobody() {
        let traces = yen();
        for text in [
            "Nguyễn Thị Yếnh".to_owned(),
            "mai.yen.nt".to_owned(),
            "yen.nt2".to_owned(),
            "mã 0117 của phòng".to_owned(),
            "90912345678".to_owned(),
            String::new(),
        ] {
            assert!(!traces.are_in(&text), "{text}");
            assert_eq!(traces.without(&text, "x"), None);
        }
        let an = Traces::of(["An"], ["an"]);
        assert!(!an.are_in("an toàn") && an.are_in("an") && an.are_in("An"));
    }

    #[test]
    fn every_mention_goes_and_the_rest_stays() {
        assert_eq!(
            yen().without("Cô Nguyễn Thị Yến và yen.nt, nguyễn thị yến.", "–"),
            Some("Cô – và –, –.".to_owned())
        );
        assert!(yen().forms().contains(&"NGUYỄN THỊ YẾN".to_owned()));
        assert!(yen().forms().contains(&"Nguyen Thi Yen".to_owned()));
    }
}

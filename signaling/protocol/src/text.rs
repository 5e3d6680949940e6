//! The one door for text that comes from outside: names, titles, chat, codes and logins that somebody shows.
//!
//! What passes is in NFC, has no blanks around it, is bounded in characters as people count them, can be stored by
//! every database, and can be seen. Letting a text through a second time changes nothing.
//!
//! Three things happen to characters that carry nothing to a reader:
//!
//! - *blanks* of every kind (tab, no-break space, Braille blank) become the one space;
//! - *invisible* ones (soft hyphen, byte order mark, zero-width space between Latin letters, fillers, tags) are left
//!   out, so that two names that look the same are the same;
//! - those that can hide or rearrange what stands beside them (controls, overrides of the writing direction, piles of
//!   marks) are refused, with a [`TextFault`].

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use unicode_normalization::UnicodeNormalization as _;
use unicode_properties::{GeneralCategory, UnicodeEmoji as _, UnicodeGeneralCategory as _};
use unicode_segmentation::UnicodeSegmentation as _;

use crate::client::MAX_CHAT_CHARS;

/// A session's title, or a class's.
pub const TITLE: Rule = Rule::line(200);

/// Why something is done, for those who are told of it.
pub const REASON: Rule = Rule::line(300);

/// The name of a person, a guest, a device.
pub const NAME: Rule = Rule::line(80);

/// What somebody is at a unit, and what they teach there.
pub const POSITION: Rule = Rule::line(120);

/// What somebody would speak about.
pub const TOPIC: Rule = Rule::line(120);

/// How somebody is addressed: Ông, Bà, Đồng chí.
pub const FORM_OF_ADDRESS: Rule = Rule::line(40);

/// A line of the chat.
pub const CHAT: Rule = Rule {
    shape: Shape::Paragraphs,
    max_chars: MAX_CHAT_CHARS,
    // A third of what a frame may hold, and 8 bytes a character: letters take 1 to 3, faces 4 and more.
    max_bytes: 8 * MAX_CHAT_CHARS,
};

/// A code or login, also one that somebody shows to have something found by it.
pub const KEY: Rule = Rule::line(64);

/// Marks on one letter. Vietnamese in NFC has none or one, Hebrew with its accents five; more is a pile that covers the
/// lines above and below.
const MAX_MARKS: usize = 5;

/// Bytes of one character as people count them. The longest family of faces takes 41.
const MAX_BYTES_PER_CHAR: usize = 64;

/// Line breaks one after the other: one empty line.
const MAX_BREAKS: usize = 2;

/// How a text is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One line: runs of blanks and line breaks become one space.
    Line,
    /// Lines that are kept, at most one of them empty in a row.
    Paragraphs,
}

/// What a text must be like to pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// How it is laid out.
    pub shape: Shape,
    /// Characters as people count them: extended grapheme clusters (UAX #29).
    pub max_chars: usize,
    /// Bytes in UTF-8.
    pub max_bytes: usize,
}

/// Why a text does not pass. The words are the stable `reason` of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum TextFault {
    /// There is nothing in it that can be seen.
    #[error("there is nothing to be seen in it")]
    Empty,
    /// It has more characters than it may.
    #[error("it is too long")]
    TooLong,
    /// It has characters that cannot be stored or shown: controls, halves of characters, private ones.
    #[error("it has characters that cannot be shown")]
    Unreadable,
    /// It has characters that turn the writing direction of what follows.
    #[error("it has characters that turn the writing direction")]
    Direction,
    /// It has marks without a letter, or too many on one.
    #[error("it has marks without a letter, or piles of them")]
    Marks,
}

impl TextFault {
    /// The stable word, for example `too_long`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "too_long",
            Self::Unreadable => "unreadable",
            Self::Direction => "direction",
            Self::Marks => "marks",
        }
    }
}

impl Rule {
    /// One line of at most `max_chars` characters.
    #[must_use]
    pub const fn line(max_chars: usize) -> Self {
        Self {
            shape: Shape::Line,
            max_chars,
            // So that a title of families of faces passes.
            max_bytes: 32 * max_chars,
        }
    }

    /// The text as it may be stored, or why it may not.
    ///
    /// # Errors
    /// The first fault that is found; length is looked at last.
    pub fn admit(self, text: &str) -> Result<String, TextFault> {
        // What is this long is so without its blanks too, or is no text of a person.
        if text.len() > self.max_bytes.saturating_mul(4) {
            return Err(TextFault::TooLong);
        }
        let seen = without_the_unseen(text)?;
        let composed: Vec<char> = seen.nfc().collect();
        check_marks(&composed)?;
        let laid_out = self.lay_out(&composed);
        if !laid_out.chars().any(is_seen) {
            return Err(TextFault::Empty);
        }
        let mut chars = 0;
        for cluster in laid_out.graphemes(true) {
            if cluster.len() > MAX_BYTES_PER_CHAR {
                return Err(TextFault::Marks);
            }
            chars += 1;
        }
        if chars > self.max_chars || laid_out.len() > self.max_bytes {
            return Err(TextFault::TooLong);
        }
        Ok(laid_out)
    }

    /// Blanks and line breaks as the shape wants them, none at either end.
    fn lay_out(self, text: &[char]) -> String {
        let mut out = String::new();
        let mut blanks = 0;
        let mut breaks = 0;
        for &c in text {
            match c {
                ' ' => blanks += 1,
                '\n' => breaks += 1,
                _ => {
                    let begins = out.is_empty();
                    match self.shape {
                        _ if begins => {}
                        Shape::Line if blanks + breaks > 0 => out.push(' '),
                        Shape::Paragraphs if breaks > 0 => {
                            out.extend(std::iter::repeat_n('\n', breaks.min(MAX_BREAKS)));
                        }
                        Shape::Paragraphs => out.extend(std::iter::repeat_n(' ', blanks)),
                        Shape::Line => {}
                    }
                    (blanks, breaks) = (0, 0);
                    out.push(c);
                }
            }
        }
        out
    }
}

/// A code or login as it may be looked up; none when nothing can be stored under it, so that there is no such thing.
#[must_use]
pub fn key(shown: &str) -> Option<String> {
    KEY.admit(shown).ok()
}

/// The text with a replacement character for each that no database or terminal should get: for what is kept whatever it
/// is, for example the last words of a child process.
#[must_use]
pub fn storable(text: &str) -> String {
    let keep = |c: char| matches!(c, '\n' | '\t') || !c.is_control();
    text.chars()
        .map(|c| {
            if keep(c) {
                c
            } else {
                char::REPLACEMENT_CHARACTER
            }
        })
        .collect()
}

/// What of a text can be drawn on one line, at most `max_chars` of it: for names that came in before this door was
/// there, or by another way. It lets through what the door lets through, leaves out what it would refuse, and is in NFC.
#[must_use]
pub fn drawable(text: &str, max_chars: usize) -> String {
    let admitted = |c: char| match fate(c) {
        Fate::Refuse(_) => String::new(),
        _ => c.to_string(),
    };
    let plain: String = text.chars().map(admitted).collect();
    let seen = without_the_unseen(&plain).unwrap_or_default();
    let mut marks = MAX_MARKS;
    let mut composed: Vec<char> = seen.nfc().collect();
    composed.retain(|c| {
        if is_mark(*c) {
            marks += 1;
        } else if c.is_whitespace() {
            marks = MAX_MARKS;
        } else if is_seen(*c) {
            marks = 0;
        }
        !is_mark(*c) || marks <= MAX_MARKS
    });
    let laid_out = Rule::line(max_chars).lay_out(&composed);
    laid_out.graphemes(true).take(max_chars).collect()
}

/// Characters as people count them.
#[must_use]
pub fn length(text: &str) -> usize {
    text.graphemes(true).count()
}

/// Whether a JSON text has half a character in one of its strings: one surrogate of a pair in a `\u` escape (RFC 8259,
/// section 8.2). JavaScript writes that when a text was cut within a face.
#[must_use]
pub fn has_half_character(json: &str) -> bool {
    let bytes = json.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte != b'\\' {
            at += 1;
            continue;
        }
        match unit_of(bytes, at) {
            Some(0xD800..0xDC00) => match unit_of(bytes, at + 6) {
                Some(0xDC00..0xE000) => at += 12,
                _ => return true,
            },
            Some(0xDC00..0xE000) => return true,
            Some(_) => at += 6,
            None => at += 2,
        }
    }
    false
}

/// The UTF-16 unit that the escape at `at` stands for, if there is a `\uXXXX`.
fn unit_of(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// What becomes of a character, whatever stands beside it.
enum Fate {
    Keep,
    Blank,
    Break,
    LeaveOut,
    /// Joins or parts what stands beside it, where that means something.
    Joiner,
    /// Chooses how the character before it looks.
    Variation,
    Refuse(TextFault),
}

fn fate(c: char) -> Fate {
    match c {
        // Before the controls: these are the ones that people type.
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Fate::Break,
        // Braille blank and Egyptian blanks are drawn as nothing.
        '\u{2800}' | '\u{13441}' | '\u{13442}' => Fate::Blank,
        c if c.is_whitespace() => Fate::Blank,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => Fate::Refuse(TextFault::Direction),
        '\u{200b}'..='\u{200d}' => Fate::Joiner,
        '\u{fe00}'..='\u{fe0f}' => Fate::Variation,
        // Invisible, though they are letters or marks by their category (Default_Ignorable_Code_Point).
        '\u{34f}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{2065}'
        | '\u{3164}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fff8}'
        | '\u{16fe4}'
        | '\u{1d159}'
        | '\u{e0000}'..='\u{e0fff}' => Fate::LeaveOut,
        // The place of a picture that was copied along.
        '\u{fffc}' => Fate::LeaveOut,
        // Signs before numbers and verses, seen although they are formats.
        '\u{600}'..='\u{605}'
        | '\u{6dd}'
        | '\u{70f}'
        | '\u{890}'..='\u{891}'
        | '\u{8e2}'
        | '\u{110bd}'
        | '\u{110cd}' => Fate::Keep,
        c if u32::from(c) & 0xFFFE == 0xFFFE || matches!(c, '\u{fdd0}'..='\u{fdef}') => {
            Fate::Refuse(TextFault::Unreadable)
        }
        c => match c.general_category() {
            GeneralCategory::Control | GeneralCategory::PrivateUse => {
                Fate::Refuse(TextFault::Unreadable)
            }
            GeneralCategory::Format => Fate::LeaveOut,
            _ => Fate::Keep,
        },
    }
}

/// The text with every blank a space, every line break `\n`, and without what nobody sees.
fn without_the_unseen(text: &str) -> Result<String, TextFault> {
    let text = text.replace("\r\n", "\n");
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match fate(c) {
            Fate::Keep => out.push(c),
            Fate::Blank => out.push(' '),
            Fate::Break => out.push('\n'),
            Fate::LeaveOut => {}
            Fate::Joiner => {
                let before = out.chars().next_back();
                if before
                    .zip(chars.peek().copied())
                    .is_some_and(|(before, after)| joins(c, before, after))
                {
                    out.push(c);
                }
            }
            Fate::Variation => {
                let on_something = |c: char| {
                    !c.is_whitespace() && !matches!(fate(c), Fate::Variation | Fate::Joiner)
                };
                if out.chars().next_back().is_some_and(on_something) {
                    out.push(c);
                }
            }
            Fate::Refuse(fault) => return Err(fault),
        }
    }
    Ok(out)
}

/// Whether a joiner between two characters says something: it makes one face of two, and forms letters of the scripts
/// from Hebrew on. Between Latin letters it would only hide in a name.
fn joins(joiner: char, before: char, after: char) -> bool {
    let face = |c: char| c.is_emoji_char() && !c.is_ascii();
    let far = |c: char| c >= '\u{590}' && (c.is_alphabetic() || is_mark(c));
    if !matches!(fate(after), Fate::Keep) {
        return false;
    }
    (joiner == '\u{200d}' && (face(before) || before == '\u{fe0f}') && face(after))
        || (far(before) && far(after))
}

/// Whether a character is drawn onto the one before it.
fn is_mark(c: char) -> bool {
    matches!(
        c.general_category(),
        GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark
    ) && !matches!(fate(c), Fate::Variation)
}

/// Whether a character by itself leaves something on the screen.
fn is_seen(c: char) -> bool {
    !c.is_whitespace() && !is_mark(c) && !matches!(fate(c), Fate::Variation | Fate::Joiner)
}

fn check_marks(text: &[char]) -> Result<(), TextFault> {
    let mut marks = MAX_MARKS;
    for &c in text {
        if is_mark(c) {
            marks += 1;
            if marks > MAX_MARKS {
                return Err(TextFault::Marks);
            }
        } else if c.is_whitespace() {
            // The next mark would have nothing to stand on.
            marks = MAX_MARKS;
        } else if is_seen(c) {
            marks = 0;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_is_composed_trimmed_and_on_one_line() {
        let name = "  Nguye\u{302}\u{303}n\u{a0}\tThị\r\n Yến ";
        assert_eq!(NAME.admit(name).as_deref(), Ok("Nguyễn Thị Yến"));
        assert_eq!(
            CHAT.admit(" một \r\n\r\n\n\nhai  ba\u{2028}bốn ")
                .as_deref(),
            Ok("một\n\nhai  ba\nbốn")
        );
    }

    #[test]
    fn length_is_counted_as_people_count() {
        let family = "👨\u{200d}👩\u{200d}👧\u{200d}👦";
        let flag = "🇻🇳";
        let thumb = "👍🏽";
        assert_eq!(length(&format!("{family}{flag}{thumb}ệ")), 4);
        assert_eq!(TITLE.admit(&family.repeat(200)), Ok(family.repeat(200)));
        assert_eq!(TITLE.admit(&family.repeat(201)), Err(TextFault::TooLong));
        assert_eq!(TITLE.admit(&"ệ".repeat(200)), Ok("ệ".repeat(200)));
        // Decomposed, the same letters are three code points each.
        assert_eq!(
            TITLE.admit(&"e\u{323}\u{302}".repeat(200)),
            Ok("ệ".repeat(200))
        );
        assert_eq!(TITLE.admit(&"ệ".repeat(201)), Err(TextFault::TooLong));
        assert_eq!(TITLE.admit(&"x".repeat(1_000_000)), Err(TextFault::TooLong));
    }

    #[test]
    fn what_is_drawn_is_what_passes_the_door_and_nothing_else() {
        for (text, drawn) in [
            ("Nguye\u{302}\u{303}n Tra\u{303}i", "Nguyễn Trãi"),
            ("a\0b\u{7}c\u{1b}[31m", "abc[31m"),
            ("tê\u{202e}gnp.txt\u{2066}", "têgnp.txt"),
            (
                "\u{301}\u{302}Z\u{335}\u{336}\u{337}\u{338}\u{334}\u{1d167}",
                "Z\u{335}\u{336}\u{337}\u{338}\u{334}",
            ),
            ("  hai\n dòng\u{feff} ", "hai dòng"),
            ("\u{e000}\u{fdd0}\u{3164}", ""),
            ("👩\u{200d}🏫🇻🇳 lớp 5", "👩\u{200d}🏫🇻🇳 lớp 5"),
        ] {
            let found = drawable(text, 80);
            assert_eq!(found, drawn);
            assert!(
                found.is_empty() || Rule::line(80).admit(&found).is_ok(),
                "{found:?}"
            );
        }
        assert_eq!(drawable(&"ế".repeat(99), 80), "ế".repeat(80));
    }

    #[test]
    fn nothing_to_be_seen_is_empty() {
        for text in [
            "",
            "   ",
            "\u{3164}",
            "\u{2800}\u{2800}",
            "\u{ad}",
            "\u{200d}",
            "\u{200b}\u{200c}\u{feff}\u{2060}",
            "\u{115f}\u{1160}",
            "\u{e0041}\u{e0042}\u{e007f}",
            "\u{fe0f}",
            "\u{200e}\u{200f}\u{61c}",
            "\u{180e}\u{3000}\u{2003}",
            "\u{1d173}\u{1d174}",
            "\u{34f}",
            "\u{fffc}",
        ] {
            assert_eq!(NAME.admit(text), Err(TextFault::Empty), "{text:?}");
            assert_eq!(CHAT.admit(text), Err(TextFault::Empty), "{text:?}");
        }
    }

    #[test]
    fn what_cannot_be_stored_or_shown_is_refused() {
        for text in [
            "a\0b",
            "a\u{7}",
            "a\u{1b}[31m",
            "a\u{7f}",
            "a\u{9b}",
            "a\u{fffe}",
            "a\u{fdd0}",
            "a\u{10ffff}",
            "a\u{e000}",
        ] {
            assert_eq!(NAME.admit(text), Err(TextFault::Unreadable), "{text:?}");
        }
        for text in ["a\u{202e}b", "a\u{2066}b\u{2069}", "a\u{202a}"] {
            assert_eq!(NAME.admit(text), Err(TextFault::Direction), "{text:?}");
        }
        for text in [
            "\u{301}",
            "a \u{301}",
            "\u{200d}\u{20e3}",
            &format!("Z{}", "\u{30d}".repeat(6)),
            &format!("👨{}", "\u{200d}👨".repeat(30)),
            &"\u{1100}".repeat(40),
        ] {
            assert_eq!(NAME.admit(text), Err(TextFault::Marks), "{text:?}");
        }
    }

    #[test]
    fn invisible_characters_do_not_make_two_names_of_one() {
        for text in [
            "Chủ\u{200b} trì",
            "Chủ trì\u{feff}",
            "C\u{ad}hủ trì",
            "Chủ\u{200d} trì",
            "Chủ tr\u{200c}ì",
            "Chủ\u{2060} \u{200e}trì\u{3164}",
            "Chủ trì\u{e0061}",
        ] {
            assert_eq!(NAME.admit(text).as_deref(), Ok("Chủ trì"), "{text:?}");
        }
    }

    #[test]
    fn faces_and_far_scripts_keep_their_joiners() {
        for text in [
            "👩\u{200d}🏫 đọc",
            "❤\u{fe0f}\u{200d}🔥",
            "می\u{200c}خواهم",
            "1\u{fe0f}\u{20e3}",
            "ภาษาไทย",
            "ខ្មែរ",
        ] {
            assert_eq!(NAME.admit(text).as_deref(), Ok(text), "{text:?}");
        }
    }

    #[test]
    fn half_a_character_in_json_is_noticed() {
        for json in [
            r#"{"text":"\ud83d"}"#,
            r#""\udc4d""#,
            r#""\ud83d\u0061""#,
            r#""\uD83Dx""#,
            r#""\ud83d\\udc4d""#,
        ] {
            assert!(has_half_character(json), "{json}");
            assert!(serde_json::from_str::<serde_json::Value>(json).is_err());
        }
        for json in [
            r#""\ud83d\udc4d""#,
            r#""\\ud83d""#,
            r#""\u0041""#,
            r#""\""#,
            "\"👍\"",
            "\\",
            "\\u12",
        ] {
            assert!(!has_half_character(json), "{json}");
        }
    }

    #[test]
    fn key_finds_what_was_stored_or_nothing() {
        assert_eq!(key(" GB-01\u{200b} ").as_deref(), Some("GB-01"));
        assert_eq!(key("GB\0-01"), None);
        assert_eq!(key(&"x".repeat(65)), None);
        assert_eq!(key("\u{2800}"), None);
    }

    #[test]
    fn what_is_kept_whatever_it_is_can_be_stored() {
        assert_eq!(
            storable("lỗi\0:\u{1b}[31m\tđĩa\n"),
            "lỗi\u{fffd}:\u{fffd}[31m\tđĩa\n"
        );
    }

    proptest! {
        #[test]
        fn what_passed_once_passes_unchanged(text in "\\PC*|[\\x00-\\x7f]*|[\u{300}-\u{36f}a-e \u{200b}-\u{200f}\u{fe0f}\u{1f468}\u{2028}\n]{0,40}") {
            for rule in [TITLE, NAME, CHAT] {
                if let Ok(once) = rule.admit(&text) {
                    prop_assert_eq!(rule.admit(&once), Ok(once.clone()));
                    prop_assert!(length(&once) <= rule.max_chars && once.len() <= rule.max_bytes);
                    prop_assert!(!once.contains('\0'));
                }
            }
        }

        #[test]
        fn json_with_half_a_character_is_what_serde_refuses(units in proptest::collection::vec(0xD700_u16..0xE100, 0..6)) {
            let escaped: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            let json = format!("\"{escaped}\"");
            prop_assert_eq!(has_half_character(&json), serde_json::from_str::<String>(&json).is_err());
        }
    }
}

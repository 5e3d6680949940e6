//! What values the settings take that a department changes while the server runs, and which year a target is of.

use protocol::Day;
use protocol::api::{SettingGroup, SettingKey, SettingShape, SettingUnit, SettingValue};
use protocol::client::SessionKind;
use protocol::text::{Rule, TextFault};

use crate::days;
use SettingKey as Key;

/// Those of the page, in its order.
pub const SETTINGS: &[Key] = &[
    Key::EarlyMinutes,
    Key::MaxInteractive,
    Key::MaxReceiveOnly,
    Key::LinkHoursAfterEnd,
    Key::GuestReplayDays,
    Key::SessionKind,
    Key::SessionMinutes,
    Key::AutoRecord,
    Key::SignInHours,
    Key::MeetingRecordingDays,
    Key::BriefingRecordingDays,
    Key::ConferenceRecordingDays,
    Key::SeminarRecordingDays,
    Key::TrainingRecordingDays,
    Key::ClassObservationRecordingDays,
    Key::LinkSampleDays,
    Key::SignInDays,
    Key::DepartmentName,
    Key::DepartmentShortName,
];

/// Those that are set by year, in the order of the page.
pub const TARGETS: &[Key] = &[
    Key::OnlineMeetingRate,
    Key::BlendedClassRate,
    Key::BlendedContentRate,
    Key::TeacherCoverage,
];

/// The name of a department, as long as that of a unit.
const NAME: Rule = Rule::line(160);
/// A name that stands on one or two lines of a header.
const SHORT_NAME: Rule = Rule::line(32);

/// The kinds of session.
const KINDS: &[&str] = &[
    "meeting",
    "briefing",
    "conference",
    "seminar",
    "training",
    "class_observation",
];
/// What is recorded by itself.
const AUTO_RECORD: &[&str] = &[
    "never",
    "conferences",
    "conferences_and_trainings",
    "always",
];

/// What values a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A whole number, from the first to the second.
    Number(u32, u32, SettingUnit),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A text.
    Text(Rule),
}

/// Why a setting does not take a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadValue {
    /// It is no whole number between these.
    Number {
        /// The least.
        least: u32,
        /// The most.
        most: u32,
    },
    /// It is none of these words.
    Word(&'static [&'static str]),
    /// It cannot be taken as a text of at most so many characters.
    Text(TextFault, usize),
}

/// What values a setting takes.
#[must_use]
pub const fn shape(key: Key) -> Shape {
    use SettingUnit::{Days, Hours, Minutes, Percent, Places};
    match key {
        Key::EarlyMinutes => Shape::Number(0, 1_440, Minutes),
        // A main point, one that it meets, and the places kept for chair and secretary.
        Key::MaxInteractive => Shape::Number(4, 500, Places),
        Key::MaxReceiveOnly => Shape::Number(0, 5_000, Places),
        Key::LinkHoursAfterEnd => Shape::Number(0, 72, Hours),
        Key::GuestReplayDays => Shape::Number(0, 365, Days),
        Key::SessionKind => Shape::Choice(KINDS),
        Key::SessionMinutes => Shape::Number(15, 720, Minutes),
        Key::AutoRecord => Shape::Choice(AUTO_RECORD),
        Key::SignInHours => Shape::Number(1, 720, Hours),
        Key::LinkSampleDays => Shape::Number(1, 3_660, Days),
        Key::SignInDays => Shape::Number(7, 3_660, Days),
        Key::MeetingRecordingDays
        | Key::BriefingRecordingDays
        | Key::ConferenceRecordingDays
        | Key::SeminarRecordingDays
        | Key::TrainingRecordingDays
        | Key::ClassObservationRecordingDays => Shape::Number(7, 36_525, Days),
        Key::DepartmentName => Shape::Text(NAME),
        Key::DepartmentShortName => Shape::Text(SHORT_NAME),
        Key::OnlineMeetingRate
        | Key::BlendedClassRate
        | Key::BlendedContentRate
        | Key::TeacherCoverage => Shape::Number(0, 100, Percent),
    }
}

/// Where a setting stands on the page.
#[must_use]
pub const fn group(key: Key) -> SettingGroup {
    match key {
        Key::EarlyMinutes
        | Key::MaxInteractive
        | Key::MaxReceiveOnly
        | Key::LinkHoursAfterEnd
        | Key::GuestReplayDays => SettingGroup::Sessions,
        Key::SessionKind | Key::SessionMinutes | Key::AutoRecord => SettingGroup::NewSessions,
        Key::SignInHours => SettingGroup::SignIn,
        Key::LinkSampleDays
        | Key::SignInDays
        | Key::MeetingRecordingDays
        | Key::BriefingRecordingDays
        | Key::ConferenceRecordingDays
        | Key::SeminarRecordingDays
        | Key::TrainingRecordingDays
        | Key::ClassObservationRecordingDays => SettingGroup::Retention,
        Key::DepartmentName | Key::DepartmentShortName => SettingGroup::Branding,
        Key::OnlineMeetingRate
        | Key::BlendedClassRate
        | Key::BlendedContentRate
        | Key::TeacherCoverage => SettingGroup::Targets,
    }
}

/// The setting that says how long the recordings of a kind of session are kept.
#[must_use]
pub const fn recording_days(kind: SessionKind) -> Key {
    match kind {
        SessionKind::Meeting => Key::MeetingRecordingDays,
        SessionKind::Briefing => Key::BriefingRecordingDays,
        SessionKind::Conference => Key::ConferenceRecordingDays,
        SessionKind::Seminar => Key::SeminarRecordingDays,
        SessionKind::Training => Key::TrainingRecordingDays,
        SessionKind::ClassObservation => Key::ClassObservationRecordingDays,
    }
}

/// A value as a setting takes it.
///
/// # Errors
/// What it would take.
pub fn admit(key: Key, value: &SettingValue) -> Result<SettingValue, BadValue> {
    match (shape(key), value) {
        (Shape::Number(least, most, _), value) => match value {
            SettingValue::Number(number)
                if (i64::from(least)..=i64::from(most)).contains(number) =>
            {
                Ok(value.clone())
            }
            _ => Err(BadValue::Number { least, most }),
        },
        (Shape::Choice(words), value) => match value {
            SettingValue::Text(word) if words.contains(&word.as_str()) => Ok(value.clone()),
            _ => Err(BadValue::Word(words)),
        },
        (Shape::Text(rule), SettingValue::Text(text)) => match rule.admit(text) {
            Ok(text) => Ok(SettingValue::Text(text)),
            Err(fault) => Err(BadValue::Text(fault, rule.max_chars)),
        },
        (Shape::Text(rule), SettingValue::Number(_)) => {
            Err(BadValue::Text(TextFault::Unreadable, rule.max_chars))
        }
    }
}

impl From<Shape> for SettingShape {
    fn from(shape: Shape) -> Self {
        match shape {
            Shape::Number(least, most, unit) => Self::Number { least, most, unit },
            Shape::Choice(words) => Self::Choice {
                words: words.iter().map(ToString::to_string).collect(),
            },
            Shape::Text(rule) => Self::Text {
                limit: u32::try_from(rule.max_chars).unwrap_or(u32::MAX),
            },
        }
    }
}

/// The first and the last day that reports of a year are about: a year of reports ends on 14 December.
#[must_use]
pub fn report_year(year: u32) -> Option<(Day, Day)> {
    let year = i64::from(year);
    Some((days::of(year - 1, 12, 15)?, days::of(year, 12, 14)?))
}

/// The year whose reports a day is in.
#[must_use]
pub fn report_year_of(today: &Day) -> u32 {
    let year = today.0.get(..4).and_then(|year| year.parse().ok());
    let year = year.unwrap_or(2000);
    match report_year(year) {
        Some((_, last)) if *today > last => year + 1,
        _ => year,
    }
}

/// How many years before the present one targets may be set for, and how many after it.
pub const YEARS_BACK: u32 = 2;
/// As above.
pub const YEARS_AHEAD: u32 = 9;

#[cfg(test)]
mod tests {
    use super::*;

    fn number(value: i64) -> SettingValue {
        SettingValue::Number(value)
    }

    fn text(value: &str) -> SettingValue {
        SettingValue::Text(value.to_owned())
    }

    #[test]
    fn number_is_taken_within_its_bounds_and_is_no_text() {
        assert!(admit(Key::EarlyMinutes, &number(0)).is_ok());
        assert!(admit(Key::EarlyMinutes, &number(1_440)).is_ok());
        let refused = BadValue::Number {
            least: 0,
            most: 1_440,
        };
        for value in [
            number(-1),
            number(1_441),
            number(i64::MAX),
            text("45"),
            text(""),
        ] {
            assert_eq!(admit(Key::EarlyMinutes, &value), Err(refused), "{value:?}");
        }
    }

    #[test]
    fn words_are_those_that_the_wire_knows() {
        for word in KINDS {
            let kind = serde::de::value::StrDeserializer::<serde::de::value::Error>::new(word);
            let kind = <SessionKind as serde::Deserialize>::deserialize(kind);
            assert!(kind.is_ok(), "{word}");
        }
        for word in AUTO_RECORD {
            let known = serde::de::value::StrDeserializer::<serde::de::value::Error>::new(word);
            let known = <protocol::api::AutoRecord as serde::Deserialize>::deserialize(known);
            assert!(known.is_ok(), "{word}");
        }
        assert_eq!(
            admit(Key::SessionKind, &text("party")),
            Err(BadValue::Word(KINDS))
        );
    }

    #[test]
    fn name_passes_the_door_for_text() {
        assert_eq!(
            admit(Key::DepartmentName, &text("  Sở  GD&ĐT ")),
            Ok(text("Sở GD&ĐT"))
        );
        assert_eq!(
            admit(Key::DepartmentShortName, &text(&"ộ".repeat(33))),
            Err(BadValue::Text(TextFault::TooLong, 32))
        );
        assert!(admit(Key::DepartmentName, &number(7)).is_err());
    }

    #[test]
    fn every_setting_is_on_the_page_once() {
        let mut all: Vec<_> = SETTINGS.iter().chain(TARGETS).collect();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
        for key in TARGETS {
            assert_eq!(group(*key), SettingGroup::Targets);
        }
        for key in SETTINGS {
            assert_ne!(group(*key), SettingGroup::Targets);
        }
    }

    #[test]
    fn year_of_reports_ends_on_the_fourteenth_of_december() {
        let day = |text: &str| Day(text.to_owned());
        let year = (day("2025-12-15"), day("2026-12-14"));
        assert_eq!(report_year(2026), Some(year));
        for (today, year) in [
            ("2025-12-14", 2025),
            ("2025-12-15", 2026),
            ("2026-12-14", 2026),
            ("2026-12-15", 2027),
        ] {
            assert_eq!(report_year_of(&day(today)), year, "{today}");
        }
    }
}

//! Both directions of a link in words, for a command line.

use std::str::FromStr;
use std::time::Duration;

use crate::{Bursts, Conditions, Schedule};

/// Both directions of a link, seen from the client: `down` is what it receives.
///
/// In words: clauses separated by `;`, each with an optional `up` or `down` (otherwise both), an optional time from
/// which it holds, and what changes then. What a clause does not name stays as it was.
///
/// ```text
/// delay 20ms loss 3%; down rate 4M queue 300ms; down @10s rate 400k; down @40s rate 4M
/// ```
/// Words: `loss 3%`, `bursts 2%x4` (share and mean length in packets), `delay 20ms`, `jitter 20ms`, `rate 400k`,
/// `queue 300ms`, `reordered 1%` with `held 10ms`, `perfect`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Profile {
    /// From the server to the client.
    pub down: Schedule,
    /// From the client to the server.
    pub up: Schedule,
}

/// The profiles that have names.
const NAMED: [(&str, &str); 3] = [
    ("lossy", "delay 20ms; down jitter 20ms loss 5% bursts 2%x4"),
    (
        "squeeze",
        "delay 20ms; down rate 4M queue 300ms; down @20s rate 400k; down @40s rate 4M",
    ),
    (
        "poor",
        "delay 150ms loss 3%; down rate 256k queue 300ms; up rate 128k queue 300ms",
    ),
];

/// Why a profile cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// A word that means nothing here.
    #[error("\"{0}\" is neither a named profile nor a word of one")]
    UnknownWord(String),
    /// A word without its value, or a value of another kind.
    #[error("\"{0}\" needs a value like {1}, not \"{2}\"")]
    BadValue(String, &'static str, String),
}

impl Profile {
    /// A profile by name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let (_, words) = NAMED.iter().find(|(known, _)| *known == name)?;
        words.parse().ok()
    }

    /// The names, and what each stands for.
    pub fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
        NAMED.into_iter()
    }
}

impl FromStr for Profile {
    type Err = ProfileError;

    fn from_str(text: &str) -> Result<Self, ProfileError> {
        if let Some((_, words)) = NAMED.iter().find(|(name, _)| *name == text.trim()) {
            return words.parse();
        }
        let mut profile = Self::default();
        for clause in text.split(';') {
            let mut words: Vec<&str> = clause.split_whitespace().collect();
            let directions = match words.first().copied() {
                Some("up") => [false, true],
                Some("down") => [true, false],
                Some(_) => [true, true],
                None => continue,
            };
            if directions != [true, true] {
                words.remove(0);
            }
            let from = match words.first().and_then(|word| word.strip_prefix('@')) {
                Some(from) => {
                    let from = duration("@", from)?;
                    words.remove(0);
                    from
                }
                None => Duration::ZERO,
            };
            for (wanted, schedule) in directions
                .into_iter()
                .zip([&mut profile.down, &mut profile.up])
            {
                if wanted {
                    let before = schedule
                        .iter()
                        .rev()
                        .find(|(at, _)| *at <= from)
                        .map_or_else(Conditions::default, |(_, conditions)| *conditions);
                    let after = change(before, &words)?;
                    schedule.retain(|(at, _)| *at != from);
                    schedule.push((from, after));
                    schedule.sort_by_key(|(at, _)| *at);
                }
            }
        }
        Ok(profile)
    }
}

fn change(mut conditions: Conditions, words: &[&str]) -> Result<Conditions, ProfileError> {
    let mut words = words.iter().copied();
    while let Some(word) = words.next() {
        if word == "perfect" {
            conditions = Conditions::default();
            continue;
        }
        let value = words.next().unwrap_or_default();
        match word {
            "loss" => conditions.loss = share(word, value)?,
            "bursts" => {
                let (of, length) = value.split_once('x').unwrap_or((value, ""));
                let length = length.parse::<f64>().ok().filter(|length| *length >= 1.0);
                let length = length.ok_or_else(|| bad(word, "2%x4", value))?;
                conditions.bursts = Some(Bursts {
                    share: share(word, of)?,
                    length,
                });
            }
            "delay" => conditions.delay = duration(word, value)?,
            "jitter" => conditions.jitter = duration(word, value)?,
            "rate" => conditions.rate_bps = Some(rate(word, value)?),
            "queue" => conditions.queue = duration(word, value)?,
            "reordered" => conditions.reordered = share(word, value)?,
            "held" => conditions.held_back = duration(word, value)?,
            _ => return Err(ProfileError::UnknownWord(word.to_owned())),
        }
    }
    Ok(conditions)
}

fn bad(word: &str, like: &'static str, value: &str) -> ProfileError {
    ProfileError::BadValue(word.to_owned(), like, value.to_owned())
}

fn share(word: &str, value: &str) -> Result<f64, ProfileError> {
    value
        .strip_suffix('%')
        .and_then(|percent| percent.parse::<f64>().ok())
        .filter(|percent| (0.0..100.0).contains(percent))
        .map(|percent| percent / 100.0)
        .ok_or_else(|| bad(word, "3%", value))
}

fn duration(word: &str, value: &str) -> Result<Duration, ProfileError> {
    let number = |unit: &str| value.strip_suffix(unit)?.parse::<u64>().ok();
    number("ms")
        .map(Duration::from_millis)
        .or_else(|| number("s").map(Duration::from_secs))
        .ok_or_else(|| bad(word, "20ms or 10s", value))
}

fn rate(word: &str, value: &str) -> Result<u64, ProfileError> {
    let number = |unit: &str, bps: f64| {
        let number = value.strip_suffix(unit)?.parse::<f64>().ok()?;
        Some((number * bps) as u64)
    };
    number("k", 1e3)
        .or_else(|| number("M", 1e6))
        .filter(|bps| *bps > 0)
        .ok_or_else(|| bad(word, "400k or 4M", value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_change_what_they_name_and_keep_the_rest() {
        let profile: Profile = "delay 20ms loss 3%; down rate 4M queue 300ms; down @10s rate 400k"
            .parse()
            .unwrap();
        assert_eq!(profile.up.len(), 1);
        assert_eq!(profile.up[0].1.rate_bps, None);
        assert_eq!(profile.down.len(), 2);
        let (from, later) = profile.down[1];
        assert_eq!(from, Duration::from_secs(10));
        assert_eq!(later.rate_bps, Some(400_000));
        assert_eq!(later.delay, Duration::from_millis(20));
        assert!((later.loss - 0.03).abs() < 1e-9);
        assert_eq!(later.queue, Duration::from_millis(300));
    }

    #[test]
    fn every_named_profile_can_be_read() {
        for (name, words) in Profile::names() {
            assert_eq!(Profile::named(name), words.parse().ok(), "{name}");
            assert_eq!(name.parse::<Profile>().ok(), Profile::named(name));
        }
        let lossy = Profile::named("lossy").unwrap();
        assert_eq!(
            lossy.down[0].1.bursts,
            Some(Bursts {
                share: 0.02,
                length: 4.0
            })
        );
    }

    #[test]
    fn mistakes_are_named() {
        let error = |text: &str| text.parse::<Profile>().unwrap_err().to_string();
        assert!(error("los 3%").contains("los"));
        assert!(error("loss 3").contains("3%"));
        assert!(error("delay").contains("20ms"));
        assert!(error("bursts 2%x0.5").contains("2%x4"));
        assert!(error("rate 0k").contains("400k"));
    }
}

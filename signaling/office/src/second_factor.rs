//! The second factor: which code of which moment is accepted, and what recovery codes look like.
//!
//! Codes are those of RFC 6238: six digits that an application makes of a secret and of how many times 30 seconds have passed
//! since 1970, its *step*.

use protocol::UtcMicros;

use crate::accounts::{grouped, ungrouped};

/// How long a code holds, in microseconds.
const STEP_US: i64 = 30_000_000;

/// How many steps a phone's clock may be off, and a person slow (RFC 6238, 5.2): the code before and the one after are taken.
const ACCEPTED_STEPS: i64 = 1;

/// How many steps off a code is recognised as one of a clock that is wrong, to say so. It is not accepted.
const RECOGNISED_STEPS: i64 = 5;

/// How many digits a code has.
pub const DIGITS: usize = 6;

/// How many recovery codes somebody has at first.
pub const RECOVERY_CODES: usize = 10;

/// How many letters a recovery code has: 60 bits, because it is good until it is used.
pub const RECOVERY_LENGTH: usize = 12;

/// The step of a moment.
#[must_use]
pub const fn step_at(moment: UtcMicros) -> i64 {
    moment.0.div_euclid(STEP_US)
}

/// The digits that an HMAC makes (RFC 4226, 5.3); none when it is shorter than one of SHA-1.
#[must_use]
pub fn digits_of(mac: &[u8]) -> Option<String> {
    let last = mac.get(19)?;
    let at = usize::from(last & 0x0f);
    let four: [u8; 4] = mac.get(at..at + 4)?.try_into().ok()?;
    let number = (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000;
    Some(format!("{number:06}"))
}

/// What somebody shows as their second factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// The digits of an application.
    Digits(String),
    /// The letters of a recovery code.
    Recovery(String),
}

/// Reads what was typed, however it is grouped; none when it can be neither.
#[must_use]
pub fn read(typed: &str) -> Option<Shown> {
    let plain = |c: &char| !c.is_whitespace() && *c != '-';
    let digits: String = typed.chars().filter(plain).take(DIGITS + 1).collect();
    if digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Shown::Digits(digits));
    }
    ungrouped(typed, RECOVERY_LENGTH).map(Shown::Recovery)
}

/// The recovery code that random bytes make, in three groups of four: `7KQ4 MW2P XH3R`.
#[must_use]
pub fn recovery_code_of(random: [u8; RECOVERY_LENGTH]) -> String {
    grouped(&random)
}

/// What six digits are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The code of this step, which is accepted if no code of it or of a later one was.
    Right(i64),
    /// A code of a step that was accepted before, or of an earlier one.
    Used,
    /// A code of another time: the clock of the phone is so many seconds ahead, or behind when it is less than nothing.
    ClockOff(i64),
    /// None of these.
    Wrong,
}

/// Judges six digits at `now`. `last` is the step of the last code that was accepted, `code_of` gives the code of a step.
#[must_use]
pub fn judge(
    digits: &str,
    now: UtcMicros,
    last: Option<i64>,
    code_of: impl Fn(i64) -> Option<String>,
) -> Verdict {
    let now = step_at(now);
    let is_of = |off: i64| code_of(now + off).is_some_and(|code| code == digits);
    let mut used = false;
    for off in -ACCEPTED_STEPS..=ACCEPTED_STEPS {
        if !is_of(off) {
            continue;
        }
        if last.is_none_or(|last| last < now + off) {
            return Verdict::Right(now + off);
        }
        used = true;
    }
    if used {
        return Verdict::Used;
    }
    let mut off_by = (ACCEPTED_STEPS + 1..=RECOGNISED_STEPS).flat_map(|steps| [steps, -steps]);
    off_by
        .find(|off| is_of(*off))
        .map_or(Verdict::Wrong, |off| {
            Verdict::ClockOff(off * (STEP_US / 1_000_000))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UtcMicros = UtcMicros(1_800_000_015_000_000);

    fn code_of(step: i64) -> Option<String> {
        Some(format!("{:06}", step.rem_euclid(1_000_000)))
    }

    fn judged(off: i64, last: Option<i64>) -> Verdict {
        let step = step_at(NOW) + off;
        judge(&code_of(step).unwrap(), NOW, last, code_of)
    }

    #[test]
    fn code_of_this_moment_and_of_its_neighbours_is_right_once() {
        let now = step_at(NOW);
        for off in [-1, 0, 1] {
            assert_eq!(judged(off, None), Verdict::Right(now + off));
            assert_eq!(judged(off, Some(now + off - 1)), Verdict::Right(now + off));
            assert_eq!(judged(off, Some(now + off)), Verdict::Used);
            assert_eq!(judged(off, Some(now + 1)), Verdict::Used, "a later one was");
        }
    }

    #[test]
    fn clock_that_is_two_minutes_off_is_told_from_a_wrong_code_and_never_accepted() {
        assert_eq!(judged(4, None), Verdict::ClockOff(120));
        assert_eq!(judged(-4, None), Verdict::ClockOff(-120));
        assert_eq!(judged(2, None), Verdict::ClockOff(60));
        assert_eq!(judged(5, None), Verdict::ClockOff(150));
        assert_eq!(judged(6, None), Verdict::Wrong);
        assert_eq!(judged(-6, None), Verdict::Wrong);
    }

    #[test]
    fn digits_are_those_that_the_document_gives_for_its_macs() {
        // RFC 4226, appendix D: the MAC of count 0, and its code.
        let mac = [
            0xcc, 0x93, 0xcf, 0x18, 0x50, 0x8d, 0x94, 0x93, 0x4c, 0x64, 0xb6, 0x5d, 0x8b, 0xa7,
            0x66, 0x7f, 0xb7, 0xcd, 0xe4, 0xb0,
        ];
        assert_eq!(digits_of(&mac).as_deref(), Some("755224"));
        assert_eq!(digits_of(&mac[..19]), None);
    }

    #[test]
    fn what_is_typed_is_read_however_it_is_grouped() {
        let digits = |text: &str| Some(Shown::Digits(text.to_owned()));
        assert_eq!(read("123 456"), digits("123456"));
        assert_eq!(read(" 123-456\u{a0}"), digits("123456"));
        let recovery = recovery_code_of([7; RECOVERY_LENGTH]);
        assert_eq!(recovery.len(), 14);
        let plain = recovery.replace(' ', "");
        assert_eq!(read(&recovery), Some(Shown::Recovery(plain.clone())));
        let typed = recovery.to_lowercase().replace(' ', "-");
        assert_eq!(read(&typed), Some(Shown::Recovery(plain)));
        for neither in [
            "",
            "12345",
            "1234567",
            "12345a",
            "１２３４５６",
            "7KQ4 MW2P",
        ] {
            assert_eq!(read(neither), None, "{neither}");
        }
    }
}

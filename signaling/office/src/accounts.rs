//! Accounts: what a password must be like, one-time codes, logins, and which roles somebody may give.

use protocol::Day;
use protocol::UnitId;
use protocol::api::{AccountRole, PasswordFault};

use crate::org::Lineage;

/// The fewest characters of a password that somebody chooses.
pub const LEAST_PASSWORD_CHARS: usize = 8;

/// The longest password that is looked at; hashing a longer one would only cost time.
pub const MOST_PASSWORD_CHARS: usize = 256;

/// Why somebody may not choose a password, if they may not. `login` is theirs; what has it in it is the first guess.
#[must_use]
pub fn password_fault(wanted: &str, login: &str) -> Option<PasswordFault> {
    let chars = wanted.chars().count();
    let (folded, login) = (wanted.to_lowercase(), login.to_lowercase());
    // Short ones are in many words.
    let has_login = login.chars().count() >= 4 && folded.contains(&login);
    let mut letters: Vec<char> = folded.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    if chars < LEAST_PASSWORD_CHARS {
        Some(PasswordFault::TooShort)
    } else if chars > MOST_PASSWORD_CHARS {
        Some(PasswordFault::TooLong)
    } else if has_login || letters.len() < 4 || is_a_row(&folded) {
        Some(PasswordFault::TooSimple)
    } else {
        None
    }
}

/// Whether each character follows the one before, as in `12345678` or `abcdefgh`.
fn is_a_row(text: &str) -> bool {
    let mut pairs = text.chars().zip(text.chars().skip(1));
    pairs.all(|(one, next)| u32::from(next) == u32::from(one) + 1)
}

/// Letters and digits of one-time codes: those that nobody takes for another, so no `0 O 1 I`. 32 of them, five bits each.
pub const CODE_LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// How many letters a one-time code has: 40 bits.
pub const CODE_LENGTH: usize = 8;

/// The one-time code that random bytes make, in two groups of four: `7KQ4 MW2P`.
#[must_use]
pub fn code_of(random: [u8; CODE_LENGTH]) -> String {
    grouped(&random)
}

/// A code as somebody typed it, without blanks and hyphens and in capitals; none when it cannot be one.
#[must_use]
pub fn read_code(typed: &str) -> Option<String> {
    ungrouped(typed, CODE_LENGTH)
}

/// The letters that random bytes make, in groups of four.
pub(crate) fn grouped(random: &[u8]) -> String {
    let letter = |byte: &u8| char::from(CODE_LETTERS[usize::from(byte % 32)]);
    let groups: Vec<String> = random
        .chunks(4)
        .map(|group| group.iter().map(letter).collect())
        .collect();
    groups.join(" ")
}

/// The letters of a code of this length as somebody typed it; none when it cannot be one.
pub(crate) fn ungrouped(typed: &str, length: usize) -> Option<String> {
    let code: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| c.to_ascii_uppercase())
        .take(length + 1)
        .collect();
    let is_one = code.len() == length && code.bytes().all(|byte| CODE_LETTERS.contains(&byte));
    is_one.then_some(code)
}

/// The login that a name gives, without a number: given name, dot, family name. `folded` is the name in small letters
/// without diacritics; what a login cannot have is left out.
#[must_use]
pub fn login_of(folded: &str) -> String {
    let plain = |word: &str| -> String {
        let letters = word.chars().filter(char::is_ascii_alphanumeric);
        letters.take(24).collect()
    };
    let words: Vec<String> = folded
        .split(' ')
        .map(plain)
        .filter(|word| !word.is_empty())
        .collect();
    match words.as_slice() {
        [] => "tk".to_owned(),
        [only] => only.clone(),
        [family, .., given] => format!("{given}.{family}"),
    }
}

/// A role at a unit from one day to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatedGrant {
    /// The role.
    pub role: AccountRole,
    /// The unit at the root of the subtree.
    pub unit: UnitId,
    /// The first day.
    pub from: Day,
    /// The last day, which is inside; none while it lasts.
    pub to: Option<Day>,
}

impl DatedGrant {
    /// Whether a role at the unit of `at`, from one day to another, lies within this grant: nobody gives what they do not hold.
    #[must_use]
    pub fn holds(&self, role: AccountRole, at: &Lineage, from: &Day, to: Option<&Day>) -> bool {
        let ends_within = match (&self.to, to) {
            (None, _) => true,
            (Some(own), Some(wanted)) => wanted <= own,
            (Some(_), None) => false,
        };
        covers(self.role, role) && at.is_under(self.unit) && self.from <= *from && ends_within
    }
}

/// Whether whoever holds one role over a unit may give and take the other there.
#[must_use]
pub const fn covers(held: AccountRole, other: AccountRole) -> bool {
    match held {
        AccountRole::DepartmentAdmin => true,
        AccountRole::UnitAdmin => !matches!(other, AccountRole::DepartmentAdmin),
        AccountRole::ItStaff | AccountRole::Trainer | AccountRole::Member => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::api::AccountRole::{DepartmentAdmin, ItStaff, Member, Trainer, UnitAdmin};
    use uuid::Uuid;

    const COMMUNE: UnitId = UnitId(Uuid::from_u128(2));
    const SCHOOL: UnitId = UnitId(Uuid::from_u128(3));

    fn day(text: &str) -> Day {
        Day(text.to_owned())
    }

    #[test]
    fn password_is_long_enough_and_no_first_guess() {
        let fault = |wanted: &str| password_fault(wanted, "hoai.vi");
        assert_eq!(fault("Hoa phượng"), None);
        assert_eq!(fault("phượng9"), Some(PasswordFault::TooShort));
        assert_eq!(fault(&"ă1bc".repeat(65)), Some(PasswordFault::TooLong));
        assert_eq!(password_fault("hoa ban trắng", "ba"), None);
        for guess in ["12345678", "aaaaaaaa", "Hoai.Vi.2026", "abcdefgh"] {
            assert_eq!(fault(guess), Some(PasswordFault::TooSimple), "{guess}");
        }
    }

    #[test]
    fn code_is_two_groups_of_letters_that_are_told_apart_and_is_read_as_people_type_it() {
        let code = code_of([0, 31, 32, 255, 7, 8, 9, 10]);
        assert_eq!(code, "2Z2Z 9ABC");
        for letter in ['0', 'O', '1', 'I'] {
            assert!(!CODE_LETTERS.contains(&(letter as u8)), "{letter}");
        }
        for typed in ["2Z2Z 9ABC", " 2z2z9abc ", "2z2z-9ABC"] {
            assert_eq!(read_code(typed).as_deref(), Some("2Z2Z9ABC"), "{typed}");
        }
        for none in ["", "2Z2Z9AB", "2Z2Z9ABCC", "2Z2Z 9AB0", "đđđđđđđđ"] {
            assert_eq!(read_code(none), None, "{none}");
        }
    }

    #[test]
    fn login_is_given_name_and_family_name() {
        assert_eq!(login_of("vi thi hoai"), "hoai.vi");
        assert_eq!(login_of("hoai"), "hoai");
        assert_eq!(login_of("r'o  mah-y"), "mahy.ro");
        assert_eq!(login_of("李 明"), "tk");
    }

    #[test]
    fn grant_holds_what_lies_within_its_role_its_subtree_and_its_days() {
        let held = DatedGrant {
            role: UnitAdmin,
            unit: COMMUNE,
            from: day("2026-01-01"),
            to: Some(day("2026-12-31")),
        };
        let school = Lineage(vec![SCHOOL, COMMUNE]);
        let (from, to) = (day("2026-02-01"), day("2026-12-31"));
        let gives =
            |role, at: &Lineage, from: &Day, to: Option<&Day>| held.holds(role, at, from, to);
        for role in [UnitAdmin, ItStaff, Trainer, Member] {
            assert!(gives(role, &school, &from, Some(&to)), "{role:?}");
        }
        assert!(!gives(DepartmentAdmin, &school, &from, Some(&to)));
        assert!(!gives(
            Member,
            &Lineage(vec![UnitId(Uuid::nil())]),
            &from,
            Some(&to)
        ));
        assert!(!gives(Member, &school, &day("2025-12-31"), Some(&to)));
        assert!(!gives(Member, &school, &from, Some(&day("2027-01-01"))));
        assert!(
            !gives(Member, &school, &from, None),
            "without an end is longer"
        );
    }

    #[test]
    fn only_administrators_give_anything() {
        let all = [DepartmentAdmin, UnitAdmin, ItStaff, Trainer, Member];
        for held in [ItStaff, Trainer, Member] {
            assert!(all.iter().all(|other| !covers(held, *other)), "{held:?}");
        }
        assert!(all.iter().all(|other| covers(DepartmentAdmin, *other)));
    }
}

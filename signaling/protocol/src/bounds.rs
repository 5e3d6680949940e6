//! Numbers that come in with settings: those that nobody means are refused before they overflow, panic or busy a core.

use serde::de::Error as _;
use serde::{Deserialize as _, Deserializer};

/// A number between `LEAST` and `MOST`, both included.
///
/// # Errors
/// When it is no whole number, or beyond them; the message names them.
pub fn within<'de, D: Deserializer<'de>, T: TryFrom<u32>, const LEAST: u32, const MOST: u32>(
    deserializer: D,
) -> Result<T, D::Error> {
    let value = i64::deserialize(deserializer)?;
    u32::try_from(value)
        .ok()
        .filter(|value| (LEAST..=MOST).contains(value))
        .and_then(|value| T::try_from(value).ok())
        .ok_or_else(|| D::Error::custom(format!("{value} is not between {LEAST} and {MOST}")))
}

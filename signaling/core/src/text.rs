//! Texts that people bring into a room.

use protocol::client::{Refusal, RefusalCode};
use protocol::text::{Rule, TextFault};

/// Lets a text through the door for text.
///
/// # Errors
/// `BadText` with the limit, `UnreadableText`.
pub(crate) fn admit(rule: Rule, text: &str) -> Result<String, Refusal> {
    rule.admit(text).map_err(|fault| match fault {
        TextFault::Empty | TextFault::TooLong => Refusal {
            code: RefusalCode::BadText,
            detail: Some(rule.max_chars.to_string()),
        },
        TextFault::Unreadable | TextFault::Direction | TextFault::Marks => {
            RefusalCode::UnreadableText.into()
        }
    })
}

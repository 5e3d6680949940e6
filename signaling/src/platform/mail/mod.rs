//! Mail: how the settings say it goes out, what a letter is, and the one way to the department's own server.

mod letter;
mod post;
mod settings;

pub(crate) use letter::Letter;
pub use letter::is_address;
pub use post::{Cause, NotSent, Post};
pub use settings::{Mail, MailTls};

//! What is kept about somebody: taken away as a file, or deleted.
//!
//! | Part | Holds |
//! |---|---|
//! | `dossier` | everything that is kept about them, as one document |
//! | `actions` | deleting, in one transaction; a look at what it would do is the same without the end |
//! | `journal` | what the journals of rooms say of them |
//! | `work` | what cannot be in the transaction: files, free pages of the database |
//!
//! Whoever is named by an id somewhere (an account, a participant, a row with their code) is found by it. A text that is tied to nobody
//! is searched for their name, login, code, address and telephone ([`office_core::traces`]).

mod actions;
mod dossier;
mod files;
pub(crate) mod http;
mod journal;
mod store;
pub(crate) mod work;

/// What somebody is called when what made them known is deleted.
pub(crate) const NOBODY: &str = "Người đã xóa dữ liệu";

/// What stands in a text where it named them.
pub(crate) const GONE: &str = "(đã xóa)";

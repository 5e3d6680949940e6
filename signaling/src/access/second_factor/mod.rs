//! The second factor: an application on a phone that makes codes (RFC 6238), and recovery codes for when it is lost.
//!
//! ```text
//!  password or one-time code right ── no factor ──► signed in ── a role demands one ──► set up or sign out, nothing else
//!            │                                                                             │
//!            └── a factor works ──► challenge ── code of the application ──► signed in     │ first code of the new secret
//!                 (no cookie)         5 min   ── recovery code, spent ────►     ▲          │ counts as the factor
//!                                                                               └──────────┘ of this sign-in
//! ```
//!
//! A new secret waits beside the one that works until one of its codes was accepted.

mod actions;
pub(crate) mod door;
pub(crate) mod http;
mod owing;
mod proof;
mod recovery;
mod store;
mod totp;

pub(crate) use owing::{is_open_to_owing, owed, owes};
pub(crate) use store::{is_on, remove};

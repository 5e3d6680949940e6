//! What every domain rests on: the database, time, errors, settings, the audit log, HTTP's guards.

pub mod audit;
pub mod authority;
pub(crate) mod catalogue;
pub mod clock;
pub mod config;
pub mod database;
pub(crate) mod descriptors;
pub mod error;
pub mod extract;
pub(crate) mod http;
pub(crate) mod idempotency;
pub(crate) mod lock;
pub mod mail;
pub mod metrics;
pub mod oidc;
pub mod paging;
pub mod seal;
pub mod secret;
pub mod settings;
pub mod socket;
pub mod text;
pub mod tls;

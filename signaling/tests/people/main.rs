//! Accounts, schedule, links, recordings, monitor and machinery: a real server, a real database, real requests.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod accounts;
mod api;
mod api_page;
mod audit;
mod audit_log;
mod backup;
mod changes;
mod chores;
#[path = "../common/databases.rs"]
mod databases;
mod erasure;
mod first_day;
mod guide;
mod idempotency;
mod imports;
mod jobs;
mod keys;
mod links;
mod mail;
mod officers;
mod oidc;
mod own_account;
mod persons;
mod points;
mod provider;
mod recordings;
mod rights;
mod routes;
mod schedule;
mod schema;
mod second_factor;
mod settings;
mod sign_in;
mod store;
mod support;
mod texts;
mod tls;
mod unit_changes;
mod unit_files;
mod units;
mod visibility;

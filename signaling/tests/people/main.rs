//! Accounts, schedule, links, recordings, monitor and machinery: a real server, a real database, real requests.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod accounts;
mod api;
mod audit;
mod audit_log;
mod backup;
mod changes;
mod chores;
#[path = "../common/databases.rs"]
mod databases;
mod first_day;
mod imports;
mod jobs;
mod links;
mod own_account;
mod persons;
mod points;
mod recordings;
mod rights;
mod routes;
mod schedule;
mod schema;
mod sign_in;
mod store;
mod support;
mod texts;
mod tls;
mod unit_changes;
mod unit_files;
mod units;
mod visibility;

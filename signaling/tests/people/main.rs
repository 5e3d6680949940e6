//! Accounts, schedule, links, recordings, monitor and machinery: a real server, a real database, real requests.

mod api;
mod audit;
mod chores;
mod jobs;
mod recordings;
mod routes;
mod schema;
mod sign_in;
mod store;
mod support;
mod tls;

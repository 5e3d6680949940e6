//! Accounts, schedule, links, recordings, monitor and machinery: a real server, a real database, real requests.

mod audit;
mod schema;
mod store;
mod support;

//! Who somebody is: passwords, cookies, bearer tokens.
//!
//! A request shows either the cookie `__Host-diemcau` or `Authorization: Bearer`. Both carry 256 random bits of which
//! the database knows the SHA-256. A cookie belongs to an account or to a joining link; a bearer is a link's secret.

pub mod accounts;
pub(crate) mod codes;
mod device;
pub(crate) mod http;
mod identity;
mod limits;
pub(crate) mod me;
pub(crate) mod own;
mod password;
pub(crate) mod permit;
pub mod revocations;
pub mod tokens;

pub use device::Device;
pub use identity::account_actor;
pub use identity::{Actor, Credential, Identity, LinkHolder, Recognised};
pub(crate) use identity::{identify, identify_again, link_actor, recognise};
pub(crate) use limits::{Allowance, Budgets, too_many};
pub use limits::{Network, SignInLimits};
pub use password::{Passwords, Unchecked, hash_password};
pub(crate) use permit::routes_asking;
pub use permit::{Asking, Permit, Reason, Subject};

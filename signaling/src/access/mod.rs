//! Who somebody is: passwords, cookies, bearer tokens, keys of other systems.
//!
//! A request shows either the cookie `__Host-diemcau` or `Authorization: Bearer`. Both carry 256 random bits of which
//! the database knows the SHA-256. A cookie belongs to an account or to a joining link; a bearer is a link's secret.

pub mod accounts;
pub(crate) mod codes;
mod device;
pub(crate) mod http;
pub(crate) mod idempotent;
mod identity;
pub mod keys;
mod limits;
pub(crate) mod me;
pub mod oidc;
pub(crate) mod own;
mod password;
pub(crate) mod permit;
pub mod revocations;
pub(crate) mod second_factor;
pub mod tokens;

pub use device::Device;
pub use identity::account_actor;
pub use identity::{Actor, Credential, Identity, KeyHolder, LinkHolder, Reader, Recognised};
pub(crate) use identity::{
    glimpse, identify, identify_again, link_actor, recognise, recognise_owing,
};
pub(crate) use limits::{Allowance, Budgets, too_many};
pub use limits::{Network, SignInLimits};
pub use password::{Passwords, Unchecked, hash_password};
pub(crate) use permit::routes_asking;
pub use permit::{Asking, Permit, Reason, Subject};

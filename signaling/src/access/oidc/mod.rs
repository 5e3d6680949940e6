//! Sign-in by an OpenID Connect provider, by the code flow with PKCE.
//!
//! ```text
//! page: the key ──POST──► leave: state, cookie ──► the provider's page ──► page /sign-in/provider ──POST──► arrive
//!                                                                                            code ──► ID token ──► issuer, subject
//!                                                                                                                       │
//!                                                      a link is made, by whoever is signed in  ◄── left to link ───────┤
//!                                                      the linked account signs in, its roles follow its groups  ◄──────┘
//! ```
//!
//! A page of ours comes back, and not a route: what it cannot finish it says in words, and opening an address signs nobody in.

pub(crate) mod actions;
mod departure;
mod fault;
pub(crate) mod http;
mod net;
mod provider;
mod store;
mod token;

pub use actions::unknown_units;
pub use fault::Fault;
pub use provider::Provider;

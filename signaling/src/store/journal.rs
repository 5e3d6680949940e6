//! The journal of a session.

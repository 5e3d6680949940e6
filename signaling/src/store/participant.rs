//! Participants of a session.

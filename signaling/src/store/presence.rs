//! Presence intervals.

//! Measurements of links.

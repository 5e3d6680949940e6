//! Recordings and their tracks.

//! What a line writes: against a model for every codec, and in Jitsi's scenarios.

mod continuity;
mod scenarios;

//! The link to the recorder.

//! What happened when, in words; told when a run fails, so that it can be understood and done again.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Clones write the same one.
#[derive(Debug, Clone)]
pub(crate) struct Timeline {
    began: Instant,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Timeline {
    pub(crate) fn new() -> Self {
        Self {
            began: Instant::now(),
            lines: Arc::default(),
        }
    }

    pub(crate) fn say(&self, what: impl fmt::Display) {
        let line = format!("{:8.3} {what}", self.began.elapsed().as_secs_f64());
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(line);
    }
}

impl fmt::Display for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

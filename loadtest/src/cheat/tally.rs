//! Answers by kind.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::time::Duration;

use futures_util::StreamExt;

use crate::server::Refused;

/// How many of a flood may be under way at once.
const AT_ONCE: usize = 32;

/// How many answers there were of each kind.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    done: usize,
    refused: BTreeMap<String, usize>,
    /// Refusals that no program understands, or by which something broke.
    unsound: BTreeMap<String, usize>,
    /// Connections that were cut instead.
    cut: usize,
}

impl Tally {
    /// Does something up to `count` times, for no longer than `within`.
    pub(super) async fn of<F, T>(
        count: usize,
        within: Duration,
        attempt: impl Fn(usize) -> F,
    ) -> Self
    where
        F: Future<Output = anyhow::Result<Result<T, Refused>>>,
    {
        let mut tally = Self::default();
        let answers = futures_util::stream::iter(0..count)
            .map(attempt)
            .buffer_unordered(AT_ONCE);
        let mut answers = std::pin::pin!(answers.take_until(tokio::time::sleep(within)));
        while let Some(answer) = answers.next().await {
            tally.count(answer);
        }
        tally
    }

    pub(super) fn count<T>(&mut self, answer: anyhow::Result<Result<T, Refused>>) {
        let kinds = match answer {
            Ok(Ok(_)) => {
                self.done += 1;
                return;
            }
            Err(_) => {
                self.cut += 1;
                return;
            }
            Ok(Err(refused)) if refused.is_sound() => (&mut self.refused, refused),
            Ok(Err(refused)) => (&mut self.unsound, refused),
        };
        *kinds.0.entry(kinds.1.to_string()).or_default() += 1;
    }

    /// How often it was done.
    pub(super) const fn done(&self) -> usize {
        self.done
    }

    /// How often it was refused so.
    pub(super) fn refused(&self, how: &str) -> usize {
        self.refused.get(how).copied().unwrap_or(0)
    }

    /// The refusals that are faults.
    pub(super) fn unsound(&self) -> impl Iterator<Item = &str> {
        self.unsound.keys().map(String::as_str)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} done", self.done)?;
        for (kind, count) in self.refused.iter().chain(&self.unsound) {
            write!(f, ", {count} × {kind}")?;
        }
        if self.cut > 0 {
            write!(f, ", {} cut off", self.cut)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn answers_are_counted_by_kind_and_those_without_code_are_faults() {
        let refused = |status, body: &str| Ok(Err(Refused::new(status, body.as_bytes())));
        let tally = Tally::of(5, Duration::from_secs(60), |number| async move {
            match number {
                0 => Ok(Ok(())),
                1 | 2 => refused(429, r#"{"code":"rate_limited"}"#),
                3 => refused(404, "<html>"),
                _ => anyhow::bail!("reset"),
            }
        })
        .await;
        assert_eq!((tally.done(), tally.refused("429 rate_limited")), (1, 2));
        assert_eq!(tally.unsound().collect::<Vec<_>>(), ["404 no code"]);
        assert_eq!(
            tally.to_string(),
            "1 done, 2 × 429 rate_limited, 1 × 404 no code, 1 cut off"
        );
    }
}

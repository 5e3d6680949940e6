//! Waking to a tenth of a millisecond. The runtime's timers wake everybody who is due within a millisecond together: a
//! hundred publishers would send in clumps, which no hundred schools do, and a server would be blamed for the queue.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

/// The runtime's timers fire up to this much late; what is left is slept by the alarm's thread.
const COARSE: Duration = Duration::from_millis(2);

/// Whoever sleeps, until when.
type Sleeper = (Instant, oneshot::Sender<()>);

static SLEEPERS: LazyLock<Sender<Sleeper>> = LazyLock::new(|| {
    let (sender, receiver) = channel();
    thread::spawn(move || ring(&receiver));
    sender
});

/// Sleeps until this moment.
pub(crate) async fn sleep_until(due: Instant) {
    if let Some(coarse) = due.checked_sub(COARSE)
        && coarse > Instant::now()
    {
        tokio::time::sleep_until(coarse).await;
    }
    if due <= Instant::now() {
        return;
    }
    let (sender, woken) = oneshot::channel();
    // The thread ends with the process.
    if SLEEPERS.send((due, sender)).is_ok() {
        let _ = woken.await;
    }
}

/// Wakes everybody at their time; the number keeps apart those who sleep until the same moment.
fn ring(sleepers: &Receiver<Sleeper>) {
    let mut asleep: BTreeMap<(Instant, u64), oneshot::Sender<()>> = BTreeMap::new();
    for number in 0.. {
        let next = match asleep.first_key_value() {
            None => sleepers.recv().map_err(RecvTimeoutError::from),
            Some(((due, _), _)) => {
                sleepers.recv_timeout(due.saturating_duration_since(Instant::now()))
            }
        };
        match next {
            Ok((due, sleeper)) => {
                asleep.insert((due, number), sleeper);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        let now = Instant::now();
        while let Some(first) = asleep.first_entry()
            && first.key().0 <= now
        {
            // Whoever gave up sleeping is not there any more.
            let _ = first.remove().send(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nobody_is_woken_early() {
        let start = Instant::now();
        let sleepers = [700, 100, 4300, 400].map(|us| {
            tokio::spawn(async move {
                let due = start + Duration::from_micros(us);
                sleep_until(due).await;
                (due, Instant::now())
            })
        });
        for sleeper in sleepers {
            let (due, woken) = sleeper.await.unwrap();
            assert!(woken >= due, "{:?} early", due - woken);
        }
    }
}

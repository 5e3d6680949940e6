//! Waking to a tenth of a millisecond. The runtime's timers wake everybody who is due within a millisecond together: a
//! hundred publishers would send in clumps, which no hundred schools do, and a server would be blamed for the queue.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::LazyLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

/// The runtime's timers fire up to this much late; what is left is slept by the alarm's thread.
const COARSE: Duration = Duration::from_millis(2);

/// Someone to wake. Ordered by time, then by who came first.
type Call = (Instant, u64);

static CALLS: LazyLock<Sender<(Instant, oneshot::Sender<()>)>> = LazyLock::new(|| {
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
    if CALLS.send((due, sender)).is_ok() {
        let _ = woken.await;
    }
}

fn ring(calls: &Receiver<(Instant, oneshot::Sender<()>)>) {
    let mut waiting: BinaryHeap<Reverse<Call>> = BinaryHeap::new();
    let mut sleepers = HashMap::new();
    for number in 0.. {
        let call = match waiting.peek() {
            None => calls.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(Reverse((due, _))) => {
                calls.recv_timeout(due.saturating_duration_since(Instant::now()))
            }
        };
        match call {
            Ok((due, sleeper)) => {
                waiting.push(Reverse((due, number)));
                sleepers.insert(number, sleeper);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        let now = Instant::now();
        while let Some(Reverse((due, who))) = waiting.peek().copied() {
            if due > now {
                break;
            }
            waiting.pop();
            if let Some(sleeper) = sleepers.remove(&who) {
                // Whoever gave up sleeping is not there any more.
                let _ = sleeper.send(());
            }
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

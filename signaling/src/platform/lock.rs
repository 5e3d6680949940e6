//! Mutexes that outlive a panic.

use std::sync::{Mutex, PoisonError};

/// Locks a mutex whose holders only move values, so that a panic leaves nothing half done.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! What all workers know of the hosts that fail. While none does, a host that answers costs one store.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use parking_lot::Mutex;

use crate::domain::instant::Micros;
use crate::domain::reachability::{Reachability, Unreached};

/// Knowledge of hosts; `T` is a failure that may have to wait.
#[derive(Debug)]
pub(super) struct Network<T> {
    hosts: Mutex<Reachability<T>>,
    is_troubled: AtomicBool,
    reached_at: AtomicI64,
}

impl<T> Network<T> {
    pub(super) fn new(has_canary: bool) -> Self {
        Self {
            hosts: Mutex::new(Reachability::new(has_canary)),
            is_troubled: AtomicBool::new(false),
            reached_at: AtomicI64::new(i64::MIN),
        }
    }

    /// Notes that a host has answered; returns the failures that count now.
    pub(super) fn reached(&self, host: &str, now: Micros) -> Vec<T> {
        self.reached_at.fetch_max(now.0, Ordering::AcqRel);
        if !self.is_troubled.load(Ordering::Acquire) {
            return Vec::new();
        }
        self.with(|hosts| hosts.reached(host, now))
    }

    /// Notes that a host could not be reached; returns the failures that count now.
    pub(super) fn failed(&self, unreached: Unreached<'_>, now: Micros, what: T) -> Vec<T> {
        self.is_troubled.store(true, Ordering::Release);
        let reached_at = self.reached_at.load(Ordering::Acquire);
        self.with(|hosts| {
            if reached_at > i64::MIN {
                hosts.saw(Micros(reached_at));
            }
            hosts.failed(unreached, now, what)
        })
    }

    /// Notes whether another host can be connected to; returns the failures that count now.
    pub(super) fn compared(&self, host: &str, answers: bool, now: Micros) -> Vec<T> {
        if answers {
            self.reached_at.fetch_max(now.0, Ordering::AcqRel);
        }
        self.with(|hosts| hosts.compared(host, answers, now))
    }

    /// Returns the failures that have waited long enough.
    pub(super) fn overdue(&self, now: Micros) -> Vec<T> {
        if !self.is_troubled.load(Ordering::Acquire) {
            return Vec::new();
        }
        self.with(|hosts| hosts.overdue(now))
    }

    /// Drops failures that wait.
    pub(super) fn pardon(&self, is_over: impl Fn(&T) -> bool) {
        self.with(|hosts| {
            hosts.pardon(is_over);
            Vec::new()
        });
    }

    pub(super) fn is_in_doubt(&self) -> bool {
        self.is_troubled.load(Ordering::Acquire) && self.hosts.lock().is_in_doubt()
    }

    pub(super) fn is_failing(&self, host: &str) -> bool {
        self.is_troubled.load(Ordering::Acquire) && self.hosts.lock().is_failing(host)
    }

    /// Returns what of the failures that wait is asked for.
    pub(super) fn held<R>(&self, of: impl Fn(&T) -> R) -> Vec<R> {
        if !self.is_troubled.load(Ordering::Acquire) {
            return Vec::new();
        }
        self.hosts.lock().held().map(of).collect()
    }

    pub(super) fn is_down(&self, now: Micros) -> bool {
        self.is_troubled.load(Ordering::Acquire) && self.hosts.lock().is_down(now)
    }

    fn with(&self, step: impl FnOnce(&mut Reachability<T>) -> Vec<T>) -> Vec<T> {
        let mut hosts = self.hosts.lock();
        let due = step(&mut hosts);
        self.is_troubled.store(hosts.is_troubled(), Ordering::Release);
        due
    }
}

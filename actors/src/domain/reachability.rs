//! Whether a host cannot be reached, or nothing can because our own network is down. Pure.
//!
//! A connection that failed says nothing by itself. While another host answers, it is the host's
//! fault and counts. Two hosts that fail within ten seconds, with nobody answering since, mean that it
//! is our network: none of it counts. Until either is known the failure is held.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::instant::Micros;
use super::map::Map;

/// How long a failure waits for what others do.
pub const WINDOW: Duration = Duration::from_secs(10);
/// As many hosts and held failures as are remembered.
const MOST: usize = 1_024;

/// A row of failures of one host, none of which is further than [`WINDOW`] from the one before.
#[derive(Clone, Copy, Debug)]
struct Run {
    since: Micros,
    last: Micros,
}

#[derive(Debug)]
struct Held<T> {
    host: Arc<str>,
    at: Micros,
    what: T,
}

/// A host that could not be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreached<'a> {
    /// The host and port that was connected to.
    pub host: &'a str,
    /// There is no other host that could be compared with.
    pub alone: bool,
}

/// What is known of the hosts that fail. `T` is a failure that may have to wait.
#[derive(Debug)]
pub struct Reachability<T> {
    has_canary: bool,
    failing: Map<Arc<str>, Run>,
    reached_at: Option<Micros>,
    held: VecDeque<Held<T>>,
}

impl<T> Reachability<T> {
    /// Makes the knowledge of nothing. With a canary a host that fails alone is compared with that.
    #[must_use]
    pub fn new(has_canary: bool) -> Self {
        Self { has_canary, failing: Map::default(), reached_at: None, held: VecDeque::new() }
    }

    /// Notes that some host that never failed has answered.
    pub fn saw(&mut self, at: Micros) {
        self.reached_at = self.reached_at.max(Some(at));
    }

    /// Notes that a host has answered. Returns the failures of others that count now; its own are
    /// forgotten.
    pub fn reached(&mut self, host: &str, at: Micros) -> Vec<T> {
        self.saw(at);
        self.failing.remove(host);
        let held = std::mem::take(&mut self.held).into_iter();
        held.filter(|one| one.host.as_ref() != host).map(|one| one.what).collect()
    }

    /// Notes that a host could not be reached. Returns the failures that count now: this one, or
    /// earlier ones that waited in vain. What is not returned waits or was our own network's fault.
    pub fn failed(&mut self, unreached: Unreached<'_>, at: Micros, what: T) -> Vec<T> {
        let since = self.fails(unreached.host, at);
        if self.reached_at.is_some_and(|reached| reached >= since && at.since(reached) <= WINDOW) {
            return vec![what];
        }
        if self.is_down(at) {
            self.held.clear();
            return Vec::new();
        }
        let mut due = self.overdue(at);
        if unreached.alone && !self.has_canary {
            due.push(what);
        } else {
            self.held.push_back(Held { host: Arc::from(unreached.host), at, what });
        }
        due
    }

    /// Notes what has become of connecting to another host for the sake of those that fail. Returns
    /// the failures that count now.
    pub fn compared(&mut self, host: &str, answers: bool, at: Micros) -> Vec<T> {
        if answers {
            return self.reached(host, at);
        }
        self.fails(host, at);
        if self.is_down(at) {
            self.held.clear();
        }
        Vec::new()
    }

    /// Tells whether failures wait to be known for what they are.
    #[must_use]
    pub fn is_in_doubt(&self) -> bool {
        !self.held.is_empty()
    }

    /// Tells whether a host fails just now.
    #[must_use]
    pub fn is_failing(&self, host: &str) -> bool {
        self.failing.contains_key(host)
    }

    /// Returns the failures that wait.
    pub fn held(&self) -> impl Iterator<Item = &T> {
        self.held.iter().map(|one| &one.what)
    }

    /// Tells whether any host fails just now, or a failure waits.
    #[must_use]
    pub fn is_troubled(&self) -> bool {
        !self.failing.is_empty() || !self.held.is_empty()
    }

    /// Drops failures that wait: nobody is to be charged with them any more.
    pub fn pardon(&mut self, is_over: impl Fn(&T) -> bool) {
        self.held.retain(|one| !is_over(&one.what));
    }

    /// Tells whether our own network seems down: two hosts that had not failed before anybody
    /// answered last have both failed lately.
    #[must_use]
    pub fn is_down(&self, now: Micros) -> bool {
        let fresh = |run: &&Run| {
            let began_after = self.reached_at.is_none_or(|reached| run.since > reached);
            began_after && now.since(run.last) <= WINDOW
        };
        self.failing.values().filter(fresh).count() >= 2
    }

    /// Takes a failure into the host's row and returns when the row began.
    fn fails(&mut self, host: &str, at: Micros) -> Micros {
        if let Some(run) = self.failing.get_mut(host) {
            // Nobody asked for a while: what was before says nothing about now.
            if at.since(run.last) > WINDOW {
                run.since = at;
            }
            run.last = at;
            return run.since;
        }
        if self.failing.len() >= MOST {
            self.failing.retain(|_, run| at.since(run.last) <= WINDOW);
        }
        if self.failing.len() < MOST {
            self.failing.insert(Arc::from(host), Run { since: at, last: at });
        }
        at
    }

    /// Takes the failures that have waited long enough: nothing has shown that they are not the
    /// hosts' own. Rows of hosts that nobody asks any more end.
    pub fn overdue(&mut self, now: Micros) -> Vec<T> {
        self.failing.retain(|_, run| now.since(run.last) <= WINDOW);
        let mut due = Vec::new();
        let is_due = |one: &Held<T>, left: usize| now.since(one.at) > WINDOW || left >= MOST;
        while let Some(one) = self.held.pop_front() {
            if is_due(&one, self.held.len()) {
                due.push(one.what);
            } else {
                self.held.push_front(one);
                break;
            }
        }
        due
    }
}

#[cfg(test)]
#[path = "reachability_tests.rs"]
mod tests;

//! Counts the answers in flight, heads and bodies, so that a stop knows when the last one ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// The number of requests whose answer has not ended.
#[derive(Clone, Debug, Default)]
pub struct Activity(Arc<AtomicUsize>);

/// One running request; dropping it ends it.
#[derive(Debug)]
pub struct Running(Arc<AtomicUsize>);

/// How often a waiting stop looks.
const LOOK_EVERY: Duration = Duration::from_millis(10);

impl Activity {
    /// Notes that a request began.
    #[must_use]
    pub fn begin(&self) -> Running {
        self.0.fetch_add(1, Ordering::Relaxed);
        Running(Arc::clone(&self.0))
    }

    /// Returns how many run now.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Waits until none runs, at most so long; tells whether none does.
    pub async fn ended_within(&self, limit: Duration) -> bool {
        let all = async {
            while self.count() > 0 {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        tokio::time::timeout(limit, all).await.is_ok()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_counts_until_it_is_dropped() {
        let activity = Activity::default();
        let (first, second) = (activity.begin(), activity.begin());
        assert_eq!(activity.count(), 2);
        drop(first);
        drop(second);
        assert_eq!(activity.count(), 0);
    }
}

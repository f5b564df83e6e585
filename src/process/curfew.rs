//! The end of a stop's grace: from then on nothing that still runs may go on.

use tokio_util::sync::CancellationToken;

/// Tells whoever runs that the grace is over. It never is before a stop.
#[derive(Clone, Debug, Default)]
pub struct Curfew(CancellationToken);

impl Curfew {
    /// Makes one for a thread, which is told with this one and waited for without the others.
    #[must_use]
    pub fn for_thread(&self) -> Self {
        Self(self.0.child_token())
    }

    /// The grace is over.
    pub fn ring(&self) {
        self.0.cancel();
    }

    /// Tells whether it is over.
    #[must_use]
    pub fn has_rung(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits until it is.
    pub async fn rung(&self) {
        self.0.cancelled().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_thread_is_told_and_none_before() {
        let curfew = Curfew::default();
        let threads = [curfew.for_thread(), curfew.for_thread()];
        assert!(!threads.iter().any(Curfew::has_rung));
        curfew.ring();
        for thread in &threads {
            thread.rung().await;
            assert!(thread.has_rung());
        }
        assert!(curfew.for_thread().has_rung(), "also one that comes late");
    }
}

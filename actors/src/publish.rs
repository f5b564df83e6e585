//! Snapshots: one writer publishes an `Arc`, any number of readers take it without waiting.

use std::sync::Arc;

use arc_swap::ArcSwap;

/// A reader of the newest snapshot. Clones read the same one.
#[derive(Debug)]
pub struct Published<T>(Arc<ArcSwap<T>>);

/// The one writer of a snapshot. It has no `Clone`: who holds it owns the change.
#[derive(Debug)]
pub struct Publisher<T>(Arc<ArcSwap<T>>);

impl<T> Published<T> {
    /// Makes a snapshot with its writer and a first reader.
    #[must_use]
    pub fn new(first: Arc<T>) -> (Publisher<T>, Self) {
        let shared = Arc::new(ArcSwap::new(first));
        (Publisher(Arc::clone(&shared)), Self(shared))
    }

    /// Makes a snapshot that nobody can change.
    #[must_use]
    pub fn fixed(only: Arc<T>) -> Self {
        Self(Arc::new(ArcSwap::new(only)))
    }

    /// Returns the newest snapshot.
    #[must_use]
    pub fn load(&self) -> Arc<T> {
        self.0.load_full()
    }
}

impl<T> Publisher<T> {
    /// Replaces the snapshot; whoever holds the former one keeps it.
    pub fn publish(&mut self, next: Arc<T>) {
        self.0.store(next);
    }

    /// Makes another reader.
    #[must_use]
    pub fn reader(&self) -> Published<T> {
        Published(Arc::clone(&self.0))
    }

    /// Returns the newest snapshot.
    #[must_use]
    pub fn load(&self) -> Arc<T> {
        self.0.load_full()
    }
}

impl<T> Clone for Published<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_see_the_newest_and_keep_what_they_took() {
        let (mut publisher, reader) = Published::new(Arc::new(1));
        let taken = reader.load();
        publisher.publish(Arc::new(2));
        assert_eq!((*taken, *reader.load(), *publisher.reader().load()), (1, 2, 2));
    }
}

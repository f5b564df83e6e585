//! Whether a sending opened a connection, or took one that had waited in the pool.
//!
//! awc does not say; but its pool calls the connector inside the future of the request that needs
//! a connection, so the connector can leave a note there.

use std::cell::Cell;
use std::future::Future;
use std::rc::Rc;

tokio::task_local! {
    static SENDING: Opened;
}

/// The note of one sending.
#[derive(Clone, Debug, Default)]
pub struct Opened(Rc<Cell<bool>>);

impl Opened {
    /// Polls a sending so that the connector finds this note.
    pub fn watch<F: Future>(&self, sending: F) -> impl Future<Output = F::Output> + use<F> {
        SENDING.scope(self.clone(), sending)
    }

    /// Notes that the sending under way opens a connection.
    pub fn note() {
        // Whoever is not watched does not ask.
        let _ = SENDING.try_with(|opened| opened.0.set(true));
    }

    /// Tells whether it did.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.0.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_sending_has_a_note_of_its_own() {
        let (one, other) = (Opened::default(), Opened::default());
        Opened::note();
        let noting = one.watch(async {
            tokio::task::yield_now().await;
            Opened::note();
        });
        futures_util::future::join(noting, other.watch(tokio::task::yield_now())).await;
        assert_eq!((one.is_fresh(), other.is_fresh()), (true, false));
    }
}

//! What a sending does with connections: whether it opened one, or took one that had waited in the pool;
//! and which one, so that no other request has it when it cannot be trusted any more.
//!
//! awc does not say; but its pool calls the connector, and writes, inside the future of the request that
//! needs a connection, so both can leave a note there.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;

use actix_web::http::StatusCode;

tokio::task_local! {
    static SENDING: Opened;
}

/// Whether nothing is read from a connection any more.
#[derive(Clone, Debug, Default)]
pub struct Ended(Rc<Cell<bool>>);

impl Ended {
    /// Tells whether it is so.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.get()
    }
}

/// The note of one sending.
#[derive(Clone, Debug, Default)]
pub struct Opened(Rc<Note>);

#[derive(Debug, Default)]
struct Note {
    is_fresh: Cell<bool>,
    connection: RefCell<Option<Ended>>,
}

impl Opened {
    /// Polls a sending so that the connector finds this note.
    pub fn watch<F: Future>(&self, sending: F) -> impl Future<Output = F::Output> + use<F> {
        SENDING.scope(self.clone(), sending)
    }

    /// Notes that the sending under way opens a connection.
    pub fn note() {
        // Whoever is not watched does not ask.
        let _ = SENDING.try_with(|opened| opened.0.is_fresh.set(true));
    }

    /// Notes which connection the sending under way writes to.
    pub fn uses(connection: &Ended) {
        let _ = SENDING.try_with(|opened| {
            let mut known = opened.0.connection.borrow_mut();
            if !known.as_ref().is_some_and(|known| Rc::ptr_eq(&known.0, &connection.0)) {
                *known = Some(connection.clone());
            }
        });
    }

    /// Tells whether it opened one.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.0.is_fresh.get()
    }

    /// Tells whether a status is of an answer proper. awc takes an interim one for the answer and gives the
    /// connection back to its pool, where whoever has it next would read the answer proper: nothing is read
    /// from it any more. To be asked before anything else can run.
    pub fn trust(&self, status: StatusCode) -> bool {
        let is_proper = !status.is_informational();
        if let (false, Some(connection)) = (is_proper, self.0.connection.borrow().as_ref()) {
            connection.0.set(true);
        }
        is_proper
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

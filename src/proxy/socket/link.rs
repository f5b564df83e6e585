//! What the turns of a client's socket share on the provider's side: the socket that is open there,
//! and what the provider remembers of the conversation.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;
use std::task::Context;
use std::time::Duration;

use awc::http::header::HeaderValue;
use switchyard_actors::domain::provider::Provider;
use tokio::time::Instant;

use crate::upstream::socket::Socket;
use crate::wire::responses::socket::say::Written;

/// A client's socket as its requests know it.
pub struct Link {
    /// The beta that the client asked for, with which providers are asked.
    pub beta: HeaderValue,
    kept: RefCell<Option<Kept>>,
    written: RefCell<Option<Written>>,
    /// Counts beginnings and ends: what is left of a turn that is over changes nothing here.
    turn: Cell<u64>,
    close: Cell<Option<u16>>,
    end: RefCell<Option<Ended>>,
}

/// A turn that was ended by us, not by its client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The status of its row.
    pub status: u16,
    /// Why.
    pub text: Arc<str>,
}

/// A socket to a provider between two turns.
pub struct Kept {
    /// The provider, as it was.
    pub provider: Arc<Provider>,
    /// The address.
    pub url: String,
    /// The socket.
    pub socket: Socket,
    /// The response that the provider remembers.
    pub remembers: Option<String>,
}

impl Link {
    /// Makes the link of a client.
    #[must_use]
    pub fn new(beta: HeaderValue) -> Self {
        Self {
            beta,
            kept: RefCell::default(),
            written: RefCell::default(),
            turn: Cell::default(),
            close: Cell::default(),
            end: RefCell::default(),
        }
    }

    /// A turn begins, with the input that its client wrote.
    pub fn begin(&self, written: Written) {
        self.next();
        self.written.replace(Some(written));
    }

    /// The turn is over: nothing of it is held any longer, and nothing of it counts.
    pub fn rest(&self) {
        self.next();
        self.written.take();
    }

    fn next(&self) {
        self.turn.set(self.turn.get() + 1);
        self.close.take();
        self.end.take();
    }

    /// Returns the number of the turn under way.
    #[must_use]
    pub const fn turn(&self) -> u64 {
        self.turn.get()
    }

    /// Returns the input of the turn as its client wrote it.
    #[must_use]
    pub fn written(&self) -> Option<Written> {
        self.written.borrow().clone()
    }

    /// Keeps the socket of a turn for the next one; one that was kept before is closed.
    pub fn keep(&self, turn: u64, kept: Kept) {
        let other =
            if turn == self.turn.get() { self.kept.replace(Some(kept)) } else { Some(kept) };
        if let Some(other) = other {
            other.socket.leave();
        }
    }

    /// Serves the socket that is kept: its pings are answered, and one that says anything else, or
    /// ends, is let go.
    pub fn poll_kept(&self, cx: &mut Context<'_>) {
        let mut kept = self.kept.borrow_mut();
        let is_over = |kept: &mut Kept| kept.socket.poll_heard(cx).is_ready();
        if let Some(over) = kept.take_if(is_over) {
            over.socket.leave();
        }
    }

    /// Takes the socket that is kept, where it leads to the same place as before.
    #[must_use]
    pub fn take(&self, provider: &Provider, url: &str) -> Option<Kept> {
        let kept = self.kept.take()?;
        if *kept.provider == *provider && kept.url == url {
            return Some(kept);
        }
        kept.socket.leave();
        None
    }

    /// The provider has closed in a turn with a code that its client has to hear.
    pub fn close_with(&self, turn: u64, code: u16) {
        if turn == self.turn.get() {
            self.close.set(Some(code));
        }
    }

    /// Takes that code.
    pub fn take_close(&self) -> Option<u16> {
        self.close.take()
    }

    /// We end the turn under way: its client has not left.
    pub fn end_with(&self, status: u16, text: &str) {
        self.end.replace(Some(Ended { status, text: Arc::from(text) }));
    }

    /// Takes how we ended the turn.
    pub fn take_end(&self) -> Option<Ended> {
        self.end.take()
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if let Some(kept) = self.kept.take() {
            kept.socket.leave();
        }
    }
}

/// How long an address that takes no sockets is not asked for one again.
const UNSUPPORTED: Duration = Duration::from_mins(5);
/// The same where one failed in another way; it doubles with each failure up to the other one.
const FAILED: Duration = Duration::from_secs(30);

/// The addresses that take no sockets, as one worker knows them. What a client asks behind a `?` makes no other
/// address.
#[derive(Default)]
pub struct Refusals(RefCell<HashMap<String, Refusal>>);

struct Refusal {
    until: Instant,
    failures: u32,
}

impl Refusals {
    /// Notes that an address takes none at all.
    pub fn unsupported(&self, url: &str) {
        self.note(url, 0, UNSUPPORTED);
    }

    /// Notes that a socket to an address has failed.
    pub fn failed(&self, url: &str) {
        let before = self.0.borrow().get(address(url)).map_or(0, |refusal| refusal.failures);
        let lasts = FAILED.saturating_mul(1_u32.checked_shl(before).unwrap_or(u32::MAX));
        self.note(url, before.saturating_add(1), lasts.min(UNSUPPORTED));
    }

    /// Notes that a socket to an address was answered on.
    pub fn works(&self, url: &str) {
        self.0.borrow_mut().remove(address(url));
    }

    fn note(&self, url: &str, failures: u32, lasts: Duration) {
        let now = Instant::now();
        let mut known = self.0.borrow_mut();
        // Kept for a while behind their end: what fails again fails for longer.
        known.retain(|_, refusal| refusal.until + UNSUPPORTED > now);
        known.insert(address(url).to_owned(), Refusal { until: now + lasts, failures });
    }

    /// Tells whether an address takes none.
    #[must_use]
    pub fn knows(&self, url: &str) -> bool {
        self.0.borrow().get(address(url)).is_some_and(|refusal| refusal.until > Instant::now())
    }
}

fn address(url: &str) -> &str {
    url.split_once('?').map_or(url, |(address, _)| address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_known_for_its_time() {
        let refusals = Refusals::default();
        refusals.unsupported("a");
        assert!(refusals.knows("a") && !refusals.knows("b"));
        tokio::time::advance(UNSUPPORTED).await;
        assert!(!refusals.knows("a"));
    }

    #[tokio::test(start_paused = true)]
    async fn another_query_is_no_other_address() {
        let refusals = Refusals::default();
        refusals.unsupported("wss://a/v1/responses?x=1");
        assert!(
            refusals.knows("wss://a/v1/responses?x=2") && refusals.knows("wss://a/v1/responses")
        );
        refusals.failed("wss://a/v1/responses?x=3");
        assert_eq!(refusals.0.borrow().len(), 1);
        refusals.works("wss://a/v1/responses?x=4");
        assert!(!refusals.knows("wss://a/v1/responses?x=1"));
    }

    #[tokio::test(start_paused = true)]
    async fn what_fails_again_is_left_alone_for_longer_until_it_works() {
        let refusals = Refusals::default();
        for times in [1, 2, 4, 8, 10, 10] {
            refusals.failed("a");
            let almost = (FAILED * times).saturating_sub(Duration::from_secs(1));
            tokio::time::advance(almost).await;
            assert!(refusals.knows("a"), "{times}");
            tokio::time::advance(Duration::from_secs(1)).await;
            assert!(!refusals.knows("a"), "{times}");
        }
        refusals.works("a");
        refusals.failed("a");
        tokio::time::advance(FAILED).await;
        assert!(!refusals.knows("a"));
    }

    #[test]
    fn what_is_left_of_a_turn_that_is_over_changes_nothing() {
        let link = Link::new(HeaderValue::from_static("x"));
        let written = Written { before: None, items: "1".into() };
        link.begin(written.clone());
        let turn = link.turn();
        assert_eq!(link.written(), Some(written.clone()));
        link.close_with(turn, 1009);
        assert_eq!(link.take_close(), Some(1009));
        link.end_with(502, "too long");
        link.rest();
        assert_eq!((link.written(), link.take_end()), (None, None), "nothing of it is held");
        link.close_with(turn, 1009);
        link.begin(written);
        link.close_with(turn, 1009);
        assert_eq!(link.take_close(), None, "it is another turn");
    }
}

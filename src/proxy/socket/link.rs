//! What the turns of a client's socket share on the provider's side: the socket that is open there,
//! and what the provider remembers of the conversation.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use awc::http::header::HeaderValue;
use switchyard_actors::domain::provider::Provider;
use tokio::time::Instant;

use crate::upstream::socket::Socket;
use crate::wire::responses::socket::say::Delta;

/// A client's socket as its requests know it.
pub struct Link {
    /// The beta that the client asked for, with which providers are asked.
    pub beta: HeaderValue,
    kept: RefCell<Option<Kept>>,
    delta: RefCell<Option<Delta>>,
    close: Cell<Option<u16>>,
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
        Self { beta, kept: RefCell::default(), delta: RefCell::default(), close: Cell::default() }
    }

    /// Says what the turn that begins adds to the one before it.
    pub fn begin(&self, delta: Option<Delta>) {
        self.close.set(None);
        self.delta.replace(delta);
    }

    /// The turn is over: nothing of it is held any longer.
    pub fn rest(&self) {
        self.delta.take();
    }

    /// Returns what the turn adds, for a provider that remembers the response before it.
    #[must_use]
    pub fn delta(&self, remembers: Option<&str>) -> Option<Delta> {
        let delta = self.delta.borrow();
        delta.as_ref().filter(|delta| remembers == Some(delta.before.id.as_str())).cloned()
    }

    /// Keeps a socket for the next turn; one that was kept before is closed.
    pub fn keep(&self, kept: Kept) {
        if let Some(other) = self.kept.replace(Some(kept)) {
            other.socket.leave();
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

    /// The provider has closed with a code that its client has to hear.
    pub fn close_with(&self, code: u16) {
        self.close.set(Some(code));
    }

    /// Takes that code.
    pub fn take_close(&self) -> Option<u16> {
        self.close.take()
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

/// The addresses that take no sockets, as one worker knows them.
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
        let before = self.0.borrow().get(url).map_or(0, |refusal| refusal.failures);
        let lasts = FAILED.saturating_mul(1_u32.checked_shl(before).unwrap_or(u32::MAX));
        self.note(url, before.saturating_add(1), lasts.min(UNSUPPORTED));
    }

    /// Notes that a socket to an address was answered on.
    pub fn works(&self, url: &str) {
        self.0.borrow_mut().remove(url);
    }

    fn note(&self, url: &str, failures: u32, lasts: Duration) {
        let now = Instant::now();
        let mut known = self.0.borrow_mut();
        // Kept for a while behind their end: what fails again fails for longer.
        known.retain(|_, refusal| refusal.until + UNSUPPORTED > now);
        known.insert(url.to_owned(), Refusal { until: now + lasts, failures });
    }

    /// Tells whether an address takes none.
    #[must_use]
    pub fn knows(&self, url: &str) -> bool {
        self.0.borrow().get(url).is_some_and(|refusal| refusal.until > Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::responses::socket::Before;

    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_known_for_its_time() {
        let refusals = Refusals::default();
        refusals.unsupported("a");
        assert!(refusals.knows("a") && !refusals.knows("b"));
        tokio::time::advance(UNSUPPORTED).await;
        assert!(!refusals.knows("a"));
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
    fn what_is_new_is_told_to_who_remembers_the_rest() {
        let link = Link::new(HeaderValue::from_static("x"));
        assert_eq!(link.delta(Some("a")), None);
        let before = Before { id: "a".to_owned(), items: Vec::new() };
        let delta = Delta { before: Arc::new(before), items: "1".into() };
        link.begin(Some(delta.clone()));
        assert_eq!(link.delta(Some("a")), Some(delta));
        assert_eq!(link.delta(Some("b")), None);
        assert_eq!(link.delta(None), None);
        link.rest();
        assert_eq!(link.delta(Some("a")), None, "nothing of the turn is held");
    }
}

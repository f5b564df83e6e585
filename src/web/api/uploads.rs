//! Reads the bodies of the management API and of logins. Who sends them may be anybody: a client
//! may not dawdle, and of those who have not said who they are only so many are listened to at
//! once, so that they cannot fill the memory or hold connections for ever.

use std::time::Duration;

use actix_web::error::PayloadError;
use actix_web::web::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _};
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// Strangers whose bodies are read at once; of a megabyte each, at most.
const STRANGERS: usize = 32;
/// How long the whole body of a stranger may take: one byte now and then keeps no place.
const STRANGER_TIME: Duration = Duration::from_mins(1);

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// It is larger than it may be.
    #[error("the body is too large")]
    Large,
    /// The client stopped sending, or dawdled.
    #[error("the body did not come in time")]
    Slow,
    /// The connection or its framing broke.
    #[error("the body broke off")]
    Broken,
    /// Too many strangers send bodies now.
    #[error("too many bodies are being read")]
    Full,
}

/// Reads bodies.
#[derive(Debug)]
pub struct Uploads {
    idle: Duration,
    strangers: Semaphore,
}

impl Uploads {
    /// Makes one; `idle` is how long a client may stop sending in the middle.
    #[must_use]
    pub fn new(idle: Duration) -> Self {
        Self { idle, strangers: Semaphore::new(STRANGERS) }
    }

    /// Reads the body of somebody who is known.
    pub async fn read<S>(&self, mut body: S, limit: usize) -> Result<Bytes, Unread>
    where
        S: Stream<Item = Result<Bytes, PayloadError>> + Unpin,
    {
        let mut whole = BytesMut::new();
        loop {
            let Some(chunk) = timeout(self.idle, body.next()).await.map_err(|_| Unread::Slow)?
            else {
                return Ok(whole.freeze());
            };
            let chunk = chunk.map_err(|_| Unread::Broken)?;
            if whole.len().saturating_add(chunk.len()) > limit {
                return Err(Unread::Large);
            }
            whole.extend_from_slice(&chunk);
        }
    }

    /// Reads the body of somebody who is not known, when there is a place.
    pub async fn read_of_stranger<S>(&self, body: S, limit: usize) -> Result<Bytes, Unread>
    where
        S: Stream<Item = Result<Bytes, PayloadError>> + Unpin,
    {
        let _place = self.strangers.try_acquire().map_err(|_| Unread::Full)?;
        timeout(STRANGER_TIME, self.read(body, limit)).await.unwrap_or(Err(Unread::Slow))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures_util::stream::{iter, pending, unfold};

    use super::*;

    const IDLE: Duration = Duration::from_secs(30);

    fn chunks<const N: usize>(texts: [&'static str; N]) -> [Result<Bytes, PayloadError>; N] {
        texts.map(|text| Ok(Bytes::from_static(text.as_bytes())))
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_comes_whole_up_to_its_limit() {
        let uploads = Uploads::new(IDLE);
        let body = || iter(chunks(["ab", "cd"]));
        assert_eq!(uploads.read(body(), 4).await.unwrap(), "abcd");
        assert_eq!(uploads.read(body(), 3).await, Err(Unread::Large));
        assert_eq!(uploads.read_of_stranger(body(), 4).await.unwrap(), "abcd");
        let broken = iter(chunks(["ab"]).into_iter().chain([Err(PayloadError::Overflow)]));
        assert_eq!(uploads.read(broken, 4).await, Err(Unread::Broken));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_stops_sending_is_left_after_the_idle_time() {
        let began = tokio::time::Instant::now();
        let body = iter(chunks(["ab"])).chain(pending());
        assert_eq!(Uploads::new(IDLE).read(Box::pin(body), 9).await, Err(Unread::Slow));
        assert_eq!(began.elapsed().as_secs(), IDLE.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn a_stranger_who_sends_a_byte_now_and_then_is_left_as_well() {
        let sent = Cell::new(0);
        let drip = unfold((), |()| async {
            tokio::time::sleep(Duration::from_secs(16)).await;
            sent.set(sent.get() + 1);
            let [chunk] = chunks(["a"]);
            Some((chunk, ()))
        });
        let read = Uploads::new(IDLE).read_of_stranger(Box::pin(drip), 99).await;
        assert_eq!((read, sent.get()), (Err(Unread::Slow), 3));
    }

    #[tokio::test(start_paused = true)]
    async fn strangers_beyond_the_places_are_sent_away_and_the_known_are_not() {
        let uploads = Uploads::new(IDLE);
        let none = || pending::<Result<Bytes, PayloadError>>();
        let mut readers: Vec<_> =
            (0..STRANGERS).map(|_| Box::pin(uploads.read_of_stranger(none(), 9))).collect();
        for reader in &mut readers {
            assert!(futures_util::poll!(reader.as_mut()).is_pending());
        }
        let late = || iter(chunks(["ab"]));
        assert_eq!(uploads.read_of_stranger(late(), 9).await, Err(Unread::Full));
        assert_eq!(uploads.read(late(), 9).await.unwrap(), "ab");
        readers.pop();
        assert_eq!(uploads.read_of_stranger(late(), 9).await.unwrap(), "ab");
    }
}

//! Work on large texts, away from the workers: they have other requests to serve.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::attempt::SHORTEST_TRY;
use super::failure::Failure;
use super::flight::Flight;
use super::forward::time_left;
use super::turns::MOST_WAITING;
use super::worker::Shared;
use crate::metrics::Shed;

/// So long a look may take however little time a request has.
pub const SHORTEST_LOOK: Duration = Duration::from_secs(1);

/// Returns how long a request may wait for a try: the next one must have time enough.
pub fn before_a_try(flight: &Flight) -> Duration {
    let patience = time_left(flight).saturating_sub(SHORTEST_TRY);
    if flight.asked { patience } else { patience.max(SHORTEST_LOOK) }
}

/// Does something here when what it reads is small, away from the worker when it is not; `length` is in
/// bytes.
///
/// # Errors
/// It was given up, which is our fault.
pub async fn away<T: Send + 'static>(
    shared: &Shared,
    length: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    if length <= shared.config.offload_above {
        return Ok(work());
    }
    at_a_place(&shared.offload, work).await.ok_or(Failure::Internal)
}

/// Looks for an operator's patterns, here when what is read is at most `above` bytes long, away from the
/// worker when it is longer: at places of their own, at which users take turns. A request that a provider
/// was asked already waits however much of the user's own does, and each no longer than its patience.
///
/// # Errors
/// Too much of the user's own waits, or it took too long; or it was given up, which is our fault.
pub async fn by_turns<T: Send + 'static>(
    flight: &Flight,
    patience: Duration,
    (above, length): (usize, usize),
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    if length <= above {
        return Ok(work());
    }
    let most = if flight.asked { usize::MAX } else { MOST_WAITING };
    let in_turn = async {
        let turn = flight.worker.shared.patterns.take(flight.caller.user, most).await;
        at(turn.ok_or(Failure::Shed(Shed::Patterns))?, work).await.ok_or(Failure::Internal)
    };
    timeout(patience, in_turn).await.unwrap_or(Err(Failure::Shed(Shed::Patterns)))
}

/// Waits for a place, and works there; `None` when the work was given up.
async fn at_a_place<T: Send + 'static>(
    places: &Arc<Semaphore>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    at(Arc::clone(places).acquire_owned().await.ok()?, work).await
}

/// Works at a place; `None` when the work was given up. Work that has begun cannot be stopped: it keeps its
/// place, and the bytes it reads, to its end, also when nobody waits for it any more. Otherwise clients that
/// leave would have as much done at once as there are threads.
async fn at<T: Send + 'static>(
    place: impl Send + 'static,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let work = move || {
        let _until_the_end = place;
        work()
    };
    tokio::task::spawn_blocking(work).await.ok()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use bytes::Bytes;
    use tokio::time::{sleep, timeout};

    use super::*;
    use crate::proxy::admission::Door;

    #[tokio::test]
    async fn work_that_nobody_waits_for_keeps_its_place_and_its_bytes_to_its_end() {
        let (places, door) = (Arc::new(Semaphore::new(1)), Door::new(1, 10));
        let mut held = door.hold();
        assert!(held.grow(4));
        let body = held.around(Bytes::from_static(b"abcd"));
        let (begun, has_begun) = mpsc::channel();
        let (go_on, may_go_on) = mpsc::channel::<()>();
        let work = at_a_place(&places, move || {
            begun.send(()).unwrap();
            may_go_on.recv().unwrap();
            body.len()
        });
        let left = timeout(Duration::from_millis(100), work).await;
        has_begun.recv().unwrap();
        assert!(left.is_err(), "the client leaves");
        assert_eq!((places.available_permits(), door.held_bytes()), (0, 4));
        go_on.send(()).unwrap();
        while places.available_permits() == 0 || door.held_bytes() > 0 {
            sleep(Duration::from_millis(1)).await;
        }
    }

    #[tokio::test]
    async fn work_that_panics_is_given_up_and_gives_its_place_back() {
        let places = Arc::new(Semaphore::new(1));
        let done: Option<()> = at_a_place(&places, || panic!("on purpose")).await;
        assert_eq!((done, places.available_permits()), (None, 1));
        assert_eq!(at_a_place(&places, || 7).await, Some(7));
    }
}

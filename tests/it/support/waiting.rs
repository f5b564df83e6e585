//! Waiting for something that another process does: by polling, with an end.

use std::time::{Duration, Instant};

/// How long tests wait for what happens after an answer's end (rows, closed sockets).
pub const SOON: Duration = Duration::from_secs(10);
const STEP: Duration = Duration::from_millis(20);

/// Polls until `ready` answers with something; panics with `what` when the time is over.
pub async fn until<T, F>(what: &str, limit: Duration, mut ready: F) -> T
where
    F: AsyncFnMut() -> Option<T>,
{
    let end = Instant::now() + limit;
    loop {
        if let Some(found) = ready().await {
            return found;
        }
        assert!(Instant::now() < end, "waited {limit:?} in vain for: {what}");
        tokio::time::sleep(STEP).await;
    }
}

/// Polls until the condition holds.
pub async fn until_true(what: &str, limit: Duration, mut holds: impl FnMut() -> bool) {
    until(what, limit, async || holds().then_some(())).await;
}

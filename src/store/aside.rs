//! Work that takes a while, away from the thread that waits for it: others wait on that one, too.

use super::error::StoreError;

/// Does something on a thread that may take its time.
///
/// # Errors
/// It was given up: the process is at its end.
pub async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| StoreError::Unavailable(error.to_string()))
}

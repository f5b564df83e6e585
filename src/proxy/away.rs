//! Work on large texts, away from the workers: they have other requests to serve.

use super::failure::Failure;
use super::worker::Shared;

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
    let _place = shared.offload.acquire().await.map_err(|_| Failure::Internal)?;
    tokio::task::spawn_blocking(work).await.map_err(|_| Failure::Internal)
}

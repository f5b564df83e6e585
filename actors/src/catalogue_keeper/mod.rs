//! # `CatalogueKeeper`
//! Keeps the newest catalogue in memory, so that a request does no catalogue I/O (D8).
//! - owns: the one writer of the published catalogue
//! - asked: `Reload` (an admin's own write, deadline 30 s), `Observe`; itself: a poll 500 ms after
//!   the last one
//! - published: `Published<Catalogue>`, replaced as a whole        - asks other actors: never
//! - load: one load at a time; who asks meanwhile waits for the next one, which sees their write
//! - if silent (database away, a row that cannot be read): the old catalogue stays in force without
//!   a time limit, and the view says since when
//! - restart: the first catalogue is loaded before anything is served

mod actor;
mod handle;
mod messages;

#[cfg(test)]
mod tests;

pub use actor::CatalogueKeeper;
pub use handle::CatalogueKeeperHandle;
pub use messages::{CatalogueKeeperView, Observe, ReloadError};

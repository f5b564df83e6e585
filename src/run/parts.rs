//! The seam between the process and what it serves: the store, the journal's replay, the actors,
//! each worker's own state, the routes, and the last flush. Each function is one step of the start
//! or the stop and is called exactly once (`worker` once a worker).

use std::sync::Arc;

use actix_web::web::ServiceConfig;

use super::Basics;
use crate::cli::MigrateMode;
use crate::settings::Settings;
use crate::web::{self, Facts, FactsSource};

/// What runs behind the routes for the life of the process.
pub struct Parts {
    facts: FactsSource,
}

/// What one worker has to itself; made on that worker's thread, so it need not be `Send`.
pub struct WorkerParts;

impl Parts {
    /// Opens the store, replays the journal, loads the catalogue and starts the global actors, in
    /// this order. The process is not ready before it returns.
    ///
    /// # Errors
    /// The sentence says what is not there and what to do.
    #[expect(clippy::unused_async, reason = "the store is opened and the journal replayed here")]
    pub async fn start(basics: &Basics) -> anyhow::Result<Self> {
        let engine = if basics.settings.storage.dsn.is_some() { "PostgreSQL" } else { "SQLite" };
        let facts = Facts { engine: engine.to_owned(), ..Facts::default() };
        Ok(Self { facts: Arc::new(move || facts.clone()) })
    }

    /// Says what the root page shows.
    #[must_use]
    pub fn facts(&self) -> FactsSource {
        Arc::clone(&self.facts)
    }

    /// Makes one worker's state: its actors and upstream clients.
    #[must_use]
    pub const fn worker(&self) -> WorkerParts {
        WorkerParts
    }

    /// Writes what is still in memory, once the last answer has ended.
    #[expect(clippy::unused_async, reason = "the recorder is flushed and awaited here")]
    pub async fn flush(&self) {}
}

/// Brings the database up to date, or says what would be done; returns what to tell the person.
///
/// # Errors
/// The sentence says which migration failed and what to do.
pub fn migrate(_settings: &Settings, _mode: &MigrateMode) -> anyhow::Result<String> {
    anyhow::bail!("this build has no store to migrate")
}

/// Adds every route: first those that need no key, then the relay's and the management API's.
pub fn routes(config: &mut ServiceConfig, _worker: &WorkerParts) {
    web::base(config);
}

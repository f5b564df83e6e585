//! What an instance keeps its state in: the embedded store alone, or PostgreSQL and Redis.

use super::cache::Cache;
use super::services::Database;
use super::switchyard::Switchyard;

/// Where the state of one instance is. It has to outlive the instance.
pub struct Backing {
    servers: Option<(Database, Cache)>,
}

impl Backing {
    /// Both kinds, one after the other.
    pub async fn both() -> [Self; 2] {
        [Self::embedded(), Self::servers().await]
    }

    /// The embedded store alone.
    pub const fn embedded() -> Self {
        Self { servers: None }
    }

    /// A database and a Redis of their own.
    pub async fn servers() -> Self {
        Self { servers: Some((Database::create().await, Cache::start())) }
    }

    /// Returns what it is called when an assertion fails.
    pub fn name(&self) -> &'static str {
        self.servers.as_ref().map_or("embedded store", |_| "PostgreSQL and Redis")
    }

    /// Starts an instance on it with additional environment.
    pub async fn start(&self, extra: &[(&str, &str)]) -> Switchyard {
        let Some((database, cache)) = &self.servers else {
            return Switchyard::start_with(extra).await;
        };
        let (dsn, url) = (database.dsn(), cache.url());
        // A busy machine must not look like a Redis that is away.
        let patience = ("REDIS_TIMEOUT_MS", "3000");
        let own = [("DSN", dsn.as_str()), ("REDIS_URL", url.as_str()), patience];
        Switchyard::start_with(&[&own, extra].concat()).await
    }
}

//! The shared engine: PostgreSQL through a pool in which every wait has an end.

mod errors;
pub(super) mod lock;
mod perform;
mod talk;
mod values;

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{
    Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime,
};
use tokio::time::timeout;
use tokio_postgres::Client;
use tokio_postgres_rustls::MakeRustlsConnect;

use self::errors::{UNANSWERED, explain, is_lost, translate};
use self::perform::perform;
pub(super) use self::talk::Talk;
use super::dsn::{Dsn, STATEMENT};
use super::error::StoreError;
use super::sqlite::{Answer, Step};
use super::tls;

/// How long the first connection may take in all: a start that cannot work ends within 30 s.
const FIRST: Duration = Duration::from_secs(15);
/// How long an answer may take: the server's own limit, and the way there and back.
const ANSWER: Duration = STATEMENT.saturating_add(Duration::from_secs(5));

/// The shared database.
#[derive(Clone)]
pub(crate) struct Pg {
    pool: Pool,
    dsn: Arc<Dsn>,
    connector: MakeRustlsConnect,
}

impl std::fmt::Debug for Pg {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.dsn.place())
    }
}

impl Pg {
    /// Connects, or says in one sentence why that is not possible.
    pub(crate) async fn connect(
        dsn: &str,
        extra_ca: Option<&Path>,
        connections: usize,
    ) -> Result<Self, StoreError> {
        let dsn = Dsn::parse(dsn)?;
        let extra: Vec<&Path> = extra_ca.into_iter().chain(dsn.root_cert.as_deref()).collect();
        let connector = tls::connector(dsn.tls, &extra)?;
        let pool = pool(&dsn, connector.clone(), connections)?;
        let pg = Self { pool, dsn: Arc::new(dsn), connector };
        drop(pg.single().await?);
        Ok(pg)
    }

    /// Names the server for people, without the password.
    pub(crate) fn place(&self) -> String {
        self.dsn.place()
    }

    /// Opens a connection outside the pool, without a limit on the time of a statement.
    pub(crate) async fn single(&self) -> Result<Client, StoreError> {
        let refused =
            |why: String| StoreError::Setup(format!("{} cannot be used: {why}", self.dsn.place()));
        let connecting = self.dsn.config.connect(self.connector.clone());
        let (client, connection) = match timeout(FIRST, connecting).await {
            Ok(Ok(both)) => both,
            Ok(Err(error)) => return Err(refused(explain(&error, self.dsn.tls))),
            Err(_) => return Err(refused(UNANSWERED.to_owned())),
        };
        tokio::spawn(connection);
        let unlimited = client.batch_execute("SET statement_timeout = 0");
        unlimited.await.map_err(|error| refused(explain(&error, self.dsn.tls)))?;
        Ok(client)
    }

    /// Runs one statement; once more on a new connection when the old one was dead and that is safe.
    pub(crate) async fn run(&self, (statement, params): &Step) -> Result<Answer, StoreError> {
        let mut first = true;
        loop {
            let client = self.client().await?;
            let done = within(perform(&client, statement, params)).await;
            match done {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) if first && statement.idempotent && is_lost(&error) => {
                    first = false;
                    self.forget_idle(client);
                }
                Ok(Err(error)) => return Err(translate(statement.name, &error)),
                Err(silence) => {
                    drop(Object::take(client));
                    return Err(silence);
                }
            }
        }
    }

    /// Runs statements in one transaction; returns how many rows each changed.
    pub(crate) async fn batch(&self, steps: &[Step]) -> Result<Vec<u64>, StoreError> {
        let talk = Talk::begin(self).await?;
        let changed = talk.batch(steps).await?;
        talk.commit().await?;
        Ok(changed)
    }

    /// Closes a dead connection and all that idle: they were most likely lost together.
    fn forget_idle(&self, dead: Object) {
        drop(Object::take(dead));
        self.pool.retain(|_, _| false);
    }

    async fn client(&self) -> Result<Object, StoreError> {
        self.pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) => StoreError::Unavailable(explain(&error, self.dsn.tls)),
            PoolError::Timeout(_) => {
                StoreError::Unavailable(format!("{}: no connection in time", self.place()))
            }
            other => StoreError::Unavailable(other.to_string()),
        })
    }
}

fn pool(dsn: &Dsn, connector: MakeRustlsConnect, connections: usize) -> Result<Pool, StoreError> {
    let config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(dsn.config.clone(), connector, config);
    Pool::builder(manager)
        .max_size(connections.max(2))
        .wait_timeout(Some(Duration::from_secs(5)))
        .create_timeout(Some(Duration::from_secs(10)))
        .recycle_timeout(Some(Duration::from_secs(5)))
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(|error| StoreError::Setup(error.to_string()))
}

async fn within<T>(answer: impl Future<Output = T>) -> Result<T, StoreError> {
    let late = |_| StoreError::Unavailable(format!("no answer in {} s", ANSWER.as_secs()));
    timeout(ANSWER, answer).await.map_err(late)
}

//! The shared engine: PostgreSQL through a pool in which every wait has an end.

mod errors;
pub(super) mod lock;
mod values;

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{
    ClientWrapper, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime,
};
use futures_util::future::try_join_all;
use tokio::time::timeout;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error};
use tokio_postgres_rustls::MakeRustlsConnect;

use self::errors::{UNANSWERED, explain, is_lost, translate};
use super::dsn::{Dsn, STATEMENT};
use super::error::StoreError;
use super::sqlite::{Answer, Step};
use super::statement::{Kind, Statement};
use super::tls;
use super::value::{Row, Value};

/// How long the first connection may take in all: a start that cannot work ends within 30 s.
const FIRST: Duration = Duration::from_secs(15);
/// How long an answer may take: the server's own limit, and the way there and back.
const ANSWER: Duration = STATEMENT.saturating_add(Duration::from_secs(5));
/// Statements sent before the first answer is awaited; up to 30 are polled in order.
const PIPELINE: usize = 25;

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

/// A transaction in progress. Dropped before its end, its connection is closed, not reused: the
/// server then rolls back.
pub(crate) struct Talk {
    client: Option<Object>,
}

impl Talk {
    pub(crate) async fn begin(pg: &Pg) -> Result<Self, StoreError> {
        Self::open(pg, "BEGIN").await
    }

    /// Begins one that only reads, and sees one moment. Its sums are read once: compiling them takes
    /// the server longer than running them.
    pub(crate) async fn begin_reading(pg: &Pg) -> Result<Self, StoreError> {
        let words = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL jit = off";
        Self::open(pg, words).await
    }

    async fn open(pg: &Pg, words: &str) -> Result<Self, StoreError> {
        let mut first = true;
        loop {
            let talk = Self { client: Some(pg.client().await?) };
            match within(talk.client()?.batch_execute(words)).await? {
                Ok(()) => return Ok(talk),
                // Nothing has happened yet: a dead connection may be replaced.
                Err(error) if first && is_lost(&error) => {
                    first = false;
                    pg.forget_idle(talk.into_client()?);
                }
                Err(error) => return Err(translate("begin", &error)),
            }
        }
    }

    pub(crate) async fn run(&self, (statement, params): &Step) -> Result<Answer, StoreError> {
        let done = within(perform(self.client()?, statement, params)).await?;
        done.map_err(|error| translate(statement.name, &error))
    }

    pub(crate) async fn batch(&self, steps: &[Step]) -> Result<Vec<u64>, StoreError> {
        let client = self.client()?;
        let mut changed = Vec::with_capacity(steps.len());
        for same in steps.chunk_by(|a, b| a.0.name == b.0.name) {
            if let [(statement, _), _, ..] = same
                && let Some(text) = &statement.together
            {
                let sent = within(perform_together(client, text, statement, same)).await?;
                let rows = sent.map_err(|error| translate(statement.name, &error))?;
                changed.push(rows);
                changed.resize(changed.len() + same.len() - 1, 0);
                continue;
            }
            for piece in same.chunks(PIPELINE) {
                let Some((statement, _)) = piece.first() else { continue };
                let sent = async {
                    prepare(client, statement).await?;
                    try_join_all(piece.iter().map(|step| perform(client, &step.0, &step.1))).await
                };
                let answers = within(sent).await?;
                let answers = answers.map_err(|error| translate(statement.name, &error))?;
                changed.extend(answers.iter().map(|answer| answer.changed));
            }
        }
        Ok(changed)
    }

    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        let done = within(self.client()?.batch_execute("COMMIT")).await?;
        done.map_err(|error| translate("commit", &error))?;
        // Back into the pool.
        drop(self.client.take());
        Ok(())
    }

    fn client(&self) -> Result<&ClientWrapper, StoreError> {
        self.client.as_deref().ok_or_else(ended)
    }

    fn into_client(mut self) -> Result<Object, StoreError> {
        self.client.take().ok_or_else(ended)
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            drop(Object::take(client));
        }
    }
}

fn ended() -> StoreError {
    StoreError::Unavailable("the transaction has ended".to_owned())
}

async fn within<T>(answer: impl Future<Output = T>) -> Result<T, StoreError> {
    let late = |_| StoreError::Unavailable(format!("no answer in {} s", ANSWER.as_secs()));
    timeout(ANSWER, answer).await.map_err(late)
}

async fn prepare(
    client: &ClientWrapper,
    statement: &Statement,
) -> Result<tokio_postgres::Statement, Error> {
    let types: Vec<Type> = statement.params.iter().map(|slot| slot.kind.pg()).collect();
    client.prepare_typed_cached(statement.pg, &types).await
}

async fn perform(
    client: &ClientWrapper,
    statement: &Statement,
    params: &[Value],
) -> Result<Answer, Error> {
    let prepared = prepare(client, statement).await?;
    let params: Vec<&(dyn ToSql + Sync)> =
        params.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
    if statement.returns.is_empty() {
        let changed = client.execute(&prepared, &params).await?;
        return Ok(Answer { rows: Vec::new(), changed });
    }
    let found = client.query(&prepared, &params).await?;
    let mut rows = Vec::with_capacity(found.len());
    for row in &found {
        rows.push(read(statement, row)?);
    }
    let changed = rows.len() as u64;
    Ok(Answer { rows, changed })
}

/// Runs an insert of many rows as one statement; returns how many rows it made.
async fn perform_together(
    client: &ClientWrapper,
    text: &str,
    statement: &Statement,
    rows: &[Step],
) -> Result<u64, Error> {
    let types: Vec<Type> = statement.params.iter().map(|slot| slot.kind.pg_array()).collect();
    let prepared = client.prepare_typed_cached(text, &types).await?;
    let columns: Vec<Vec<&Value>> = (0..types.len())
        .map(|column| rows.iter().filter_map(|(_, params)| params.get(column)).collect())
        .collect();
    let columns: Vec<&(dyn ToSql + Sync)> =
        columns.iter().map(|column| column as &(dyn ToSql + Sync)).collect();
    client.execute(&prepared, &columns).await
}

fn read(statement: &Statement, row: &tokio_postgres::Row) -> Result<Row, Error> {
    let mut values = Vec::with_capacity(statement.returns.len());
    for (index, slot) in statement.returns.iter().enumerate() {
        values.push(match (row.try_get(index)?, slot.kind) {
            (Value::Text(text), Kind::Json) => Value::Json(text),
            (value, _) => value,
        });
    }
    Ok(Row::new(Arc::clone(&statement.returns), values))
}

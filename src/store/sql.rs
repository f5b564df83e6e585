//! The door: named statements in, rows out; nothing else in the program knows the engine.

use std::path::PathBuf;
use std::sync::Arc;

use switchyard_actors::domain::secret::Secret;

use super::error::StoreError;
use super::lanes::Lane;
use super::postgres::Pg;
use super::sqlite::{self, Answer, Lite, Step};
use super::statement::{Statement, Statements};
use super::value::{Row, Value};

/// Statements in one bulk transaction, at most.
const BULK_LIMIT: usize = 500;

/// Where the data lies.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// The directory of the embedded database.
    pub data_dir: PathBuf,
    /// `DSN`: PostgreSQL instead of the embedded database.
    pub dsn: Option<Secret>,
    /// `EXTRA_CA_FILE`: authorities trusted besides the public ones.
    pub extra_ca_file: Option<PathBuf>,
    /// Connections to PostgreSQL, at most.
    pub connections: usize,
}

#[derive(Debug)]
pub(crate) enum Engine {
    Lite(Lite),
    Pg(Pg),
}

#[derive(Debug)]
struct Inner {
    statements: Statements,
    engine: Engine,
}

/// The database. Clones share it.
#[derive(Clone, Debug)]
pub struct Store(Arc<Inner>);

/// Statements that happen together or not at all.
#[derive(Clone, Debug, Default)]
pub struct Batch(Vec<(&'static str, Vec<Value>)>);

impl Batch {
    /// Makes an empty one.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a statement.
    pub fn push(&mut self, name: &'static str, params: Vec<Value>) {
        self.0.push((name, params));
    }

    /// Adds a statement, for chains.
    #[must_use]
    pub fn with(mut self, name: &'static str, params: Vec<Value>) -> Self {
        self.push(name, params);
        self
    }

    /// Returns how many statements it holds.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Tells whether it holds none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Store {
    /// Opens the database. Its tables are made by [`Store::migrate`], which comes next.
    pub async fn connect(config: &StoreConfig) -> Result<Self, StoreError> {
        let statements = Statements::load()?;
        let engine = match &config.dsn {
            Some(dsn) => {
                let extra = config.extra_ca_file.as_deref();
                Engine::Pg(Pg::connect(dsn.reveal(), extra, config.connections).await?)
            }
            None => Engine::Lite(Lite::open(&config.data_dir)?),
        };
        Ok(Self(Arc::new(Inner { statements, engine })))
    }

    /// Names the database for people: engine and place, never a password.
    #[must_use]
    pub fn place(&self) -> String {
        match &self.0.engine {
            Engine::Lite(lite) => sqlite::place(lite.path()),
            Engine::Pg(pg) => pg.place(),
        }
    }

    /// Tells whether other nodes can use the same database.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(self.0.engine, Engine::Pg(_))
    }

    /// Returns all statements.
    #[must_use]
    pub fn statements(&self) -> &Statements {
        &self.0.statements
    }

    /// Runs a statement and returns its rows.
    pub async fn query(
        &self,
        name: &'static str,
        params: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        Ok(self.run(name, params).await?.rows)
    }

    /// Runs a statement and returns its first row.
    pub async fn query_opt(
        &self,
        name: &'static str,
        params: Vec<Value>,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.query(name, params).await?.into_iter().next())
    }

    /// Runs a statement that must give a row.
    pub async fn query_one(
        &self,
        name: &'static str,
        params: Vec<Value>,
    ) -> Result<Row, StoreError> {
        one(name, self.query(name, params).await?)
    }

    /// Runs a statement and returns how many rows it changed.
    pub async fn execute(&self, name: &'static str, params: Vec<Value>) -> Result<u64, StoreError> {
        Ok(self.run(name, params).await?.changed)
    }

    /// Runs a batch in one transaction; returns how many rows each statement changed. Of statements in
    /// a row that may go to PostgreSQL as one (`-- together` in the header), the first tells it for
    /// all, on both engines.
    pub async fn apply(&self, batch: Batch) -> Result<Vec<u64>, StoreError> {
        self.commit(Lane::Interactive, batch).await
    }

    /// Runs a batch in one transaction when nobody else waits for the writer; at most 500
    /// statements, so that those who come meanwhile do not wait long.
    pub async fn apply_bulk(&self, batch: Batch) -> Result<Vec<u64>, StoreError> {
        if batch.len() > BULK_LIMIT {
            let reason = format!("{} statements, at most {BULK_LIMIT}", batch.len());
            return Err(StoreError::Parameters { statement: "bulk batch", reason });
        }
        self.commit(Lane::Bulk, batch).await
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.0.engine
    }

    async fn run(&self, name: &'static str, params: Vec<Value>) -> Result<Answer, StoreError> {
        let step = self.step(name, params)?;
        match &self.0.engine {
            Engine::Lite(lite) => lite.run(step).await,
            Engine::Pg(pg) => pg.run(&step).await,
        }
    }

    async fn commit(&self, lane: Lane, batch: Batch) -> Result<Vec<u64>, StoreError> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let steps = self.steps(batch)?;
        match &self.0.engine {
            Engine::Lite(lite) => lite.batch(lane, steps).await,
            Engine::Pg(pg) => pg.batch(&steps).await,
        }
    }

    pub(super) fn steps(&self, batch: Batch) -> Result<Vec<Step>, StoreError> {
        let mut steps: Vec<Step> = Vec::with_capacity(batch.len());
        for (name, params) in batch.0 {
            // A batch is mostly one statement over and over; it is looked up once.
            let step = match steps.last() {
                Some((last, _)) if last.name == name => accept(last, params)?,
                _ => self.step(name, params)?,
            };
            steps.push(step);
        }
        Ok(steps)
    }

    pub(super) fn step(&self, name: &str, params: Vec<Value>) -> Result<Step, StoreError> {
        accept(self.0.statements.get(name)?, params)
    }
}

fn accept(statement: &Arc<Statement>, params: Vec<Value>) -> Result<Step, StoreError> {
    Ok((Arc::clone(statement), statement.accept(params)?))
}

pub(super) fn one(name: &'static str, rows: Vec<Row>) -> Result<Row, StoreError> {
    let reason = "it gave no row".to_owned();
    rows.into_iter().next().ok_or(StoreError::Failed { statement: name, reason })
}

//! The door: named statements in, rows out; nothing else in the program knows the engine.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};
use switchyard_actors::domain::secret::Secret;
use tokio::sync::oneshot;

use super::error::StoreError;
use super::lanes::Lane;
use super::postgres::{Pg, Talk};
use super::sqlite::{self, Answer, Lite, Step, Work, perform, perform_all, translate};
use super::statement::{Statement, Statements};
use super::value::{Row, Value};

/// Statements in one bulk transaction, at most.
const BULK_LIMIT: usize = 500;
/// A transaction that says nothing this long is rolled back: it holds the only writer.
const TRANSACTION_SILENCE: Duration = Duration::from_secs(5);
/// Who writes waits for the others at the beginning; who reads sees what is there at the first look.
const WRITES: TransactionBehavior = TransactionBehavior::Immediate;
const READS: TransactionBehavior = TransactionBehavior::Deferred;

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

    /// Begins a transaction whose next statement depends on the last one's answer. It holds the
    /// embedded database's only writer: await nothing else while it is open.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let talk = match &self.0.engine {
            Engine::Lite(lite) => {
                Conversation::Lite(converse(|talk| lite.converse(talk), WRITES).await?)
            }
            Engine::Pg(pg) => Conversation::Pg(Box::new(Talk::begin(pg).await?)),
        };
        Ok(Tx { store: self.clone(), talk })
    }

    /// Begins a transaction that only reads: all its statements see the database as the first one
    /// does. It holds up no writer; of the embedded database it takes a reader.
    pub async fn snapshot(&self) -> Result<Tx, StoreError> {
        let talk = match &self.0.engine {
            Engine::Lite(lite) => {
                Conversation::Lite(converse(|talk| lite.converse_reading(talk), READS).await?)
            }
            Engine::Pg(pg) => Conversation::Pg(Box::new(Talk::begin_reading(pg).await?)),
        };
        Ok(Tx { store: self.clone(), talk })
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

    fn steps(&self, batch: Batch) -> Result<Vec<Step>, StoreError> {
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

    fn step(&self, name: &str, params: Vec<Value>) -> Result<Step, StoreError> {
        accept(self.0.statements.get(name)?, params)
    }
}

fn accept(statement: &Arc<Statement>, params: Vec<Value>) -> Result<Step, StoreError> {
    Ok((Arc::clone(statement), statement.accept(params)?))
}

fn one(name: &'static str, rows: Vec<Row>) -> Result<Row, StoreError> {
    let reason = "it gave no row".to_owned();
    rows.into_iter().next().ok_or(StoreError::Failed { statement: name, reason })
}

/// An open transaction. Dropped without [`Tx::commit`], it never happened.
pub struct Tx {
    store: Store,
    talk: Conversation,
}

enum Conversation {
    Lite(Sender<Said>),
    Pg(Box<Talk>),
}

enum Said {
    Run(Step, oneshot::Sender<Result<Answer, StoreError>>),
    Apply(Vec<Step>, oneshot::Sender<Result<Vec<u64>, StoreError>>),
    Commit(oneshot::Sender<Result<(), StoreError>>),
}

impl Tx {
    /// Runs a statement and returns its rows.
    pub async fn query(
        &mut self,
        name: &'static str,
        params: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        Ok(self.run(name, params).await?.rows)
    }

    /// Runs a statement and returns its first row.
    pub async fn query_opt(
        &mut self,
        name: &'static str,
        params: Vec<Value>,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.query(name, params).await?.into_iter().next())
    }

    /// Runs a statement that must give a row.
    pub async fn query_one(
        &mut self,
        name: &'static str,
        params: Vec<Value>,
    ) -> Result<Row, StoreError> {
        one(name, self.query(name, params).await?)
    }

    /// Runs a statement and returns how many rows it changed.
    pub async fn execute(
        &mut self,
        name: &'static str,
        params: Vec<Value>,
    ) -> Result<u64, StoreError> {
        Ok(self.run(name, params).await?.changed)
    }

    /// Runs a batch within the transaction; returns how many rows each statement changed, as
    /// [`Store::apply`] does.
    pub async fn apply(&mut self, batch: Batch) -> Result<Vec<u64>, StoreError> {
        let steps = self.store.steps(batch)?;
        match &self.talk {
            Conversation::Lite(said) => tell(said, |reply| Said::Apply(steps, reply)).await,
            Conversation::Pg(talk) => talk.batch(&steps).await,
        }
    }

    /// Makes it all happen.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self.talk {
            Conversation::Lite(said) => tell(&said, Said::Commit).await,
            Conversation::Pg(talk) => talk.commit().await,
        }
    }

    async fn run(&mut self, name: &'static str, params: Vec<Value>) -> Result<Answer, StoreError> {
        let step = self.store.step(name, params)?;
        match &self.talk {
            Conversation::Lite(said) => tell(said, |reply| Said::Run(step, reply)).await,
            Conversation::Pg(talk) => talk.run(&step).await,
        }
    }
}

async fn tell<T>(
    said: &Sender<Said>,
    word: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Said,
) -> Result<T, StoreError> {
    let (reply, answer) = oneshot::channel();
    said.send(word(reply)).map_err(|_| rolled_back())?;
    answer.await.map_err(|_| rolled_back())?
}

fn rolled_back() -> StoreError {
    StoreError::Unavailable("the transaction was silent too long and was rolled back".to_owned())
}

/// Begins a transaction on one of the embedded database's threads, which `hand_over` finds.
async fn converse(
    hand_over: impl FnOnce(Work) -> Result<(), StoreError>,
    behavior: TransactionBehavior,
) -> Result<Sender<Said>, StoreError> {
    let (said, heard) = mpsc::channel();
    let (ready, begun) = oneshot::channel();
    hand_over(Box::new(move |db| serve(db, behavior, &heard, ready)))?;
    begun.await.map_err(|_| rolled_back())??;
    Ok(said)
}

/// Serves one transaction on a thread of the database.
fn serve(
    db: &mut Connection,
    behavior: TransactionBehavior,
    heard: &Receiver<Said>,
    ready: oneshot::Sender<Result<(), StoreError>>,
) {
    let begun = db.transaction_with_behavior(behavior);
    let transaction = match begun {
        Ok(transaction) => transaction,
        Err(error) => {
            let _ = ready.send(Err(translate("begin", &error)));
            return;
        }
    };
    if ready.send(Ok(())).is_err() {
        return;
    }
    // Leaving the loop in any other way than by a commit rolls back.
    while let Ok(said) = heard.recv_timeout(TRANSACTION_SILENCE) {
        match said {
            Said::Run((statement, params), reply) => {
                let _ = reply.send(perform(&transaction, &statement, &params));
            }
            Said::Apply(steps, reply) => {
                let _ = reply.send(perform_all(&transaction, &steps));
            }
            Said::Commit(reply) => {
                let done = transaction.commit().map_err(|error| translate("commit", &error));
                let _ = reply.send(done);
                return;
            }
        }
    }
}

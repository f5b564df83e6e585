//! The embedded engine: one file, one writer thread, three readers that cannot write.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ErrorCode, OpenFlags, ffi};
use switchyard_actors::priority::step_back;
use tokio::sync::oneshot;

use super::error::{Rule, StoreError};
use super::lanes::{Lane, Lanes};
use super::statement::{Kind, Statement};
use super::text::Text;
use super::value::{Row, Value};

/// The file's name in the data directory.
pub(crate) const FILE_NAME: &str = "switchyard.db";
/// Statements a connection keeps prepared; the default of 16 thrashes.
const CACHED_STATEMENTS: usize = 256;
/// Readers; reading is fast and memory is dear.
const READERS: usize = 3;
/// A bulk piece that holds the writer longer than this is said in the log.
const BULK_SPAN: Duration = Duration::from_millis(50);
/// A thread runs SQL and nothing deep.
const STACK: usize = 512 * 1024;

/// Small page caches: the whole program is to rest under 40 MiB. The system caches the file.
const READING: &str = "PRAGMA cache_size = -1024; PRAGMA query_only = ON;";
/// A batch touches the ends of all the ledger's indexes; with 1 MiB it reads them anew each time.
/// Pages that change in batch after batch go into the file once in 8 MiB of log, not in 4.
const WRITING: &str = "PRAGMA cache_size = -4096; PRAGMA wal_autocheckpoint = 2000;";

/// The writer's thread: rows go through it, which are in the journal already.
const WRITER: &str = "store-writer";

/// What a thread of the database does with its connection.
pub(crate) type Work = Box<dyn FnOnce(&mut Connection) + Send>;

/// What a statement gave: rows, and how many rows it changed.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) rows: Vec<Row>,
    pub(crate) changed: u64,
}

/// A statement with parameters that fit it.
pub(crate) type Step = (Arc<Statement>, Vec<Value>);

/// The embedded database. Dropping it lets its threads finish what waits and end.
pub(crate) struct Lite {
    path: PathBuf,
    writer: Arc<Lanes<Work>>,
    readers: Arc<Lanes<Work>>,
}

impl Lite {
    /// Opens (or makes) the file in the directory and starts the threads.
    pub(crate) fn open(directory: &Path) -> Result<Self, StoreError> {
        let path = directory.join(FILE_NAME);
        let fault = |error: &rusqlite::Error| open_fault(&path, error);
        make_private(&path);
        let writer = connect(&path, false).map_err(|error| fault(&error))?;
        let lite = Self { path: path.clone(), writer: Arc::default(), readers: Arc::default() };
        start(WRITER, writer, &lite.writer)?;
        for _ in 0..READERS {
            let reader = connect(&path, true).map_err(|error| fault(&error))?;
            start("store-reader", reader, &lite.readers)?;
        }
        Ok(lite)
    }

    /// Returns where the file is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Runs one statement, on a reader when it only reads.
    pub(crate) async fn run(&self, step: Step) -> Result<Answer, StoreError> {
        let lanes = if step.0.reads { &self.readers } else { &self.writer };
        submit(lanes, Lane::Interactive, move |db| perform(db, &step.0, &step.1)).await
    }

    /// Runs statements in one transaction; returns how many rows each changed.
    pub(crate) async fn batch(&self, lane: Lane, steps: Vec<Step>) -> Result<Vec<u64>, StoreError> {
        let work = move |db: &mut Connection| {
            let began = Instant::now();
            let done = in_transaction(db, |db| perform_all(db, &steps));
            if lane == Lane::Bulk && began.elapsed() > BULK_SPAN {
                let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
                tracing::warn!(took_ms, statements = steps.len(), "a bulk write held the writer");
            }
            done
        };
        submit(&self.writer, lane, work).await
    }

    /// Runs a closure on the writer's connection.
    pub(crate) async fn with_writer<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        submit(&self.writer, Lane::Interactive, work).await
    }

    /// Hands the writer's connection to a conversation until that ends it.
    pub(crate) fn converse(&self, conversation: Work) -> Result<(), StoreError> {
        self.writer.push(Lane::Interactive, conversation).map_err(|_| gone())
    }

    /// Hands a reader's connection to a conversation until that ends it.
    pub(crate) fn converse_reading(&self, conversation: Work) -> Result<(), StoreError> {
        self.readers.push(Lane::Interactive, conversation).map_err(|_| gone())
    }
}

impl std::fmt::Debug for Lite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.path.fmt(f)
    }
}

impl Drop for Lite {
    fn drop(&mut self) {
        self.writer.close();
        self.readers.close();
    }
}

/// Names a file for people.
pub(crate) fn place(path: &Path) -> String {
    format!("SQLite in {}", path.display())
}

/// Opens the directory's file for reading alone and makes nothing; `None` when there is none.
pub(crate) fn look(directory: &Path) -> Result<(PathBuf, Option<Connection>), StoreError> {
    let path = directory.join(FILE_NAME);
    if !path.exists() {
        return Ok((path, None));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(&path, flags)
        .and_then(|db| db.busy_timeout(Duration::from_secs(5)).map(|()| db));
    let db = opened.map_err(|error| open_fault(&path, &error))?;
    Ok((path, Some(db)))
}

/// Makes the file readable by its owner alone, when it is new. SQLite gives its companions the same
/// mode, and tells what is wrong when this failed.
fn make_private(path: &Path) {
    let mut options = OpenOptions::new();
    options.append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(path));
}

fn start(name: &str, mut db: Connection, lanes: &Arc<Lanes<Work>>) -> Result<(), StoreError> {
    let lanes = Arc::clone(lanes);
    let steps_back = name == WRITER;
    let thread = thread::Builder::new().name(name.to_owned()).stack_size(STACK);
    let run = move || {
        if steps_back {
            step_back();
        }
        while let Some(work) = lanes.pop() {
            work(&mut db);
        }
    };
    thread.spawn(run).map(drop).map_err(|error| {
        StoreError::Setup(format!("cannot start a thread for the database: {error}"))
    })
}

async fn submit<T: Send + 'static>(
    lanes: &Lanes<Work>,
    lane: Lane,
    work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let (reply, answer) = oneshot::channel();
    let work: Work = Box::new(move |db| {
        // The asker may be gone; the work is done all the same.
        let _ = reply.send(work(db));
    });
    lanes.push(lane, work).map_err(|_| gone())?;
    answer.await.map_err(|_| gone())?
}

fn gone() -> StoreError {
    StoreError::Unavailable("the store is closed".to_owned())
}

fn connect(path: &Path, reader: bool) -> rusqlite::Result<Connection> {
    let db = Connection::open(path)?;
    db.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    db.busy_timeout(Duration::from_secs(5))?;
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 67108864;",
    )?;
    db.execute_batch(if reader { READING } else { WRITING })?;
    Ok(db)
}

fn open_fault(path: &Path, error: &rusqlite::Error) -> StoreError {
    let path = path.display();
    let advice = match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            "it is not a sound SQLite database; put a backup in its place or move it away"
        }
        Some(ErrorCode::DiskFull) => "the disk is full; make room",
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another program holds it; end that program"
        }
        _ => "check that the directory exists and may be written by this user",
    };
    StoreError::Setup(format!("cannot open the database {path}: {error}; {advice}"))
}

/// Runs one statement on a connection.
pub(crate) fn perform(
    db: &Connection,
    statement: &Statement,
    params: &[Value],
) -> Result<Answer, StoreError> {
    carry_out(&mut prepare(db, statement)?, db, statement, params)
}

/// Runs statements in their order; those of one name that follow each other are prepared once.
/// Returns how many rows each changed.
pub(crate) fn perform_all(db: &Connection, steps: &[Step]) -> Result<Vec<u64>, StoreError> {
    let mut changed = Vec::with_capacity(steps.len());
    for same in steps.chunk_by(|(one, _), (next, _)| Arc::ptr_eq(one, next)) {
        let Some((statement, _)) = same.first() else { continue };
        let mut prepared = prepare(db, statement)?;
        let mut told = Vec::with_capacity(same.len());
        for (_, params) in same {
            told.push(carry_out(&mut prepared, db, statement, params)?.changed);
        }
        if statement.together.is_some() {
            tell_with_the_first(&mut told);
        }
        changed.append(&mut told);
    }
    Ok(changed)
}

/// Counts rows as PostgreSQL does where it runs the statements as one: the first tells it for all.
fn tell_with_the_first(told: &mut [u64]) {
    let all = told.iter().sum();
    told.fill(0);
    if let Some(first) = told.first_mut() {
        *first = all;
    }
}

fn prepare<'db>(
    db: &'db Connection,
    statement: &Statement,
) -> Result<CachedStatement<'db>, StoreError> {
    db.prepare_cached(&statement.lite).map_err(|error| translate(statement.name, &error))
}

fn carry_out(
    prepared: &mut CachedStatement<'_>,
    db: &Connection,
    statement: &Statement,
    params: &[Value],
) -> Result<Answer, StoreError> {
    let fault = |error: rusqlite::Error| translate(statement.name, &error);
    let params = rusqlite::params_from_iter(params);
    if statement.returns.is_empty() {
        let changed = prepared.execute(params).map_err(fault)?;
        return Ok(Answer { rows: Vec::new(), changed: changed as u64 });
    }
    let mut found = prepared.query(params).map_err(fault)?;
    let mut rows = Vec::new();
    while let Some(row) = found.next().map_err(fault)? {
        rows.push(read(statement, row).map_err(fault)?);
    }
    Ok(Answer { rows, changed: db.changes() })
}

/// Runs a closure between BEGIN IMMEDIATE and COMMIT; rolls back when it fails.
pub(crate) fn in_transaction<T>(
    db: &mut Connection,
    work: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let fault = |error: rusqlite::Error| translate("transaction", &error);
    let transaction =
        db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(fault)?;
    let done = work(&transaction)?;
    transaction.commit().map_err(fault)?;
    Ok(done)
}

fn read(statement: &Statement, row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    let mut values = Vec::with_capacity(statement.returns.len());
    for (index, slot) in statement.returns.iter().enumerate() {
        let column = row.get_ref(index)?;
        let unreadable =
            |kind| rusqlite::Error::InvalidColumnType(index, slot.name.to_owned(), kind);
        values.push(match (column, slot.kind) {
            (ValueRef::Null, _) => Value::Null,
            (ValueRef::Integer(number), _) => Value::Int(number),
            (ValueRef::Text(_), Kind::Json) => Value::Json(Text::Own(column.as_str()?.to_owned())),
            (ValueRef::Text(_), _) => Value::from(column.as_str()?),
            (ValueRef::Blob(bytes), _) => Value::Bytes(bytes.to_vec()),
            (ValueRef::Real(_), _) => return Err(unreadable(column.data_type())),
        });
    }
    Ok(Row::new(Arc::clone(&statement.returns), values))
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
            Self::Text(text) | Self::Json(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

/// Puts an error of the engine into the store's words. SQLite's messages name columns, not values.
pub(crate) fn translate(statement: &'static str, error: &rusqlite::Error) -> StoreError {
    let reason = error.to_string();
    let Some(failure) = error.sqlite_error() else {
        return StoreError::Failed { statement, reason };
    };
    let rule = match failure.extended_code {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY => Some(Rule::Unique),
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => Some(Rule::Reference),
        _ => (failure.code == ErrorCode::ConstraintViolation).then_some(Rule::Check),
    };
    if let Some(rule) = rule {
        return StoreError::Broken { statement, rule, detail: reason };
    }
    match failure.code {
        ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::DiskFull
        | ErrorCode::SystemIoFailure => StoreError::Unavailable(reason),
        _ => StoreError::Failed { statement, reason },
    }
}

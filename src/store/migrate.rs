//! Brings the tables up to date: one runner for both engines, under a lock, each step once.
//!
//! Files lie in `sql/migrations/<engine>/NNNN_name.sql`. A file that has landed is never edited;
//! its checksum is compared. A step runs in a transaction unless its first line is
//! `-- no-transaction`; such a file holds exactly one statement.

use std::time::Duration;

use include_dir::{Dir, include_dir};
use rusqlite::Connection;
use sha2::{Digest, Sha256};
use switchyard_actors::domain::instant::Micros;
use tokio_postgres::Client;

use super::error::StoreError;
use super::postgres::{Pg, lock};
use super::sql::{Engine, Store, StoreConfig};
use super::sqlite::{self, Lite};

static POSTGRES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/sql/migrations/postgres");
static SQLITE: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/sql/migrations/sqlite");

/// How long another node may take to migrate; a start that cannot work ends within 30 s.
const PATIENCE: Duration = Duration::from_secs(20);
const BOOK: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (
    version BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL,
    applied_at BIGINT NOT NULL)";
const BOOK_LITE: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (
    version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL,
    applied_at INTEGER NOT NULL) STRICT";
const APPLIED: &str =
    "SELECT version, name, checksum, applied_at FROM schema_migrations ORDER BY version";

/// One step of the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Its place in the order.
    pub version: i64,
    /// The file's name without its ending.
    pub name: &'static str,
    /// What it runs.
    pub sql: &'static str,
}

impl Migration {
    fn checksum(&self) -> String {
        hex::encode(Sha256::digest(self.sql.as_bytes()))
    }

    fn in_transaction(&self) -> bool {
        !self.sql.starts_with("-- no-transaction")
    }
}

/// A step and when it was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationStatus {
    /// The step's name.
    pub name: String,
    /// When it was applied; `None` is pending.
    pub applied_at: Option<Micros>,
}

#[derive(Clone, Debug)]
struct Applied {
    version: i64,
    name: String,
    checksum: String,
    at: i64,
}

impl Store {
    /// Applies what is pending, with `auto` off only checks that nothing is. Two nodes may do so
    /// at once: one waits for the other, up to 20 s. Returns the names of the steps it applied.
    pub async fn migrate(&self, auto: bool, now: Micros) -> Result<Vec<&'static str>, StoreError> {
        self.migrate_within(PATIENCE, auto, now).await
    }

    /// Does the same with another patience for who migrates already.
    pub async fn migrate_within(
        &self,
        patience: Duration,
        auto: bool,
        now: Micros,
    ) -> Result<Vec<&'static str>, StoreError> {
        if !auto {
            return match self.pending_migrations().await?.first() {
                None => Ok(Vec::new()),
                Some(step) => Err(StoreError::Setup(format!(
                    "the database needs the migration {} and AUTO_MIGRATE is false; run \
                     `switchyard migrate` or set AUTO_MIGRATE=true",
                    step.name
                ))),
            };
        }
        match self.engine() {
            Engine::Lite(lite) => apply_lite(lite, now).await,
            Engine::Pg(pg) => apply_pg(pg, patience, now).await,
        }
    }

    /// Returns the steps that [`Store::migrate`] would apply, in order, with their text.
    pub async fn pending_migrations(&self) -> Result<Vec<Migration>, StoreError> {
        let (steps, applied) = match self.engine() {
            Engine::Lite(lite) => (steps(&SQLITE)?, lite.with_writer(|db| applied_lite(db)).await?),
            Engine::Pg(pg) => (steps(&POSTGRES)?, applied_pg(&pg.single().await?).await?),
        };
        check(&steps, &applied)?;
        Ok(pending(steps, &applied))
    }
}

/// A database's migrations as they stand, found without changing anything: a database that is not
/// there yet is not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// The database, as [`Store::place`] names it.
    pub place: String,
    /// Every step with its state, in order.
    pub steps: Vec<MigrationStatus>,
    /// The steps that [`Store::migrate`] would apply, in order, with their text.
    pub pending: Vec<Migration>,
}

impl Outlook {
    /// Looks; refuses a database that a newer program has changed.
    pub async fn of(config: &StoreConfig) -> Result<Self, StoreError> {
        let Some(dsn) = &config.dsn else {
            let (path, db) = sqlite::look(&config.data_dir)?;
            let applied = db.map_or_else(|| Ok(Vec::new()), |db| applied_lite(&db))?;
            return Self::new(sqlite::place(&path), steps(&SQLITE)?, &applied);
        };
        let pg = Pg::connect(dsn.reveal(), config.extra_ca_file.as_deref(), 1).await?;
        Self::new(pg.place(), steps(&POSTGRES)?, &applied_pg(&pg.single().await?).await?)
    }

    fn new(place: String, all: Vec<Migration>, applied: &[Applied]) -> Result<Self, StoreError> {
        check(&all, applied)?;
        let at = |version| applied.iter().find(|done| done.version == version).map(|done| done.at);
        let status = |step: &Migration| MigrationStatus {
            name: step.name.to_owned(),
            applied_at: at(step.version).map(Micros),
        };
        let steps = all.iter().map(status).collect();
        Ok(Self { place, steps, pending: pending(all, applied) })
    }
}

fn steps(files: &'static Dir<'static>) -> Result<Vec<Migration>, StoreError> {
    let mut steps = Vec::new();
    for file in files.files() {
        let name = file.path().file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        let version = name.split_once('_').and_then(|(number, _)| number.parse().ok());
        let (Some(version), Some(sql)) = (version, file.contents_utf8()) else {
            return Err(StoreError::Setup(format!("{name} is no name of a migration")));
        };
        steps.push(Migration { version, name, sql });
    }
    steps.sort_by_key(|step| step.version);
    for (one, next) in steps.iter().zip(steps.iter().skip(1)) {
        if one.version == next.version {
            let text = format!("{} and {} have one number", one.name, next.name);
            return Err(StoreError::Setup(text));
        }
    }
    Ok(steps)
}

fn pending(steps: Vec<Migration>, applied: &[Applied]) -> Vec<Migration> {
    let is_done = |step: &Migration| applied.iter().any(|done| done.version == step.version);
    steps.into_iter().filter(|step| !is_done(step)).collect()
}

fn check(steps: &[Migration], applied: &[Applied]) -> Result<(), StoreError> {
    for done in applied {
        let Some(step) = steps.iter().find(|step| step.version == done.version) else {
            return Err(StoreError::Setup(format!(
                "the database has the migration {}, which this version of Switchyard does not \
                 know; start the newer version, or restore a backup from before it",
                done.name
            )));
        };
        if step.checksum() != done.checksum {
            return Err(StoreError::Setup(format!(
                "the migration {} is not the one that was applied to this database; start the \
                 version of Switchyard that applied it, or restore the file",
                done.name
            )));
        }
    }
    Ok(())
}

fn failed(step: &Migration, reason: &str) -> StoreError {
    let state =
        if step.in_transaction() { "nothing of it was kept" } else { "it may be done in part" };
    StoreError::Setup(format!(
        "the migration {} failed: {reason}; {state}: remove the cause and start again, or go \
         back to the version before",
        step.name
    ))
}

async fn apply_lite(lite: &Lite, now: Micros) -> Result<Vec<&'static str>, StoreError> {
    let all = steps(&SQLITE)?;
    lite.with_writer(move |db| {
        db.execute_batch(BOOK_LITE).map_err(|error| lite_fault(&error))?;
        let mut names = Vec::new();
        for step in &all {
            if apply_one_lite(db, &all, step, now)? {
                names.push(step.name);
            }
        }
        Ok(names)
    })
    .await
}

/// Applies a step unless it is applied; looks again under the lock, since another process may
/// have been faster.
fn apply_one_lite(
    db: &mut Connection,
    all: &[Migration],
    step: &Migration,
    now: Micros,
) -> Result<bool, StoreError> {
    let fault = |error: &rusqlite::Error| failed(step, &error.to_string());
    if !step.in_transaction() {
        if is_applied(&applied_lite(db)?, all, step)? {
            return Ok(false);
        }
        db.execute_batch(step.sql).map_err(|error| fault(&error))?;
        note_lite(db, step, now).map_err(|error| fault(&error))?;
        return Ok(true);
    }
    let kind = rusqlite::TransactionBehavior::Immediate;
    let transaction = db.transaction_with_behavior(kind).map_err(|error| fault(&error))?;
    if is_applied(&applied_lite(&transaction)?, all, step)? {
        return Ok(false);
    }
    transaction.execute_batch(step.sql).map_err(|error| fault(&error))?;
    note_lite(&transaction, step, now).map_err(|error| fault(&error))?;
    transaction.commit().map_err(|error| fault(&error))?;
    Ok(true)
}

fn is_applied(
    applied: &[Applied],
    all: &[Migration],
    step: &Migration,
) -> Result<bool, StoreError> {
    check(all, applied)?;
    Ok(applied.iter().any(|done| done.version == step.version))
}

fn note_lite(db: &Connection, step: &Migration, now: Micros) -> rusqlite::Result<usize> {
    db.execute(
        "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (?1, ?2, ?3, ?4)",
        (step.version, step.name, step.checksum(), now.0),
    )
}

fn applied_lite(db: &Connection) -> Result<Vec<Applied>, StoreError> {
    let fault = |error: rusqlite::Error| lite_fault(&error);
    let book = "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'schema_migrations'";
    let exists: i64 = db.query_row(book, [], |row| row.get(0)).map_err(fault)?;
    if exists == 0 {
        return Ok(Vec::new());
    }
    let mut statement = db.prepare(APPLIED).map_err(fault)?;
    let rows = statement.query_map([], |row| {
        let (version, name) = (row.get(0)?, row.get(1)?);
        Ok(Applied { version, name, checksum: row.get(2)?, at: row.get(3)? })
    });
    rows.map_err(fault)?.collect::<rusqlite::Result<_>>().map_err(fault)
}

fn lite_fault(error: &rusqlite::Error) -> StoreError {
    StoreError::Setup(format!("the list of migrations cannot be used: {error}"))
}

async fn apply_pg(
    pg: &Pg,
    patience: Duration,
    now: Micros,
) -> Result<Vec<&'static str>, StoreError> {
    let mut client = pg.single().await?;
    lock::take(&client, patience).await?;
    let done = apply_all_pg(&mut client, now).await;
    lock::give_back(&client).await;
    done
}

async fn apply_all_pg(client: &mut Client, now: Micros) -> Result<Vec<&'static str>, StoreError> {
    let all = steps(&POSTGRES)?;
    client.batch_execute(BOOK).await.map_err(|error| pg_fault(&error))?;
    let applied = applied_pg(client).await?;
    check(&all, &applied)?;
    let mut names = Vec::new();
    for step in pending(all, &applied) {
        let done = apply_one_pg(client, &step, now).await;
        done.map_err(|error| failed(&step, &told(&error)))?;
        names.push(step.name);
    }
    Ok(names)
}

async fn apply_one_pg(
    client: &mut Client,
    step: &Migration,
    now: Micros,
) -> Result<(), tokio_postgres::Error> {
    const NOTE: &str = "INSERT INTO schema_migrations (version, name, checksum, applied_at) \
                        VALUES ($1, $2, $3, $4)";
    let checksum = step.checksum();
    if !step.in_transaction() {
        client.batch_execute(step.sql).await?;
        client.execute(NOTE, &[&step.version, &step.name, &checksum, &now.0]).await?;
        return Ok(());
    }
    let transaction = client.transaction().await?;
    transaction.batch_execute(step.sql).await?;
    transaction.execute(NOTE, &[&step.version, &step.name, &checksum, &now.0]).await?;
    transaction.commit().await
}

async fn applied_pg(client: &Client) -> Result<Vec<Applied>, StoreError> {
    let fault = |error: tokio_postgres::Error| pg_fault(&error);
    let book = "SELECT to_regclass('schema_migrations') IS NOT NULL";
    let exists: bool =
        client.query_one(book, &[]).await.and_then(|row| row.try_get(0)).map_err(fault)?;
    if !exists {
        return Ok(Vec::new());
    }
    let rows = client.query(APPLIED, &[]).await.map_err(fault)?;
    let read = |row: &tokio_postgres::Row| {
        let (version, name) = (row.try_get(0)?, row.try_get(1)?);
        Ok(Applied { version, name, checksum: row.try_get(2)?, at: row.try_get(3)? })
    };
    rows.iter().map(read).collect::<Result<_, _>>().map_err(fault)
}

fn told(error: &tokio_postgres::Error) -> String {
    error.as_db_error().map_or_else(|| error.to_string(), |told| told.message().to_owned())
}

fn pg_fault(error: &tokio_postgres::Error) -> StoreError {
    StoreError::Setup(format!("the list of migrations cannot be used: {}", told(error)))
}

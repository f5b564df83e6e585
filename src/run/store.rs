//! Opens the store: connected, migrated, with the key its secrets are sealed with.

use std::path::Path;

use switchyard_actors::clock::{Clock, SystemClock};

use crate::app::time::iso;
use crate::cli::MigrateMode;
use crate::server::DataDir;
use crate::settings::Settings;
use crate::store::migrate::Outlook;
use crate::store::{Cipher, Store, StoreConfig};

/// Connections to PostgreSQL, at most; the ledger and the API share them.
const CONNECTIONS: usize = 10;

/// Opens the store and makes it ready for the program.
///
/// # Errors
/// The sentence says what is not there and what to do.
pub async fn open(
    settings: &Settings,
    directory: &Path,
    clock: &dyn Clock,
) -> anyhow::Result<(Store, Cipher)> {
    let store = Store::connect(&config(settings, directory)).await?;
    let applied = store.migrate(settings.storage.auto_migrate, clock.now()).await?;
    if !applied.is_empty() {
        tracing::info!(steps = applied.len(), "the database was brought up to {}", last(&applied));
    }
    let cipher = Cipher::open(settings.storage.secret_key.as_ref(), directory)?;
    cipher.check(&store).await?;
    store.ensure_partitions(clock.now()).await?;
    Ok((store, cipher))
}

/// Brings the database up to date, or says what would be done; returns what to tell the person.
///
/// # Errors
/// The sentence says which migration failed and what to do.
pub fn migrate(settings: &Settings, mode: &MigrateMode) -> anyhow::Result<String> {
    let directory = &settings.storage.data_dir;
    if mode.status || mode.dry_run {
        let config = config(settings, directory);
        let outlook = actix_rt::System::new().block_on(Outlook::of(&config))?;
        return Ok(if mode.status { status(&outlook) } else { dry_run(&outlook) });
    }
    // The embedded store is changed by one process at a time; PostgreSQL has a lock of its own.
    let embedded = settings.storage.dsn.is_none();
    let _lock = embedded.then(|| DataDir::open(directory)).transpose()?;
    actix_rt::System::new().block_on(async {
        let store = Store::connect(&config(settings, directory)).await?;
        let applied = store.migrate(true, SystemClock.now()).await?;
        Ok(match applied.as_slice() {
            [] => format!("{} is up to date", store.place()),
            steps => format!("{}: applied {}", store.place(), steps.join(", ")),
        })
    })
}

fn config(settings: &Settings, directory: &Path) -> StoreConfig {
    StoreConfig {
        data_dir: directory.to_path_buf(),
        dsn: settings.storage.dsn.clone(),
        extra_ca_file: settings.upstream.extra_ca_file.clone(),
        connections: CONNECTIONS,
    }
}

fn status(outlook: &Outlook) -> String {
    let mut lines = vec![outlook.place.clone()];
    for step in &outlook.steps {
        let state = step.applied_at.map_or_else(|| "pending".to_owned(), iso);
        lines.push(format!("{:<40} {state}", step.name));
    }
    lines.join("\n")
}

fn dry_run(outlook: &Outlook) -> String {
    if outlook.pending.is_empty() {
        return format!("{} is up to date", outlook.place);
    }
    let text = outlook.pending.iter().map(|step| format!("-- {}\n{}", step.name, step.sql));
    text.collect::<Vec<_>>().join("\n")
}

fn last(applied: &[&'static str]) -> &'static str {
    applied.last().copied().unwrap_or_default()
}

//! Fills an empty store: people and providers through the use cases, the history through the
//! ledger. Afterwards everything is as if the relay had run here for a month.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use switchyard_actors::clock::ManualClock;
use switchyard_actors::domain::caller::Role;
use switchyard_actors::domain::ledger::LedgerRow;
use switchyard_actors::price_sync::SyncError;
use switchyard_actors::system::Core;

use super::history::{self, DAYS, Scene, days};
use super::people::{self, Member};
use super::upstream;
use crate::app::{Actor, ActorKind, AppContext, AppError};
use crate::store::{Cipher, Store, StoreError};

/// The history is the same in each demonstration that begins at the same instant.
const SEED: u64 = 0x5377_6974_6368;
/// Rows in one transaction: more than usual, for nobody else waits for the writer yet.
const BATCH: usize = 1_000;
/// People were there a little longer than their first rows.
const EARLIER: Duration = Duration::from_hours(12);

/// Why there is no sample.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The played vendors have no port.
    #[error("the demo's sample vendors cannot listen on this machine: {0}")]
    Vendors(#[from] io::Error),
    /// Somebody or something was not taken.
    #[error("the demo's sample data does not fit this version: {0}")]
    App(#[from] AppError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There are no prices.
    #[error("the bundled prices cannot be stored: {0}")]
    Prices(#[from] SyncError),
}

/// What a demonstration goes on with.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Who works here.
    pub members: Vec<Member>,
    /// How many rows the history has.
    pub rows: usize,
}

/// Fills the store of a core that has just started, before its counters are restored.
///
/// # Errors
/// The sample cannot be made; the sentence says why.
pub async fn furnish(core: &Core, store: &Store, cipher: &Cipher) -> Result<Sample, SeedError> {
    let now = core.ports().clock.now();
    let vendors = upstream::start(core.ports().luck.seed())?;
    let zone = core.catalogue().load().settings.zone();
    let past = Arc::new(ManualClock::at(now.minus(days(DAYS) + EARLIER)));
    let mut app = AppContext::alone(store.clone(), cipher.clone(), past, zone);
    app.live.allow_private_urls = true;
    let actor = actor();
    people::add_providers(&app, &actor, vendors).await?;
    let members = people::add_users(&app, &actor, now).await?;
    // The feed is off: this waits for the bundled prices alone.
    core.prices().sync_now().await?;
    publish(core).await;
    let scene = Scene { catalogue: core.catalogue().load(), members, now };
    let rows = scene.rows(SEED);
    for batch in rows.chunks(BATCH) {
        store.write_ledger(batch).await?;
    }
    settle(&app, &actor, &scene, &rows).await?;
    publish(core).await;
    Ok(Sample { members: scene.members, rows: rows.len() })
}

/// Decides what follows from the history, at its end.
async fn settle(
    app: &AppContext,
    actor: &Actor,
    scene: &Scene,
    rows: &[LedgerRow],
) -> Result<(), AppError> {
    let now = scene.now;
    let app = AppContext { clock: Arc::new(ManualClock::at(now)), ..app.clone() };
    let since = now.minus(days(1));
    let spent = |user| history::spent(rows, user, since);
    people::settle_users(&app, actor, &scene.members, spent).await
}

async fn publish(core: &Core) {
    if let Err(error) = core.keeper().reload().await {
        // The keeper looks again in half a second.
        tracing::warn!(%error, "the catalogue could not be published at once");
    }
}

fn actor() -> Actor {
    Actor {
        kind: ActorKind::System,
        role: Role::Admin,
        name: "demo".to_owned(),
        client_ip: None,
        user_agent: None,
    }
}

//! The whole core on real threads: it starts, records, stops, and starts again.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::clock::{CountingLuck, ManualClock, RequestIds};
use crate::credential_keeper::CredentialPorts;
use crate::domain::catalogue::Catalogue;
use crate::domain::dialect::{Dialect, Operation};
use crate::domain::ids::{KeyId, UserId};
use crate::domain::instant::Micros;
use crate::domain::ledger::{LedgerRow, Opened};
use crate::domain::limits::CountedPrice;
use crate::domain::money::Nano;
use crate::ports::{BoxFuture, CatalogueSource, PortError};
use crate::price_sync::PriceConfig;
use crate::rate_limiter::{Rules, WaitConfig};
use crate::shared::breakers::BreakerRules;
use crate::shared::counters::Lifetimes;
use crate::testing::{MemoryCredentials, MemoryLedger, MemoryPrices, ScriptedFeed, ScriptedIssuer};
use crate::usage_recorder::JournalConfig;

const NOW: Micros = Micros(1_772_452_800_000_000);
const SECOND: Duration = Duration::from_secs(1);

struct Fixed;

impl CatalogueSource for Fixed {
    fn load(
        &self,
        have: Option<Arc<Catalogue>>,
    ) -> BoxFuture<'_, Result<Arc<Catalogue>, PortError>> {
        let fresh = || Arc::new(Catalogue { version: 5, ..Catalogue::default() });
        Box::pin(async move { Ok(have.unwrap_or_else(fresh)) })
    }
}

async fn start(data: &Path, ledger: &Arc<MemoryLedger>) -> Arc<Core> {
    let ports = CorePorts {
        ledger: ledger.clone(),
        catalogue: Arc::new(Fixed),
        feed: Arc::<ScriptedFeed>::default(),
        prices: Arc::<MemoryPrices>::default(),
        credentials: CredentialPorts {
            source: Arc::<ScriptedIssuer>::default(),
            store: Arc::<MemoryCredentials>::default(),
        },
        shared: None,
        clock: Arc::new(ManualClock::at(NOW)),
        luck: Arc::new(CountingLuck::from(1)),
    };
    let config = CoreConfig {
        data: data.to_owned(),
        journal: JournalConfig::default(),
        lifetimes: Lifetimes::default(),
        rules: Rules::default(),
        counted: CountedPrice::default(),
        wait: WaitConfig::default(),
        breakers: BreakerRules::default(),
        prices: PriceConfig { seed: Arc::from("{}"), every: Duration::from_mins(30) },
    };
    Core::start(ports, config).await.unwrap()
}

fn row() -> LedgerRow {
    let opened = Opened {
        id: RequestIds::default().mint(NOW, 3),
        started_at: NOW,
        user: UserId(1),
        key: KeyId(1),
        session: None,
        dialect: Dialect::Gemini,
        operation: Operation::Generate,
        path: Arc::from("/v1beta/models/m:generateContent"),
        model: None,
        stream: false,
        estimate: Nano::ZERO,
        client_ip: None,
        user_agent: None,
    };
    LedgerRow::interrupted(opened, NOW)
}

#[actix::test]
async fn a_stop_writes_what_waits_and_leaves_nothing_to_replay() {
    let data = tempfile::tempdir().unwrap();
    let ledger = Arc::<MemoryLedger>::default();
    let core = start(data.path(), &ledger).await;
    assert_eq!(core.catalogue().load().version, 5);
    let workers: Vec<_> = (0..2).map(|one| WorkerActors::start(&core, one).unwrap()).collect();
    let health = core.health().check(SECOND).await;
    assert_eq!(health.len(), 7 + 2 * 3);
    assert!(health.iter().all(|actor| actor.alive && actor.silent_ms == 0), "{health:?}");
    workers[1].journal.closed(&row()).unwrap();
    core.recorder().record(Arc::new(row()));
    core.stop(10 * SECOND).await.unwrap();
    assert_eq!(ledger.rows(), [row()]);
    assert!(!core.recorder().addr().connected(), "its thread has ended");
    let again = start(data.path(), &ledger).await;
    assert_eq!(again.replayed().directories, 0);
    again.stop(10 * SECOND).await.unwrap();
}

#[actix::test]
async fn a_row_that_nobody_was_told_of_is_there_after_the_next_start() {
    let data = tempfile::tempdir().unwrap();
    let ledger = Arc::<MemoryLedger>::default();
    let core = start(data.path(), &ledger).await;
    let worker = WorkerActors::start(&core, 0).unwrap();
    worker.journal.opened(&row().opened).unwrap();
    core.stop(SECOND).await.unwrap();
    drop((worker, core));
    let again = start(data.path(), &ledger).await;
    assert_eq!((again.replayed().interrupted, again.replayed().directories), (1, 1));
    assert_eq!(ledger.rows(), [row()]);
    again.stop(SECOND).await.unwrap();
}

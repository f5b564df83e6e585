//! In-memory ports with switches: they can fail the next calls or be slow.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use crate::domain::ids::RequestId;
use crate::domain::ledger::LedgerRow;
use crate::ports::{
    BoxFuture, FeedAnswer, LedgerSink, PortError, PriceFeed, PriceStore, SheetEntry,
};

/// What a test may do to a port.
#[derive(Debug, Default)]
pub struct Switches {
    failures: AtomicU32,
    delay_ms: AtomicU64,
    calls: AtomicU64,
}

impl Switches {
    /// Makes the next `count` calls fail as unavailable.
    pub fn fail_next(&self, count: u32) {
        self.failures.store(count, Ordering::SeqCst);
    }

    /// Makes every call take this long.
    pub fn delay(&self, span: Duration) {
        let millis = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        self.delay_ms.store(millis, Ordering::SeqCst);
    }

    /// Returns how often the port was called.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }

    pub(super) async fn pass(&self, port: &'static str) -> Result<(), PortError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let delay = self.delay_ms.load(Ordering::SeqCst);
        if delay > 0 {
            tokio::time::sleep(Duration::from_millis(delay)).await;
        }
        let less = |left: u32| left.checked_sub(1);
        match self.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less) {
            Ok(_) => Err(PortError::Unavailable(port, "switched off by the test".to_owned())),
            Err(_) => Ok(()),
        }
    }
}

/// A ledger in memory, idempotent by request id.
#[derive(Debug, Default)]
pub struct MemoryLedger {
    /// Its switches.
    pub switches: Switches,
    rows: Mutex<BTreeMap<RequestId, LedgerRow>>,
}

impl MemoryLedger {
    /// Returns the rows in the order of their ids.
    #[must_use]
    pub fn rows(&self) -> Vec<LedgerRow> {
        self.rows.lock().values().cloned().collect()
    }
}

impl LedgerSink for MemoryLedger {
    fn write<'a>(&'a self, rows: &'a [LedgerRow]) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async move {
            self.switches.pass("ledger").await?;
            let mut kept = self.rows.lock();
            for row in rows {
                kept.entry(row.opened.id).or_insert_with(|| row.clone());
            }
            Ok(())
        })
    }

    fn known<'a>(
        &'a self,
        ids: &'a [RequestId],
    ) -> BoxFuture<'a, Result<Vec<RequestId>, PortError>> {
        Box::pin(async move {
            self.switches.pass("ledger").await?;
            let kept = self.rows.lock();
            Ok(ids.iter().filter(|id| kept.contains_key(id)).copied().collect())
        })
    }
}

/// A price feed that answers from a list, then "unchanged" for ever.
#[derive(Debug, Default)]
pub struct ScriptedFeed {
    /// Its switches.
    pub switches: Switches,
    answers: Mutex<VecDeque<FeedAnswer>>,
    asked: Mutex<Vec<Option<String>>>,
}

impl ScriptedFeed {
    /// Adds the next answer.
    pub fn push(&self, answer: FeedAnswer) {
        self.answers.lock().push_back(answer);
    }

    /// Returns the entity tags it was asked with.
    #[must_use]
    pub fn asked(&self) -> Vec<Option<String>> {
        self.asked.lock().clone()
    }
}

impl PriceFeed for ScriptedFeed {
    fn fetch<'a>(&'a self, etag: Option<&'a str>) -> BoxFuture<'a, Result<FeedAnswer, PortError>> {
        Box::pin(async move {
            self.asked.lock().push(etag.map(str::to_owned));
            self.switches.pass("price feed").await?;
            Ok(self.answers.lock().pop_front().unwrap_or(FeedAnswer::Unchanged))
        })
    }
}

/// Synced prices in memory.
#[derive(Debug, Default)]
pub struct MemoryPrices {
    /// Its switches.
    pub switches: Switches,
    newest: Mutex<BTreeMap<String, SheetEntry>>,
    stored: Mutex<Vec<(Vec<SheetEntry>, bool)>>,
}

impl MemoryPrices {
    /// Returns each call of `store`: its entries and whether they were the seed.
    #[must_use]
    pub fn stored(&self) -> Vec<(Vec<SheetEntry>, bool)> {
        self.stored.lock().clone()
    }
}

impl PriceStore for MemoryPrices {
    fn synced(&self) -> BoxFuture<'_, Result<Vec<SheetEntry>, PortError>> {
        Box::pin(async move {
            self.switches.pass("price store").await?;
            Ok(self.newest.lock().values().cloned().collect())
        })
    }

    fn store<'a>(
        &'a self,
        changed: &'a [SheetEntry],
        seed: bool,
    ) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async move {
            self.switches.pass("price store").await?;
            let mut newest = self.newest.lock();
            for entry in changed {
                newest.insert(entry.model.clone(), entry.clone());
            }
            self.stored.lock().push((changed.to_vec(), seed));
            Ok(())
        })
    }
}

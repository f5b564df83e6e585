//! Makes roll-ups from rows. Figures are never added to: a slot with new rows is counted anew.
//!
//! A batch of rows raises its slot's mark in its own transaction. Here the mark is read first, then
//! the rows, then the figures are written if no newer ones are there. A batch that commits in
//! between has raised the mark, so the slot stays dirty and is counted again.

use std::ops::Range;
use std::time::Duration;

use switchyard_actors::domain::instant::Micros;

use super::slots::SLOT;
use crate::params;
use crate::store::error::StoreError;
use crate::store::sql::{Batch, Store};
use crate::store::value::{Row, Value};

/// Slots counted in one call; more wait for the next one.
const SLOTS: i64 = 64;
const LEASE: &str = "rollups";
/// Long enough for one call; a node that dies is followed by another after this.
const LEASE_SPAN: Duration = Duration::from_mins(1);

/// What came of counting dirty slots.
#[derive(Debug, Default)]
pub struct Recount {
    /// How many were counted.
    pub counted: u64,
    /// Which could not be, and why. They stay dirty: their figures are summed from rows.
    pub failed: Vec<(Micros, StoreError)>,
    /// The instant from which there may be more to count.
    pub more_from: Option<Micros>,
}

impl Store {
    /// Counts dirty slots that begin within a span anew, the oldest 64 of them, unless another node does
    /// it. One that cannot be counted keeps none of the others from it; a database that is gone ends
    /// the call.
    pub async fn recompute_dirty_slots(
        &self,
        holder: &str,
        now: Micros,
        span: Range<Micros>,
    ) -> Result<Recount, StoreError> {
        let mut recount = Recount::default();
        if !self.take_lease(LEASE, holder, now, LEASE_SPAN).await? {
            return Ok(recount);
        }
        let slots = self.query("rollups/dirty", params![span.start, span.end, SLOTS]).await?;
        for dirty in &slots {
            let slot = dirty.instant("slot")?;
            match self.recompute(dirty).await {
                Ok(()) => recount.counted += 1,
                Err(error) if error.is_unavailable() => return Err(error),
                Err(error) => recount.failed.push((slot, error)),
            }
            recount.more_from = Some(slot.plus(SLOT));
        }
        Ok(recount)
    }

    async fn recompute(&self, dirty: &Row) -> Result<(), StoreError> {
        let slot = dirty.int("slot")?;
        let borders = vec![dirty.value("from_id")?.clone(), dirty.value("to_id")?.clone()];
        let figures = self.query("rollups/of_rows", borders.clone()).await?;
        let latencies = self.query("rollups/latencies_of_rows", borders).await?;
        let mut batch = Batch::new()
            .with("rollups/clear", params![slot])
            .with("rollups/clear_latencies", params![slot]);
        for row in &figures {
            batch.push("rollups/add", with_slot(slot, row));
        }
        for row in &latencies {
            batch.push("rollups/add_latency", with_slot(slot, row));
        }
        let mut tx = self.begin().await?;
        if tx.execute("rollups/claim", params![slot, dirty.int("mark")?]).await? == 0 {
            // Another node was faster and counted at least as much.
            return Ok(());
        }
        tx.apply(batch).await?;
        tx.commit().await
    }
}

/// The columns of a count are the parameters of its write, after the slot.
fn with_slot(slot: i64, row: &Row) -> Vec<Value> {
    std::iter::once(Value::Int(slot)).chain(row.values().iter().cloned()).collect()
}

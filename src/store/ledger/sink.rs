//! Writes batches of rows: idempotent by id, with the dirty slots and all that rows point at in the
//! same transaction.

use std::collections::BTreeMap;

use switchyard_actors::domain::ids::RequestId;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::ledger::{LedgerRow, Opened};
use switchyard_actors::domain::window;
use switchyard_actors::ports::{BoxFuture, LedgerSink, PortError};

use super::columns;
use super::contexts::Contexts;
use super::slots::{first_id, mark};
use crate::params;
use crate::store::error::StoreError;
use crate::store::sql::{Batch, Store};
use crate::store::value::Value;

/// Statements in one bulk transaction: those of a usual batch of 200 rows fit.
const BULK: usize = 500;
/// Partitions are made for this month and so many more.
const MONTHS_AHEAD: usize = 3;

impl Store {
    /// Writes rows in one transaction; rows that are there already stay as they are.
    pub async fn write_ledger(&self, rows: &[LedgerRow]) -> Result<(), StoreError> {
        let mut sorted: Vec<&LedgerRow> = rows.iter().collect();
        // One order for all writers, here and below: two nodes with the same rows cannot lock each
        // other out.
        sorted.sort_unstable_by_key(|row| row.opened.id);
        let mut contexts = Contexts::default();
        let mut inserts = Vec::with_capacity(rows.len());
        for row in sorted {
            inserts.push(columns::params(row, &mut contexts)?);
        }
        let mut batch = Batch::new();
        add_contexts(&mut batch, contexts, rows);
        add_models(&mut batch, rows);
        for params in inserts {
            batch.push("ledger/insert", params);
        }
        mark(&mut batch, rows.iter().map(|row| &row.opened.id));
        if batch.len() <= BULK {
            self.apply_bulk(batch).await.map(drop)
        } else {
            self.apply(batch).await.map(drop)
        }
    }

    /// Returns which of the ids have a row.
    pub async fn known_requests(&self, ids: &[RequestId]) -> Result<Vec<RequestId>, StoreError> {
        let wanted: Vec<String> = ids.iter().map(|id| hex::encode(id.0)).collect();
        let rows = self.query("ledger/known", params![Value::json(&wanted)?]).await?;
        rows.iter().map(|row| row.request_id("request_id")).collect()
    }

    /// Makes the partitions of this month and the next three; returns how many it made.
    pub async fn ensure_partitions(&self, now: Micros) -> Result<i64, StoreError> {
        let Some(utc) = window::zone("UTC") else { return Ok(0) };
        let mut made = 0;
        let mut month = window::month(&utc, now);
        for _ in 0..=MONTHS_AHEAD {
            let name = partition_name(month.start);
            let borders = params![name, first_id(month.start), first_id(month.end)];
            made += self.query_one("ledger/make_partition", borders).await?.int("made")?;
            month = window::month(&utc, month.end);
        }
        Ok(made)
    }
}

fn add_contexts(batch: &mut Batch, contexts: Contexts<'_>, rows: &[LedgerRow]) {
    let now = rows.iter().map(|row| row.ended_at).max().unwrap_or_default();
    for (hash, body) in contexts.into_bodies() {
        batch.push("ledger/add_context", params![hash, Value::Json(body.into()), now]);
    }
}

fn add_models(batch: &mut Batch, rows: &[LedgerRow]) {
    // Names that led to no provider are only what somebody typed.
    let led_somewhere = rows.iter().filter(|row| row.provider.is_some());
    let asked: BTreeMap<&str, &Opened> =
        led_somewhere.filter_map(|row| Some((row.opened.model.as_deref()?, &row.opened))).collect();
    for opened in asked.into_values() {
        batch.push("ledger/add_model", vec![columns::model(opened)]);
    }
}

fn partition_name(start: Micros) -> String {
    let date = jiff::Timestamp::from_microsecond(start.0).unwrap_or_default();
    date.strftime("requests_%Y_%m").to_string()
}

impl LedgerSink for Store {
    fn write<'a>(&'a self, rows: &'a [LedgerRow]) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async move { Ok(self.write_ledger(rows).await?) })
    }

    fn known<'a>(
        &'a self,
        ids: &'a [RequestId],
    ) -> BoxFuture<'a, Result<Vec<RequestId>, PortError>> {
        Box::pin(async move { Ok(self.known_requests(ids).await?) })
    }
}

//! Requests whose model had no price when they ended: found again, and booked once there is one.

use switchyard_actors::domain::ids::{KeyId, ProviderId, RequestId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::ledger::{RowCost, Terms};
use switchyard_actors::domain::usage::Usage;

use super::columns::{read_terms, read_usage};
use super::slots::{first_id, mark};
use crate::params;
use crate::store::error::StoreError;
use crate::store::sql::{Batch, Store};
use crate::store::value::Row;

/// What is needed of a request to bill it late.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnpricedRow {
    /// The request.
    pub id: RequestId,
    /// Its arrival, which says in which windows its cost counts.
    pub started_at: Micros,
    /// Its end, which says whether its cost counts for whoever was reset.
    pub ended_at: Micros,
    /// The user.
    pub user: UserId,
    /// The key.
    pub key: KeyId,
    /// The provider that served.
    pub provider: Option<ProviderId>,
    /// The model asked for.
    pub asked: String,
    /// The model sent upstream.
    pub sent: String,
    /// What was used.
    pub usage: Usage,
    /// What it is billed by besides the price.
    pub terms: Option<Terms>,
}

/// A cost that becomes known after its request has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LateBill {
    /// The request.
    pub id: RequestId,
    /// What it costs.
    pub cost: RowCost,
}

/// Which unpriced requests to read.
#[derive(Clone, Copy, Debug)]
pub struct UnpricedPage<'a> {
    /// Only requests after this one: the last of the page before.
    pub after: Option<RequestId>,
    /// Only requests that arrived before this instant.
    pub before: Micros,
    /// Only requests that asked for this model or sent it upstream.
    pub model: Option<&'a str>,
    /// So many at most.
    pub limit: u32,
}

impl Store {
    /// Reads a page of the requests that wait for a price, oldest first. Those without usage do not
    /// wait: nobody knows what they would cost.
    pub async fn unpriced_rows(
        &self,
        page: UnpricedPage<'_>,
    ) -> Result<Vec<UnpricedRow>, StoreError> {
        let after = page.after.unwrap_or(RequestId([0; 16]));
        let params = params![after, first_id(page.before), page.model, page.limit];
        let rows = self.query("ledger/unpriced", params).await?;
        rows.iter().map(read).collect()
    }

    /// Books costs and makes their slots dirty, in one transaction, and returns which requests were
    /// booked: whoever comes second finds a cost and changes nothing. At most 250 at once.
    pub async fn fill_costs(&self, bills: &[LateBill]) -> Result<Vec<RequestId>, StoreError> {
        let mut sorted: Vec<&LateBill> = bills.iter().collect();
        // One order for all writers: two nodes at once cannot lock each other out.
        sorted.sort_unstable_by_key(|bill| bill.id);
        let mut batch = Batch::new();
        for LateBill { id, cost } in &sorted {
            batch.push("ledger/fill_cost", params![*id, cost.cost, cost.list, cost.price]);
        }
        mark(&mut batch, sorted.iter().map(|bill| &bill.id));
        let changed = self.apply_bulk(batch).await?;
        let booked = sorted.iter().zip(changed).filter(|(_, changed)| *changed > 0);
        Ok(booked.map(|(bill, _)| bill.id).collect())
    }
}

fn read(row: &Row) -> Result<UnpricedRow, StoreError> {
    let asked = row.opt_text("model")?.unwrap_or_default();
    Ok(UnpricedRow {
        id: row.request_id("request_id")?,
        started_at: row.instant("started_at")?,
        ended_at: row.instant("ended_at")?,
        user: UserId(row.int("user_id")?),
        key: KeyId(row.int("key_id")?),
        provider: row.opt_int("provider_id")?.map(ProviderId),
        asked: asked.to_owned(),
        sent: row.opt_text("upstream_model")?.unwrap_or(asked).to_owned(),
        usage: read_usage(row)?.unwrap_or_default(),
        terms: read_terms(row)?,
    })
}

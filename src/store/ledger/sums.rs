//! What the requests of a filter add up to: from roll-ups as far as they know it, else row by row.

use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::usage::Usage;

use super::columns::read_usage;
use super::filter::LedgerFilter;
use super::slots::{SLOT, slot_at};
use crate::params;
use crate::store::error::StoreError;
use crate::store::sql::Store;
use crate::store::value::Row;

/// Before and after all slots.
const EVER: (Micros, Micros) = (Micros(i64::MIN), Micros(i64::MAX));

/// What the requests of a filter add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LedgerSummary {
    /// How many there are.
    pub requests: u64,
    /// Their tokens.
    pub usage: Usage,
    /// Their cost.
    pub cost: Nano,
    /// The same at list price.
    pub list: Nano,
}

impl LedgerSummary {
    /// Adds other sums to these.
    fn add(&mut self, other: &Self) {
        self.requests = self.requests.saturating_add(other.requests);
        self.usage = total(&self.usage, &other.usage);
        self.cost = self.cost.plus(other.cost);
        self.list = self.list.plus(other.list);
    }
}

impl Store {
    /// Adds up all requests of a filter, their number included.
    pub async fn ledger_summary(&self, filter: &LedgerFilter) -> Result<LedgerSummary, StoreError> {
        if filter.is_rolled() {
            return self.summary_of_slots(filter).await;
        }
        let Some(range) = filter.rare_statuses() else { return self.summary_of_rows(filter).await };
        let mut sums = LedgerSummary::default();
        for one in self.by_status(filter, range).await? {
            sums.add(&self.summary_of_rows(&one).await?);
        }
        Ok(sums)
    }

    /// Adds up whole slots, and the rows between the borders of the time and those of slots.
    async fn summary_of_slots(&self, filter: &LedgerFilter) -> Result<LedgerSummary, StoreError> {
        let from = filter.from.map_or(EVER.0, slot_behind);
        let to = filter.to.map_or(EVER.1, slot_at);
        if from >= to {
            return self.summary_of_rows(filter).await;
        }
        let model = filter.model.as_deref();
        let params = params![filter.user, filter.key, filter.provider, model, from, to];
        let mut sums = summary(&self.query_one("ledger/summary_rolled", params).await?)?;
        if filter.from.is_some_and(|begin| begin < from) {
            let head = LedgerFilter { to: Some(from), ..filter.clone() };
            sums.add(&self.summary_of_rows(&head).await?);
        }
        if filter.to.is_some_and(|end| end > to) {
            let tail = LedgerFilter { from: Some(to), ..filter.clone() };
            sums.add(&self.summary_of_rows(&tail).await?);
        }
        Ok(sums)
    }

    async fn summary_of_rows(&self, filter: &LedgerFilter) -> Result<LedgerSummary, StoreError> {
        summary(&self.query_one(filter.lead().summary(), filter.params(None)).await?)
    }
}

const fn total(one: &Usage, other: &Usage) -> Usage {
    Usage {
        input: one.input.saturating_add(other.input),
        output: one.output.saturating_add(other.output),
        reasoning: one.reasoning.saturating_add(other.reasoning),
        cache_write_5m: one.cache_write_5m.saturating_add(other.cache_write_5m),
        cache_write_1h: one.cache_write_1h.saturating_add(other.cache_write_1h),
        cache_read: one.cache_read.saturating_add(other.cache_read),
        image_input: one.image_input.saturating_add(other.image_input),
        image_output: one.image_output.saturating_add(other.image_output),
    }
}

/// Returns the first slot that begins at an instant or later.
fn slot_behind(at: Micros) -> Micros {
    let slot = slot_at(at);
    if slot.0 == at.0 { slot } else { slot.plus(SLOT) }
}

fn summary(row: &Row) -> Result<LedgerSummary, StoreError> {
    Ok(LedgerSummary {
        requests: row.opt_count("requests")?.unwrap_or(0),
        usage: read_usage(row)?.unwrap_or_default(),
        cost: row.money("cost")?,
        list: row.money("list_cost")?,
    })
}

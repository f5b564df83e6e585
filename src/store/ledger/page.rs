//! Reads the ledger backwards in time, with filters, and adds a filter up.

use std::sync::Arc;

use serde_json::Value as Document;
use switchyard_actors::domain::ids::{KeyId, ProviderId, RequestId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::ledger::LedgerRow;
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::usage::Usage;

use super::slots::first_id;
use super::{columns, contexts};
use crate::params;
use crate::store::error::StoreError;
use crate::store::sql::Store;
use crate::store::value::{Row, Value};

/// An id after all others.
const LAST_ID: RequestId = RequestId([0xFF; 16]);
/// The status that most requests have: an index of statuses finds none of them sooner.
const MOST: u16 = 200;

/// Which requests to read. What is `None` filters nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerFilter {
    /// Of this user.
    pub user: Option<UserId>,
    /// With this key.
    pub key: Option<KeyId>,
    /// Served (or last failed) by this provider.
    pub provider: Option<ProviderId>,
    /// Asking for this model.
    pub model: Option<String>,
    /// On this path.
    pub path: Option<String>,
    /// With this status.
    pub status: Option<u16>,
    /// With a status of this range, ends included; `status` beats it.
    pub statuses: Option<(u16, u16)>,
    /// Without those of status 200.
    pub exclude_200: bool,
    /// With at least so many tries after the first.
    pub min_retries: u32,
    /// Of this session.
    pub session: Option<String>,
    /// Not before this instant.
    pub from: Option<Micros>,
    /// Before this instant.
    pub to: Option<Micros>,
}

impl LedgerFilter {
    fn params(&self, before: Option<RequestId>) -> Vec<Value> {
        let to = self.to.map_or(LAST_ID, first_id);
        params![
            before.map_or(to, |before| before.min(to)),
            self.from.map_or(RequestId([0; 16]), first_id),
            self.user,
            self.key,
            self.provider,
            self.model.as_deref(),
            self.path.as_deref(),
            self.status,
            self.exclude_200 && self.status.is_none(),
            self.min_retries,
            self.session.as_deref(),
        ]
    }

    /// Returns the parameters of the sums.
    fn sum_params(&self) -> Vec<Value> {
        let mut params = self.params(None);
        let (lowest, highest) = self.range().unwrap_or((0, u16::MAX));
        params.extend(params![lowest, highest]);
        params
    }

    /// Returns the range of statuses, unless one is asked for.
    fn range(&self) -> Option<(u16, u16)> {
        self.statuses.filter(|_| self.status.is_none())
    }

    /// Returns the statement whose index fits best: what is rarest leads.
    const fn statement(&self) -> &'static str {
        if self.session.is_some() {
            "ledger/page_of_session"
        } else if self.is_of_rare_status() && self.statuses.is_some() {
            "ledger/page_of_status"
        } else if self.key.is_some() {
            "ledger/page_of_key"
        } else if self.user.is_some() {
            "ledger/page_of_user"
        } else if self.is_of_rare_status() {
            "ledger/page_of_status"
        } else if self.provider.is_some() {
            "ledger/page_of_provider"
        } else {
            "ledger/page"
        }
    }

    const fn is_of_rare_status(&self) -> bool {
        matches!(self.status, Some(status) if status != MOST)
    }

    /// Tells whether roll-ups know all that is asked.
    #[must_use]
    pub fn is_rolled(&self) -> bool {
        let rows_only = [
            self.path.is_some(),
            self.status.is_some(),
            self.statuses.is_some(),
            self.exclude_200,
            self.min_retries > 0,
            self.session.is_some(),
            self.from.is_some(),
            self.to.is_some(),
        ];
        !rows_only.contains(&true)
    }
}

/// Which part of the answer to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Only requests before this id: the last one of the page before.
    pub before: Option<RequestId>,
    /// So many are left out first; for callers that count pages.
    pub offset: u64,
    /// So many at most.
    pub limit: u32,
}

/// A row with the names of today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// The row.
    pub row: LedgerRow,
    /// The user's name.
    pub user_name: Option<Arc<str>>,
    /// The key's name.
    pub key_name: Option<Arc<str>>,
    /// The provider's name.
    pub provider_name: Option<Arc<str>>,
}

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

impl Store {
    /// Reads a page of the ledger, newest first.
    pub async fn ledger_page(
        &self,
        filter: &LedgerFilter,
        page: Page,
    ) -> Result<Vec<LedgerEntry>, StoreError> {
        let ids = match filter.range() {
            Some(range) => self.ids_of_statuses(filter, range, page).await?,
            None => self.ids_of_page(filter, page).await?,
        };
        self.ledger_entries(&ids).await
    }

    async fn ids_of_page(
        &self,
        filter: &LedgerFilter,
        page: Page,
    ) -> Result<Vec<RequestId>, StoreError> {
        let mut params = filter.params(page.before);
        params.extend(params![page.limit, page.offset]);
        let found = self.query(filter.statement(), params).await?;
        found.iter().map(|row| row.request_id("request_id")).collect()
    }

    /// Reads a page of each status in a range and puts them together: an index of statuses finds
    /// each at once, where one walk backwards would pass all the requests that went well.
    async fn ids_of_statuses(
        &self,
        filter: &LedgerFilter,
        (lowest, highest): (u16, u16),
        page: Page,
    ) -> Result<Vec<RequestId>, StoreError> {
        let mut ids = Vec::new();
        let limit = page.limit.saturating_add(u32::try_from(page.offset).unwrap_or(u32::MAX));
        for status in self.ledger_statuses().await? {
            let Ok(status) = u16::try_from(status) else { continue };
            if (lowest..=highest).contains(&status) {
                let one = LedgerFilter { status: Some(status), ..filter.clone() };
                ids.extend(self.ids_of_page(&one, Page { offset: 0, limit, ..page }).await?);
            }
        }
        ids.sort_unstable_by(|one, other| other.cmp(one));
        let offset = usize::try_from(page.offset).unwrap_or(usize::MAX);
        Ok(ids.into_iter().skip(offset).take(page.limit as usize).collect())
    }

    /// Reads one request.
    pub async fn ledger_entry(&self, id: RequestId) -> Result<Option<LedgerEntry>, StoreError> {
        Ok(self.ledger_entries(&[id]).await?.pop())
    }

    /// Adds up all requests of a filter, their number included.
    pub async fn ledger_summary(&self, filter: &LedgerFilter) -> Result<LedgerSummary, StoreError> {
        let row = if filter.is_rolled() {
            let model = filter.model.as_deref();
            let params = params![filter.user, filter.key, filter.provider, model];
            self.query_one("ledger/summary_rolled", params).await?
        } else {
            self.query_one("ledger/summary", filter.sum_params()).await?
        };
        summary(&row)
    }

    /// Lists the models that rows ask for, by name.
    pub async fn ledger_models(&self) -> Result<Vec<String>, StoreError> {
        let rows = self.query("ledger/models", params![]).await?;
        rows.iter().map(|row| Ok(row.text("model")?.to_owned())).collect()
    }

    /// Lists the statuses that rows have, rising.
    pub async fn ledger_statuses(&self) -> Result<Vec<i64>, StoreError> {
        let rows = self.query("ledger/statuses", params![]).await?;
        rows.iter().map(|row| row.int("status")).collect()
    }

    /// Reads the requests of these ids that are there, newest first.
    pub async fn ledger_entries(&self, ids: &[RequestId]) -> Result<Vec<LedgerEntry>, StoreError> {
        let wanted: Vec<String> = ids.iter().map(|id| hex::encode(id.0)).collect();
        let rows = self.query("ledger/rows", params![Value::json(&wanted)?]).await?;
        let chains: Vec<Vec<Document>> =
            rows.iter().map(|row| row.json("chain")).collect::<Result<_, _>>()?;
        let chains = contexts::restore(self, chains).await?;
        let mut entries = Vec::with_capacity(rows.len());
        for (row, chain) in rows.iter().zip(chains) {
            let name = |column| Ok::<_, StoreError>(row.opt_text(column)?.map(Arc::from));
            entries.push(LedgerEntry {
                row: columns::read(row, chain)?,
                user_name: name("user_name")?,
                key_name: name("key_name")?,
                provider_name: name("provider_name")?,
            });
        }
        Ok(entries)
    }
}

fn summary(row: &Row) -> Result<LedgerSummary, StoreError> {
    let count = |column| Ok::<_, StoreError>(row.opt_count(column)?.unwrap_or(0));
    Ok(LedgerSummary {
        requests: count("requests")?,
        usage: Usage {
            input: count("input_tokens")?,
            output: count("output_tokens")?,
            reasoning: count("reasoning_tokens")?,
            cache_write_5m: count("cache_write_5m_tokens")?,
            cache_write_1h: count("cache_write_1h_tokens")?,
            cache_read: count("cache_read_tokens")?,
            image_input: count("image_input_tokens")?,
            image_output: count("image_output_tokens")?,
        },
        cost: row.money("cost")?,
        list: row.money("list_cost")?,
    })
}

//! Reads the ledger backwards in time, with filters.

use std::sync::Arc;

use serde_json::Value as Document;
use switchyard_actors::domain::ids::RequestId;
use switchyard_actors::domain::ledger::LedgerRow;

use super::filter::LedgerFilter;
use super::{columns, contexts};
use crate::params;
use crate::store::error::StoreError;
use crate::store::sql::Store;
use crate::store::value::Value;

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

impl Store {
    /// Reads a page of the ledger, newest first.
    pub async fn ledger_page(
        &self,
        filter: &LedgerFilter,
        page: Page,
    ) -> Result<Vec<LedgerEntry>, StoreError> {
        let ids = match filter.rare_statuses() {
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
        let found = self.query(filter.lead().page(), params).await?;
        found.iter().map(|row| row.request_id("request_id")).collect()
    }

    /// Reads a page of each status in a range and puts them together.
    async fn ids_of_statuses(
        &self,
        filter: &LedgerFilter,
        range: (u16, u16),
        page: Page,
    ) -> Result<Vec<RequestId>, StoreError> {
        let mut ids = Vec::new();
        let limit = page.limit.saturating_add(u32::try_from(page.offset).unwrap_or(u32::MAX));
        for one in self.by_status(filter, range).await? {
            ids.extend(self.ids_of_page(&one, Page { offset: 0, limit, ..page }).await?);
        }
        ids.sort_unstable_by(|one, other| other.cmp(one));
        let offset = usize::try_from(page.offset).unwrap_or(usize::MAX);
        Ok(ids.into_iter().skip(offset).take(page.limit as usize).collect())
    }

    /// Returns a filter for each status of a range that rows have.
    pub(super) async fn by_status(
        &self,
        filter: &LedgerFilter,
        (lowest, highest): (u16, u16),
    ) -> Result<Vec<LedgerFilter>, StoreError> {
        let known = self.ledger_statuses().await?;
        let known = known.into_iter().filter_map(|status| u16::try_from(status).ok());
        let inside = known.filter(|status| (lowest..=highest).contains(status));
        Ok(inside.map(|status| LedgerFilter { status: Some(status), ..filter.clone() }).collect())
    }

    /// Reads one request.
    pub async fn ledger_entry(&self, id: RequestId) -> Result<Option<LedgerEntry>, StoreError> {
        Ok(self.ledger_entries(&[id]).await?.pop())
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

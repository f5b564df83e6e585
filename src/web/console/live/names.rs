//! The names of today for the rows of one batch: one walk over the keys, however many rows there
//! are.

use std::sync::Arc;

use switchyard_actors::domain::caller::Caller;
use switchyard_actors::domain::catalogue::Catalogue;
use switchyard_actors::domain::ids::{KeyId, ProviderId};
use switchyard_actors::domain::ledger::LedgerRow;
use switchyard_actors::domain::map::{Map, Set};

use crate::store::LedgerEntry;

/// Finds names.
#[derive(Debug)]
pub struct Names<'a> {
    callers: Map<KeyId, &'a Caller>,
    catalogue: &'a Catalogue,
}

impl<'a> Names<'a> {
    /// Makes one that knows the names of these rows.
    pub fn of<'row>(catalogue: &'a Catalogue, rows: impl Iterator<Item = &'row LedgerRow>) -> Self {
        let keys: Set<KeyId> = rows.map(|row| row.opened.key).collect();
        let mut callers = Map::default();
        // Where there are only breakers to tell of, nobody is looked for.
        if !keys.is_empty() {
            let known = catalogue.callers.values().filter(|caller| keys.contains(&caller.key));
            callers.extend(known.map(|caller| (caller.key, &**caller)));
        }
        Self { callers, catalogue }
    }

    /// Returns a row with its names.
    #[must_use]
    pub fn entry(&self, row: &LedgerRow) -> LedgerEntry {
        let caller = self.callers.get(&row.opened.key);
        LedgerEntry {
            user_name: caller.map(|caller| caller.user_name.clone()),
            key_name: caller.map(|caller| caller.key_name.clone()),
            provider_name: row.provider.and_then(|id| self.provider(id)),
            row: row.clone(),
        }
    }

    /// Returns a provider's name.
    #[must_use]
    pub fn provider(&self, id: ProviderId) -> Option<Arc<str>> {
        let provider = self.catalogue.providers.iter().find(|provider| provider.id == id);
        provider.map(|provider| provider.name.clone())
    }
}

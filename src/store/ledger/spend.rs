//! What has been spent: sums from which counters of limits start, read in one transaction.

use std::sync::Arc;

use switchyard_actors::domain::caller::{DEFAULT_GROUP, parse_groups, sort_tags};
use switchyard_actors::domain::ids::{KeyId, ProviderId, RequestId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::limits::Costs;
use switchyard_actors::domain::money::Nano;

use super::slots::{first_id, slot_at};
use crate::params;
use crate::store::error::StoreError;
use crate::store::sql::Store;
use crate::store::tx::Tx;
use crate::store::value::Row;

/// What a key spent at a provider in a slot of fifteen minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotSpend {
    /// The slot's start.
    pub slot: Micros,
    /// The user.
    pub user: UserId,
    /// The key.
    pub key: KeyId,
    /// The provider that served; `None` when nobody did.
    pub provider: Option<ProviderId>,
    /// Its requests.
    pub requests: i64,
    /// What they cost.
    pub costs: Costs,
}

/// What a key spent at a provider in a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MinuteSpend {
    /// The minute's start.
    pub minute: Micros,
    /// The user.
    pub user: UserId,
    /// The key.
    pub key: KeyId,
    /// The provider that served; `None` when nobody did.
    pub provider: Option<ProviderId>,
    /// What they cost.
    pub costs: Costs,
}

/// What a key has ever spent at a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeySpend {
    /// The user.
    pub user: UserId,
    /// The key.
    pub key: KeyId,
    /// The provider that served; `None` when nobody did.
    pub provider: Option<ProviderId>,
    /// Its requests.
    pub requests: i64,
    /// What they cost.
    pub costs: Costs,
}

/// Who pays for what a key spends, besides itself and its user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payers {
    /// The key.
    pub key: KeyId,
    /// Its groups; it counts in the first.
    pub groups: Arc<[Arc<str>]>,
    /// Its user's tags.
    pub tags: Arc<[Arc<str>]>,
}

impl Payers {
    /// Returns the group that the key counts in.
    #[must_use]
    pub fn group(&self) -> &str {
        self.groups.first().map_or(DEFAULT_GROUP, AsRef::as_ref)
    }
}

/// What a provider cost in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProviderSlotSpend {
    /// The slot's start.
    pub slot: Micros,
    /// The provider.
    pub provider: ProviderId,
    /// Its requests.
    pub requests: i64,
    /// Their cost.
    pub cost: Nano,
}

impl Tx {
    /// Returns spend since the slot around `since`, by slot, user, key and provider: roll-ups, and rows where
    /// roll-ups are behind.
    pub async fn spend_by_slot(&mut self, since: Micros) -> Result<Vec<SlotSpend>, StoreError> {
        let rows = self.query("spend/by_slot", params![slot_at(since)]).await?;
        rows.iter()
            .map(|row| {
                Ok(SlotSpend {
                    slot: row.instant("slot")?,
                    user: UserId(row.int("user_id")?),
                    key: KeyId(row.int("key_id")?),
                    provider: provider(row)?,
                    requests: row.int("requests")?,
                    costs: costs(row)?,
                })
            })
            .collect()
    }

    /// Returns spend since `since`, by minute, user, key and provider, from rows alone: exact for windows
    /// that do not start on a slot's border. Meant for hours, not for months.
    pub async fn spend_by_minute(&mut self, since: Micros) -> Result<Vec<MinuteSpend>, StoreError> {
        let rows = self.query("spend/by_minute", params![first_id(since)]).await?;
        rows.iter().map(minute).collect()
    }

    /// Returns all spend ever, by user, key and provider.
    pub async fn spend_total(&mut self) -> Result<Vec<KeySpend>, StoreError> {
        let rows = self.query("spend/total", params![]).await?;
        rows.iter()
            .map(|row| {
                Ok(KeySpend {
                    user: UserId(row.int("user_id")?),
                    key: KeyId(row.int("key_id")?),
                    provider: provider(row)?,
                    requests: row.int("requests")?,
                    costs: costs(row)?,
                })
            })
            .collect()
    }

    /// Returns the requests that came and ended since two instants and are in these sums.
    pub async fn ended_since(
        &mut self,
        arrival: Micros,
        end: Micros,
    ) -> Result<Vec<RequestId>, StoreError> {
        let rows = self.query("ledger/ended", params![first_id(arrival), end]).await?;
        rows.iter().map(|row| row.request_id("request_id")).collect()
    }

    /// Returns who else pays for what each key spends: its groups and its user's tags as they are
    /// now, also of keys that are deleted.
    pub async fn payers(&mut self) -> Result<Vec<Payers>, StoreError> {
        let rows = self.query("spend/payers", params![]).await?;
        rows.iter()
            .map(|row| {
                Ok(Payers {
                    key: KeyId(row.int("key_id")?),
                    groups: parse_groups(row.opt_text("key_group")?),
                    tags: sort_tags(row.json::<Vec<Arc<str>>>("tags")?),
                })
            })
            .collect()
    }
}

impl Store {
    /// Returns spend since the slot around `since`, by slot and provider.
    pub async fn provider_spend_by_slot(
        &self,
        since: Micros,
    ) -> Result<Vec<ProviderSlotSpend>, StoreError> {
        let rows = self.query("spend/providers_by_slot", params![slot_at(since)]).await?;
        rows.iter()
            .map(|row| {
                Ok(ProviderSlotSpend {
                    slot: row.instant("slot")?,
                    provider: ProviderId(row.int("provider_id")?),
                    requests: row.int("requests")?,
                    cost: row.money("cost")?,
                })
            })
            .collect()
    }
}

pub(super) fn minute(row: &Row) -> Result<MinuteSpend, StoreError> {
    const MINUTE: i64 = 60_000_000;
    Ok(MinuteSpend {
        minute: Micros(row.int("minute")?.saturating_mul(MINUTE)),
        user: UserId(row.int("user_id")?),
        key: KeyId(row.int("key_id")?),
        provider: provider(row)?,
        costs: costs(row)?,
    })
}

fn provider(row: &Row) -> Result<Option<ProviderId>, StoreError> {
    Ok(Some(row.int("provider_id")?).filter(|id| *id != 0).map(ProviderId))
}

pub(super) fn costs(row: &Row) -> Result<Costs, StoreError> {
    Ok(Costs { charged: row.money("cost")?, list: row.money("list_cost")? })
}

//! What has been spent: sums from which counters of limits start.

use switchyard_actors::domain::ids::{KeyId, ProviderId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::money::Nano;

use super::slots::{first_id, slot_at};
use crate::params;
use crate::store::error::StoreError;
use crate::store::sql::Store;

/// What a key spent in a slot of fifteen minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotSpend {
    /// The slot's start.
    pub slot: Micros,
    /// The user.
    pub user: UserId,
    /// The key.
    pub key: KeyId,
    /// Its requests.
    pub requests: i64,
    /// Their cost.
    pub cost: Nano,
}

/// What a key spent in a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MinuteSpend {
    /// The minute's start.
    pub minute: Micros,
    /// The user.
    pub user: UserId,
    /// The key.
    pub key: KeyId,
    /// The cost of its requests.
    pub cost: Nano,
}

/// What a key has ever spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeySpend {
    /// The user.
    pub user: UserId,
    /// The key.
    pub key: KeyId,
    /// Its requests.
    pub requests: i64,
    /// Their cost.
    pub cost: Nano,
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

impl Store {
    /// Returns spend since the slot around `since`, by slot, user and key: roll-ups, and rows where
    /// roll-ups are behind.
    pub async fn spend_by_slot(&self, since: Micros) -> Result<Vec<SlotSpend>, StoreError> {
        let rows = self.query("spend/by_slot", params![slot_at(since)]).await?;
        rows.iter()
            .map(|row| {
                Ok(SlotSpend {
                    slot: row.instant("slot")?,
                    user: UserId(row.int("user_id")?),
                    key: KeyId(row.int("key_id")?),
                    requests: row.int("requests")?,
                    cost: row.money("cost")?,
                })
            })
            .collect()
    }

    /// Returns spend since `since`, by minute, user and key, from rows alone: exact for windows
    /// that do not start on a slot's border. Meant for hours, not for months.
    pub async fn spend_by_minute(&self, since: Micros) -> Result<Vec<MinuteSpend>, StoreError> {
        const MINUTE: i64 = 60_000_000;
        let rows = self.query("spend/by_minute", params![first_id(since)]).await?;
        rows.iter()
            .map(|row| {
                Ok(MinuteSpend {
                    minute: Micros(row.int("minute")?.saturating_mul(MINUTE)),
                    user: UserId(row.int("user_id")?),
                    key: KeyId(row.int("key_id")?),
                    cost: row.money("cost")?,
                })
            })
            .collect()
    }

    /// Returns all spend ever, by user and key.
    pub async fn spend_total(&self) -> Result<Vec<KeySpend>, StoreError> {
        let rows = self.query("spend/total", params![]).await?;
        rows.iter()
            .map(|row| {
                Ok(KeySpend {
                    user: UserId(row.int("user_id")?),
                    key: KeyId(row.int("key_id")?),
                    requests: row.int("requests")?,
                    cost: row.money("cost")?,
                })
            })
            .collect()
    }

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

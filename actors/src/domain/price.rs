//! What a model costs: one immutable version of a price.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::ids::PriceId;

/// Where a price came from. A manual one beats a synced one, which beats the seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriceSource {
    /// Bundled with the program.
    Seed,
    /// From the `LiteLLM` table.
    Synced,
    /// Set by an admin.
    Manual,
}

impl PriceSource {
    /// Returns the stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Seed => "seed",
            Self::Synced => "synced",
            Self::Manual => "manual",
        }
    }

    /// Reads the stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Seed, Self::Synced, Self::Manual].into_iter().find(|source| source.name() == name)
    }
}

/// Dollars a token, exact. `None` is "the sheet does not say".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// Plain input.
    pub input: Option<Decimal>,
    /// Output with reasoning.
    pub output: Option<Decimal>,
    /// Input read from the cache.
    pub cache_read: Option<Decimal>,
    /// Input written to the cache for five minutes.
    pub cache_write_5m: Option<Decimal>,
    /// Input written to the cache for an hour.
    pub cache_write_1h: Option<Decimal>,
    /// Input image tokens.
    pub image_input: Option<Decimal>,
    /// Output image tokens.
    pub image_output: Option<Decimal>,
}

/// Rates for a whole request whose context is above a threshold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LongContext {
    /// The context (tokens) above which these rates hold.
    pub above: u64,
    /// Rates that differ; what is `None` stays as it was.
    pub rates: Rates,
}

/// One version of one model's price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelPrice {
    /// The version: what a ledger row names.
    pub id: PriceId,
    /// The model.
    pub model: Arc<str>,
    /// Where it came from.
    pub source: PriceSource,
    /// Rates of an ordinary request.
    pub rates: Rates,
    /// Rates of long requests, by rising threshold.
    pub long_context: Vec<LongContext>,
    /// Rates of the priority service tier.
    pub priority: Option<Rates>,
    /// Dollars a request, on top.
    pub per_request: Option<Decimal>,
    /// The largest output the model gives, when the sheet says so.
    pub max_output: Option<u64>,
    /// The sheet's mode: chat, embedding, `image_generation`, ...
    pub mode: Option<Arc<str>>,
}

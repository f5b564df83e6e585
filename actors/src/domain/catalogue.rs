//! The catalogue: what admins decide, as one immutable snapshot that a request takes at admission.

use std::sync::Arc;

use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::caller::Caller;
use super::error_rules::ErrorRules;
use super::filters::Filters;
use super::limits::Limits;
use super::map::Map;
use super::price::ModelPrice;
use super::provider::Provider;
use super::routing::fallback::Fallbacks;
use super::window;
use super::words::Words;

/// SHA-256 of a user key: what callers are found by.
pub type KeyHash = [u8; 32];

/// Prices in force by model name.
#[derive(Clone, Debug, Default)]
pub struct PriceBook {
    /// The winning version of each model.
    pub models: Map<Arc<str>, Arc<ModelPrice>>,
}

/// What is set for a group. One without a row has nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Factor on what its requests cost; `None` is said by nobody, so that another of the caller's
    /// groups may say it.
    pub factor: Option<Decimal>,
    /// The limits of all its keys together.
    pub limits: Limits,
    /// Which models stand in for others.
    pub fallbacks: Fallbacks,
}

/// System-wide settings that admins may change while the program runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveSettings {
    /// Bill the model that was asked for (`true`) or the one it was redirected to.
    pub bill_original_model: bool,
    /// The zone of days, weeks and months; an IANA name.
    pub time_zone: Arc<str>,
    /// Everybody may see everybody's figures.
    pub allow_global_usage_view: bool,
}

impl LiveSettings {
    /// Returns the zone of days, weeks and months; UTC for a name that nobody knows any more.
    #[must_use]
    pub fn zone(&self) -> TimeZone {
        window::zone_or_utc(&self.time_zone)
    }
}

impl Default for LiveSettings {
    fn default() -> Self {
        Self {
            bill_original_model: true,
            time_zone: Arc::from("Asia/Shanghai"),
            allow_global_usage_view: false,
        }
    }
}

/// One version of everything. Sections are separate `Arc`s: an edit rebuilds only its own.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// Rises with every change.
    pub version: i64,
    /// Keys and their users.
    pub callers: Arc<Map<KeyHash, Arc<Caller>>>,
    /// Providers that are not deleted, by id.
    pub providers: Arc<[Arc<Provider>]>,
    /// Groups that have a row, by name.
    pub groups: Arc<Map<Arc<str>, Group>>,
    /// The limits of tags that have any: of all users who bear one together.
    pub tags: Arc<Map<Arc<str>, Limits>>,
    /// Prices.
    pub prices: Arc<PriceBook>,
    /// Settings.
    pub settings: Arc<LiveSettings>,
    /// What operators say upstreams' words mean.
    pub error_rules: Arc<ErrorRules>,
    /// Words that requests may not contain.
    pub words: Arc<Words>,
    /// Filters that change requests.
    pub filters: Arc<Filters>,
}

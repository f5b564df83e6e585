//! The store: SQLite in the data directory or PostgreSQL behind one door of named statements.
//!
//! `sql.rs` is the door; the files named after aggregates turn rows into domain types. SQL lies in
//! `sql/`, and its rules in `sql/README.md`.

mod adding;
mod aside;
mod audit;
mod catalogue;
mod credentials;
mod crypto;
mod dsn;
mod endpoints;
mod error;
mod error_rules;
mod fallbacks;
mod header;
mod lanes;
mod leases;
mod ledger;
mod limits;
pub mod migrate;
mod owned_limits;
mod postgres;
mod preferences;
mod price_search;
mod prices;
mod providers;
pub mod redis;
mod request_filters;
mod resets;
mod rows;
mod sensitive_words;
mod session_ends;
mod sessions;
mod settings;
mod sql;
mod sqlite;
mod statement;
mod text;
mod tls;
mod tx;
mod user_keys;
mod users;
mod value;

pub use aside::aside;
pub use audit::{AuditEntry, AuditFilter, AuditRecord};
pub use catalogue::{
    ALLOW_GLOBAL_USAGE_VIEW, BILL_ORIGINAL_MODEL, CatalogueLoader, PriceReader, SectionVersions,
    TIME_ZONE,
};
pub use credentials::StoredCredentials;
pub use crypto::{Cipher, hash_key};
pub use endpoints::{OwnedEndpoint, StoredEndpoint};
pub use error::{Rule, StoreError};
pub use error_rules::{ErrorRuleFields, ErrorRuleTotals, StoredErrorRule};
pub use lanes::Lane;
pub use leases::Node;
pub use ledger::{
    Installed, KeyLast, KeyModel, KeySpend, LateBill, LatencyBucket, LedgerEntry, LedgerFilter,
    LedgerSummary, Measure, MinuteSpend, Overview, PARTS, Page, Part, PartStep, Payers,
    ProviderLast, ProviderName, ProviderSlotSpend, ProviderSums, Recount, ResetSpend, SLOT,
    ServedSession, SessionPart, SessionTotals, SlotHealth, SlotSpend, Span, SplitBy, StepLatency,
    Sums, UnpricedPage, UnpricedRow, bucket_ceiling, first_id, latency_bucket, slot_of,
};
pub use limits::StoredLimits;
pub use owned_limits::OwnedLimits;
pub use price_search::{FoundPrice, PriceCounts, PriceSearch};
pub use prices::{CurrentPrice, PriceVersion, StoredPrices};
pub use providers::ProviderValues;
pub use request_filters::{FilterFields, StoredFilter};
pub use rows::{PROVIDER_KEY, USER_KEY, own_headers, schedule};
pub use sensitive_words::{StoredWord, WordFields};
pub use sessions::{ConsoleSession, NewSession, SessionOwner, TokenMark};
pub use sql::{Batch, Store, StoreConfig};
pub use statement::{Kind, Slot, Statement, Statements};
pub use text::Text;
pub use tx::Tx;
pub use user_keys::{KeyFields, KeyRecord, KeyText, LoginKey, SpendWindows, WindowSpend};
pub use users::{UserFields, UserRecord};
pub use value::{Row, Value};

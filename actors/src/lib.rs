//! The core of Switchyard: domain, pure policies, and the actors that carry them.
//!
//! ```text
//!  one HTTP worker (as many as there are)          the process, two background threads
//!
//!  request -- ask --> SessionManager --.  shared      CatalogueKeeper (polls CatalogueSource,
//!     |------ ask --> RateLimiter -----|-- Counters                   publishes Catalogue)
//!     |------ ask --> ProviderPool ----'   Breakers <-- Janitor      (expires what is shared)
//!     |                                    Leases
//!     |------ tell: a breaker changed -------------> CircuitBreakerRegistry (logs; tells the Feed)
//!     |------ ask: a token is over --------------> CredentialKeeper (TokenSource, CredentialStore -> Tokens)
//!     |------ tell: a model has no price ----------> PriceSync       (PriceFeed -> PriceStore)
//!     |------ append --> JournalWriter --> <data>/journal
//!     '------ tell: a row has ended ---------------> UsageRecorder   (LedgerSink -> database; tells the Feed)
//!
//!  whoever watches <-- Feed (shared: the last events) <-- LiveFeed (counts sessions while watched)
//! ```
//!
//! Actors never ask each other: only requests ask, and only on their own thread. [`system::Core`]
//! starts the right side, [`system::WorkerActors`] the left one.

pub mod ask;
pub mod catalogue_keeper;
pub mod circuit_breaker;
pub mod clock;
pub mod common_counter;
pub mod credential_keeper;
pub mod domain;
pub mod health;
pub mod janitor;
pub mod live_feed;
pub mod ports;
pub mod price_sync;
pub mod priority;
pub mod provider_pool;
pub mod publish;
pub mod rate_limiter;
pub mod replicator;
pub mod session_manager;
pub mod shared;
pub mod system;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod usage_recorder;

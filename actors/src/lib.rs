//! The core of Switchyard: domain, pure policies, and the actors that carry them.

pub mod ask;
pub mod catalogue_keeper;
pub mod circuit_breaker;
pub mod clock;
pub mod domain;
pub mod health;
pub mod ports;
pub mod price_sync;
pub mod provider_pool;
pub mod publish;
pub mod rate_limiter;
pub mod session_manager;
pub mod shared;
pub mod system;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod usage_recorder;

//! The settings: read once at start into typed structs, one a file. `config/default.toml` is the
//! reference; nothing else in the program reads the environment.

mod access;
mod bodies;
mod breaker;
mod certificates;
mod clients;
mod codex;
pub mod data_key;
mod document;
mod dotenv;
mod dsn;
mod environment;
mod error;
mod instructions;
mod kind;
mod layers;
mod limits;
mod log;
mod mask;
mod metrics;
pub mod network;
mod prices;
mod reader;
mod redis;
mod relay;
mod server;
mod session;
mod storage;
#[cfg(test)]
mod tests;
mod time;
mod timeouts;
mod upstream;

use std::collections::BTreeMap;

pub use access::AccessSettings;
pub use bodies::BodySettings;
pub use breaker::{BreakerSettings, ProbeMethod, ProbeSettings};
pub use clients::ClientSettings;
pub use codex::CodexSettings;
pub use document::{DEFAULT_TOML, Documented, documented, env_example};
pub use error::SettingsError;
pub use layers::{Origin, Sources, TextFile};
pub use limits::{LimitSettings, Unpriced};
pub use log::{LogFormat, LogSettings};
pub use metrics::MetricsSettings;
pub use prices::PriceSettings;
pub use redis::RedisSettings;
pub use relay::RelaySettings;
pub use server::ServerSettings;
pub use session::SessionSettings;
pub use storage::{JournalFsync, StorageSettings};
pub use time::TimeSettings;
pub use timeouts::TimeoutSettings;
pub use upstream::UpstreamSettings;

/// One setting as it holds: for `switchyard check-config`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    /// The key in the files.
    pub key: String,
    /// The environment variable.
    pub variable: String,
    /// The value; masked when secret.
    pub shown: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// Every setting.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How the server listens, and how much it takes on at once.
    pub server: ServerSettings,
    /// Where data is kept and how safely.
    pub storage: StorageSettings,
    /// The Redis that several nodes share.
    pub redis: RedisSettings,
    /// Who may manage the relay.
    pub access: AccessSettings,
    /// How long sessions live.
    pub session: SessionSettings,
    /// How limits are enforced.
    pub limits: LimitSettings,
    /// What circuit breakers count.
    pub breaker: BreakerSettings,
    /// How a request is tried, held back and read on.
    pub relay: RelaySettings,
    /// Which client programs may ask, and which of their side requests are answered here.
    pub clients: ClientSettings,
    /// What may be changed in the body of a request.
    pub bodies: BodySettings,
    /// What is done for Codex.
    pub codex: CodexSettings,
    /// How long providers and clients may take.
    pub timeouts: TimeoutSettings,
    /// How providers are reached.
    pub upstream: UpstreamSettings,
    /// Where model prices come from.
    pub prices: PriceSettings,
    /// What is logged and how.
    pub log: LogSettings,
    /// Who may read the figures.
    pub metrics: MetricsSettings,
    /// When days begin.
    pub time: TimeSettings,
    /// Every value as a person may see it.
    pub effective: Vec<Effective>,
}

impl Settings {
    /// Reads the settings.
    ///
    /// # Errors
    /// Says in one sentence which value is wrong, where it comes from and what is allowed.
    pub fn load(sources: &Sources) -> Result<Self, SettingsError> {
        let settings = documented(DEFAULT_TOML)?;
        let raw = layers::merge(sources, &settings)?;
        let from = reader::Reader::check(&settings, &raw)?;
        Ok(Self {
            server: ServerSettings::read(&from)?,
            storage: StorageSettings::read(&from)?,
            redis: RedisSettings::read(&from)?,
            access: AccessSettings::read(&from)?,
            session: SessionSettings::read(&from)?,
            limits: LimitSettings::read(&from)?,
            breaker: BreakerSettings::read(&from)?,
            relay: RelaySettings::read(&from)?,
            clients: ClientSettings::read(&from)?,
            bodies: BodySettings::read(&from)?,
            codex: CodexSettings::read(&from)?,
            timeouts: TimeoutSettings::read(&from)?,
            upstream: UpstreamSettings::read(&from)?,
            prices: PriceSettings::read(&from)?,
            log: LogSettings::read(&from)?,
            metrics: MetricsSettings::read(&from)?,
            time: TimeSettings::read(&from)?,
            effective: effective(&settings, &raw),
        })
    }
}

fn effective(settings: &[Documented], raw: &BTreeMap<String, layers::Raw>) -> Vec<Effective> {
    let one = |setting: &Documented| {
        let given = raw.get(&setting.key)?;
        Some(Effective {
            key: setting.key.clone(),
            variable: setting.variable.clone(),
            shown: mask::shown(&setting.rule, &given.text),
            origin: given.origin.clone(),
        })
    };
    settings.iter().filter_map(one).collect()
}

//! What an operator says about which requests a provider is for: models, clients, hours, priorities.

pub mod client;
pub mod fallback;
mod glob;
pub mod pattern;
pub mod redirects;
pub mod schedule;
pub mod version;

//! How the server listens, and how much it takes on at once.

use std::num::NonZeroU64;
use std::time::Duration;

use super::error::SettingsError;
use super::network::Network;
use super::reader::Reader;

/// How the server listens, and how much it takes on at once.
#[derive(Clone, Debug)]
pub struct ServerSettings {
    /// The address to listen on.
    pub host: String,
    /// The port to listen on; 0 takes any free one.
    pub port: u16,
    /// The address people reach the server at.
    pub public_url: Option<String>,
    /// Threads that serve requests; `None` is one a processor core.
    pub workers: Option<usize>,
    /// Networks whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Connections that may wait to be accepted.
    pub backlog: u32,
    /// How long an idle connection is kept.
    pub keep_alive: Duration,
    /// How long a request's head may take.
    pub head_timeout: Duration,
    /// How long a client may stop sending in the middle of its body.
    pub upload_idle: Duration,
    /// The time an upload has in hand when it begins, and at most later on.
    pub upload_slack: Duration,
    /// So many bytes of an upload bring it a second more.
    pub upload_bytes_a_second: NonZeroU64,
    /// Uploads that a user may have under way; `None` is a share of the requests that may run.
    pub uploads_per_user: Option<usize>,
    /// How long running answers may take to end after a stop.
    pub shutdown_grace: Duration,
    /// Requests that may run at once; `None` follows the open-file limit.
    pub max_in_flight: Option<usize>,
    /// The largest request body, after decompression.
    pub max_body_bytes: usize,
    /// The largest compressed request body.
    pub max_compressed_body_bytes: usize,
    /// Memory all request bodies may take; `None` follows the memory limit.
    pub body_memory_bytes: Option<u64>,
}

impl ServerSettings {
    pub(super) fn read(from: &Reader) -> Result<Self, SettingsError> {
        Ok(Self {
            host: from.text("server.host")?,
            port: from.number("server.port")?,
            public_url: from.optional("server.public_url")?,
            workers: from.number_or_auto("server.workers")?,
            trusted_proxies: from.networks("server.trusted_proxies")?,
            backlog: from.number("server.backlog")?,
            keep_alive: from.span("server.keep_alive_seconds")?,
            head_timeout: from.span("server.head_timeout_seconds")?,
            upload_idle: from.span("server.upload_idle_seconds")?,
            upload_slack: from.span("server.upload_slack_seconds")?,
            upload_bytes_a_second: from.number("server.upload_bytes_per_second")?,
            uploads_per_user: from.number_or_auto("server.uploads_per_user")?,
            shutdown_grace: from.span("server.shutdown_grace_seconds")?,
            max_in_flight: from.number_or_auto("server.max_in_flight")?,
            max_body_bytes: from.number("server.max_body_bytes")?,
            max_compressed_body_bytes: from.number("server.max_compressed_body_bytes")?,
            body_memory_bytes: from.number_or_auto("server.body_memory_bytes")?,
        })
    }
}

//! The breakers that nodes share: one hash of all states, and one key with a time for each right to
//! probe.

use std::sync::Arc;
use std::time::Duration;

use redis::RedisError;
use switchyard_actors::domain::breaker::Standing;
use switchyard_actors::domain::breaker_key::BreakerKey;
use switchyard_actors::ports::{BoxFuture, PortError, SharedBreakers};

use super::keys;
use super::link::{RedisDoor, RedisLink};
use super::scripts::Scripts;
use super::shared::{away, json};

/// How long a node may probe before it must ask again.
const LEASE_FOR: Duration = Duration::from_secs(10);

/// The shared breakers of one node.
pub struct RedisBreakers {
    node: Arc<str>,
    scripts: Arc<Scripts>,
    door: RedisDoor,
}

impl RedisBreakers {
    /// Makes them. It must be called inside a runtime.
    ///
    /// # Errors
    /// The address cannot be used.
    pub fn new(node: &str, link: &RedisLink) -> Result<Self, RedisError> {
        Ok(Self { node: Arc::from(node), scripts: Arc::default(), door: link.door()? })
    }

    fn script(&self) -> &Scripts {
        &self.scripts
    }
}

impl SharedBreakers for RedisBreakers {
    fn put<'a>(&'a self, standing: &'a Standing) -> BoxFuture<'a, Result<bool, PortError>> {
        Box::pin(async move {
            let body = json(standing)?;
            let mut call = self.script().transition.key(keys::BREAKERS);
            call.arg(standing.key.to_string()).arg(standing.version).arg(body);
            let kept = self.door.ask::<i64>(&call).await;
            kept.map(|kept| kept == 1).map_err(|trouble| away(&trouble))
        })
    }

    fn all(&self) -> BoxFuture<'_, Result<Vec<Standing>, PortError>> {
        Box::pin(async move {
            let call = self.script().breakers.key(keys::BREAKERS);
            let texts: Vec<String> =
                self.door.ask(&call).await.map_err(|trouble| away(&trouble))?;
            // What a later version tells and this one cannot read is passed over.
            Ok(texts.iter().filter_map(|text| serde_json::from_str(text).ok()).collect())
        })
    }

    fn lease(&self, key: BreakerKey) -> BoxFuture<'_, Result<Option<Duration>, PortError>> {
        Box::pin(async move {
            let mut call = self.script().lease.key(keys::probe(&key.to_string()));
            let millis = u64::try_from(LEASE_FOR.as_millis()).unwrap_or(u64::MAX);
            call.arg(self.node.as_ref()).arg(millis);
            let taken: i64 = self.door.ask(&call).await.map_err(|trouble| away(&trouble))?;
            Ok((taken == 1).then_some(LEASE_FOR))
        })
    }
}

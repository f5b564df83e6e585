//! Connects this node with the Redis that it shares with others, and says when it goes and comes.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use switchyard_actors::ports::SharedPorts;

use super::Basics;
use crate::process::Severity;
use crate::store::redis::{News, RedisBreakers, RedisCounters, RedisLink, Trouble, client};

/// What health and the console say while it is away.
const AWAY: &str = "Redis does not answer: each node counts limits alone, with its part of what is \
                    left; look at REDIS_URL and at the server";

/// Makes the ports of the Redis in the settings, if there is one. Whether it is there is found out
/// later: a node starts without it.
///
/// # Errors
/// Its address or the certificates cannot be used.
pub fn connect(basics: &Basics, node: &str) -> anyhow::Result<Option<SharedPorts>> {
    let settings = &basics.settings;
    let Some(url) = &settings.redis.url else { return Ok(None) };
    let extra: Option<&Path> = settings.upstream.extra_ca_file.as_deref();
    let client = client(url, settings.redis.tls_reject_unauthorized, extra)?;
    let listener = {
        let basics = basics.clone();
        Arc::new(move |news, trouble: Option<&Trouble>| say(&basics, news, trouble))
    };
    basics.metrics.redis_up.set(1);
    let link = RedisLink::new(client, settings.redis.timeout, listener);
    let counters = RedisCounters::new(node, link.clone()).context("REDIS_URL cannot be used")?;
    let breakers = RedisBreakers::new(node, &link).context("REDIS_URL cannot be used")?;
    Ok(Some(SharedPorts { counters: Arc::new(counters), breakers: Arc::new(breakers) }))
}

fn say(basics: &Basics, news: News, trouble: Option<&Trouble>) {
    match news {
        News::Gone => {
            basics.metrics.redis_up.set(0);
            basics.readiness.report("redis", Severity::Degraded, AWAY);
            let reason = trouble.map(ToString::to_string).unwrap_or_default();
            tracing::warn!(
                reason,
                "Redis is away: this node counts limits alone, with its part of what is left"
            );
        }
        News::Back => {
            basics.metrics.redis_up.set(1);
            basics.readiness.clear("redis");
            tracing::warn!("Redis is back: limits, sessions and breakers are shared again");
        }
    }
}

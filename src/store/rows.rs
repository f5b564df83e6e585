//! Rows of keys and providers as the domain knows them. A limit of zero is no limit.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use switchyard_actors::domain::caller::{Caller, Role, parse_groups, sort_tags};
use switchyard_actors::domain::catalogue::KeyHash;
use switchyard_actors::domain::credential::Access;
use switchyard_actors::domain::dialect::ProviderKind;
use switchyard_actors::domain::ids::{EndpointId, KeyId, ProviderId, UserId};
use switchyard_actors::domain::limits::{Limits, ResetMode};
use switchyard_actors::domain::loss_policy::LossPolicy;
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::preferences::CacheTtl;
use switchyard_actors::domain::provider::{BreakerConfig, Endpoint, Provider, Timeouts};
use switchyard_actors::domain::proxy::ProxyUse;
use switchyard_actors::domain::routing::client::ClientList;
use switchyard_actors::domain::routing::pattern::Pattern;
use switchyard_actors::domain::routing::redirects::Redirects;
use switchyard_actors::domain::routing::schedule::Schedule;
use switchyard_actors::domain::secret::Secret;
use switchyard_actors::domain::window;

use super::crypto::Cipher;
use super::error::StoreError;
use super::preferences::preferences;
use super::value::Row;

/// What provider keys are sealed for.
pub const PROVIDER_KEY: &str = "providers.sealed_key";
/// What user keys are sealed for.
pub const USER_KEY: &str = "user_keys.sealed_key";

type Names = Arc<[Arc<str>]>;
/// A provider's own headers, names and values.
pub type Headers = Arc<[(Arc<str>, Arc<str>)]>;

/// Reads a row of `catalogue/callers`.
pub(super) fn caller(row: &Row) -> Result<(KeyHash, Caller), StoreError> {
    let hash = KeyHash::try_from(row.bytes("hash")?)
        .map_err(|_| StoreError::row("hash", "not thirty-two bytes"))?;
    let caller = Caller {
        user: UserId(row.int("user_id")?),
        user_name: Arc::from(row.text("user_name")?),
        role: role(row.text("role")?),
        key: KeyId(row.int("key_id")?),
        key_name: Arc::from(row.text("key_name")?),
        key_prefix: Arc::from(row.text("key_prefix")?),
        groups: parse_groups(row.opt_text("key_group")?),
        tags: sort_tags(row.json::<Vec<Arc<str>>>("tags")?),
        user_limits: limits(row, "user_")?,
        key_limits: limits(row, "key_")?,
        key_enabled: row.flag("key_is_enabled")?,
        key_expires_at: row.opt_instant("key_expires_at")?,
        user_enabled: row.flag("user_is_enabled")?,
        user_expires_at: row.opt_instant("user_expires_at")?,
        can_login: row.flag("can_login")?,
        allowed_models: row.json::<Names>("allowed_models")?,
        blocked_models: row.json::<Names>("blocked_models")?,
        clients: clients(row)?,
        cache_ttl: row.opt_text("cache_ttl_preference")?.and_then(CacheTtl::parse),
        loss_policy: LossPolicy::parse(row.text("loss_policy")?),
        fallbacks: Arc::new(row.json("fallback_models")?),
    };
    Ok((hash, caller))
}

/// Reads a row of `catalogue/endpoints`: an address, and whether it is switched on.
pub(super) fn endpoint(row: &Row) -> Result<(Endpoint, bool), StoreError> {
    let endpoint = Endpoint { id: EndpointId(row.int("id")?), url: Arc::from(row.text("url")?) };
    Ok((endpoint, row.flag("is_enabled")?))
}

/// Reads a row of `catalogue/providers`.
pub(super) fn provider(
    row: &Row,
    endpoints: Vec<(Endpoint, bool)>,
    cipher: &Cipher,
) -> Result<Provider, StoreError> {
    let unsound = |column| StoreError::row(column, "out of range");
    let key: Secret = cipher
        .open_sealed(PROVIDER_KEY, row.text("sealed_key")?)
        .ok_or_else(|| StoreError::row("sealed_key", "it was sealed with another secret key"))?;
    let kind = ProviderKind::parse(row.text("kind")?).ok_or_else(|| unsound("kind"))?;
    let weight = count(row.opt_int("weight")?).and_then(NonZeroU32::new);
    Ok(Provider {
        id: ProviderId(row.int("id")?),
        name: Arc::from(row.text("name")?),
        vendor: vendor(row.opt_text("vendor")?, endpoints.first().map(|(first, _)| &*first.url)),
        kind,
        access: Access::of(kind, key.reveal()),
        enabled: row.flag("is_enabled")?,
        endpoints: endpoints.into_iter().filter(|(_, on)| *on).map(|(one, _)| one).collect(),
        key,
        groups: parse_groups(row.opt_text("group_tag")?),
        priority: row.int("priority")?,
        group_priorities: Arc::new(row.json("group_priorities")?),
        weight: weight.ok_or_else(|| unsound("weight"))?,
        multiplier: row.decimal("cost_multiplier")?,
        allowed_models: row.json::<Arc<[Pattern]>>("allowed_models")?,
        redirects: Arc::new(Redirects::kept(&row.json("model_redirects")?)),
        clients: clients(row)?,
        schedule: schedule(row)?,
        custom_headers: own_headers(row)?,
        limits: limits(row, "")?,
        timeouts: Timeouts {
            first_byte: millis(row.int("first_byte_timeout_ms")?),
            idle: millis(row.int("idle_timeout_ms")?),
            total: millis(row.int("total_timeout_ms")?),
        },
        breaker: breaker(row)?,
        max_attempts: count(row.opt_int("max_retry_attempts")?),
        allow_private: row.flag("allow_private")?,
        preserve_client_ip: row.flag("preserve_client_ip")?,
        proxy: ProxyUse::of(row.opt_text("proxy_url")?, row.flag("proxy_fallback_to_direct")?),
        never_sticky: row.flag("disable_session_reuse")?,
        loss_policy: LossPolicy::parse(row.text("loss_policy")?),
        preferences: Arc::new(preferences(row)?),
    })
}

/// Reads the hours in which a provider serves. A zone that nobody knows any more is an error: hours in
/// another zone would be other hours.
pub fn schedule(row: &Row) -> Result<Option<Schedule>, StoreError> {
    let named = row.opt_text("active_time_zone")?;
    let zone = named
        .map(|name| {
            window::zone(name).ok_or_else(|| StoreError::row("active_time_zone", "unknown"))
        })
        .transpose()?;
    Ok(Schedule::new(row.opt_int("active_from_minute")?, row.opt_int("active_to_minute")?, zone))
}

fn clients(row: &Row) -> Result<ClientList, StoreError> {
    Ok(ClientList {
        allowed: row.json::<Names>("allowed_clients")?,
        blocked: row.json::<Names>("blocked_clients")?,
    })
}

fn role(name: &str) -> Role {
    if name == "admin" { Role::Admin } else { Role::User }
}

/// Returns the named vendor, else the host of the base URL.
fn vendor(named: Option<&str>, base: Option<&str>) -> Arc<str> {
    let host = || {
        let url = url::Url::parse(base?).ok()?;
        url.host_str().map(|host| host.trim_start_matches("www.").to_owned())
    };
    named.map(str::to_owned).or_else(host).unwrap_or_default().into()
}

/// Custom headers are kept as a list of pairs, or as an object.
pub fn own_headers(row: &Row) -> Result<Headers, StoreError> {
    if row.opt_text("custom_headers")?.is_some_and(|text| text.trim_start().starts_with('{')) {
        let object: BTreeMap<Arc<str>, Arc<str>> = row.json("custom_headers")?;
        return Ok(object.into_iter().collect());
    }
    row.json::<Vec<(Arc<str>, Arc<str>)>>("custom_headers").map(Into::into)
}

fn breaker(row: &Row) -> Result<BreakerConfig, StoreError> {
    let number = |column: &str| {
        u32::try_from(row.int(column)?).map_err(|_| StoreError::row(column, "out of range"))
    };
    Ok(BreakerConfig {
        threshold: number("breaker_failure_threshold")?,
        open_for: millis(row.int("breaker_open_ms")?).unwrap_or_default(),
        half_open_successes: number("breaker_half_open_successes")?,
        probes: number("breaker_probes")?,
    })
}

/// Reads the limits whose columns start with the prefix.
pub(super) fn limits(row: &Row, prefix: &str) -> Result<Limits, StoreError> {
    let number = |column: &str| row.opt_int(&format!("{prefix}{column}"));
    let money = |column: &str| Ok::<_, StoreError>(number(column)?.filter(|n| *n > 0).map(Nano));
    let mode = |column: &str| {
        let text = row.text(&format!("{prefix}{column}"))?;
        Ok::<_, StoreError>(if text == "rolling" { ResetMode::Rolling } else { ResetMode::Fixed })
    };
    Ok(Limits {
        rpm: count(number("limit_rpm")?),
        tpm: count(number("limit_tpm")?),
        concurrent_requests: count(number("limit_concurrent_requests")?),
        concurrent_sessions: count(number("limit_concurrent_sessions")?),
        spend_5h: money("limit_5h")?,
        daily: money("limit_daily")?,
        weekly: money("limit_weekly")?,
        monthly: money("limit_monthly")?,
        total: money("limit_total")?,
        daily_mode: mode("daily_reset_mode")?,
        daily_reset_minute: number("daily_reset_minute")?
            .and_then(|minute| u16::try_from(minute).ok())
            .unwrap_or(0),
        five_hour_mode: mode("five_hour_reset_mode")?,
    })
}

/// Reads a count where nothing and zero are the same; what is too large for it is no limit either.
fn count(number: Option<i64>) -> Option<u32> {
    number.and_then(|number| u32::try_from(number).ok()).filter(|number| *number > 0)
}

fn millis(number: i64) -> Option<Duration> {
    u64::try_from(number).ok().filter(|number| *number > 0).map(Duration::from_millis)
}

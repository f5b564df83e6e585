//! What a key may be, stated once, and the commands read from it.

use serde_json::Value;
use switchyard_actors::domain::ids::{KeyId, UserId};
use switchyard_actors::domain::money::Nano;

use crate::app::shape::{Body, Field, Issue, Moment, Patch, Rule, Shape, money};
use crate::app::users;
use crate::store::{KeyFields, StoredLimits};

const RESET_MODES: &[&str] = &["fixed", "rolling"];
const CACHE_TTLS: &[&str] = &["inherit", "5m", "1h"];
const LOSS_POLICIES: &[&str] = &[INHERIT, "lenient", "strict", "refuse"];
const INHERIT: &str = "inherit";

/// What an action takes about a key; more than the document of the original says.
#[must_use]
pub fn action_shape() -> Shape {
    let expiry = Rule::Expiry { future: false, unbounded: true };
    Shape::from([
        Field::required("name", Rule::text(1, 64)),
        Field::optional("expiresAt", expiry),
        Field::optional("canLoginWebUi", Rule::Flag),
        Field::optional("isEnabled", Rule::Flag),
        Field::optional("limit5hUsd", Rule::usd(10_000)),
        Field::optional("limitDailyUsd", Rule::usd(10_000)),
        Field::optional("limitWeeklyUsd", Rule::usd(50_000)),
        Field::optional("limitMonthlyUsd", Rule::usd(200_000)),
        Field::optional("limitTotalUsd", Rule::usd(10_000_000)),
        Field::optional("limitConcurrentSessions", Rule::coerced_integer(0, 1_000)),
        Field::optional("dailyResetMode", Rule::OneOf(RESET_MODES)),
        Field::optional("dailyResetTime", Rule::TimeOfDay { short: true }),
        Field::optional("providerGroup", Rule::text(0, 50).nullable()),
        Field::optional("cacheTtlPreference", Rule::OneOf(CACHE_TTLS)),
        Field::optional("lossPolicy", Rule::OneOf(LOSS_POLICIES))
            .about("How much of its requests may be lost when they are converted."),
    ])
}

/// Returns the key that every user begins with.
#[must_use]
pub fn first_key() -> KeyFields {
    KeyFields {
        name: "default".to_owned(),
        is_enabled: true,
        can_login: true,
        limits: StoredLimits { concurrent_sessions: Some(0), ..StoredLimits::default() },
        cache_ttl: Some(INHERIT.to_owned()),
        ..KeyFields::default()
    }
}

/// A key to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKey {
    /// Whose it is to be.
    pub user: UserId,
    /// What it is to be.
    pub key: KeyFields,
}

impl NewKey {
    /// Reads a body.
    ///
    /// # Errors
    /// Returns what is wrong with it.
    pub fn read(user: UserId, raw: &Value, moment: &Moment) -> Result<Self, Vec<Issue>> {
        let body = action_shape().check(raw, moment)?;
        Ok(Self { user, key: KeyEdit::of(KeyId(0), &body).over(first_key(), true) })
    }
}

/// What changes about a key. It is not a partial one: what is absent goes back to its default,
/// except money, the switch, the loss policy, and the groups of somebody who may not set them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyEdit {
    /// The key.
    pub id: KeyId,
    plain: KeyFields,
    is_enabled: Option<bool>,
    loss_policy: Option<String>,
    spend_5h: Patch<Nano>,
    daily: Patch<Nano>,
    weekly: Patch<Nano>,
    monthly: Patch<Nano>,
    total: Patch<Nano>,
}

impl KeyEdit {
    /// Reads a body.
    ///
    /// # Errors
    /// Returns what is wrong with it.
    pub fn read(id: KeyId, raw: &Value, moment: &Moment) -> Result<Self, Vec<Issue>> {
        action_shape().check(raw, moment).map(|body| Self::of(id, &body))
    }

    fn of(id: KeyId, body: &Body) -> Self {
        let owned = |name| body.text(name).map(str::to_owned);
        let amount = |name| body.patch(name, money);
        let nothing = first_key();
        let plain = KeyFields {
            name: owned("name").unwrap_or_default(),
            can_login: body.flag("canLoginWebUi").unwrap_or(true),
            expires_at: body.instant("expiresAt"),
            provider_group: owned("providerGroup").filter(|group| !group.is_empty()),
            limits: StoredLimits {
                concurrent_sessions: Some(body.int("limitConcurrentSessions").unwrap_or(0)),
                daily_mode: body
                    .text("dailyResetMode")
                    .map_or(nothing.limits.daily_mode, users::reset_mode),
                daily_reset_minute: body.minute("dailyResetTime").unwrap_or(0),
                ..StoredLimits::default()
            },
            cache_ttl: owned("cacheTtlPreference").or(nothing.cache_ttl),
            ..nothing
        };
        Self {
            id,
            plain,
            is_enabled: body.flag("isEnabled"),
            loss_policy: owned("lossPolicy"),
            spend_5h: amount("limit5hUsd"),
            daily: amount("limitDailyUsd"),
            weekly: amount("limitWeeklyUsd"),
            monthly: amount("limitMonthlyUsd"),
            total: amount("limitTotalUsd"),
        }
    }

    /// Returns the key after the edit.
    #[must_use]
    pub fn over(self, old: KeyFields, sets_group: bool) -> KeyFields {
        let group = if sets_group { self.plain.provider_group } else { old.provider_group };
        KeyFields {
            is_enabled: self.is_enabled.unwrap_or(old.is_enabled),
            provider_group: group,
            loss_policy: self.loss_policy.or(old.loss_policy).filter(|word| word != INHERIT),
            limits: StoredLimits {
                spend_5h: self.spend_5h.over(old.limits.spend_5h),
                daily: self.daily.over(old.limits.daily),
                weekly: self.weekly.over(old.limits.weekly),
                monthly: self.monthly.over(old.limits.monthly),
                total: self.total.over(old.limits.total),
                tpm: old.limits.tpm,
                concurrent_requests: old.limits.concurrent_requests,
                five_hour_mode: old.limits.five_hour_mode,
                ..self.plain.limits
            },
            ..self.plain
        }
    }
}

/// Returns the groups that a body asks for, before anything else of it is looked at; empty text
/// and null are none.
pub(super) fn asked_group(raw: &Value) -> Option<&str> {
    raw.get("providerGroup")?.as_str().filter(|group| !group.is_empty())
}

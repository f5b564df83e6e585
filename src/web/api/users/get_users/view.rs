//! A user and its keys as `users/getUsers` shows them.

use serde::Serialize;
use switchyard_actors::domain::money::Nano;

use crate::app::AppContext;
use crate::app::keys::shown;
use crate::app::shape::{Field, Rule, Shape};
use crate::app::time::{date, iso, local};
use crate::app::users::{KeyToday, UserWithKeys};
use crate::store::{KeyModel, KeyRecord};
use crate::web::api::money::{Usd, cents};
use crate::web::api::users::{role, rpm};
use crate::web::api::words::{reset_mode, time_of_day};

/// What stands in place of a date that never comes.
const NEVER: &str = "永不过期";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserView<'a> {
    id: i64,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    role: &'static str,
    rpm: i64,
    daily_quota: Usd,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_group: Option<&'a str>,
    tags: &'a [String],
    #[serde(rename = "limit5hUsd")]
    limit_5h_usd: Option<String>,
    limit_weekly_usd: Option<String>,
    limit_monthly_usd: Option<String>,
    limit_total_usd: Option<Usd>,
    limit_concurrent_sessions: Option<i64>,
    daily_reset_mode: &'static str,
    daily_reset_time: String,
    is_enabled: bool,
    expires_at: Option<String>,
    allowed_clients: &'a [String],
    allowed_models: &'a [String],
    blocked_clients: &'a [String],
    blocked_models: &'a [String],
    keys: Vec<KeyView<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KeyView<'a> {
    id: i64,
    name: &'a str,
    masked_key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    full_key: Option<String>,
    can_copy: bool,
    expires_at: String,
    status: &'static str,
    created_at: String,
    created_at_formatted: String,
    today_usage: Usd,
    today_call_count: i64,
    last_used_at: Option<String>,
    last_provider_name: Option<&'a str>,
    model_stats: Vec<ModelView<'a>>,
    can_login_web_ui: bool,
    #[serde(rename = "limit5hUsd")]
    limit_5h_usd: Option<Usd>,
    limit_daily_usd: Option<Usd>,
    limit_weekly_usd: Option<Usd>,
    limit_monthly_usd: Option<Usd>,
    limit_total_usd: Option<Usd>,
    daily_reset_mode: &'static str,
    daily_reset_time: String,
    limit_concurrent_sessions: i64,
    provider_group: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ModelView<'a> {
    model: &'a str,
    call_count: i64,
    total_cost: Usd,
}

impl<'a> UserView<'a> {
    pub(super) fn of(context: &AppContext, listed: &'a UserWithKeys) -> Self {
        let (fields, limits) = (&listed.user.fields, &listed.user.fields.limits);
        Self {
            id: listed.user.id.0,
            name: &fields.name,
            note: fields.note.as_deref(),
            role: role(fields.role),
            rpm: rpm(fields.rpm),
            daily_quota: Usd(limits.daily.unwrap_or(Nano::ZERO)),
            provider_group: fields.provider_group.as_deref(),
            tags: &fields.tags,
            limit_5h_usd: limits.spend_5h.map(cents),
            limit_weekly_usd: limits.weekly.map(cents),
            limit_monthly_usd: limits.monthly.map(cents),
            limit_total_usd: limits.total.map(Usd),
            limit_concurrent_sessions: limits.concurrent_sessions,
            daily_reset_mode: reset_mode(limits.daily_mode),
            daily_reset_time: time_of_day(limits.daily_reset_minute),
            is_enabled: fields.is_enabled,
            expires_at: fields.expires_at.map(iso),
            allowed_clients: &fields.allowed_clients,
            allowed_models: &fields.allowed_models,
            blocked_clients: &fields.blocked_clients,
            blocked_models: &fields.blocked_models,
            keys: listed.keys.iter().map(|(key, today)| key_view(context, key, today)).collect(),
        }
    }
}

fn key_view<'a>(context: &AppContext, key: &'a KeyRecord, today: &'a KeyToday) -> KeyView<'a> {
    let (fields, limits, text) = (&key.fields, &key.fields.limits, shown(context, key));
    KeyView {
        id: key.id.0,
        name: &fields.name,
        masked_key: text.masked,
        can_copy: text.full.is_some(),
        full_key: text.full.map(|full| full.reveal().to_owned()),
        expires_at: fields.expires_at.map_or_else(|| NEVER.to_owned(), date),
        status: if fields.is_enabled { "enabled" } else { "disabled" },
        created_at: iso(key.created_at),
        created_at_formatted: local(key.created_at, &(context.zone)()),
        today_usage: Usd(today.cost()),
        today_call_count: today.requests(),
        last_used_at: today.last.as_ref().map(|last| iso(last.at)),
        last_provider_name: today.last.as_ref().and_then(|last| last.provider_name.as_deref()),
        model_stats: today.models.iter().filter_map(model_view).collect(),
        can_login_web_ui: fields.can_login,
        limit_5h_usd: limits.spend_5h.map(Usd),
        limit_daily_usd: limits.daily.map(Usd),
        limit_weekly_usd: limits.weekly.map(Usd),
        limit_monthly_usd: limits.monthly.map(Usd),
        limit_total_usd: limits.total.map(Usd),
        daily_reset_mode: reset_mode(limits.daily_mode),
        daily_reset_time: time_of_day(limits.daily_reset_minute),
        limit_concurrent_sessions: limits.concurrent_sessions.unwrap_or(0),
        provider_group: fields.provider_group.as_deref(),
    }
}

/// Shows a model that was named; requests without one are in the sums only.
fn model_view(model: &KeyModel) -> Option<ModelView<'_>> {
    (!model.model.is_empty()).then(|| ModelView {
        model: &model.model,
        call_count: model.requests,
        total_cost: Usd(model.cost),
    })
}

pub(super) fn shape() -> Shape {
    Shape::from([
        Field::required("id", Rule::ID),
        Field::required("name", Rule::TEXT),
        Field::optional("note", Rule::TEXT),
        Field::required("role", Rule::OneOf(&["admin", "user"])),
        Field::required("rpm", Rule::INTEGER),
        Field::required("dailyQuota", Rule::NUMBER),
        Field::optional("providerGroup", Rule::TEXT),
        Field::required("tags", Rule::list_of(Rule::TEXT)),
        Field::required("limit5hUsd", Rule::TEXT.nullable()),
        Field::required("limitWeeklyUsd", Rule::TEXT.nullable()),
        Field::required("limitMonthlyUsd", Rule::TEXT.nullable()),
        Field::required("limitTotalUsd", Rule::NUMBER.nullable()),
        Field::required("limitConcurrentSessions", Rule::INTEGER.nullable()),
        Field::required("dailyResetMode", Rule::OneOf(&["fixed", "rolling"])),
        Field::required("dailyResetTime", Rule::TimeOfDay { short: false }),
        Field::required("isEnabled", Rule::Flag),
        Field::required("expiresAt", Rule::Instant.nullable()),
        Field::required("allowedClients", Rule::list_of(Rule::TEXT)),
        Field::required("allowedModels", Rule::list_of(Rule::TEXT)),
        Field::required("blockedClients", Rule::list_of(Rule::TEXT)),
        Field::required("blockedModels", Rule::list_of(Rule::TEXT)),
        Field::required("keys", Rule::list_of(Rule::object(key_shape()))),
    ])
}

fn key_shape() -> Shape {
    let model = Rule::object([
        Field::required("model", Rule::TEXT),
        Field::required("callCount", Rule::INTEGER),
        Field::required("totalCost", Rule::NUMBER),
    ]);
    Shape::from([
        Field::required("id", Rule::ID),
        Field::required("name", Rule::TEXT),
        Field::required("maskedKey", Rule::TEXT),
        Field::optional("fullKey", Rule::TEXT).about("Where keys may be shown again."),
        Field::required("canCopy", Rule::Flag),
        Field::required("expiresAt", Rule::TEXT).about("A date, or 永不过期."),
        Field::required("status", Rule::OneOf(&["enabled", "disabled"])),
        Field::required("createdAt", Rule::Instant),
        Field::required("createdAtFormatted", Rule::TEXT),
        Field::required("todayUsage", Rule::NUMBER).about("US dollars."),
        Field::required("todayCallCount", Rule::INTEGER),
        Field::required("lastUsedAt", Rule::Instant.nullable()),
        Field::required("lastProviderName", Rule::TEXT.nullable()),
        Field::required("modelStats", Rule::list_of(model)),
        Field::required("canLoginWebUi", Rule::Flag),
        Field::required("limit5hUsd", Rule::NUMBER.nullable()),
        Field::required("limitDailyUsd", Rule::NUMBER.nullable()),
        Field::required("limitWeeklyUsd", Rule::NUMBER.nullable()),
        Field::required("limitMonthlyUsd", Rule::NUMBER.nullable()),
        Field::required("limitTotalUsd", Rule::NUMBER.nullable()),
        Field::required("dailyResetMode", Rule::OneOf(&["fixed", "rolling"])),
        Field::required("dailyResetTime", Rule::TimeOfDay { short: false }),
        Field::required("limitConcurrentSessions", Rule::INTEGER),
        Field::required("providerGroup", Rule::TEXT.nullable()),
    ])
}

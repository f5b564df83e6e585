//! `keys/getKeys`.

use serde::Serialize;

use crate::app::keys::{self, shown};
use crate::app::shape::{Field, Rule, Shape};
use crate::app::time::iso;
use crate::app::{AppContext, AppError};
use crate::store::KeyRecord;
use crate::web::api::money::Usd;
use crate::web::api::words::{reset_mode, time_of_day};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Lists the keys of a user.
pub struct GetKeys;

impl Action for GetKeys {
    const SPEC: Spec = Spec::anyone(
        Module::Keys,
        "getKeys",
        "List the keys of a user",
        "Lists one's own keys, or as an admin anybody's, in the order of their making. Keys are \
         shown whole unless KEY_REVEAL is off.",
    );

    fn request() -> Shape {
        Shape::from([Field::required("userId", Rule::ID).about("The user.")])
    }

    fn answer() -> Option<Rule> {
        Some(Rule::list_of(Rule::object(key_shape())))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        let user = call.body(&Self::request())?.user("userId");
        let context = &call.api.app;
        let keys = keys::list(context, &call.actor, user).await?;
        let shown: Vec<_> = keys.iter().map(|key| KeyView::of(context, key)).collect();
        Reply::data(&shown)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KeyView<'a> {
    id: i64,
    user_id: i64,
    key: String,
    name: &'a str,
    is_enabled: bool,
    expires_at: Option<String>,
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
    cache_ttl_preference: Option<&'a str>,
    loss_policy: &'a str,
    created_at: String,
    updated_at: String,
    deleted_at: Option<String>,
}

impl<'a> KeyView<'a> {
    fn of(context: &AppContext, key: &'a KeyRecord) -> Self {
        let (fields, limits, text) = (&key.fields, &key.fields.limits, shown(context, key));
        Self {
            id: key.id.0,
            user_id: key.user.0,
            key: text.full.map_or(text.starred, |full| full.reveal().to_owned()),
            name: &fields.name,
            is_enabled: fields.is_enabled,
            expires_at: fields.expires_at.map(iso),
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
            cache_ttl_preference: fields.cache_ttl.as_deref(),
            loss_policy: fields.loss_policy.as_deref().unwrap_or("inherit"),
            created_at: iso(key.created_at),
            updated_at: iso(key.updated_at),
            deleted_at: None,
        }
    }
}

fn key_shape() -> Shape {
    Shape::from([
        Field::required("id", Rule::ID),
        Field::required("userId", Rule::ID),
        Field::required("key", Rule::TEXT).about("The whole key, or its end where it is hidden."),
        Field::required("name", Rule::TEXT),
        Field::required("isEnabled", Rule::Flag),
        Field::required("expiresAt", Rule::Instant.nullable()),
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
        Field::required("cacheTtlPreference", Rule::OneOf(&["inherit", "5m", "1h"]).nullable()),
        Field::required("lossPolicy", Rule::OneOf(&["inherit", "lenient", "strict", "refuse"]))
            .about("How much of its requests may be lost when they are converted."),
        Field::required("createdAt", Rule::Instant),
        Field::required("updatedAt", Rule::Instant),
        Field::required("deletedAt", Rule::Instant.nullable()).about("Always null."),
    ])
}

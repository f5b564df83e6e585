//! `users/addUser`.

use serde::Serialize;
use switchyard_actors::domain::money::Nano;

use crate::app::AppError;
use crate::app::shape::{Field, Rule, Shape};
use crate::app::time::iso;
use crate::app::users::{self, CreatedUser, NewUser};
use crate::store::UserRecord;
use crate::web::api::money::{Usd, cents};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Makes a user.
pub struct AddUser;

impl Action for AddUser {
    const SPEC: Spec = Spec::admin(
        Module::Users,
        "addUser",
        "Make a user",
        "Makes a user and a first key named `default`, which may log in and has no limits of its \
         own. Without another daily quota the user may spend 100 dollars a day.",
    );

    fn request() -> Shape {
        users::create_shape()
    }

    fn answer() -> Option<Rule> {
        let key = Rule::object([
            Field::required("id", Rule::ID),
            Field::required("name", Rule::TEXT),
            Field::required("key", Rule::TEXT).about("The whole key."),
        ]);
        Some(Rule::object([
            Field::required("user", Rule::object(user_shape())),
            Field::required("defaultKey", key),
        ]))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        let new = NewUser::read(&call.raw, &call.api.app.moment())?;
        let created = users::create(&call.api.app, &call.actor, new).await;
        let created = created.map_err(|error| error.or_code("CREATE_FAILED"))?;
        Reply::data(&Created::from(&created))
    }
}

fn user_shape() -> Shape {
    Shape::from([
        Field::required("id", Rule::ID),
        Field::required("name", Rule::TEXT),
        Field::optional("note", Rule::TEXT),
        Field::required("role", Rule::OneOf(&["admin", "user"])),
        Field::required("isEnabled", Rule::Flag),
        Field::required("expiresAt", Rule::Instant.nullable()),
        Field::required("rpm", Rule::INTEGER),
        Field::required("dailyQuota", Rule::NUMBER),
        Field::optional("providerGroup", Rule::TEXT),
        Field::required("tags", Rule::list_of(Rule::TEXT)),
        Field::required("limit5hUsd", Rule::TEXT.nullable()),
        Field::required("limitWeeklyUsd", Rule::TEXT.nullable()),
        Field::required("limitMonthlyUsd", Rule::TEXT.nullable()),
        Field::required("limitTotalUsd", Rule::NUMBER.nullable()),
        Field::required("limitConcurrentSessions", Rule::INTEGER.nullable()),
        Field::required("allowedModels", Rule::list_of(Rule::TEXT)),
    ])
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Created<'a> {
    user: UserView<'a>,
    default_key: KeyView<'a>,
}

#[derive(Serialize)]
struct KeyView<'a> {
    id: i64,
    name: &'a str,
    key: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserView<'a> {
    id: i64,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    role: &'static str,
    is_enabled: bool,
    expires_at: Option<String>,
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
    allowed_models: &'a [String],
}

impl<'a> From<&'a CreatedUser> for Created<'a> {
    fn from(created: &'a CreatedUser) -> Self {
        let default_key = KeyView {
            id: created.key.id.0,
            name: &created.key.fields.name,
            key: created.text.reveal(),
        };
        Self { user: UserView::from(&created.user), default_key }
    }
}

impl<'a> From<&'a UserRecord> for UserView<'a> {
    fn from(user: &'a UserRecord) -> Self {
        let (fields, limits) = (&user.fields, &user.fields.limits);
        Self {
            id: user.id.0,
            name: &fields.name,
            note: fields.note.as_deref(),
            role: super::role(fields.role),
            is_enabled: fields.is_enabled,
            expires_at: fields.expires_at.map(iso),
            rpm: super::rpm(fields.rpm),
            daily_quota: Usd(limits.daily.unwrap_or(Nano::ZERO)),
            provider_group: fields.provider_group.as_deref(),
            tags: &fields.tags,
            limit_5h_usd: limits.spend_5h.map(cents),
            limit_weekly_usd: limits.weekly.map(cents),
            limit_monthly_usd: limits.monthly.map(cents),
            limit_total_usd: limits.total.map(Usd),
            limit_concurrent_sessions: limits.concurrent_sessions,
            allowed_models: &fields.allowed_models,
        }
    }
}

//! What a user may be, stated once, and the commands read from it.

use serde_json::Value;
use switchyard_actors::domain::caller::Role;
use switchyard_actors::domain::ids::UserId;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::limits::ResetMode;
use switchyard_actors::domain::money::Nano;

use crate::app::shape::{Body, Fault, Field, Issue, Moment, Patch, Rule, Shape, money};
use crate::store::{StoredLimits, UserFields};

/// A daily limit that nobody set.
pub const DEFAULT_DAILY: Nano = Nano::from_usd(100);
/// Requests a minute that nobody set.
pub const DEFAULT_RPM: i64 = 100;
const BLANK: Fault = Fault { id: "wrong-word-blank", text: "An entry cannot be blank" };
const RESET_MODES: &[&str] = &["fixed", "rolling"];

/// What a new user's body holds.
#[must_use]
pub fn create_shape() -> Shape {
    let expiry = Rule::Expiry { future: true, unbounded: false }.nullable();
    Shape::from([Field::required("name", Rule::text(1, 64)).about("Shown to people; not unique.")])
        .and(decisions())
        .and([
            Field::optional("note", Rule::text(0, 200)).about("A note."),
            Field::optional("expiresAt", expiry).about("When the access ends; in the future."),
        ])
}

/// What an edit's body holds. What is absent stays.
#[must_use]
pub fn edit_shape() -> Shape {
    let expiry = Rule::Expiry { future: false, unbounded: false }.nullable();
    Shape::from([
        Field::required("userId", Rule::ID).about("The user."),
        Field::optional("name", Rule::text(1, 64)).about("Shown to people; not unique."),
    ])
    .and(decisions())
    .and([
        Field::optional("note", Rule::text(0, 200)).about("A note."),
        Field::optional("expiresAt", expiry).about("When the access ends; null changes nothing."),
    ])
}

/// Returns the fields that both bodies have in common.
fn decisions() -> Vec<Field> {
    let words = |length, most| Rule::list(Rule::text(0, length), most);
    vec![
        Field::optional("providerGroup", Rule::text(0, 50).nullable())
            .about("The groups whose providers may be used, separated by commas."),
        Field::optional("tags", words(32, 20)).about("Tags."),
        Field::optional("rpm", Rule::coerced_integer(1, 1_000_000)).about("Requests a minute."),
        Field::optional("dailyQuota", Rule::usd(100_000)).about("US dollars a day."),
        Field::optional("limit5hUsd", Rule::usd(10_000)).about("US dollars in five hours."),
        Field::optional("limitWeeklyUsd", Rule::usd(50_000)).about("US dollars a week."),
        Field::optional("limitMonthlyUsd", Rule::usd(200_000)).about("US dollars a month."),
        Field::optional("limitTotalUsd", Rule::usd(10_000_000)).about("US dollars for ever."),
        Field::optional("limitConcurrentSessions", Rule::coerced_integer(0, 1_000).nullable())
            .about("Sessions at once; 0 is any number."),
        Field::optional("isEnabled", Rule::Flag).about("Switched on."),
        Field::optional("dailyResetMode", Rule::OneOf(RESET_MODES)).about("How a day moves."),
        Field::optional("dailyResetTime", Rule::TimeOfDay { short: false })
            .about("When a fixed day begins."),
        Field::optional("allowedClients", names()).about("Clients; empty is any."),
        Field::optional("allowedModels", names()).about("Models; empty is any."),
        Field::optional("blockedClients", names()).about("Clients that are refused."),
        Field::optional("blockedModels", names()).about("Models that are refused."),
    ]
}

/// A blank entry would be nobody's name: a list of it alone keeps everybody out, and looks empty.
fn names() -> Rule {
    let blank = |name: &Value| {
        let is_blank = name.as_str().is_none_or(|name| name.trim().is_empty());
        is_blank.then_some(BLANK)
    };
    Rule::list(Rule::text(1, 64).checked(blank), 50)
}

/// A user to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewUser(pub UserFields);

impl NewUser {
    /// Reads a body.
    ///
    /// # Errors
    /// Returns what is wrong with it.
    pub fn read(raw: &Value, moment: &Moment) -> Result<Self, Vec<Issue>> {
        create_shape().check(raw, moment).map(|body| Self::from(&body))
    }
}

impl From<&Body> for NewUser {
    fn from(body: &Body) -> Self {
        let nothing = UserFields {
            role: Role::User,
            is_enabled: true,
            rpm: Some(DEFAULT_RPM),
            limits: StoredLimits { daily: Some(DEFAULT_DAILY), ..StoredLimits::default() },
            ..UserFields::default()
        };
        let mut user = UserEdit::from(body).over(nothing);
        // Null is "no limit" in an edit, but a new user gets the default instead.
        user.limits.daily = user.limits.daily.or(Some(DEFAULT_DAILY));
        Self(user)
    }
}

/// What changes about a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserEdit {
    /// The user.
    pub id: UserId,
    name: Option<String>,
    note: Option<String>,
    provider_group: Patch<String>,
    tags: Option<Vec<String>>,
    rpm: Option<i64>,
    daily: Patch<Nano>,
    spend_5h: Patch<Nano>,
    weekly: Patch<Nano>,
    monthly: Patch<Nano>,
    total: Patch<Nano>,
    concurrent_sessions: Patch<i64>,
    is_enabled: Option<bool>,
    expires_at: Patch<Micros>,
    daily_mode: Option<ResetMode>,
    daily_reset_minute: Option<u16>,
    allowed_clients: Option<Vec<String>>,
    allowed_models: Option<Vec<String>>,
    blocked_clients: Option<Vec<String>>,
    blocked_models: Option<Vec<String>>,
}

impl UserEdit {
    /// Reads a body.
    ///
    /// # Errors
    /// Returns what is wrong with it.
    pub fn read(raw: &Value, moment: &Moment) -> Result<Self, Vec<Issue>> {
        edit_shape().check(raw, moment).map(|body| Self::from(&body))
    }

    /// Takes the end of the access away, which a body cannot say.
    #[must_use]
    pub fn without_expiry(mut self) -> Self {
        self.expires_at = Patch::Clear;
        self
    }

    /// Returns the user after the edit.
    #[must_use]
    pub fn over(self, old: UserFields) -> UserFields {
        let not_empty = |text: &String| !text.is_empty();
        UserFields {
            name: self.name.unwrap_or(old.name),
            note: self.note.or(old.note).filter(not_empty),
            role: old.role,
            provider_group: self.provider_group.over(old.provider_group).filter(not_empty),
            tags: self.tags.unwrap_or(old.tags),
            is_enabled: self.is_enabled.unwrap_or(old.is_enabled),
            expires_at: self.expires_at.over(old.expires_at),
            rpm: self.rpm.or(old.rpm),
            limits: StoredLimits {
                concurrent_sessions: self.concurrent_sessions.over(old.limits.concurrent_sessions),
                spend_5h: self.spend_5h.over(old.limits.spend_5h),
                daily: self.daily.over(old.limits.daily),
                weekly: self.weekly.over(old.limits.weekly),
                monthly: self.monthly.over(old.limits.monthly),
                total: self.total.over(old.limits.total),
                daily_mode: self.daily_mode.unwrap_or(old.limits.daily_mode),
                daily_reset_minute: self
                    .daily_reset_minute
                    .unwrap_or(old.limits.daily_reset_minute),
                ..old.limits
            },
            allowed_clients: self.allowed_clients.unwrap_or(old.allowed_clients),
            allowed_models: self.allowed_models.unwrap_or(old.allowed_models),
            blocked_clients: self.blocked_clients.unwrap_or(old.blocked_clients),
            blocked_models: self.blocked_models.unwrap_or(old.blocked_models),
        }
    }
}

impl From<&Body> for UserEdit {
    fn from(body: &Body) -> Self {
        let owned = |name| body.text(name).map(str::to_owned);
        let amount = |name| body.patch(name, money);
        Self {
            id: body.user("userId"),
            name: owned("name"),
            note: owned("note"),
            provider_group: body.patch("providerGroup", |text| text.as_str().map(str::to_owned)),
            tags: body.texts("tags"),
            rpm: body.int("rpm"),
            daily: amount("dailyQuota"),
            spend_5h: amount("limit5hUsd"),
            weekly: amount("limitWeeklyUsd"),
            monthly: amount("limitMonthlyUsd"),
            total: amount("limitTotalUsd"),
            concurrent_sessions: body.patch("limitConcurrentSessions", Value::as_i64),
            is_enabled: body.flag("isEnabled"),
            // The contract: null changes nothing.
            expires_at: body.instant("expiresAt").map_or(Patch::Keep, Patch::Set),
            daily_mode: body.text("dailyResetMode").map(reset_mode),
            daily_reset_minute: body.minute("dailyResetTime"),
            allowed_clients: body.texts("allowedClients"),
            allowed_models: body.texts("allowedModels"),
            blocked_clients: body.texts("blockedClients"),
            blocked_models: body.texts("blockedModels"),
        }
    }
}

/// Reads `rolling`; any other word is the fixed kind.
pub fn reset_mode(word: &str) -> ResetMode {
    if word == "rolling" { ResetMode::Rolling } else { ResetMode::Fixed }
}

//! The form of a user, new or changed.

use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::{Value, json};
use switchyard_actors::domain::ids::UserId;

use super::fields::{self, Body, expiry_text, put_limits, put_text, put_words, shown_limits};
use crate::app::users::{DEFAULT_DAILY, DEFAULT_RPM};
use crate::store::{StoredLimits, UserFields};
use crate::web::console::frame::{Form, FormView, Page, Room, Text};

/// What the daily limit of a user is called.
const DAILY: &str = "dailyQuota";
/// Fields of the part on limits; it is open when one of them is wrong.
const LIMITS: [&str; 9] = [
    "rpm",
    DAILY,
    "limit5hUsd",
    "limitWeeklyUsd",
    "limitMonthlyUsd",
    "limitTotalUsd",
    "limitConcurrentSessions",
    "dailyResetMode",
    "dailyResetTime",
];
/// Fields of the part on access.
const ACCESS: [&str; 6] = [
    "providerGroup",
    "expiresAt",
    "allowedModels",
    "blockedModels",
    "allowedClients",
    "blockedClients",
];

/// A choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OptionView {
    /// What is sent.
    pub value: &'static str,
    /// What is read.
    pub label: Text,
}

/// Lists how a day may move.
#[must_use]
pub fn reset_modes() -> Vec<OptionView> {
    let option = |value, id| OptionView { value, label: Text::of(id) };
    vec![option("fixed", "users-mode-fixed"), option("rolling", "users-mode-rolling")]
}

/// The form of a user.
#[derive(Clone, Debug, Serialize)]
pub struct UserFormPage {
    /// What is typed, and what is wrong.
    pub form: FormView,
    /// Who is changed; `None` for somebody new.
    pub editing: Option<Editing>,
    /// Groups that providers have.
    pub groups: Vec<String>,
    /// How a day may move.
    pub modes: Vec<OptionView>,
    /// The part on access is open.
    pub access_open: bool,
    /// The part on limits is open.
    pub limits_open: bool,
    /// Where the form goes.
    pub action: String,
    /// Where to go instead.
    pub back: String,
}

/// Who is changed.
#[derive(Clone, Debug, Serialize)]
pub struct Editing {
    /// The id.
    pub id: i64,
    /// The name.
    pub name: String,
}

impl UserFormPage {
    /// Makes the form of somebody new.
    #[must_use]
    pub fn new(form: FormView, groups: Vec<String>) -> Self {
        let is_wrong = |names: &[&str]| names.iter().any(|name| form.errors.contains_key(*name));
        Self {
            access_open: is_wrong(&ACCESS),
            limits_open: is_wrong(&LIMITS),
            form,
            editing: None,
            groups,
            modes: reset_modes(),
            action: "/users/new".to_owned(),
            back: "/users".to_owned(),
        }
    }

    /// Makes the form of somebody who is there.
    #[must_use]
    pub fn editing(form: FormView, id: UserId, name: &str) -> Self {
        Self {
            editing: Some(Editing { id: id.0, name: name.to_owned() }),
            access_open: true,
            limits_open: true,
            action: format!("/users/{id}/edit"),
            back: format!("/users/{id}"),
            ..Self::new(form, Vec::new())
        }
    }
}

/// Fills the form of somebody new with what holds unless it is changed.
#[must_use]
pub fn blank() -> FormView {
    let limits = StoredLimits { daily: Some(DEFAULT_DAILY), ..StoredLimits::default() };
    let mut shown = shown_limits(&limits, DAILY);
    shown.push(("rpm", DEFAULT_RPM.to_string()));
    FormView::of(shown)
}

/// Fills the form with what a user is.
#[must_use]
pub fn filled(user: &UserFields, zone: &TimeZone) -> FormView {
    let mut shown = shown_limits(&user.limits, DAILY);
    shown.extend([
        ("name", user.name.clone()),
        ("note", user.note.clone().unwrap_or_default()),
        ("tags", user.tags.join(", ")),
        ("expiresAt", expiry_text(user.expires_at, zone)),
        ("rpm", user.rpm.map_or_else(String::new, |count| count.to_string())),
        ("allowedModels", user.allowed_models.join("\n")),
        ("blockedModels", user.blocked_models.join("\n")),
        ("allowedClients", user.allowed_clients.join("\n")),
        ("blockedClients", user.blocked_clients.join("\n")),
    ]);
    FormView::of(shown)
}

/// Reads the body of somebody new.
#[must_use]
pub fn body(form: &Form) -> Value {
    let mut body = common(form);
    put_text(&mut body, form, "providerGroup");
    put_text(&mut body, form, "expiresAt");
    if form.has(DAILY) && form.opt(DAILY).is_none() {
        // Nothing would be the default here; zero is no limit.
        body.insert(DAILY.to_owned(), json!(0));
    }
    Value::Object(body)
}

/// Reads the body of an edit.
#[must_use]
pub fn edit_body(form: &Form, id: UserId, old: &UserFields, zone: &TimeZone) -> Value {
    let mut body = common(form);
    body.insert("userId".to_owned(), json!(id));
    if form.opt("expiresAt").is_some() {
        let end = fields::typed_expiry(form, old.expires_at, zone);
        body.insert("expiresAt".to_owned(), json!(end));
    }
    Value::Object(body)
}

fn common(form: &Form) -> Body {
    let mut body = Body::new();
    for name in ["name", "note", "rpm"] {
        put_text(&mut body, form, name);
    }
    for name in ["tags", "allowedModels", "blockedModels", "allowedClients", "blockedClients"] {
        put_words(&mut body, form, name);
    }
    put_limits(&mut body, form, DAILY);
    body
}

impl Page for UserFormPage {
    const TEMPLATE: &'static str = "pages/users/form.html";
    const ROOM: Room = Room::Users;

    fn title(&self) -> Text {
        self.editing.as_ref().map_or_else(
            || Text::of("users-new-title"),
            |user| Text::of("users-edit-title").with("name", user.name.as_str()),
        )
    }

    fn here(&self) -> Option<String> {
        Some(self.action.clone())
    }

    fn samples() -> Vec<(&'static str, Self)> {
        let wrong = blank()
            .with_issue("name", Text::of("wrong-missing"))
            .with_issue("limit5hUsd", Text::of("wrong-big").with("most", 10_000_i64));
        let user = UserFields {
            name: "<b>ann</b> & \"co\"".to_owned(),
            note: Some("a note".to_owned()),
            tags: vec!["a".to_owned(), "<b>".to_owned()],
            allowed_models: vec!["claude-opus-4-8".to_owned(), "gpt-5".to_owned()],
            blocked_clients: vec!["opencode/*".to_owned()],
            rpm: Some(60),
            ..UserFields::default()
        };
        let edited = filled(&user, &TimeZone::UTC);
        vec![
            ("new", Self::new(blank(), vec!["default".to_owned(), "vip".to_owned()])),
            ("wrong", Self::new(wrong, Vec::new())),
            ("edit", Self::editing(edited, UserId(7), &user.name)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_alone_is_enough_and_keeps_the_defaults() {
        let form = Form::of([("name", "ann")]);
        assert_eq!(body(&form), json!({ "name": "ann" }));
    }

    #[test]
    fn an_emptied_daily_limit_of_somebody_new_is_no_limit() {
        let form = Form::of([("name", "ann"), ("dailyQuota", "")]);
        assert_eq!(body(&form), json!({ "name": "ann", "dailyQuota": 0 }));
        let old = UserFields::default();
        let edited = edit_body(&form, UserId(3), &old, &TimeZone::UTC);
        assert_eq!(edited, json!({ "userId": 3, "name": "ann", "dailyQuota": null }));
    }
}

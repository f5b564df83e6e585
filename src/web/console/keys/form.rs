//! The form of a key, new or changed.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::{Value, json};

use super::wishes::{self, Choices};
use crate::app::{AppContext, AppError, keys};
use crate::store::{KeyFields, UserFields, UserRecord};
use crate::web::console::frame::{Form, FormView, Page, Room, Text};
use crate::web::console::users::{
    self, Body, OptionView, amount, expiry_text, put_limits, put_text, reset_modes, shown_limits,
    typed_expiry,
};

/// What the daily limit of a key is called.
const DAILY: &str = "limitDailyUsd";
/// Fields of the part on limits; it is open when one of them is wrong.
const LIMITS: [&str; 8] = [
    DAILY,
    "limit5hUsd",
    "limitWeeklyUsd",
    "limitMonthlyUsd",
    "limitTotalUsd",
    "limitConcurrentSessions",
    "dailyResetMode",
    "dailyResetTime",
];

/// The form of a key.
#[derive(Clone, Debug, Serialize)]
pub struct KeyFormPage {
    /// What is typed, and what is wrong.
    pub form: FormView,
    /// The key that is changed, by its name; `None` for a new one.
    pub editing: Option<String>,
    /// Whose key it is.
    pub user: Owner,
    /// Groups that providers have; only admins choose one.
    pub groups: Vec<String>,
    /// An admin types.
    pub is_admin: bool,
    /// How a day may move.
    pub modes: Vec<OptionView>,
    /// What a key may say of its requests.
    pub wishes: Choices,
    /// What the user may spend, by the key's field.
    pub ceilings: BTreeMap<&'static str, Text>,
    /// The part on requests is open.
    pub wishes_open: bool,
    /// The part on limits is open.
    pub limits_open: bool,
    /// Where the form goes.
    pub action: String,
    /// Where to go instead.
    pub back: String,
}

/// Whose key it is.
#[derive(Clone, Debug, Serialize)]
pub struct Owner {
    /// The id.
    pub id: i64,
    /// The name.
    pub name: String,
}

impl Owner {
    /// Names a user.
    #[must_use]
    pub fn of(user: &UserRecord) -> Self {
        Self { id: user.id.0, name: user.fields.name.clone() }
    }
}

impl KeyFormPage {
    /// Makes the form of a new key.
    #[must_use]
    pub fn new(form: FormView, user: &UserRecord, groups: Vec<String>, is_admin: bool) -> Self {
        Self {
            wishes_open: wishes::FIELDS.iter().any(|name| form.errors.contains_key(*name)),
            limits_open: LIMITS.iter().any(|name| form.errors.contains_key(*name)),
            form,
            editing: None,
            user: Owner::of(user),
            groups,
            is_admin,
            modes: reset_modes(),
            wishes: wishes::choices(),
            ceilings: ceilings(&user.fields),
            action: format!("/users/{}/keys/new", user.id),
            back: format!("/users/{}", user.id),
        }
    }
}

/// Says what the user may spend, beside the key's fields.
fn ceilings(user: &UserFields) -> BTreeMap<&'static str, Text> {
    let limits = user.limits.in_force(None);
    let amounts = [
        ("limit5hUsd", limits.spend_5h),
        (DAILY, limits.daily),
        ("limitWeeklyUsd", limits.weekly),
        ("limitMonthlyUsd", limits.monthly),
        ("limitTotalUsd", limits.total),
    ];
    let amounts = amounts.map(|(name, limit)| (name, limit.map(amount)));
    let sessions = limits.concurrent_sessions.map(|count| count.to_string());
    let all = amounts.into_iter().chain([("limitConcurrentSessions", sessions)]);
    all.map(|(name, limit)| {
        let none = || Text::of("key-ceiling-none");
        (name, limit.map_or_else(none, |limit| Text::of("key-ceiling").with("limit", limit)))
    })
    .collect()
}

/// Fills the form of a new key.
#[must_use]
pub fn blank() -> FormView {
    let mut shown = shown_limits(&KeyFields::default().limits, DAILY);
    shown.extend(wishes::shown(&KeyFields::default()));
    shown.push(("canLoginWebUi", "on".to_owned()));
    FormView::of(shown)
}

/// Fills the form with what a key is.
#[must_use]
pub fn filled(key: &KeyFields, zone: &TimeZone) -> FormView {
    let mut shown = shown_limits(&key.limits, DAILY);
    shown.extend(wishes::shown(key));
    shown.extend([
        ("name", key.name.clone()),
        ("expiresAt", expiry_text(key.expires_at, zone)),
        ("providerGroup", key.provider_group.clone().unwrap_or_default()),
        ("canLoginWebUi", if key.can_login { "on" } else { "" }.to_owned()),
    ]);
    FormView::of(shown)
}

/// Returns the form as it is shown again, with everything that is wrong, where something is that the
/// use case could not tell any more; `kept` is the form as it would be filled at present.
#[must_use]
pub fn looked_over(app: &AppContext, form: &Form, raw: &Value, kept: Option<FormView>) -> FormView {
    let view = users::looked_over(form, DAILY);
    let view = match kept {
        Some(kept) => view.since(kept),
        None => view,
    };
    if !view.is_wrong() {
        return view;
    }
    view.with_fault(keys::action_shape().check(raw, &app.moment()).map_err(AppError::from))
}

/// Reads the body of a new key, or of an edit of `old`. An edit sets a key anew, so the body says
/// all of it; groups are left to admins.
#[must_use]
pub fn body(form: &Form, old: Option<&KeyFields>, is_admin: bool, zone: &TimeZone) -> Value {
    let mut body = Body::new();
    put_text(&mut body, form, "name");
    if is_admin {
        put_text(&mut body, form, "providerGroup");
    }
    put_limits(&mut body, form, DAILY);
    body.insert("canLoginWebUi".to_owned(), json!(form.flag("canLoginWebUi")));
    let end = typed_expiry(form, old.and_then(|old| old.expires_at), zone);
    body.insert("expiresAt".to_owned(), json!(end));
    wishes::put(&mut body, form, old);
    Value::Object(body)
}

impl Page for KeyFormPage {
    const TEMPLATE: &'static str = "pages/keys/form.html";
    const ROOM: Room = Room::Users;

    fn title(&self) -> Text {
        let text =
            Text::of(if self.editing.is_some() { "key-edit-title" } else { "key-new-title" });
        let text = text.with("user", self.user.name.as_str());
        self.editing.as_deref().map_or(text.clone(), |name| text.with("name", name))
    }

    fn here(&self) -> Option<String> {
        Some(self.action.clone())
    }

    fn samples() -> Vec<(&'static str, Self)> {
        let page = |form: FormView| Self {
            limits_open: form.is_wrong(),
            form,
            editing: None,
            user: Owner { id: 7, name: "<b>ann</b>".to_owned() },
            groups: vec!["default".to_owned(), "<vip>".to_owned()],
            is_admin: true,
            modes: reset_modes(),
            wishes: wishes::choices(),
            wishes_open: false,
            ceilings: ceilings(&UserFields {
                limits: crate::store::StoredLimits {
                    daily: Some(crate::app::users::DEFAULT_DAILY),
                    ..crate::store::StoredLimits::default()
                },
                ..UserFields::default()
            }),
            action: "/users/7/keys/new".to_owned(),
            back: "/users/7".to_owned(),
        };
        let over = blank().with_issue(DAILY, Text::of("refused-key-over-user"));
        vec![
            ("new", page(blank())),
            ("wrong", page(over)),
            (
                "edit-own",
                Self {
                    editing: Some("laptop \"x\"".to_owned()),
                    is_admin: false,
                    limits_open: true,
                    wishes_open: true,
                    ..page(filled(&KeyFields::default(), &TimeZone::UTC))
                },
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_says_all_of_the_key_and_leaves_groups_to_admins() {
        let old = KeyFields {
            name: "laptop".to_owned(),
            provider_group: Some("vip".to_owned()),
            can_login: true,
            cache_ttl: Some("1h".to_owned()),
            loss_policy: Some("refuse".to_owned()),
            ..KeyFields::default()
        };
        let shown = filled(&old, &TimeZone::UTC);
        let form = Form::of(shown.values);
        let edited = body(&form, Some(&old), true, &TimeZone::UTC);
        let expected = json!({
            "name": "laptop", "providerGroup": "vip", "canLoginWebUi": true, "expiresAt": "",
            "limit5hUsd": null, "limitDailyUsd": null, "limitWeeklyUsd": null,
            "limitMonthlyUsd": null, "limitTotalUsd": null, "limitConcurrentSessions": "0",
            "dailyResetMode": "fixed", "dailyResetTime": "00:00", "lossPolicy": "refuse",
            "cacheTtlPreference": "1h",
        });
        assert_eq!(edited, expected);
        let own = body(&form, Some(&old), false, &TimeZone::UTC);
        assert_eq!(own.get("providerGroup"), None);
    }
}

//! The fields of users and keys between forms and the bodies that use cases read. A field has the
//! body's name, so that what is wrong is said where it was typed.

use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::limits::ResetMode;
use switchyard_actors::domain::money::Nano;

use crate::app::time::iso;
use crate::store::StoredLimits;
use crate::web::api::words;
use crate::web::console::frame::{Form, FormView, Text, is_lost, time};

/// Fields of money that users and keys have under the same name.
const MONEY: [&str; 4] = ["limit5hUsd", "limitWeeklyUsd", "limitMonthlyUsd", "limitTotalUsd"];
/// How many sessions at once.
const SESSIONS: &str = "limitConcurrentSessions";
/// How many requests a minute.
const RPM: &str = "rpm";
/// How a browser writes an instant.
const LOCAL: &str = "%Y-%m-%dT%H:%M";

/// A body in the making.
pub type Body = Map<String, Value>;
/// Fields to be shown.
pub type Shown = Vec<(&'static str, String)>;

/// Writes limits into fields; `daily` is what the daily one is called.
#[must_use]
pub fn shown_limits(limits: &StoredLimits, daily: &'static str) -> Shown {
    let amounts = [limits.spend_5h, limits.weekly, limits.monthly, limits.total];
    let mut shown: Shown = MONEY.into_iter().zip(amounts.map(dollars)).collect();
    shown.push((daily, dollars(limits.daily)));
    let sessions = limits.concurrent_sessions.filter(|count| *count > 0);
    shown.push((SESSIONS, sessions.map_or_else(String::new, |count| count.to_string())));
    let mode = match limits.daily_mode {
        ResetMode::Fixed => "fixed",
        ResetMode::Rolling => "rolling",
    };
    shown.push(("dailyResetMode", mode.to_owned()));
    shown.push(("dailyResetTime", words::time_of_day(limits.daily_reset_minute)));
    shown
}

/// Writes an amount as people type it; zero is no limit, like nothing.
pub fn dollars(amount: Option<Nano>) -> String {
    let amount = amount.filter(|amount| amount.0 != 0);
    amount.map_or_else(String::new, |amount| amount.usd().normalize().to_string())
}

/// Reads limits from fields: what is empty is no limit, what was not sent is left out.
pub fn put_limits(body: &mut Body, form: &Form, daily: &str) {
    for name in MONEY.into_iter().chain([daily]) {
        if form.has(name) {
            let amount = form.opt(name).map(|text| text.trim_start_matches('$').trim());
            body.insert(name.to_owned(), json!(amount));
        }
    }
    for name in ["dailyResetMode", "dailyResetTime"] {
        if let Some(text) = form.opt(name) {
            body.insert(name.to_owned(), json!(text));
        }
    }
    if form.has(SESSIONS) {
        body.insert(SESSIONS.to_owned(), json!(form.opt(SESSIONS).unwrap_or("0")));
    }
}

/// Reads a plain text.
pub fn put_text(body: &mut Body, form: &Form, name: &str) {
    if form.has(name) {
        body.insert(name.to_owned(), json!(form.text(name)));
    }
}

/// Reads a list of words that stand between commas, or one a line.
pub fn put_words(body: &mut Body, form: &Form, name: &str) {
    if form.has(name) {
        let words = form.text(name).split([',', '，', '\n', '\r']).map(str::trim);
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        body.insert(name.to_owned(), json!(words));
    }
}

/// Writes an instant as a browser shows it in a field, in the deployment's zone.
#[must_use]
pub fn expiry_text(at: Option<Micros>, zone: &TimeZone) -> String {
    at.map_or_else(String::new, |at| time::local(at.0, LOCAL, zone))
}

/// Reads the instant of a field. One that nobody touched keeps its seconds, which the field does
/// not show.
#[must_use]
pub fn typed_expiry(form: &Form, old: Option<Micros>, zone: &TimeZone) -> String {
    let typed = form.text("expiresAt");
    match old {
        Some(old) if typed == expiry_text(Some(old), zone) => iso(old),
        _ => typed.to_owned(),
    }
}

/// Returns the form as it is shown again, with what the use cases could not tell apart any more: an
/// amount that would be rounded to "no limit", and a number that was emptied.
#[must_use]
pub fn looked_over(form: &Form, daily: &str) -> FormView {
    let mut view = FormView::from(form);
    for name in MONEY.into_iter().chain([daily]) {
        if is_lost(form.text(name)) {
            view = view.with_issue(name, Text::of("wrong-tiny"));
        }
    }
    if form.has(RPM) && form.opt(RPM).is_none() {
        view = view.with_issue(RPM, Text::of("wrong-missing"));
    }
    view
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_go_into_fields_and_come_back() {
        let limits = StoredLimits {
            daily: Some(Nano::from_usd(0)),
            weekly: Some(Nano(12_500_000_000)),
            concurrent_sessions: Some(0),
            daily_mode: ResetMode::Rolling,
            daily_reset_minute: 9 * 60 + 5,
            ..StoredLimits::default()
        };
        let form = Form::of(shown_limits(&limits, "dailyQuota"));
        let mut body = Body::new();
        put_limits(&mut body, &form, "dailyQuota");
        let expected = json!({
            "dailyQuota": null, "limit5hUsd": null, "limitWeeklyUsd": "12.5",
            "limitMonthlyUsd": null, "limitTotalUsd": null, "limitConcurrentSessions": "0",
            "dailyResetMode": "rolling", "dailyResetTime": "09:05",
        });
        assert_eq!(Value::Object(body), expected);
        let mut nothing = Body::new();
        put_limits(&mut nothing, &Form::default(), "dailyQuota");
        assert!(nothing.is_empty(), "what was not sent is not touched");
    }

    #[test]
    fn what_would_become_something_else_is_said_at_its_field() {
        let form =
            Form::of([("rpm", " "), ("limit5hUsd", "0.0000000001"), ("dailyQuota", "1e-10")]);
        let view = looked_over(&form, "dailyQuota");
        let said: Vec<(&str, &str)> =
            view.errors.iter().map(|(name, text)| (&**name, &*text.id)).collect();
        let expected =
            [("dailyQuota", "wrong-tiny"), ("limit5hUsd", "wrong-tiny"), ("rpm", "wrong-missing")];
        assert_eq!(said, expected);
        assert!(!looked_over(&Form::of([("limit5hUsd", "0")]), "dailyQuota").is_wrong());
    }

    #[test]
    fn a_dollar_sign_is_no_slip_and_words_stand_between_any_commas() {
        let form = Form::of([("limit5hUsd", "$ 5"), ("tags", " a，b, ,c\r\nd ")]);
        let mut body = Body::new();
        put_limits(&mut body, &form, "dailyQuota");
        put_words(&mut body, &form, "tags");
        let expected = json!({ "limit5hUsd": "5", "tags": ["a", "b", "c", "d"] });
        assert_eq!(Value::Object(body), expected);
    }

    #[test]
    fn an_end_that_nobody_touched_keeps_its_seconds() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let old = Some(Micros(1_777_982_423_000_000));
        assert_eq!(expiry_text(old, &zone), "2026-05-05T20:00");
        let typed = |text: &str| typed_expiry(&Form::of([("expiresAt", text)]), old, &zone);
        assert_eq!(typed("2026-05-05T20:00"), "2026-05-05T12:00:23.000Z");
        assert_eq!(typed("2026-05-05T20:01"), "2026-05-05T20:01");
        assert_eq!(typed(""), "");
    }
}

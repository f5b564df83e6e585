//! Sets limits of one owner. What a body does not name stays; null and zero are "no limit".

use std::sync::Arc;

use serde_json::{Value as Document, json};
use switchyard_actors::domain::check::Dimension;
use switchyard_actors::domain::ids::{KeyId, ProviderId, UserId};
use switchyard_actors::domain::limits::{LimitOwner, Limits};

use super::list::owner_of;
use super::{OWNERS, ceiling};
use crate::app::shape::{Body, Field, Rule, Shape, money};
use crate::app::{Actor, AppContext, AppError, keys, providers, users};
use crate::store::StoredLimits;

const RESET_MODES: &[&str] = &["fixed", "rolling"];
/// As long as a list of groups may be.
pub(super) const LONGEST_NAME: usize = 50;

/// Returns what a setting's body may hold.
#[must_use]
pub fn setting() -> Shape {
    Shape::from([
        Field::required("owner", Rule::OneOf(OWNERS)).about("What kind of owner is limited."),
        Field::optional("id", Rule::ID).about("The id of the key, user or provider."),
        Field::optional("name", Rule::text(1, LONGEST_NAME)).about("The name of the group or tag."),
        Field::optional("limitRpm", ceiling::requests_a_minute()).about("Requests a minute."),
        Field::optional("limitTpm", ceiling::tokens_a_minute())
            .about("Tokens a minute, of input and output, cached or not."),
        Field::optional("limitConcurrentSessions", ceiling::at_once()).about("Sessions at once."),
        Field::optional("limitConcurrentRequests", ceiling::at_once()).about("Requests at once."),
        Field::optional("limit5hUsd", Rule::usd(10_000_000)).about("US dollars in five hours."),
        Field::optional("limitDailyUsd", Rule::usd(10_000_000)).about("US dollars a day."),
        Field::optional("limitWeeklyUsd", Rule::usd(10_000_000)).about("US dollars a week."),
        Field::optional("limitMonthlyUsd", Rule::usd(10_000_000)).about("US dollars a month."),
        Field::optional("limitTotalUsd", ceiling::dollars_for_ever()).about("US dollars for ever."),
        Field::optional("fiveHourResetMode", Rule::OneOf(RESET_MODES))
            .about("Whether the five hours roll, or begin with the first charge."),
        Field::optional("dailyResetMode", Rule::OneOf(RESET_MODES))
            .about("Whether the day rolls, or begins at a fixed time."),
        Field::optional("dailyResetTime", Rule::TimeOfDay { short: false })
            .about("When a fixed day begins."),
    ])
}

/// Sets limits.
///
/// # Errors
/// Says what is wrong with the body, or that there is no such owner.
pub async fn set_limits(app: &AppContext, actor: &Actor, raw: &Document) -> Result<(), AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let body = setting().check(raw, &app.moment())?;
    let owner = owner(&body)?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let old = tx.limits_of(&owner).await?;
    let (name, old) = match (&owner, old) {
        (_, Some(found)) => (found.name, found.limits),
        (Dimension::Group(name) | Dimension::Tag(name), None) => (name.to_string(), unset()),
        (Dimension::Key(_), None) => return Err(keys::no_key()),
        (Dimension::User(_), None) => return Err(keys::no_user()),
        (Dimension::Provider(_), None) => return Err(providers::no_provider()),
    };
    let new = patched(&body, &old);
    if let Dimension::Key(key) = owner {
        within_the_users(app, key, &new).await?;
    }
    tx.set_limits(&owner, &new, now).await?;
    let target = (owner.owner().name(), body.int("id").unwrap_or(0), name.as_str());
    tx.audit(&actor.did(now, "limits.set", target, json!({ "limits": new }))).await?;
    tx.commit().await?;
    app.publish().await;
    Ok(())
}

/// No limits; windows move as those of a new row do.
fn unset() -> Limits {
    StoredLimits::default().in_force(None)
}

/// Reads whose limits a body is about.
pub(super) fn owner(body: &Body) -> Result<Dimension, AppError> {
    let kind = body.text("owner").and_then(owner_of);
    let (id, name) = (body.int("id"), body.text("name").map(|name| Arc::from(name.trim())));
    let owner = match (kind, id, name) {
        (Some(LimitOwner::Key), Some(id), None) => Dimension::Key(KeyId(id)),
        (Some(LimitOwner::User), Some(id), None) => Dimension::User(UserId(id)),
        (Some(LimitOwner::Provider), Some(id), None) => Dimension::Provider(ProviderId(id)),
        (Some(LimitOwner::Group), None, Some(name)) => Dimension::Group(name),
        (Some(LimitOwner::Tag), None, Some(name)) => Dimension::Tag(name),
        _ => {
            let text = "name a key, user or provider by its id, a group or tag by its name";
            return Err(AppError::refused("refused-limit-owner", text));
        }
    };
    Ok(owner)
}

/// Returns the limits after the edit.
fn patched(body: &Body, old: &Limits) -> Limits {
    let count = |name: &str, old: Option<u32>| {
        let read = |value: &Document| value.as_i64().and_then(|count| u32::try_from(count).ok());
        body.patch(name, read).over(old).filter(|count| *count > 0)
    };
    let usd = |name: &str, old| body.patch(name, money).over(old).filter(|amount| amount.0 > 0);
    Limits {
        rpm: count("limitRpm", old.rpm),
        tpm: count("limitTpm", old.tpm),
        concurrent_sessions: count("limitConcurrentSessions", old.concurrent_sessions),
        concurrent_requests: count("limitConcurrentRequests", old.concurrent_requests),
        spend_5h: usd("limit5hUsd", old.spend_5h),
        daily: usd("limitDailyUsd", old.daily),
        weekly: usd("limitWeeklyUsd", old.weekly),
        monthly: usd("limitMonthlyUsd", old.monthly),
        total: usd("limitTotalUsd", old.total),
        daily_mode: body.text("dailyResetMode").map_or(old.daily_mode, users::reset_mode),
        daily_reset_minute: body.minute("dailyResetTime").unwrap_or(old.daily_reset_minute),
        five_hour_mode: body
            .text("fiveHourResetMode")
            .map_or(old.five_hour_mode, users::reset_mode),
    }
}

/// A key may not be given more than its user has.
async fn within_the_users(app: &AppContext, key: KeyId, new: &Limits) -> Result<(), AppError> {
    let found = app.store.user_key(key).await?.ok_or_else(keys::no_key)?;
    let user = app.store.user(found.user).await?.ok_or_else(keys::no_user)?;
    let asked = StoredLimits {
        concurrent_sessions: new.concurrent_sessions.map(i64::from),
        spend_5h: new.spend_5h,
        daily: new.daily,
        weekly: new.weekly,
        monthly: new.monthly,
        total: new.total,
        ..StoredLimits::default()
    };
    keys::within(&asked, &user.fields.limits)
}

#[cfg(test)]
mod tests {
    use switchyard_actors::domain::money::Nano;

    use super::*;

    fn body(value: Document) -> Body {
        let Document::Object(map) = value else { panic!("an object") };
        Body(map)
    }

    #[test]
    fn an_owner_is_named_by_what_it_has() {
        let read = |value| owner(&body(value)).ok();
        let key = json!({ "owner": "key", "id": 3 });
        assert_eq!(read(key), Some(Dimension::Key(KeyId(3))));
        let tag = json!({ "owner": "tag", "name": " blue " });
        assert_eq!(read(tag), Some(Dimension::Tag(Arc::from("blue"))));
        for wrong in [
            json!({ "owner": "key", "name": "laptop" }),
            json!({ "owner": "group", "id": 3 }),
            json!({ "owner": "user", "id": 3, "name": "anna" }),
        ] {
            assert_eq!(read(wrong), None);
        }
    }

    #[test]
    fn what_is_not_named_stays_and_null_and_zero_are_no_limit() {
        let old = Limits {
            rpm: Some(5),
            tpm: Some(6),
            daily: Some(Nano::from_usd(7)),
            weekly: Some(Nano::from_usd(8)),
            ..unset()
        };
        let edit = json!({ "limitRpm": null, "limitDailyUsd": 0, "limitTotalUsd": 9.5,
            "fiveHourResetMode": "fixed", "dailyResetTime": "04:30" });
        let new = patched(&body(edit), &old);
        assert_eq!((new.rpm, new.tpm, new.daily), (None, Some(6), None));
        assert_eq!(new.total, Some(Nano(9_500_000_000)));
        assert_eq!((new.weekly, new.daily_reset_minute), (Some(Nano::from_usd(8)), 270));
        assert_ne!(new.five_hour_mode, unset().five_hour_mode);
    }
}

//! The sample users: who they are, how much they work and with what.

use std::sync::Arc;

use serde_json::{Value, json};
use switchyard_actors::domain::ids::UserId;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::secret::Secret;

use super::{Member, SampleKey};
use crate::app::time::iso;
use crate::app::users::{NewUser, UserEdit};
use crate::app::{Actor, AppContext, AppError, keys, users};
use crate::demo::history::days;
use crate::demo::tools::{
    DEEPSEEK, GEMINI_FLASH, GEMINI_PRO, GPT_CODEX, GPT_CODEX_MINI, HAIKU, OPUS, SONNET, Tool,
};

/// How long ago the key of the person who has an expired one ended.
const KEY_ENDED_DAYS_AGO: u32 = 4;
/// Whoever is near their daily limit has spent so many hundredths of it.
const NEAR_PERCENT: i64 = 93;
/// A limit of nothing would be none.
const LEAST_LIMIT_CENTS: i64 = 10;

/// Somebody as this file makes them up.
#[derive(Debug)]
pub struct Persona {
    /// The name.
    pub name: &'static str,
    /// A note.
    pub note: &'static str,
    /// The groups whose providers they use.
    pub group: Option<&'static str>,
    /// Dollars a day.
    pub daily: u32,
    /// Requests a minute.
    pub rpm: u32,
    /// Conversations on a working day.
    pub sessions: u32,
    /// They work at night and on weekends as well: a machine.
    pub tireless: bool,
    /// What they work with.
    pub tools: &'static [(Tool, u32)],
    /// A second key of theirs has ended.
    pub has_expired_key: bool,
    /// They are near their daily limit.
    pub near_limit: bool,
    /// They left so many days ago and are switched off.
    pub left_days_ago: Option<u32>,
}

const SOMEBODY: Persona = Persona {
    name: "",
    note: "",
    group: None,
    daily: 400,
    rpm: 120,
    sessions: 8,
    tireless: false,
    tools: &[],
    has_expired_key: false,
    near_limit: false,
    left_days_ago: None,
};

/// Everybody.
pub const PERSONAS: &[Persona] = &[
    Persona {
        name: "Ada Moreau",
        note: "backend",
        sessions: 11,
        tools: &[(SONNET, 6), (OPUS, 2), (HAIKU, 2)],
        ..SOMEBODY
    },
    Persona {
        name: "Ben Okafor",
        note: "frontend",
        sessions: 9,
        tools: &[(GPT_CODEX, 6), (GPT_CODEX_MINI, 3), (GEMINI_FLASH, 1)],
        ..SOMEBODY
    },
    Persona {
        name: "陈伟 Chen Wei",
        note: "near the daily limit",
        sessions: 8,
        tools: &[(SONNET, 5), (HAIKU, 4), (DEEPSEEK, 1)],
        near_limit: true,
        ..SOMEBODY
    },
    Persona {
        name: "Dora Lindqvist",
        note: "research: providers of one group alone",
        group: Some("research"),
        sessions: 6,
        tools: &[(GEMINI_PRO, 5), (OPUS, 2), (GEMINI_FLASH, 3)],
        ..SOMEBODY
    },
    Persona {
        name: "Emil Novak",
        note: "has left",
        sessions: 7,
        tools: &[(GPT_CODEX, 4), (SONNET, 3)],
        left_days_ago: Some(9),
        ..SOMEBODY
    },
    Persona {
        name: "Nightly checks",
        note: "a machine; its first key has ended",
        daily: 150,
        rpm: 240,
        sessions: 12,
        tireless: true,
        tools: &[(DEEPSEEK, 6), (HAIKU, 3), (GPT_CODEX_MINI, 1)],
        has_expired_key: true,
        ..SOMEBODY
    },
];

/// Adds them all, with their keys. The context's clock stands before the history, `now` after it.
///
/// # Errors
/// The store does not take one.
pub async fn add(app: &AppContext, actor: &Actor, now: Micros) -> Result<Vec<Member>, AppError> {
    let mut members = Vec::with_capacity(PERSONAS.len());
    for persona in PERSONAS {
        members.push(add_one(app, actor, persona, now).await?);
    }
    Ok(members)
}

async fn add_one(
    app: &AppContext,
    actor: &Actor,
    persona: &'static Persona,
    now: Micros,
) -> Result<Member, AppError> {
    let user = NewUser::read(&body(persona), &app.moment()).map_err(AppError::Invalid)?;
    let made = users::create(app, actor, user).await?;
    let user = made.user.id;
    let first = SampleKey { id: made.key.id, text: Secret::new(made.text.reveal()), ends: None };
    let mut all = Vec::new();
    if persona.has_expired_key {
        let ends = now.minus(days(KEY_ENDED_DAYS_AGO));
        let body = json!({ "name": "first runner", "expiresAt": iso(ends) });
        let key = keys::create(app, actor, user, &body).await?;
        all.push(SampleKey { id: key.id, text: Secret::new(key.text.reveal()), ends: Some(ends) });
    }
    all.push(first);
    Ok(Member { persona, user, keys: Arc::from(all) })
}

fn body(persona: &Persona) -> Value {
    json!({
        "name": persona.name, "note": persona.note, "rpm": persona.rpm,
        "dailyQuota": persona.daily, "providerGroup": persona.group,
        "dailyResetMode": if persona.near_limit { "rolling" } else { "fixed" },
    })
}

/// Changes what depends on the history: who is near their limit of the last day, who has left.
///
/// # Errors
/// The store does not take a change.
pub async fn settle(
    app: &AppContext,
    actor: &Actor,
    members: &[Member],
    spent_today: impl Fn(UserId) -> Nano,
) -> Result<(), AppError> {
    for member in members {
        let (user, persona) = (member.user, member.persona);
        let body = match persona.left_days_ago {
            Some(_) => json!({ "userId": user, "isEnabled": false }),
            None if persona.near_limit => {
                json!({ "userId": user, "dailyQuota": limit_above(spent_today(user)) })
            }
            None => continue,
        };
        let edit = UserEdit::read(&body, &app.moment()).map_err(AppError::Invalid)?;
        users::edit(app, actor, edit).await?;
    }
    Ok(())
}

/// Returns a limit in dollars, to the cent, that is nearly reached.
fn limit_above(spent: Nano) -> String {
    const NANO_PER_CENT: i64 = 10_000_000;
    let cents = spent.0.saturating_mul(100) / NEAR_PERCENT / NANO_PER_CENT + 1;
    let cents = cents.max(LEAST_LIMIT_CENTS);
    format!("{}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_lies_a_little_above_what_is_spent() {
        assert_eq!(limit_above(Nano::from_usd(93)), "100.01");
        assert_eq!(limit_above(Nano::ZERO), "0.10");
    }
}

//! Logins: who has proved who they are gets a token that is worth something for seven days and
//! can be taken back.

use std::time::Duration;

use serde_json::{Value, json};
use switchyard_actors::domain::caller::Role;
use switchyard_actors::domain::secret::Secret;

use super::{Actor, AppContext, AppError, random};
use crate::store::{AuditEntry, LoginKey, NewSession, SessionOwner, hash_key};

/// What the token of a login begins with.
pub const PREFIX: &str = "sid_";
/// How long a login lasts.
pub const LIFETIME: Duration = Duration::from_hours(7 * 24);

/// Notes a login and returns its token; only the token's hash is kept.
pub async fn open(
    context: &AppContext,
    actor: &Actor,
    owner: SessionOwner,
) -> Result<Secret, AppError> {
    let token = format!("{PREFIX}{}", random::hex::<32>()?);
    let now = context.clock.now();
    let session = NewSession {
        token_hash: hash_key(&token),
        owner,
        created_at: now,
        expires_at: now.plus(LIFETIME),
        client_ip: actor.client_ip.as_deref(),
        user_agent: actor.user_agent.as_deref(),
    };
    context.store.open_session(&session).await?;
    context.store.note(&entry(context, actor, "login.success", true, Value::Null)).await?;
    Ok(Secret::new(&token))
}

/// Ends a login; a token that is none is as good as ended.
pub async fn close(context: &AppContext, token: &str) -> Result<(), AppError> {
    if token.starts_with(PREFIX) {
        context.store.revoke_session(hash_key(token), context.clock.now()).await?;
    }
    Ok(())
}

/// Notes a login that was refused.
pub async fn refused(context: &AppContext, actor: &Actor, why: &str) -> Result<(), AppError> {
    let action = if why == "rate_limited" { "login.rate_limited" } else { "login.failure" };
    context.store.note(&entry(context, actor, action, false, json!({ "reason": why }))).await?;
    Ok(())
}

/// Finds the key that somebody wants to log in with; one that is off or over is none. A key that
/// may not use the management API may still log in, to look at its own usage.
pub async fn key(context: &AppContext, text: &str) -> Result<Option<LoginKey>, AppError> {
    let key = context.store.login_key(hash_key(text)).await?;
    Ok(key.filter(|key| key.is_valid(context.clock.now())))
}

/// What a login is good for, in the words of the contract.
#[must_use]
pub const fn kind(role: Role, may_manage: bool) -> &'static str {
    match (role, may_manage) {
        (Role::Admin, _) => "admin",
        (Role::User, true) => "dashboard_user",
        (Role::User, false) => "readonly_user",
    }
}

fn entry(
    context: &AppContext,
    actor: &Actor,
    action: &str,
    success: bool,
    detail: Value,
) -> AuditEntry {
    let entry = actor.did(context.clock.now(), action, ("login", 0, &actor.name), detail);
    AuditEntry { success, target_id: None, ..entry }
}

//! Changes a provider.

use serde_json::{Map, Value as Document, json};
use switchyard_actors::domain::counters::{EndScope, SessionEnd};
use switchyard_actors::domain::ids::ProviderId;

use super::draft::Draft;
use super::{ID, addition, address, choice, list};
use crate::app::shape::{Body, Fault, Issue, Shape};
use crate::app::{Actor, AppContext, AppError};

/// Returns what the body of a change may hold.
#[must_use]
pub fn edition() -> Shape {
    choice().and(addition().all_optional().0)
}

/// Properties that say where a session's requests go, and whether they stay there: sessions that were
/// kept on the provider for the old ones are free when one changes.
const PLACE: [&str; 3] = ["kind", "group_tag", "disable_session_reuse"];

/// Changes what the body says of a provider; the rest stays. Its sticky sessions end when it is
/// another place than before: another address, key, kind or group, or one that is never sticky.
///
/// # Errors
/// Says what is wrong with the body, that there is no such provider, or that an address is private.
pub async fn edit(app: &AppContext, actor: &Actor, raw: &Document) -> Result<(), AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    address::check_proxy(raw)?;
    let body = edition().check(raw, &app.moment())?;
    if body.0.keys().all(|name| name == ID) {
        return Err(nothing_to_do());
    }
    let provider = body.provider(ID);
    if let Some(end) = write(app, actor, provider, &body).await? {
        app.live.end_sessions(&end);
    }
    app.live.provider_changed(provider);
    app.publish().await;
    Ok(())
}

fn nothing_to_do() -> AppError {
    let text = "更新内容不能为空 (the update is empty)";
    AppError::Invalid(vec![Issue::custom(Fault { id: "wrong-empty", text })])
}

async fn write(
    app: &AppContext,
    actor: &Actor,
    provider: ProviderId,
    body: &Body,
) -> Result<Option<SessionEnd>, AppError> {
    let mut tx = app.store.begin().await?;
    let Some((row, urls)) = tx.lock_provider(provider).await? else { return Err(list::unknown()) };
    // Not before the lock: requests that came while it was waited for went to the old place.
    let now = app.clock.now();
    let old = Draft::of(&row, urls.clone())?;
    let mut new = Draft::of(&row, urls)?;
    new.change(app, body)?;
    if ["url", "endpoints", "allow_private"].iter().any(|name| body.has(name)) {
        new.check_urls(app)?;
    }
    let values = new.values(&mut tx, now).await?;
    tx.edit_provider(provider, &values, now).await?;
    if new.urls != old.urls {
        tx.set_provider_urls(provider, &new.urls, now).await?;
    }
    tx.bump_providers().await?;
    let detail = difference(&old, &new, body.has("key"));
    let target = ("provider", provider.0, new.name());
    tx.audit(&actor.did(now, "provider.edit", target, detail)).await?;
    let moved = body.has("key") || new.urls != old.urls || new.differs(&old, &PLACE);
    let end = moved.then_some(SessionEnd { scope: EndScope::Provider(provider), at: now });
    if let Some(end) = &end {
        tx.end_sessions(end).await?;
    }
    tx.commit().await?;
    Ok(end)
}

/// Tells what changed, from what to what; of a new key only that there is one.
fn difference(old: &Draft, new: &Draft, has_key: bool) -> Document {
    let (old, new) = (old.story(), new.story());
    let mut changed = Map::new();
    for (name, value) in new {
        let before = old.get(&name).cloned().unwrap_or(Document::Null);
        if before != value {
            changed.insert(name, json!({ "from": before, "to": value }));
        }
    }
    if has_key {
        changed.insert("key".to_owned(), json!("replaced"));
    }
    Document::Object(changed)
}

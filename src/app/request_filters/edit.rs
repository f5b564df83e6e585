//! Makes, changes and removes filters. Every node applies what is saved within a second, this one at
//! its next request.

use serde_json::{Value, json};
use switchyard_actors::domain::filters::MOST_FILTERS;

use super::{Filter, creating, draft, removing, updating};
use crate::app::judged;
use crate::app::shape::Body;
use crate::app::{Actor, AppContext, AppError};
use crate::store::{FilterFields, StoredFilter, Tx, aside};

/// Makes a filter.
///
/// # Errors
/// Says what is wrong with it.
pub async fn create(app: &AppContext, actor: &Actor, raw: &Value) -> Result<Filter, AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let body = creating().check(raw, &app.moment())?;
    let fields = draft::over(draft::blank(), &body)?;
    draft::known(app, &body, &[]).await?;
    draft::judge(app, &fields, None).await?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let id = tx.add_request_filter(&fields, now).await?;
    keep_bounds(&mut tx).await?;
    let target = ("request_filter", id, fields.name.as_str());
    tx.audit(&actor.did(now, "request_filter.create", target, detail(&fields))).await?;
    tx.commit().await?;
    app.publish().await;
    let made = StoredFilter { id, fields, created_at: now, updated_at: now };
    Ok(aside(move || Filter::of(made)).await?)
}

/// Changes a filter; what the body does not say stays.
///
/// # Errors
/// Says what is wrong with it, or that there is no such filter.
pub async fn update(app: &AppContext, actor: &Actor, raw: &Value) -> Result<Filter, AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let body = updating().check(raw, &app.moment())?;
    let now = app.clock.now();
    let (mut tx, old, fields) = judged(app, &body).await?;
    let (id, was) = (old.id, detail(&old.fields));
    tx.set_request_filter(id, &fields, now).await?;
    let target = ("request_filter", id, fields.name.as_str());
    let changes = json!({ "before": was, "after": detail(&fields) });
    tx.audit(&actor.did(now, "request_filter.update", target, changes)).await?;
    tx.commit().await?;
    app.publish().await;
    let now_is = StoredFilter { id, fields, created_at: old.created_at, updated_at: now };
    Ok(aside(move || Filter::of(now_is)).await?)
}

/// Opens a transaction in which a filter can be changed as the body says.
async fn judged(
    app: &AppContext,
    body: &Body,
) -> Result<(Tx, StoredFilter, FilterFields), AppError> {
    let id = body.int("id").unwrap_or_default();
    if body.has("providerIds") {
        let kept = app.store.snapshot().await?.request_filter(id).await?.ok_or_else(no_filter)?;
        draft::known(app, body, &kept.fields.provider_ids).await?;
    }
    let read = async |tx: &mut Tx| {
        let old = tx.request_filter(id).await?.ok_or_else(no_filter)?;
        let new = draft::over(old.fields.clone(), body)?;
        Ok((old, new))
    };
    let is_news = |old: &StoredFilter, new: &FilterFields| draft::is_to_judge(&old.fields, new);
    let judge = async |_: &StoredFilter, new: &FilterFields| draft::judge(app, new, Some(id)).await;
    judged::open(app, read, is_news, judge).await
}

/// Each filter is asked about at each request. It was written before it is counted: of two at once one
/// waits and counts both.
async fn keep_bounds(tx: &mut Tx) -> Result<(), AppError> {
    if tx.count_filters().await? > MOST_FILTERS {
        let text = format!("there are {MOST_FILTERS} request filters already");
        return Err(AppError::refused("refused-filters-full", text));
    }
    Ok(())
}

/// Removes a filter for good.
///
/// # Errors
/// There is no such filter.
pub async fn remove(app: &AppContext, actor: &Actor, raw: &Value) -> Result<(), AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let body = removing().check(raw, &app.moment())?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let id = body.int("id").unwrap_or_default();
    let old = tx.request_filter(id).await?.ok_or_else(no_filter)?;
    tx.remove_request_filter(id).await?;
    let target = ("request_filter", id, old.fields.name.as_str());
    tx.audit(&actor.did(now, "request_filter.remove", target, detail(&old.fields))).await?;
    tx.commit().await?;
    app.publish().await;
    Ok(())
}

/// Has every node read the filters again, whatever their version; tells how many are on.
///
/// # Errors
/// Only admins may.
pub async fn refresh(app: &AppContext, actor: &Actor) -> Result<usize, AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let mut tx = app.store.begin().await?;
    tx.bump_filters().await?;
    tx.commit().await?;
    app.publish().await;
    Ok(app.store.running_filters().await?.len())
}

/// What the audit log keeps. A header may be set to a secret, and a text that is replaced may be one:
/// values stay out of it, and so do such texts.
fn detail(fields: &FilterFields) -> Value {
    let target = (fields.action != "text_replace").then_some(&fields.target);
    json!({
        "scope": fields.scope,
        "action": fields.action,
        "matchType": fields.match_type,
        "target": target,
        "priority": fields.priority,
        "isEnabled": fields.is_enabled,
        "bindingType": fields.binding_type,
        "providerIds": fields.provider_ids,
        "groupTags": fields.group_tags,
        "ruleMode": fields.rule_mode,
        "executionPhase": fields.execution_phase,
        "operations": operations(fields),
    })
}

/// Names what operations do, without the values.
fn operations(fields: &FilterFields) -> Value {
    let list = fields.operations.as_ref().and_then(Value::as_array);
    let short =
        |one: &Value| json!({ "op": one["op"], "scope": one["scope"], "path": one["path"] });
    json!(list.into_iter().flatten().map(short).collect::<Vec<_>>())
}

pub(super) fn no_filter() -> AppError {
    AppError::refused("refused-no-filter", "this request filter does not exist")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_audit_log_keeps_no_text_that_is_replaced() {
        let mut fields = draft::blank();
        fields.target = "sk-secret".to_owned();
        assert_eq!(detail(&fields)["target"], "sk-secret", "a path is none");
        fields.action = "text_replace".to_owned();
        assert!(!detail(&fields).to_string().contains("sk-secret"));
    }
}

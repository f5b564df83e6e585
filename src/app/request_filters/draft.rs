//! A filter as it will be kept, put together and judged.

use std::iter;

use serde_json::Value;
use switchyard_actors::domain::filters::{FilterError, check_replaced, check_sum};

use crate::app::shape::Body;
use crate::app::{AppContext, AppError};
use crate::store::{FilterFields, aside};

/// What a filter is where nothing is said.
pub(super) fn blank() -> FilterFields {
    FilterFields {
        name: String::new(),
        description: None,
        scope: "body".to_owned(),
        action: "json_path".to_owned(),
        match_type: None,
        target: String::new(),
        replacement: None,
        priority: 0,
        is_enabled: true,
        binding_type: "global".to_owned(),
        provider_ids: Vec::new(),
        group_tags: Vec::new(),
        rule_mode: "simple".to_owned(),
        execution_phase: "guard".to_owned(),
        operations: None,
    }
}

/// Puts what a body says over what there is.
///
/// # Errors
/// It would be bound to nobody.
pub(super) fn over(mut fields: FilterFields, body: &Body) -> Result<FilterFields, AppError> {
    let owned = |value: &Value| value.as_str().map(str::to_owned);
    for (name, field) in [
        ("name", &mut fields.name),
        ("scope", &mut fields.scope),
        ("action", &mut fields.action),
        ("target", &mut fields.target),
        ("bindingType", &mut fields.binding_type),
        ("ruleMode", &mut fields.rule_mode),
        ("executionPhase", &mut fields.execution_phase),
    ] {
        if let Some(text) = body.text(name) {
            text.clone_into(field);
        }
    }
    fields.description = body.patch("description", owned).over(fields.description);
    fields.match_type = body.patch("matchType", owned).over(fields.match_type);
    fields.operations = body.patch("operations", given).over(fields.operations);
    // Null is a value as any other here.
    if let Some(replacement) = body.value("replacement") {
        fields.replacement = Some(replacement.clone());
    }
    fields.priority = body.int("priority").unwrap_or(fields.priority);
    fields.is_enabled = body.flag("isEnabled").unwrap_or(fields.is_enabled);
    if body.has("providerIds") {
        fields.provider_ids = body.ints("providerIds");
    }
    if body.has("groupTags") {
        fields.group_tags = body.texts("groupTags").unwrap_or_default();
    }
    bound(&fields)?;
    Ok(fields)
}

/// Tells whether a change of a filter has to be judged: what it does is another thing, or it is switched on.
/// One that cannot be read any more can still be switched off.
pub(super) fn is_to_judge(old: &FilterFields, new: &FilterFields) -> bool {
    let does = |it: &FilterFields| {
        let it = it.clone();
        (it.scope, it.action, it.target, it.match_type, it.replacement, it.rule_mode, it.operations)
    };
    // What can be changed depends on when it runs.
    let runs = |it: &FilterFields| (it.execution_phase.clone(), it.binding_type.clone());
    does(old) != does(new) || runs(old) != runs(new) || (new.is_enabled && !old.is_enabled)
}

/// Refuses a filter that could not be applied, or whose patterns take too much beside those of the others
/// that are on; `own` is the filter's id.
///
/// # Errors
/// Says what is wrong with it.
pub(super) async fn judge(
    app: &AppContext,
    fields: &FilterFields,
    own: Option<i64>,
) -> Result<(), AppError> {
    let mut others = Vec::new();
    if fields.is_enabled {
        let stored = app.store.request_filters().await?.into_iter();
        others.extend(stored.filter(|it| it.fields.is_enabled && Some(it.id) != own));
    }
    let fields = fields.clone();
    let read = move || {
        let own = fields.sound_changes()?;
        check_replaced(&own)?;
        check_sum(iter::once(own).chain(others.iter().filter_map(|it| it.fields.changes().ok())))
    };
    aside(read).await?.map_err(|error| unreadable(&error))
}

/// Refuses providers that there are none of. Those that a filter names already may have been removed since.
///
/// # Errors
/// Names the first one.
pub(super) async fn known(app: &AppContext, body: &Body, old: &[i64]) -> Result<(), AppError> {
    let mut named = body.ints("providerIds");
    named.retain(|id| !old.contains(id));
    if named.is_empty() {
        return Ok(());
    }
    for row in app.store.providers().await? {
        let id = row.int("id")?;
        named.retain(|named| *named != id);
    }
    match named.first() {
        None => Ok(()),
        Some(id) => {
            let text = format!("there is no provider {id}");
            let refused = AppError::refused("refused-filter-provider", text);
            Err(refused.with("id", id.to_string()).at("providerIds"))
        }
    }
}

fn given(value: &Value) -> Option<Value> {
    (!value.is_null()).then(|| value.clone())
}

fn bound(fields: &FilterFields) -> Result<(), AppError> {
    let (field, is_empty) = match fields.binding_type.as_str() {
        "providers" => ("providerIds", fields.provider_ids.is_empty()),
        "groups" => ("groupTags", fields.group_tags.iter().all(|tag| tag.trim().is_empty())),
        _ => return Ok(()),
    };
    if is_empty {
        let text = "a filter that is bound to providers or groups must name some";
        return Err(AppError::refused("refused-filter-bound", text).at(field));
    }
    Ok(())
}

fn unreadable(error: &FilterError) -> AppError {
    let text = error.to_string();
    AppError::refused("refused-filter", text.clone()).with("reason", text)
}

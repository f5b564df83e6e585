//! Lists and sets the models that stand in for one that nobody can serve. Off unless named.

use serde::Serialize;
use serde_json::{Value as Document, json};
use switchyard_actors::domain::caller::{ALL_GROUPS, parse_groups};
use switchyard_actors::domain::ids::KeyId;
use switchyard_actors::domain::routing::fallback::{Fallback, Fallbacks, MOST};
use switchyard_actors::domain::routing::pattern::Pattern;

use crate::app::providers::pattern_fault;
use crate::app::shape::{Body, Fault, Field, Rule, Shape};
use crate::app::{Actor, AppContext, AppError};

/// Rules of one key or group, at most.
const MOST_RULES: usize = 50;
/// As long as a provider's groups may be.
const LONGEST_GROUP: usize = 50;

const NOT_A_GROUP: Fault = Fault {
    id: "wrong-group-name",
    text: "Not the name of one group: no blank name, no comma or line break, not * alone",
};

/// What stands in for the models of one key or group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Owned {
    /// The key, by its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_id: Option<i64>,
    /// The key's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_name: Option<String>,
    /// The name of the key's user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// The group, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// What stands in for what; the first that fits holds.
    pub rules: Fallbacks,
}

/// Lists what stands in for what, keys first.
///
/// # Errors
/// Only admins may look.
pub async fn fallbacks(app: &AppContext, actor: &Actor) -> Result<Vec<Owned>, AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let keys = app.store.fallbacks_of_keys().await?.into_iter().map(|one| Owned {
        key_id: Some(one.key.0),
        key_name: Some(one.key_name),
        user_name: Some(one.user_name),
        group: None,
        rules: one.rules,
    });
    let groups = app.store.fallbacks_of_groups().await?.into_iter().map(|(group, rules)| Owned {
        key_id: None,
        key_name: None,
        user_name: None,
        group: Some(group),
        rules,
    });
    Ok(keys.chain(groups).collect())
}

/// Returns what a setting's body may hold.
#[must_use]
pub fn setting() -> Shape {
    let name = || Rule::text(1, 255);
    let rule = Rule::object([
        Field::required("model", name().checked(pattern_fault)).about(
            "The models asked for: a name, a glob, or prefix:, suffix:, contains:, regex: and a text.",
        ),
        Field::required("then", Rule::list(name(), MOST))
            .about("What is tried instead, in this order."),
    ]);
    Shape::from([
        Field::optional("keyId", Rule::ID).about("The key whose requests it is about."),
        Field::optional("group", Rule::text(1, LONGEST_GROUP).checked(group_fault))
            .about("Or a group's name."),
        Field::required("rules", Rule::list(rule, MOST_RULES))
            .about("What stands in for what; the first that fits holds. Empty: nothing does."),
    ])
}

/// A name that no key can have among its groups would never hold; `*` is no group but all of them.
fn group_fault(name: &Document) -> Option<Fault> {
    let name = name.as_str()?.trim();
    let read = parse_groups(Some(name));
    let is_one = read.len() == 1 && read.first().is_some_and(|one| one.as_ref() == name);
    (!is_one || name == ALL_GROUPS).then_some(NOT_A_GROUP)
}

/// Sets what stands in for the models of a key or a group.
///
/// # Errors
/// Says what is wrong with the body, or that there is no such key.
pub async fn set_fallbacks(
    app: &AppContext,
    actor: &Actor,
    raw: &Document,
) -> Result<(), AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let body = setting().check(raw, &app.moment())?;
    let rules = rules(&body)?;
    match (body.int("keyId").map(KeyId), body.text("group")) {
        (Some(key), None) => of_key(app, actor, key, &rules).await?,
        (None, Some(group)) => of_group(app, actor, group.trim(), &rules).await?,
        _ => {
            let text = "name either a key (keyId) or a group (group)";
            return Err(AppError::refused("refused-key-or-group", text));
        }
    }
    app.publish().await;
    Ok(())
}

fn rules(body: &Body) -> Result<Fallbacks, AppError> {
    let written = body.value("rules").and_then(Document::as_array);
    let read = written.into_iter().flatten().map(|one| {
        let pattern = one.get("model").and_then(Document::as_str).unwrap_or_default();
        let model =
            Pattern::parse(pattern).map_err(|error| AppError::Internal(error.to_string()))?;
        let then = one.get("then").and_then(Document::as_array).into_iter().flatten();
        let then = then.filter_map(Document::as_str).map(|name| name.trim().into());
        Ok(Fallback { model, then: then.collect() })
    });
    read.collect::<Result<_, AppError>>().map(Fallbacks)
}

async fn of_key(
    app: &AppContext,
    actor: &Actor,
    key: KeyId,
    rules: &Fallbacks,
) -> Result<(), AppError> {
    let found = app.store.user_key(key).await?.ok_or_else(crate::app::keys::no_key)?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    tx.set_key_fallbacks(key, rules, now).await?;
    let target = ("key", key.0, found.fields.name.as_str());
    tx.audit(&actor.did(now, "key.fallback_models", target, json!({ "rules": rules }))).await?;
    Ok(tx.commit().await?)
}

async fn of_group(
    app: &AppContext,
    actor: &Actor,
    group: &str,
    rules: &Fallbacks,
) -> Result<(), AppError> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    tx.set_group_fallbacks(group, rules, now).await?;
    let target = ("provider_group", 0, group);
    tx.audit(&actor.did(now, "group.fallback_models", target, json!({ "rules": rules }))).await?;
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_one_name_that_a_key_can_have() {
        for name in ["default", "night shift", " vip ", "a*"] {
            assert_eq!(group_fault(&json!(name)), None, "{name}");
        }
        for name in ["", " ", "a,b", "a,", "，", "a\nb", "*", " * "] {
            assert_eq!(group_fault(&json!(name)), Some(NOT_A_GROUP), "{name:?}");
        }
    }
}

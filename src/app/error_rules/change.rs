//! Makes, changes and removes rules. What is changed holds from the next request on, on every node.

use serde_json::{Value as Document, json};
use switchyard_actors::domain::error_rules::MatchType;
use switchyard_actors::domain::ids::ErrorRuleId;

use super::command;
use super::list::Listed;
use crate::app::judged;
use crate::app::shape::Body;
use crate::app::{Actor, AppContext, AppError};
use crate::store::{ErrorRuleFields, StoreError, StoredErrorRule, Tx};

/// Rules there may be: parts and wholes are found all at once, so that many of them cost little.
const MOST_RULES: i64 = 10_000;
/// Regular expressions among them: each one is asked by itself.
const MOST_EXPRESSIONS: i64 = 500;
/// Characters of all patterns together.
const MOST_CHARACTERS: i64 = 2 << 20;

/// Adds a rule.
///
/// # Errors
/// Says what is wrong with it, or that its pattern is there already.
pub async fn create(app: &AppContext, actor: &Actor, raw: &Document) -> Result<Listed, AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let body = command::adding().check(raw, &app.moment())?;
    let fields = command::new(&body);
    command::judge(app, &fields, None).await?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let id = tx.add_error_rule(&fields, now).await?.ok_or_else(known)?;
    keep_bounds(&mut tx).await?;
    let made = StoredErrorRule { id, fields, created_at: now, updated_at: now };
    end(app, tx, actor, ("error_rule.create", made, None)).await
}

/// Changes a rule: what the body does not name stays.
///
/// # Errors
/// Says what is wrong with it, or that there is no such rule.
pub async fn update(app: &AppContext, actor: &Actor, raw: &Document) -> Result<Listed, AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let body = command::editing().check(raw, &app.moment())?;
    let now = app.clock.now();
    let (mut tx, old, changed) = judged(app, &body).await?;
    if changed == old.fields {
        return Ok(Listed::of(old));
    }
    if old.fields.is_default && changed.pattern != old.fields.pattern {
        let text = "默认规则的匹配内容不能修改，请停用后另建规则 (a rule that came with the program keeps its pattern: switch it off and add one of your own)";
        return Err(AppError::refused("refused-default-pattern", text).at("pattern"));
    }
    // From now on it is the operator's: the next start leaves it as it is.
    let fields = ErrorRuleFields { is_edited: old.fields.is_default, ..changed };
    tx.edit_error_rule(old.id, &fields, now).await.map_err(duplicate)?;
    keep_bounds(&mut tx).await?;
    let new = StoredErrorRule { fields, updated_at: now, ..old.clone() };
    end(app, tx, actor, ("error_rule.update", new, Some(old))).await
}

/// Removes a rule. One that came with the program would be back at the next start: it is switched off
/// instead.
///
/// # Errors
/// There is no such rule, or it came with the program.
pub async fn remove(app: &AppContext, actor: &Actor, raw: &Document) -> Result<(), AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let body = command::naming().check(raw, &app.moment())?;
    let mut tx = app.store.begin().await?;
    let old = find(&mut tx, &body).await?;
    if old.fields.is_default {
        let text = "默认规则不能删除，请将其停用 (a default rule cannot be deleted; switch it off)";
        return Err(AppError::refused("refused-default-rule", text));
    }
    tx.remove_error_rule(old.id).await?;
    tx.bump_error_rules().await?;
    end(app, tx, actor, ("error_rule.delete", old, None)).await.map(drop)
}

/// Has every node read the rules again, whatever their version.
///
/// # Errors
/// Only admins may.
pub async fn refresh(app: &AppContext, actor: &Actor) -> Result<(), AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let mut tx = app.store.begin().await?;
    tx.bump_error_rules().await?;
    tx.commit().await?;
    app.publish().await;
    Ok(())
}

/// Opens a transaction in which a rule can be changed as the body says.
async fn judged(
    app: &AppContext,
    body: &Body,
) -> Result<(Tx, StoredErrorRule, ErrorRuleFields), AppError> {
    let read = async |tx: &mut Tx| {
        let old = find(tx, body).await?;
        let new = command::change(old.fields.clone(), body);
        Ok((old, new))
    };
    // One that cannot be read any more can still be switched off.
    let is_news = |old: &StoredErrorRule, new: &ErrorRuleFields| {
        let old = &old.fields;
        let judged =
            |it: &ErrorRuleFields| (it.pattern.clone(), it.match_type, it.statuses.is_some());
        let is_other = judged(new) != judged(old);
        is_other || (new.enabled && !old.enabled)
    };
    let judge = async |old: &StoredErrorRule, new: &ErrorRuleFields| {
        command::judge(app, new, Some(old.id)).await
    };
    judged::open(app, read, is_news, judge).await
}

async fn find(tx: &mut Tx, body: &Body) -> Result<StoredErrorRule, AppError> {
    let id = ErrorRuleId(body.int("id").unwrap_or_default());
    tx.error_rule(id).await?.ok_or_else(|| {
        AppError::refused("refused-no-error-rule", "错误规则不存在 (there is no such error rule)")
    })
}

fn known() -> AppError {
    let text = "已存在相同的规则 (another rule has this pattern)";
    AppError::refused("refused-error-rule-known", text).at("pattern")
}

fn duplicate(error: StoreError) -> AppError {
    if error.is_duplicate() { known() } else { error.into() }
}

/// Says that rules have changed, and that what requests pay for is bounded: who says so first has all others
/// wait, and is counted by them.
async fn keep_bounds(tx: &mut Tx) -> Result<(), AppError> {
    tx.bump_error_rules().await?;
    let totals = tx.error_rule_totals().await?;
    let is_over = totals.rules > MOST_RULES
        || totals.expressions > MOST_EXPRESSIONS
        || totals.characters > MOST_CHARACTERS;
    if !is_over {
        return Ok(());
    }
    let text = format!(
        "错误规则过多 (too many: at most {MOST_RULES} rules, {MOST_EXPRESSIONS} of match type {} and \
         {MOST_CHARACTERS} characters of patterns)",
        MatchType::Regex.name()
    );
    Err(AppError::refused("refused-error-rules-full", text))
}

/// Ends a transaction: the audit log hears of it, and the rules hold.
async fn end(
    app: &AppContext,
    mut tx: Tx,
    actor: &Actor,
    (action, rule, before): (&str, StoredErrorRule, Option<StoredErrorRule>),
) -> Result<Listed, AppError> {
    let (id, shown) = (rule.id.0, Listed::of(rule));
    let detail = match before {
        Some(before) => json!({ "before": Listed::of(before).story(), "after": shown.story() }),
        None => shown.story(),
    };
    let name: String = shown.pattern.chars().take(100).collect();
    let target = ("error_rule", id, name.as_str());
    tx.audit(&actor.did(app.clock.now(), action, target, detail)).await?;
    tx.commit().await?;
    app.publish().await;
    Ok(shown)
}

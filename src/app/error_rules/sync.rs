//! Brings the rules that come with the program into the store, at each start.
//!
//! New ones are added, old ones are refreshed, those that are gone from the program are removed. A
//! rule that an operator has changed, or has written with the same pattern, is left alone.

use std::collections::HashMap;

use switchyard_actors::domain::instant::Micros;

use super::defaults::defaults;
use crate::store::{ErrorRuleFields, Store, StoreError, StoredErrorRule, Tx};

/// Synchronises the rules. Returns how many have changed.
///
/// # Errors
/// The database failed.
pub async fn sync_defaults(store: &Store, now: Micros) -> Result<usize, StoreError> {
    // Most starts have nothing to write, and then they do not wait for other writers either.
    if differences(&store.error_rules().await?).is_empty() {
        return Ok(0);
    }
    let mut tx = store.begin().await?;
    let steps = differences(&tx.error_rules().await?);
    let mut changed = 0;
    for step in steps {
        changed += usize::from(perform(&mut tx, step, now).await?);
    }
    if changed > 0 {
        tx.bump_error_rules().await?;
    }
    tx.commit().await?;
    Ok(changed)
}

/// What has to be done about one rule.
#[derive(Debug)]
enum Step {
    Add(ErrorRuleFields),
    Refresh(StoredErrorRule),
    Remove(StoredErrorRule),
}

async fn perform(tx: &mut Tx, step: Step, now: Micros) -> Result<bool, StoreError> {
    match step {
        // Another node may have been first.
        Step::Add(fields) => Ok(tx.add_error_rule(&fields, now).await?.is_some()),
        Step::Refresh(rule) => tx.edit_error_rule(rule.id, &rule.fields, now).await.map(|()| true),
        Step::Remove(rule) => tx.remove_error_rule(rule.id).await.map(|()| true),
    }
}

fn differences(stored: &[StoredErrorRule]) -> Vec<Step> {
    let mut wanted: HashMap<String, ErrorRuleFields> =
        defaults().map(|fields| (fields.pattern.clone(), fields)).collect();
    let mut steps = Vec::new();
    for rule in stored {
        let default = wanted.remove(&rule.fields.pattern);
        if !rule.fields.is_default || rule.fields.is_edited {
            continue;
        }
        match default {
            Some(fields) if fields == rule.fields => {}
            Some(fields) => steps.push(Step::Refresh(StoredErrorRule { fields, ..rule.clone() })),
            None => steps.push(Step::Remove(rule.clone())),
        }
    }
    // In the order of the program, so that ids are the same everywhere.
    let new = defaults().filter(|fields| wanted.contains_key(&fields.pattern));
    steps.extend(new.map(Step::Add));
    steps
}

//! The error rules that come with the program, brought into the store before requests are judged.

use anyhow::Context as _;

use super::Basics;
use crate::app::error_rules::sync_defaults;
use crate::store::Store;

/// Synchronises them; an operator's changes stay.
///
/// # Errors
/// The database failed.
pub async fn synchronise(basics: &Basics, store: &Store) -> anyhow::Result<()> {
    let changed = sync_defaults(store, basics.clock.now()).await;
    let changed = changed.context("the error rules of this version cannot be stored")?;
    if changed > 0 {
        tracing::info!(
            rules.changed = changed,
            "{changed} error rules of this version were stored"
        );
    }
    Ok(())
}

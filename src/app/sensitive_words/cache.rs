//! What is looked for now: the words that this process has compiled.

use serde::Serialize;
use switchyard_actors::domain::catalogue::Catalogue;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::words::Words;
use switchyard_actors::publish::Published;

use crate::app::{Actor, AppContext, AppError};

/// What is looked for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    /// Words that may stand nowhere.
    pub contains_count: usize,
    /// Words that may not be a whole text.
    pub exact_count: usize,
    /// Patterns.
    pub regex_count: usize,
    /// All of them.
    pub total_count: usize,
    /// When they were read, in milliseconds since 1970; 0 when that is not known.
    pub last_reload_time: i64,
    /// They are being read; a request never sees that, the list before stays in force.
    pub is_loading: bool,
}

impl Stats {
    fn of(words: &Words) -> Self {
        let counts = words.counts();
        Self {
            contains_count: counts.contains,
            exact_count: counts.exact,
            regex_count: counts.regex,
            total_count: counts.total(),
            last_reload_time: words.when_loaded().map_or(0, Micros::millis),
            is_loading: false,
        }
    }
}

/// Has every node read the words again, whatever their version, and tells what this one looks for.
///
/// # Errors
/// Only admins may.
pub async fn refresh(
    app: &AppContext,
    actor: &Actor,
    catalogue: Option<&Published<Catalogue>>,
) -> Result<Stats, AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let mut tx = app.store.begin().await?;
    tx.bump_words().await?;
    tx.commit().await?;
    app.publish().await;
    stats(app, actor, catalogue).await
}

/// Tells what is looked for now: what the catalogue in force has. Where no server runs, that is what
/// the database has.
///
/// # Errors
/// Only admins may look.
pub async fn stats(
    app: &AppContext,
    actor: &Actor,
    catalogue: Option<&Published<Catalogue>>,
) -> Result<Stats, AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    if let Some(catalogue) = catalogue {
        return Ok(Stats::of(&catalogue.load().words));
    }
    Ok(Stats::of(&app.store.compiled_words().await?.loaded_at(app.clock.now())))
}

//! Finds one request, also one whose row is still on its way into the database.

use std::time::Duration;

use switchyard_actors::domain::ids::{RequestId, UserId};
use switchyard_actors::domain::instant::Micros;
use tokio::sync::Semaphore;

use super::browse::own;
use super::veil::for_eyes;
use crate::app::{Actor, AppContext, AppError};
use crate::store::LedgerEntry;

/// A request that has just ended is waited for in so many steps ...
const LOOKS: u32 = 10;
/// ... of this length.
const PAUSE: Duration = Duration::from_millis(200);
/// So many wait at once; others are told at once to look again.
const PLACES: usize = 32;
/// A request of another node that came so lately may still be on its way. One that runs longer is
/// not known here before its end.
const YOUNG: Duration = Duration::from_mins(15);
/// Clocks of nodes differ by so much at most.
const AHEAD: Duration = Duration::from_secs(5);
/// Another node lives that was seen so lately.
const ALIVE: Duration = Duration::from_mins(1);

/// Knows the requests of this process that run, or whose rows are not in the database yet.
pub struct Underway {
    has: Box<dyn Fn(RequestId) -> bool + Send + Sync>,
    places: Semaphore,
}

impl Underway {
    /// Makes one from what tells whether a request is under way.
    #[must_use]
    pub fn new(has: impl Fn(RequestId) -> bool + Send + Sync + 'static) -> Self {
        Self { has: Box::new(has), places: Semaphore::new(PLACES) }
    }

    /// Waits a moment for a request's row; tells whether it is still on its way.
    async fn outlasts(&self, id: RequestId) -> bool {
        let Ok(_place) = self.places.try_acquire() else { return true };
        for _ in 0..LOOKS {
            tokio::time::sleep(PAUSE).await;
            if !(self.has)(id) {
                return false;
            }
        }
        true
    }
}

/// What is known of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Its row.
    Entry(Box<LedgerEntry>),
    /// It runs, or its row is on its way into the database.
    Underway,
    /// There is no such request, or it is not theirs to see.
    Nothing,
}

/// Finds one request. One of this process that has just ended is waited for; an id that nobody made
/// is answered at once.
///
/// # Errors
/// They may see nothing, or the database cannot be asked.
pub async fn find(app: &AppContext, actor: &Actor, id: RequestId) -> Result<Found, AppError> {
    let own = own(actor)?;
    let underway = app.live.underway.as_ref();
    // Before the database is asked: a row that arrives in between is found there.
    let waited = underway.filter(|underway| (underway.has)(id));
    if let Some(found) = in_ledger(app, actor, own, id).await? {
        return Ok(found);
    }
    let Some(waited) = waited else { return elsewhere(app, id).await };
    if waited.outlasts(id).await {
        return Ok(Found::Underway);
    }
    Ok(in_ledger(app, actor, own, id).await?.unwrap_or(Found::Nothing))
}

/// Reads the row: `None` where there is none, [`Found::Nothing`] where it is not theirs to see.
async fn in_ledger(
    app: &AppContext,
    actor: &Actor,
    own: Option<UserId>,
    id: RequestId,
) -> Result<Option<Found>, AppError> {
    let Some(entry) = app.store.ledger_entry(id).await? else { return Ok(None) };
    let is_theirs = own.is_none_or(|own| entry.row.opened.user == own);
    let found = || Found::Entry(Box::new(for_eyes(actor, entry)));
    Ok(Some(if is_theirs { found() } else { Found::Nothing }))
}

/// What runs on other nodes is not known here.
async fn elsewhere(app: &AppContext, id: RequestId) -> Result<Found, AppError> {
    let (now, came) = (app.clock.now(), Micros::from_millis(id.millis()));
    let is_young = came >= now.minus(YOUNG) && came <= now.plus(AHEAD);
    if !is_young || !app.store.is_shared() {
        return Ok(Found::Nothing);
    }
    let nodes = app.store.nodes(now.minus(ALIVE)).await?.len();
    Ok(if nodes > 1 { Found::Underway } else { Found::Nothing })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    const ID: RequestId = RequestId([7; 16]);

    #[tokio::test(start_paused = true)]
    async fn a_row_that_arrives_ends_the_wait() {
        let looks = Arc::new(AtomicU32::new(0));
        let seen = Arc::clone(&looks);
        let underway = Underway::new(move |_| seen.fetch_add(1, Ordering::Relaxed) < 2);
        assert!(!underway.outlasts(ID).await);
        assert_eq!(looks.load(Ordering::Relaxed), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_wait_than_there_are_places() {
        let underway = Arc::new(Underway::new(|_| true));
        let begun = tokio::time::Instant::now();
        let waits: Vec<_> = (0..PLACES)
            .map(|_| {
                let underway = Arc::clone(&underway);
                tokio::spawn(async move { underway.outlasts(ID).await })
            })
            .collect();
        tokio::task::yield_now().await;
        assert!(underway.outlasts(ID).await);
        assert_eq!(begun.elapsed(), Duration::ZERO, "told at once to look again");
        for wait in waits {
            assert!(wait.await.unwrap());
        }
        assert_eq!(begun.elapsed(), PAUSE * LOOKS);
    }
}

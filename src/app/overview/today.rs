//! Today's figures beside those of yesterday until the same time of day.

use std::time::Duration;

use switchyard_actors::domain::ids::UserId;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::window;

use super::percentile::{Histogram, Percentiles};
use crate::app::{AppContext, AppError};
use crate::store::{Measure, SLOT, Span, Sums, first_id, slot_of};

/// Today's figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// The day's start.
    pub since: Micros,
    /// What today's requests add up to.
    pub today: Sums,
    /// The same of yesterday, until the same time of day.
    pub yesterday: Sums,
    /// Sessions that live.
    pub sessions: usize,
    /// Requests that run; `None` where no server runs.
    pub in_flight: Option<u64>,
    /// How long the first content took today.
    pub first_content: Option<Percentiles>,
}

/// Returns today's figures, of one user or of everybody.
pub(super) async fn figures(
    app: &AppContext,
    user: Option<UserId>,
    now: Micros,
) -> Result<Figures, AppError> {
    let zone = (app.zone)();
    let day = window::day(&zone, now, 0);
    let before = window::day(&zone, window::yesterday(&zone, now), 0);
    // Through the slot that runs: rows of its rest are still to come.
    let today = Span { from: day.start, to: slot_of(&first_id(now.plus(SLOT))), user };
    let until = window::yesterday(&zone, now).min(before.end);
    let yesterday = Span { from: before.start, to: until, user };
    Ok(Figures {
        since: day.start,
        today: app.store.sums(today).await?,
        yesterday: app.store.sums(yesterday).await?,
        sessions: app.live.sessions_of(user, now),
        in_flight: app.live.in_flight(user, now),
        first_content: first_content(app, today).await?,
    })
}

async fn first_content(app: &AppContext, today: Span) -> Result<Option<Percentiles>, AppError> {
    let mut histogram = Histogram::default();
    let whole_day = Duration::from_hours(48);
    for latency in app.store.latency_series(today, whole_day, Measure::FirstContent).await? {
        histogram.add(&latency);
    }
    Ok(histogram.percentiles())
}

//! Adds up what a filter finds. What roll-ups do not know is added row by row, and within bounds:
//! whoever looks for failures must not read the whole ledger for their sum.

use std::time::Duration;

use switchyard_actors::domain::instant::Micros;

use super::browse::narrowed;
use crate::app::{Actor, AppContext, AppError};
use crate::store::{LedgerFilter, LedgerSummary};

/// Rows are added up over so long at most, as long as the longest month.
const SUMMED: Duration = Duration::from_hours(31 * 24);
/// So long a time is added up without being asked for.
const QUICK: Duration = Duration::from_hours(24);

/// What the requests of a filter add up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summed {
    /// The sums.
    pub sums: LedgerSummary,
    /// They begin here, where the filter begins earlier.
    pub since: Option<Micros>,
}

/// What sums cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// Roll-ups have them.
    Small,
    /// Some rows are read.
    Some,
    /// Many rows may be read: only for who asks.
    Large,
}

/// Tells what the sums of a filter cost.
#[must_use]
pub fn effort(filter: &LedgerFilter, now: Micros) -> Effort {
    let is_short = filter.from.is_some_and(|from| end(filter, now).since(from) <= QUICK);
    if filter.is_rolled() {
        Effort::Small
    } else if is_short || filter.session.is_some() {
        Effort::Some
    } else {
        Effort::Large
    }
}

/// Adds up what somebody may see.
///
/// # Errors
/// They may see nothing, or the database cannot be asked.
pub async fn sums(
    app: &AppContext,
    actor: &Actor,
    filter: &LedgerFilter,
) -> Result<Summed, AppError> {
    let filter = narrowed(actor, filter)?;
    let since = bound(&filter, app.clock.now());
    let filter = LedgerFilter { from: since.or(filter.from), ..filter };
    Ok(Summed { sums: app.store.ledger_summary(&filter).await?, since })
}

/// Returns where sums begin, if that is not where their filter does.
fn bound(filter: &LedgerFilter, now: Micros) -> Option<Micros> {
    if effort(filter, now) != Effort::Large {
        return None;
    }
    let earliest = end(filter, now).minus(SUMMED);
    filter.from.is_none_or(|from| from < earliest).then_some(earliest)
}

fn end(filter: &LedgerFilter, now: Micros) -> Micros {
    filter.to.map_or(now, |to| to.min(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Micros = Micros(1_777_982_400_000_000);
    const DAY: Duration = Duration::from_hours(24);

    fn failed(from: Option<Micros>, to: Option<Micros>) -> LedgerFilter {
        LedgerFilter { statuses: Some((400, 599)), from, to, ..LedgerFilter::default() }
    }

    #[test]
    fn what_roll_ups_know_is_added_up_over_any_time() {
        let all = LedgerFilter::default();
        assert_eq!((effort(&all, NOW), bound(&all, NOW)), (Effort::Small, None));
    }

    #[test]
    fn rows_are_added_up_over_a_month_at_most() {
        let month = NOW.minus(DAY * 31);
        assert_eq!(bound(&failed(None, None), NOW), Some(month));
        assert_eq!(bound(&failed(Some(NOW.minus(DAY * 400)), None), NOW), Some(month));
        assert_eq!(bound(&failed(Some(month), None), NOW), None);
        let ended = NOW.minus(DAY * 100);
        assert_eq!(bound(&failed(None, Some(ended)), NOW), Some(ended.minus(DAY * 31)));
        let ahead = NOW.plus(DAY * 1_000);
        assert_eq!(bound(&failed(None, Some(ahead)), NOW), Some(month));
    }

    #[test]
    fn a_day_or_a_session_is_added_up_unasked() {
        let day = failed(Some(NOW.minus(DAY)), None);
        assert_eq!(effort(&day, NOW), Effort::Some);
        assert_eq!(effort(&failed(Some(NOW.minus(DAY * 2)), None), NOW), Effort::Large);
        let session = LedgerFilter { session: Some("s".to_owned()), ..failed(None, None) };
        assert_eq!((effort(&session, NOW), bound(&session, NOW)), (Effort::Some, None));
    }
}

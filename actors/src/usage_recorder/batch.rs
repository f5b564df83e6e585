//! When the recorder writes, and how much: pure.

use std::time::Duration;

/// The most rows of one transaction.
pub const BATCH: usize = 200;
/// The pause after a transaction, in which rows gather for the next one: the longest a row waits
/// while the ledger is well. A row that comes after a rest does not wait at all.
pub const GATHER: Duration = Duration::from_millis(100);
/// Rows kept in memory; beyond it they are read back from the journal later.
pub const KEPT: usize = 10_000;
/// The first pause after a failure; it doubles with each.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// What the recorder is at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Situation {
    /// Rows in memory.
    pub queued: usize,
    /// A transaction (or a read of the backlog) is under way.
    pub busy: bool,
    /// A timer is set.
    pub timer: bool,
    /// The timer has just run out.
    pub due: bool,
    /// A transaction has just ended.
    pub wrote: bool,
    /// Failures in a row.
    pub failures: u32,
    /// Somebody waits for the queue to be empty.
    pub flushing: bool,
    /// Rows were let go of: they must be read back.
    pub behind: bool,
    /// The last batch was refused as a whole: rows go one by one.
    pub one_by_one: bool,
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Write so many rows.
    Write(usize),
    /// Read rows back from the journal.
    ReadBack,
    /// Look again after a while.
    Wait(Duration),
    /// Nothing: something that is under way will bring the next step.
    Rest,
}

/// Decides the next step.
#[must_use]
pub fn next(at: Situation) -> Step {
    if at.busy {
        return Step::Rest;
    }
    if at.queued == 0 && !at.behind {
        return if at.wrote && !at.flushing { Step::Wait(GATHER) } else { Step::Rest };
    }
    if at.failures > 0 && !at.due {
        return if at.timer { Step::Rest } else { Step::Wait(pause(at.failures)) };
    }
    if at.queued == 0 {
        return Step::ReadBack;
    }
    let size = if at.one_by_one { 1 } else { at.queued.min(BATCH) };
    let hurry = at.due || at.flushing || at.behind || at.one_by_one || at.queued >= BATCH;
    match (hurry, at.timer) {
        (false, true) => Step::Rest,
        (false, false) if at.wrote => Step::Wait(GATHER),
        _ => Step::Write(size),
    }
}

/// Returns the pause after so many failures in a row.
#[must_use]
pub fn pause(failures: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(10);
    FIRST_PAUSE.saturating_mul(1 << doublings).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queued(queued: usize) -> Situation {
        Situation { queued, ..Situation::default() }
    }

    #[test]
    fn a_row_after_a_rest_does_not_wait() {
        assert_eq!(next(queued(1)), Step::Write(1));
    }

    #[test]
    fn after_a_transaction_rows_gather_and_a_full_batch_does_not_wait() {
        let wrote = |queued| Situation { wrote: true, queued, ..Situation::default() };
        assert_eq!(next(wrote(0)), Step::Wait(GATHER), "the next row may come at once");
        assert_eq!(next(wrote(1)), Step::Wait(GATHER));
        assert_eq!(next(wrote(450)), Step::Write(BATCH));
        assert_eq!(next(Situation { timer: true, ..queued(1) }), Step::Rest);
        assert_eq!(next(Situation { timer: true, ..queued(450) }), Step::Write(BATCH));
        assert_eq!(next(Situation { due: true, ..queued(1) }), Step::Write(1));
        assert_eq!(next(Situation { due: true, ..queued(0) }), Step::Rest, "no timer at rest");
        assert_eq!(next(Situation { flushing: true, ..wrote(0) }), Step::Rest, "it is empty");
    }

    #[test]
    fn nothing_is_started_while_something_runs_or_nothing_is_there() {
        assert_eq!(next(Situation { busy: true, due: true, ..queued(500) }), Step::Rest);
        assert_eq!(next(Situation { due: true, flushing: true, ..queued(0) }), Step::Rest);
    }

    #[test]
    fn after_a_failure_even_a_full_batch_waits_for_its_pause() {
        let failed = Situation { failures: 3, ..queued(500) };
        assert_eq!(next(failed), Step::Wait(Duration::from_millis(400)));
        assert_eq!(next(Situation { timer: true, flushing: true, ..failed }), Step::Rest);
        assert_eq!(next(Situation { due: true, ..failed }), Step::Write(BATCH));
        assert_eq!(pause(u32::MAX), LONGEST_PAUSE);
    }

    #[test]
    fn what_was_let_go_of_is_read_back_once_the_queue_is_empty() {
        let behind = Situation { behind: true, ..queued(0) };
        assert_eq!(next(behind), Step::ReadBack);
        assert_eq!(next(Situation { queued: 3, ..behind }), Step::Write(3));
        assert_eq!(next(Situation { failures: 1, ..behind }), Step::Wait(pause(1)));
    }

    #[test]
    fn a_refused_batch_is_tried_row_by_row() {
        assert_eq!(next(Situation { one_by_one: true, ..queued(90) }), Step::Write(1));
    }
}

//! The colour of an end, everywhere the same: in lists, on the dashboard, at a key.

use switchyard_actors::domain::ledger::LedgerRow;
use switchyard_actors::domain::outcome::RowOutcome;

/// Returns the colour of an end: `good`; `bad` for a fault of a provider or of ours, also where the
/// client had seen a good status before; `warn` for what is neither.
#[must_use]
pub fn tone(row: &LedgerRow) -> &'static str {
    match row.outcome {
        outcome if outcome.is_fault(row.status) => "bad",
        RowOutcome::Success if row.status < 400 => "good",
        _ => "warn",
    }
}

#[cfg(test)]
mod tests {
    use switchyard_actors::domain::ids::RequestId;
    use switchyard_actors::testing::row;

    use super::*;

    #[test]
    fn what_is_nobodys_fault_but_the_clients_is_a_warning() {
        let mut row = row(RequestId([7; 16]));
        let mut of = |outcome, status| {
            (row.outcome, row.status) = (outcome, status);
            tone(&row)
        };
        assert_eq!(of(RowOutcome::Success, 200), "good");
        assert_eq!(of(RowOutcome::Success, 400), "warn", "passed on as it came");
        assert_eq!(of(RowOutcome::ClientError, 400), "warn");
        assert_eq!(of(RowOutcome::Refused, 429), "warn");
        assert_eq!(of(RowOutcome::ClientGone, 499), "warn");
        assert_eq!(of(RowOutcome::UpstreamError, 404), "warn", "nobody has that model");
        assert_eq!(of(RowOutcome::UpstreamError, 429), "bad");
        assert_eq!(of(RowOutcome::NoProvider, 429), "bad");
        assert_eq!(of(RowOutcome::Interrupted, 500), "bad");
        assert_eq!(of(RowOutcome::Truncated, 200), "bad", "cut after a good beginning");
    }
}

//! What happened to a request in a sentence, and what can be done.

use switchyard_actors::domain::blocked;
use switchyard_actors::domain::decision::{Exclusion, NOT_CONVERTED};
use switchyard_actors::domain::dialect::Operation;
use switchyard_actors::domain::ledger::LedgerRow;
use switchyard_actors::domain::outcome::RowOutcome;

use crate::web::console::frame::Text;

/// Says what happened.
#[must_use]
pub fn what(row: &LedgerRow, provider: &str) -> Text {
    let tries = row.tries();
    let id = match row.outcome {
        RowOutcome::Success if tries > 1 => "request-what-success-after",
        RowOutcome::Success => "request-what-success",
        RowOutcome::ClientError if is_unfit(row) => "request-what-unfit",
        RowOutcome::ClientError if tries == 0 => "request-what-unreadable",
        RowOutcome::ClientError => "request-what-client-error",
        RowOutcome::Refused => "request-what-refused",
        RowOutcome::NoProvider => "request-what-no-provider",
        RowOutcome::UpstreamError if tries > 1 => "request-what-all-failed",
        RowOutcome::UpstreamError => "request-what-failed",
        RowOutcome::Truncated => "request-what-truncated",
        RowOutcome::ClientGone => "request-what-client-gone",
        RowOutcome::Interrupted if is_cut(row) => "request-what-cut",
        RowOutcome::Interrupted => "request-what-interrupted",
        RowOutcome::Internal => "request-what-internal",
    };
    let text = Text::of(id);
    match id {
        "request-what-success" | "request-what-failed" | "request-what-truncated" => {
            text.with("name", provider)
        }
        "request-what-success-after" => {
            text.with("name", provider).with("count", tries.saturating_sub(1))
        }
        "request-what-all-failed" => text.with("count", tries),
        _ => text,
    }
}

/// Says what can be done; `None` where nothing has to be.
#[must_use]
pub fn then(row: &LedgerRow, is_admin: bool) -> Option<Text> {
    let is_empty = !row.notes.iter().any(|note| Exclusion::read_note(note).is_some());
    Some(Text::of(match row.outcome {
        RowOutcome::Success | RowOutcome::ClientGone => return None,
        RowOutcome::ClientError if is_unfit(row) && is_admin => "request-do-unfit-admin",
        RowOutcome::ClientError if is_unfit(row) => "request-do-unfit",
        RowOutcome::ClientError => "request-do-client-error",
        RowOutcome::Refused if is_blocked(row) => "request-do-word",
        RowOutcome::Refused if is_admin => "request-do-refused-admin",
        RowOutcome::Refused => "request-do-refused",
        RowOutcome::NoProvider if is_admin && is_empty => "request-do-no-providers-at-all",
        RowOutcome::NoProvider if is_admin => "request-do-no-provider-admin",
        RowOutcome::UpstreamError | RowOutcome::NoProvider => "request-do-again",
        RowOutcome::Truncated => "request-do-truncated",
        RowOutcome::Interrupted if is_cut(row) => "request-do-cut",
        RowOutcome::Interrupted => "request-do-interrupted",
        RowOutcome::Internal => "request-do-internal",
    }))
}

/// Tells whether it ended because nobody could be asked what it would have become.
fn is_unfit(row: &LedgerRow) -> bool {
    !row.chain.is_empty() && row.chain.iter().all(|link| &*link.reason == NOT_CONVERTED)
}

/// Tells whether we ended it at a stop. One that was found at the next start tells nothing of its end.
const fn is_cut(row: &LedgerRow) -> bool {
    row.status == 503
}

/// Says what was asked for.
#[must_use]
pub const fn operation(operation: Operation) -> Text {
    Text::of(match operation {
        Operation::Generate => "request-op-generate",
        Operation::CountTokens => "request-op-count",
        Operation::Compact => "request-op-compact",
        Operation::Complete => "request-op-complete",
        Operation::Embed => "request-op-embed",
        Operation::ListModels => "request-op-models",
        Operation::Other => "request-op-other",
    })
}

fn is_blocked(row: &LedgerRow) -> bool {
    row.notes.iter().any(|note| blocked::read_note(note).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::console::requests::samples;

    #[test]
    fn an_answer_that_took_more_than_one_try_says_so() {
        let said = what(&samples::retried(1).row, "claude-2");
        let wanted = Text::of("request-what-success-after").with("name", "claude-2");
        assert_eq!(said, wanted.with("count", 1_usize));
        assert_eq!(then(&samples::retried(1).row, true), None);
        let nobody = samples::nobody(1).row;
        assert_eq!(then(&nobody, true), Some(Text::of("request-do-no-provider-admin")));
        assert_eq!(then(&nobody, false), Some(Text::of("request-do-again")));
        let mut unfit = samples::served(1).row;
        unfit.outcome = RowOutcome::ClientError;
        unfit.chain[0].reason = NOT_CONVERTED.into();
        assert_eq!(what(&unfit, ""), Text::of("request-what-unfit"));
        assert_eq!(then(&unfit, false), Some(Text::of("request-do-unfit")));
        // Somebody was asked and refused, the next one could not be.
        let mut refused = samples::retried(1).row;
        refused.outcome = RowOutcome::ClientError;
        refused.chain[1].reason = NOT_CONVERTED.into();
        assert_eq!(what(&refused, ""), Text::of("request-what-client-error"));
        assert_eq!(then(&refused, true), Some(Text::of("request-do-client-error")));
        let nothing = LedgerRow { notes: Vec::new(), ..nobody };
        assert_eq!(then(&nothing, true), Some(Text::of("request-do-no-providers-at-all")));
    }
}

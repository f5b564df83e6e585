//! Whether a row that has just ended belongs to a filter: the same question that the statements
//! answer for rows in the database, for those who watch. Pure.

use switchyard_actors::domain::ledger::LedgerRow;

use super::columns::{LONGEST_NAME, LONGEST_TEXT, kept};
use super::filter::LedgerFilter;
use super::slots::first_id;

impl LedgerFilter {
    /// Tells whether a page of this filter has the row, as soon as the ledger has it.
    #[must_use]
    pub fn takes(&self, row: &LedgerRow) -> bool {
        let opened = &row.opened;
        let session = opened.session.as_ref().map(|session| &*session.0);
        is_any_or(self.user, Some(opened.user))
            && is_any_or(self.key, Some(opened.key))
            && is_any_or(self.provider, row.provider)
            && is_text(self.model.as_deref(), opened.model.as_deref(), LONGEST_NAME)
            && is_text(self.path.as_deref(), Some(&opened.path), LONGEST_TEXT)
            && is_text(self.session.as_deref(), session, LONGEST_NAME)
            && row.retries() >= u64::from(self.min_retries)
            && self.takes_status(row.status)
            && (!self.faults || row.outcome.is_fault(row.status))
            && self.from.is_none_or(|from| opened.id >= first_id(from))
            && self.to.is_none_or(|to| opened.id < first_id(to))
    }

    fn takes_status(&self, status: u16) -> bool {
        match (self.status, self.statuses) {
            (Some(wanted), _) => status == wanted,
            (None, Some((lowest, highest))) if !(lowest..=highest).contains(&status) => false,
            _ => !(self.exclude_200 && status == 200),
        }
    }
}

fn is_any_or<T: Copy + PartialEq>(wanted: Option<T>, found: Option<T>) -> bool {
    wanted.is_none() || wanted == found
}

/// Long texts are compared as the database keeps them.
fn is_text(wanted: Option<&str>, found: Option<&str>, longest: usize) -> bool {
    wanted.is_none() || wanted == found.map(|text| kept(text, longest))
}

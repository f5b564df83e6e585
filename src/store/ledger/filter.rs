//! Which requests to read, and the index that finds them soonest.

use switchyard_actors::domain::ids::{KeyId, ProviderId, RequestId, UserId};
use switchyard_actors::domain::instant::Micros;

use super::slots::first_id;
use crate::params;
use crate::store::value::Value;

/// An id after all others.
const LAST_ID: RequestId = RequestId([0xFF; 16]);
/// The status that most requests have: an index of statuses finds none of them sooner.
const MOST: u16 = 200;
/// From this status on a request failed: an index of somebody's failures has only those.
const FAILED: u16 = 400;

/// Which requests to read. What is `None` filters nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerFilter {
    /// Of this user.
    pub user: Option<UserId>,
    /// With this key.
    pub key: Option<KeyId>,
    /// Served (or last failed) by this provider.
    pub provider: Option<ProviderId>,
    /// Asking for this model.
    pub model: Option<String>,
    /// On this path.
    pub path: Option<String>,
    /// With this status.
    pub status: Option<u16>,
    /// With a status of this range, ends included; `status` beats it.
    pub statuses: Option<(u16, u16)>,
    /// Those alone that failed by a fault of a provider or of ours.
    pub faults: bool,
    /// Without those of status 200.
    pub exclude_200: bool,
    /// With at least so many tries after the first.
    pub min_retries: u32,
    /// Of this session.
    pub session: Option<String>,
    /// Not before this instant.
    pub from: Option<Micros>,
    /// Before this instant.
    pub to: Option<Micros>,
}

/// What leads to the requests of a filter: an index each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lead {
    /// A session's requests.
    Session,
    /// What failed of a key's requests.
    KeyFailed,
    /// A key's requests.
    Key,
    /// What failed of a user's requests.
    UserFailed,
    /// A user's requests.
    User,
    /// The requests of a status that is not the usual one.
    Status,
    /// A provider's requests.
    Provider,
    /// The requests of a time.
    Time,
}

impl Lead {
    /// Returns the statement that reads a page.
    pub const fn page(self) -> &'static str {
        match self {
            Self::Session => "ledger/page_of_session",
            Self::KeyFailed => "ledger/page_of_key_failed",
            Self::Key => "ledger/page_of_key",
            Self::UserFailed => "ledger/page_of_user_failed",
            Self::User => "ledger/page_of_user",
            Self::Status => "ledger/page_of_status",
            Self::Provider => "ledger/page_of_provider",
            Self::Time => "ledger/page",
        }
    }

    /// Returns the statement that adds up.
    pub const fn summary(self) -> &'static str {
        match self {
            Self::Session => "ledger/summary_of_session",
            Self::KeyFailed => "ledger/summary_of_key_failed",
            Self::Key => "ledger/summary_of_key",
            Self::UserFailed => "ledger/summary_of_user_failed",
            Self::User => "ledger/summary_of_user",
            Self::Status => "ledger/summary_of_status",
            Self::Provider => "ledger/summary_of_provider",
            Self::Time => "ledger/summary",
        }
    }
}

impl LedgerFilter {
    /// Returns the parameters that all statements of filters begin with.
    pub(super) fn params(&self, before: Option<RequestId>) -> Vec<Value> {
        let to = self.to.map_or(LAST_ID, first_id);
        let range = self.range();
        params![
            before.map_or(to, |before| before.min(to)),
            self.from.map_or(RequestId([0; 16]), first_id),
            self.user,
            self.key,
            self.provider,
            self.model.as_deref(),
            self.path.as_deref(),
            self.status,
            self.exclude_200 && self.status.is_none(),
            self.min_retries,
            self.session.as_deref(),
            range.map(|(lowest, _)| lowest),
            range.map(|(_, highest)| highest),
            self.faults,
        ]
    }

    /// Returns the range of statuses, unless one is asked for.
    fn range(&self) -> Option<(u16, u16)> {
        self.statuses.filter(|_| self.status.is_none())
    }

    /// Returns what leads to the requests: what is rarest.
    pub(super) const fn lead(&self) -> Lead {
        let failed = self.is_of_failures();
        match (&self.session, self.key, self.user) {
            (Some(_), _, _) => Lead::Session,
            (_, Some(_), _) if failed => Lead::KeyFailed,
            (_, Some(_), _) => Lead::Key,
            (_, _, Some(_)) if failed => Lead::UserFailed,
            (_, _, Some(_)) => Lead::User,
            _ if matches!(self.status, Some(status) if status != MOST) => Lead::Status,
            _ if self.provider.is_some() => Lead::Provider,
            _ => Lead::Time,
        }
    }

    const fn is_of_failures(&self) -> bool {
        match (self.status, self.statuses) {
            (Some(status), _) => status >= FAILED,
            (None, Some((lowest, _))) => lowest >= FAILED,
            (None, None) => false,
        }
    }

    /// Returns a range of rare statuses that nothing rarer leads to: each of them is asked for by
    /// itself, where one walk backwards would pass all the requests that went well.
    pub(super) fn rare_statuses(&self) -> Option<(u16, u16)> {
        let is_led = !matches!(self.lead(), Lead::Time | Lead::Provider);
        self.range().filter(|(lowest, _)| !is_led && *lowest > MOST)
    }

    /// Tells whether roll-ups know all that is asked, but for the borders of its time.
    #[must_use]
    pub fn is_rolled(&self) -> bool {
        let rows_only = [
            self.path.is_some(),
            self.status.is_some(),
            self.statuses.is_some(),
            self.faults,
            self.exclude_200,
            self.min_retries > 0,
            self.session.is_some(),
        ];
        !rows_only.contains(&true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(user: Option<i64>, statuses: Option<(u16, u16)>) -> LedgerFilter {
        LedgerFilter { user: user.map(UserId), statuses, ..LedgerFilter::default() }
    }

    #[test]
    fn somebodys_failures_are_found_among_their_own() {
        let errors = Some((400, 599));
        assert_eq!(of(Some(1), errors).lead(), Lead::UserFailed);
        assert_eq!(of(Some(1), Some((200, 599))).lead(), Lead::User);
        let key = LedgerFilter { key: Some(KeyId(1)), ..of(Some(1), errors) };
        assert_eq!(key.lead(), Lead::KeyFailed);
        assert_eq!(LedgerFilter { status: Some(200), ..key.clone() }.lead(), Lead::Key);
        let session = LedgerFilter { session: Some("s".to_owned()), ..key };
        assert_eq!(session.lead(), Lead::Session);
        let all = [of(Some(1), errors), session];
        assert!(all.iter().all(|filter| filter.rare_statuses().is_none()));
    }

    #[test]
    fn everybodys_failures_are_found_status_by_status() {
        assert_eq!(of(None, Some((400, 599))).rare_statuses(), Some((400, 599)));
        assert_eq!(of(None, Some((200, 599))).rare_statuses(), None);
        let one = LedgerFilter { status: Some(429), ..of(None, Some((400, 599))) };
        assert_eq!((one.rare_statuses(), one.lead()), (None, Lead::Status));
    }
}

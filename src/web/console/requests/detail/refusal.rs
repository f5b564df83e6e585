//! The limit that refused a request.

use serde::Serialize;
use switchyard_actors::domain::limits::{Amount, LimitKind, LimitOwner, Refusal};

use crate::web::console::frame::{Text, money, number};

/// The limit that refused a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefusalView {
    /// Which limit, whose, how much is used of how much.
    pub what: Text,
    /// When its window starts anew.
    pub resets_at: Option<i64>,
    /// After how long another try makes sense, in milliseconds.
    pub retry_ms: Option<i64>,
    /// Only money that is held for running requests stands in the way.
    pub only_held: bool,
}

impl RefusalView {
    /// Shows a refusal.
    #[must_use]
    pub fn of(refusal: &Refusal) -> Self {
        let what = Text::of(words(refusal.kind, refusal.owner))
            .with("current", amount(refusal.current))
            .with("limit", amount(refusal.limit));
        let retry = refusal.retry_after_s;
        Self {
            what,
            resets_at: refusal.resets_at.map(|at| at.0),
            retry_ms: retry.and_then(|s| i64::try_from(s.saturating_mul(1_000)).ok()),
            only_held: refusal.only_held,
        }
    }
}

const fn words(kind: LimitKind, owner: LimitOwner) -> &'static str {
    match (kind, owner) {
        (LimitKind::Rpm, LimitOwner::Key) => "request-limit-rpm-key",
        (LimitKind::Rpm, LimitOwner::User) => "request-limit-rpm-user",
        (LimitKind::ConcurrentSessions, LimitOwner::Key) => "request-limit-sessions-key",
        (LimitKind::ConcurrentSessions, LimitOwner::User) => "request-limit-sessions-user",
        (LimitKind::Usd5h, LimitOwner::Key) => "request-limit-5h-key",
        (LimitKind::Usd5h, LimitOwner::User) => "request-limit-5h-user",
        (LimitKind::DailyQuota, LimitOwner::Key) => "request-limit-daily-key",
        (LimitKind::DailyQuota, LimitOwner::User) => "request-limit-daily-user",
        (LimitKind::UsdWeekly, LimitOwner::Key) => "request-limit-weekly-key",
        (LimitKind::UsdWeekly, LimitOwner::User) => "request-limit-weekly-user",
        (LimitKind::UsdMonthly, LimitOwner::Key) => "request-limit-monthly-key",
        (LimitKind::UsdMonthly, LimitOwner::User) => "request-limit-monthly-user",
        (LimitKind::UsdTotal, LimitOwner::Key) => "request-limit-total-key",
        (LimitKind::UsdTotal, LimitOwner::User) => "request-limit-total-user",
    }
}

fn amount(amount: Amount) -> String {
    match amount {
        Amount::Count(count) => number::grouped(i64::try_from(count).unwrap_or(i64::MAX)),
        Amount::Money(amount) => money::usd(amount.0),
    }
}

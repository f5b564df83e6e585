//! The limit that refused a request.

use serde::Serialize;
use switchyard_actors::domain::limits::{Amount, LimitKind, Refusal};

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
        let what = Text::of(words(refusal.kind))
            .with("owner", refusal.owner.name())
            .with("name", refusal.name.as_deref().unwrap_or_default())
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

const fn words(kind: LimitKind) -> &'static str {
    match kind {
        LimitKind::Rpm => "request-limit-rpm",
        LimitKind::Tpm => "request-limit-tpm",
        LimitKind::ConcurrentSessions => "request-limit-sessions",
        LimitKind::ConcurrentRequests => "request-limit-requests",
        LimitKind::Usd5h => "request-limit-5h",
        LimitKind::DailyQuota => "request-limit-daily",
        LimitKind::UsdWeekly => "request-limit-weekly",
        LimitKind::UsdMonthly => "request-limit-monthly",
        LimitKind::UsdTotal => "request-limit-total",
    }
}

fn amount(amount: Amount) -> String {
    match amount {
        Amount::Count(count) => number::grouped(i64::try_from(count).unwrap_or(i64::MAX)),
        Amount::Money(amount) => money::usd(amount.0),
    }
}

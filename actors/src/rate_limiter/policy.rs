//! The verdict: may a request go on? Check and hold in one call, so that nobody gets in between.

use std::time::Duration;

use crate::domain::counters::{Borders, Meter, Opening, Tenant};
use crate::domain::ids::{KeyId, SessionId};
use crate::domain::instant::Micros;
use crate::domain::limits::{Amount, LimitKind, LimitOwner, Limits, Refusal};
use crate::domain::money::Nano;

/// Requests that are logged where no limit says how many matter.
const LOG_BOUND: usize = 4_096;
/// When only held money is in the way, another try makes sense soon.
const HELD_RETRY_S: u64 = 2;

/// Money windows in the order they are checked; totals come first of all.
const WINDOWS: [LimitKind; 4] =
    [LimitKind::Usd5h, LimitKind::DailyQuota, LimitKind::UsdWeekly, LimitKind::UsdMonthly];

/// One side's limits with its calendar windows.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The limits.
    pub limits: &'a Limits,
    /// The windows around the arrival.
    pub borders: &'a Borders,
}

/// What is asked of the policy.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The key.
    pub key: KeyId,
    /// The session.
    pub session: &'a SessionId,
    /// The money the request may cost.
    pub estimate: Nano,
    /// It costs money and takes a seat.
    pub counts: bool,
    /// The user's limits.
    pub user: Side<'a>,
    /// The key's limits.
    pub own: Side<'a>,
    /// The arrival.
    pub now: Micros,
}

/// How strictly limits are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strictness {
    /// Limits refuse; otherwise everything is counted and nothing refused.
    pub enforce: bool,
    /// What is booked never exceeds a limit, also when that refuses more than needed.
    pub strict: bool,
    /// How long a session keeps its seat after its last request.
    pub seat_grace: Duration,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may; its place is held.
    Admitted,
    /// It may not; nothing was counted.
    Refused(Refusal),
}

/// Decides, and when the answer is yes, counts and holds.
pub fn reserve(question: &Question<'_>, tenant: &mut Tenant, how: Strictness) -> Verdict {
    tenant.sessions.free_rested(question.now);
    tenant.roll(question.key, question.user.borders, question.own.borders);
    if how.enforce
        && let Some(refusal) = refusal(question, tenant, how)
    {
        return Verdict::Refused(refusal);
    }
    let limits = [question.user.limits.rpm, question.own.limits.rpm];
    let most = limits.into_iter().flatten().max().unwrap_or(0);
    tenant.open(&Opening {
        key: question.key,
        session: question.counts.then_some(question.session),
        hold: question.estimate,
        log_bound: usize::try_from(most).unwrap_or(LOG_BOUND).max(LOG_BOUND),
        now: question.now,
    });
    Verdict::Admitted
}

/// Finds the first limit in the way: totals, sessions, requests a minute, then windows by rising
/// length; of each the key's own before the user's.
fn refusal(question: &Question<'_>, tenant: &Tenant, how: Strictness) -> Option<Refusal> {
    let idle = Meter::default();
    let key_meter = tenant.key(question.key).unwrap_or(&idle);
    let sides = [
        (LimitOwner::Key, question.own, key_meter),
        (LimitOwner::User, question.user, &tenant.user),
    ];
    let money = |kind| {
        sides.iter().find_map(|(owner, side, meter)| {
            no_money(kind, *owner, *side, meter, question, how.strict)
        })
    };
    let rpm =
        || sides.iter().find_map(|(owner, side, meter)| no_rate(*owner, side, meter, question));
    money(LimitKind::UsdTotal)
        .or_else(|| no_seat(question, tenant, how.seat_grace))
        .or_else(rpm)
        .or_else(|| WINDOWS.into_iter().find_map(money))
}

fn no_money(
    kind: LimitKind,
    owner: LimitOwner,
    side: Side<'_>,
    meter: &Meter,
    question: &Question<'_>,
    strict: bool,
) -> Option<Refusal> {
    let limit = limit_of(side.limits, kind).filter(|_| question.counts)?;
    let spent = meter.spent(kind, side.limits, side.borders, question.now);
    let held = meter.held();
    // An unknown price is no reason to pass an exhausted limit: it counts as the least amount.
    let wanted = question.estimate.max(Nano(1));
    let fits = spent.amount.plus(held).plus(wanted) <= limit;
    // Who has money left and nothing running is not locked out by a pessimistic estimate.
    let alone = !strict && held == Nano::ZERO && spent.amount < limit;
    if fits || alone {
        return None;
    }
    let fits_later = spent.amount.plus(wanted) <= limit || (!strict && spent.amount < limit);
    let only_held = held > Nano::ZERO && fits_later;
    let wait = spent.resets_at.map(|at| seconds_until(at, question.now));
    Some(Refusal {
        kind,
        owner,
        current: Amount::Money(spent.amount.plus(held)),
        limit: Amount::Money(limit),
        resets_at: spent.resets_at,
        retry_after_s: if only_held { Some(HELD_RETRY_S) } else { wait },
        only_held,
    })
}

fn no_seat(question: &Question<'_>, tenant: &Tenant, grace: Duration) -> Option<Refusal> {
    if !question.counts || tenant.sessions.is_taken(question.session) {
        return None;
    }
    let of_key = tenant.sessions.taken_by(question.key);
    let sides = [
        (LimitOwner::Key, question.own.limits, of_key),
        (LimitOwner::User, question.user.limits, tenant.sessions.taken()),
    ];
    sides.into_iter().find_map(|(owner, limits, taken)| {
        let limit = limits.concurrent_sessions.filter(|limit| *limit > 0 && taken >= *limit)?;
        Some(Refusal {
            kind: LimitKind::ConcurrentSessions,
            owner,
            current: Amount::Count(u64::from(taken)),
            limit: Amount::Count(u64::from(limit)),
            resets_at: Some(question.now),
            retry_after_s: Some(grace.as_secs().max(1)),
            only_held: false,
        })
    })
}

fn no_rate(
    owner: LimitOwner,
    side: &Side<'_>,
    meter: &Meter,
    question: &Question<'_>,
) -> Option<Refusal> {
    let limit = side.limits.rpm.filter(|limit| *limit > 0)?;
    let (current, _) = meter.rpm(question.now);
    if current < u64::from(limit) {
        return None;
    }
    let free_at = meter.rpm_frees_at(limit);
    Some(Refusal {
        kind: LimitKind::Rpm,
        owner,
        current: Amount::Count(current),
        limit: Amount::Count(u64::from(limit)),
        resets_at: free_at,
        retry_after_s: free_at.map(|at| seconds_until(at, question.now)),
        only_held: false,
    })
}

/// Returns a money limit; zero and less are "no limit" wherever they come from.
fn limit_of(limits: &Limits, kind: LimitKind) -> Option<Nano> {
    let limit = match kind {
        LimitKind::Usd5h => limits.spend_5h,
        LimitKind::DailyQuota => limits.daily,
        LimitKind::UsdWeekly => limits.weekly,
        LimitKind::UsdMonthly => limits.monthly,
        LimitKind::UsdTotal => limits.total,
        LimitKind::Rpm | LimitKind::ConcurrentSessions => None,
    };
    limit.filter(|limit| *limit > Nano::ZERO)
}

/// Whole seconds until then, rounded up, at least one: who waits so long does not come too early.
fn seconds_until(at: Micros, now: Micros) -> u64 {
    u64::try_from(at.since(now).as_micros().div_ceil(1_000_000)).unwrap_or(u64::MAX).max(1)
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;

//! The verdict over a list of checks: the first limit in the way, or none. Pure; what is used is
//! looked up by whoever holds the counters.

use std::time::Duration;

use super::check::Check;
use super::counters::Load;
use super::instant::Micros;
use super::limits::{LimitKind, Refusal};

/// When only what running requests hold is in the way, another try makes sense soon.
const HELD_RETRY_S: u64 = 2;

/// What is used of one limit, in its own unit: nano-dollars or a count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// What is settled.
    pub settled: i64,
    /// How much of it was settled here since nodes cannot ask each other, as far as that is divided.
    pub own: i64,
    /// What running requests hold on top.
    pub held: i64,
    /// When the window starts anew, or has room again; `None` when nobody knows.
    pub resets_at: Option<Micros>,
    /// The request's session has a seat already.
    pub seated: bool,
}

/// What a request wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Want {
    /// Money and tokens that it may come to.
    pub load: Load,
    /// It costs something and takes a seat; `false` for token counts and lists.
    pub counts: bool,
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
    /// Among how many nodes that cannot ask each other what is left is divided; 1 is all of it.
    pub share: u32,
}

/// Finds the first limit in the way.
pub fn judge(
    checks: &[Check],
    used: impl Fn(&Check) -> Used,
    want: &Want,
    how: Strictness,
) -> Option<Refusal> {
    if !how.enforce {
        return None;
    }
    checks.iter().find_map(|check| obstacle(check, &used(check), want, how))
}

/// Says why a limit that another counter has found in the way refuses.
#[must_use]
pub fn refuse(check: &Check, used: &Used, want: &Want, how: Strictness) -> Refusal {
    obstacle(check, used, want, how).unwrap_or_else(|| refusal(check, used))
}

fn obstacle(check: &Check, used: &Used, want: &Want, how: Strictness) -> Option<Refusal> {
    let part = part_of(check.limit.raw(), how.share);
    match check.kind {
        LimitKind::Rpm => no_rate(check, used, want, part),
        LimitKind::ConcurrentSessions => no_seat(check, used, want, (part, how.seat_grace)),
        LimitKind::ConcurrentRequests => no_place(check, used, want, part),
        LimitKind::Tpm => no_room(check, used, want, i64_of(want.load.tokens), how),
        LimitKind::Usd5h
        | LimitKind::DailyQuota
        | LimitKind::UsdWeekly
        | LimitKind::UsdMonthly
        | LimitKind::UsdTotal => no_room(check, used, want, want.load.money.0, how),
    }
}

/// Returns a limit of places and rates as one node of several has it: its part, one at least.
fn part_of(limit: i64, share: u32) -> i64 {
    if share > 1 { (limit / i64::from(share)).max(1) } else { limit }
}

/// Judges money and tokens: what is estimated counts before it is spent.
fn no_room(
    check: &Check,
    used: &Used,
    want: &Want,
    estimate: i64,
    how: Strictness,
) -> Option<Refusal> {
    if !want.counts {
        return None;
    }
    let limit = check.limit.raw();
    // An unknown price is no reason to pass an exhausted limit: it counts as the least amount.
    let wanted = estimate.max(1);
    let (settled, held) = (used.settled, used.held);
    // What all nodes had left when they could last ask each other is divided among them.
    let own =
        if check.kind == LimitKind::Tpm { settled } else { used.own.clamp(0, settled.max(0)) };
    let left = limit.saturating_sub(settled.saturating_sub(own));
    let part = left / i64::from(how.share.max(1));
    let fits = own.saturating_add(held).saturating_add(wanted) <= part;
    // Who has something left and nothing running is not locked out by a pessimistic estimate.
    let alone = !how.strict && held == 0 && own < part;
    if fits || alone {
        return None;
    }
    let fits_later = own.saturating_add(wanted) <= part || (!how.strict && own < part);
    let only_held = held > 0 && fits_later;
    let reset_in = used.resets_at.map(|at| seconds_until(at, want.now));
    Some(Refusal {
        current: check.kind.amount(settled.saturating_add(held)),
        resets_at: used.resets_at,
        retry_after_s: if only_held { Some(HELD_RETRY_S) } else { reset_in },
        only_held,
        ..refusal(check, used)
    })
}

fn no_seat(
    check: &Check,
    used: &Used,
    want: &Want,
    (limit, grace): (i64, Duration),
) -> Option<Refusal> {
    if !want.counts || used.seated || used.settled < limit {
        return None;
    }
    Some(Refusal {
        resets_at: Some(want.now),
        retry_after_s: Some(grace.as_secs().max(1)),
        ..refusal(check, used)
    })
}

fn no_place(check: &Check, used: &Used, want: &Want, limit: i64) -> Option<Refusal> {
    (used.settled >= limit).then(|| Refusal {
        resets_at: Some(want.now),
        retry_after_s: Some(HELD_RETRY_S),
        ..refusal(check, used)
    })
}

fn no_rate(check: &Check, used: &Used, want: &Want, limit: i64) -> Option<Refusal> {
    (used.settled >= limit).then(|| Refusal {
        resets_at: used.resets_at,
        retry_after_s: used.resets_at.map(|at| seconds_until(at, want.now)),
        ..refusal(check, used)
    })
}

fn refusal(check: &Check, used: &Used) -> Refusal {
    Refusal {
        kind: check.kind,
        owner: check.dimension.owner(),
        name: check.dimension.name().cloned(),
        current: check.kind.amount(used.settled),
        limit: check.limit,
        resets_at: None,
        retry_after_s: None,
        only_held: false,
    }
}

fn i64_of(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Whole seconds until then, rounded up, at least one: who waits so long does not come too early.
fn seconds_until(at: Micros, now: Micros) -> u64 {
    u64::try_from(at.since(now).as_micros().div_ceil(1_000_000)).unwrap_or(u64::MAX).max(1)
}

//! Tests of the verdict.

use std::sync::Arc;

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;

const NOW: Micros = Micros(1_777_982_400_000_000);
const KEY: KeyId = KeyId(1);
const OTHER: KeyId = KeyId(2);
const USUAL: Strictness =
    Strictness { enforce: true, strict: false, seat_grace: Duration::from_secs(5) };
const STRICT: Strictness = Strictness { strict: true, ..USUAL };

/// Asks with these limits of user and key; the session is named after the key.
fn asked(
    tenant: &mut Tenant,
    (user, own): (&Limits, &Limits),
    (key, session): (KeyId, &str),
    estimate: i64,
    how: Strictness,
) -> Verdict {
    let borders = Borders::around(&TimeZone::UTC, user, NOW);
    let question = Question {
        key,
        session: &SessionId(Arc::from(session)),
        estimate: Nano(estimate),
        counts: true,
        user: Side { limits: user, borders: &borders },
        own: Side { limits: own, borders: &borders },
        now: NOW,
    };
    reserve(&question, tenant, how)
}

fn refused(verdict: Verdict) -> Refusal {
    match verdict {
        Verdict::Refused(refusal) => refusal,
        Verdict::Admitted => panic!("it was admitted"),
    }
}

fn daily(limit: i64) -> Limits {
    Limits { daily: Some(Nano(limit)), ..Limits::default() }
}

fn settle(tenant: &mut Tenant, key: KeyId, hold: i64, cost: i64) {
    tenant.leave(key);
    tenant.release(key, Nano(hold));
    tenant.charge(key, NOW, Nano(cost));
}

#[test]
fn money_that_is_held_counts_like_money_that_is_spent() {
    let mut tenant = Tenant::default();
    let limits = (&daily(100), &Limits::default());
    assert_eq!(asked(&mut tenant, limits, (KEY, "a"), 60, USUAL), Verdict::Admitted);
    let refusal = refused(asked(&mut tenant, limits, (KEY, "a"), 60, USUAL));
    assert_eq!((refusal.kind, refusal.owner), (LimitKind::DailyQuota, LimitOwner::User));
    assert_eq!(refusal.current, Amount::Money(Nano(60)));
    assert_eq!((refusal.only_held, refusal.retry_after_s), (true, Some(2)));
    assert_eq!(asked(&mut tenant, limits, (KEY, "a"), 40, USUAL), Verdict::Admitted);
}

#[test]
fn who_has_money_left_and_nothing_running_is_let_in_except_in_strict_mode() {
    let limits = (&daily(100), &Limits::default());
    let mut tenant = Tenant::default();
    assert!(!refused(asked(&mut tenant, limits, (KEY, "a"), 101, STRICT)).only_held);
    assert_eq!(asked(&mut tenant, limits, (KEY, "a"), 101, USUAL), Verdict::Admitted);
}

#[test]
fn a_limit_that_is_used_up_says_when_its_window_ends() {
    let mut tenant = Tenant::default();
    let limits = (&daily(100), &Limits::default());
    assert_eq!(asked(&mut tenant, limits, (KEY, "a"), 60, USUAL), Verdict::Admitted);
    settle(&mut tenant, KEY, 60, 100);
    let refusal = refused(asked(&mut tenant, limits, (KEY, "a"), 0, USUAL));
    let midnight = Borders::around(&TimeZone::UTC, limits.0, NOW).day.end;
    assert_eq!(refusal.resets_at, Some(midnight));
    assert_eq!(refusal.retry_after_s, Some(midnight.since(NOW).as_secs()));
    assert!(!refusal.only_held);
}

#[test]
fn every_money_limit_refuses_with_its_own_name_for_key_and_user() {
    let none = Limits::default();
    let cases = [
        (LimitKind::Usd5h, Limits { spend_5h: Some(Nano(10)), ..none.clone() }),
        (LimitKind::DailyQuota, daily(10)),
        (LimitKind::UsdWeekly, Limits { weekly: Some(Nano(10)), ..none.clone() }),
        (LimitKind::UsdMonthly, Limits { monthly: Some(Nano(10)), ..none.clone() }),
        (LimitKind::UsdTotal, Limits { total: Some(Nano(10)), ..none.clone() }),
    ];
    for (kind, limits) in cases {
        for (owner, sides) in
            [(LimitOwner::User, (&limits, &none)), (LimitOwner::Key, (&none, &limits))]
        {
            let mut tenant = Tenant::default();
            assert_eq!(asked(&mut tenant, sides, (KEY, "a"), 10, USUAL), Verdict::Admitted);
            settle(&mut tenant, KEY, 10, 10);
            let refusal = refused(asked(&mut tenant, sides, (KEY, "a"), 1, USUAL));
            assert_eq!((refusal.kind, refusal.owner), (kind, owner));
            assert_eq!(refusal.resets_at.is_none(), kind == LimitKind::UsdTotal);
        }
    }
}

#[test]
fn zero_is_no_limit() {
    let zero =
        Limits { rpm: Some(0), concurrent_sessions: Some(0), total: Some(Nano::ZERO), ..daily(0) };
    let mut tenant = Tenant::default();
    for _ in 0..3 {
        assert_eq!(asked(&mut tenant, (&zero, &zero), (KEY, "a"), 10, STRICT), Verdict::Admitted);
    }
}

#[test]
fn the_users_session_limit_counts_all_keys_and_known_sessions_pass() {
    let mut tenant = Tenant::default();
    let three = Limits { concurrent_sessions: Some(3), ..Limits::default() };
    let limits = (&three, &Limits::default());
    for (key, session) in [(KEY, "a"), (OTHER, "b"), (OTHER, "c"), (KEY, "a"), (OTHER, "b")] {
        assert_eq!(asked(&mut tenant, limits, (key, session), 0, USUAL), Verdict::Admitted);
    }
    let refusal = refused(asked(&mut tenant, limits, (KEY, "d"), 0, USUAL));
    assert_eq!(refusal.kind, LimitKind::ConcurrentSessions);
    assert_eq!((refusal.owner, refusal.current), (LimitOwner::User, Amount::Count(3)));
}

#[test]
fn a_keys_own_session_limit_is_its_own() {
    let mut tenant = Tenant::default();
    let one = Limits { concurrent_sessions: Some(1), ..Limits::default() };
    let none = Limits::default();
    assert_eq!(asked(&mut tenant, (&none, &one), (KEY, "a"), 0, USUAL), Verdict::Admitted);
    assert_eq!(asked(&mut tenant, (&none, &one), (OTHER, "b"), 0, USUAL), Verdict::Admitted);
    let refusal = refused(asked(&mut tenant, (&none, &one), (KEY, "c"), 0, USUAL));
    assert_eq!(refusal.owner, LimitOwner::Key);
}

#[test]
fn refused_requests_are_not_logged_and_wait_for_the_oldest() {
    let mut tenant = Tenant::default();
    let two = Limits { rpm: Some(2), ..Limits::default() };
    let limits = (&two, &Limits::default());
    for _ in 0..2 {
        assert_eq!(asked(&mut tenant, limits, (KEY, "a"), 0, USUAL), Verdict::Admitted);
    }
    for _ in 0..5 {
        let refusal = refused(asked(&mut tenant, limits, (KEY, "a"), 0, USUAL));
        assert_eq!((refusal.kind, refusal.retry_after_s), (LimitKind::Rpm, Some(60)));
    }
    assert_eq!(tenant.user.rpm(NOW).0, 2);
}

#[test]
fn without_enforcement_everything_is_counted_and_nothing_refused() {
    let mut tenant = Tenant::default();
    let tight = Limits { rpm: Some(1), concurrent_sessions: Some(1), ..daily(1) };
    let off = Strictness { enforce: false, ..USUAL };
    for session in ["a", "b", "c"] {
        let verdict = asked(&mut tenant, (&tight, &tight), (KEY, session), 50, off);
        assert_eq!(verdict, Verdict::Admitted);
    }
    assert_eq!((tenant.user.held(), tenant.sessions.taken()), (Nano(150), 3));
}

#[test]
fn requests_that_do_not_count_meet_the_rate_alone() {
    let mut tenant = Tenant::default();
    let tight =
        Limits { rpm: Some(1), concurrent_sessions: Some(1), total: Some(Nano(1)), ..daily(1) };
    let borders = Borders::around(&TimeZone::UTC, &tight, NOW);
    tenant.charge(KEY, NOW, Nano(5));
    let side = Side { limits: &tight, borders: &borders };
    let session = SessionId(Arc::from("a"));
    let question = Question {
        key: KEY,
        session: &session,
        estimate: Nano::ZERO,
        counts: false,
        user: side,
        own: side,
        now: NOW,
    };
    assert_eq!(reserve(&question, &mut tenant, USUAL), Verdict::Admitted);
    assert_eq!(tenant.sessions.taken(), 0);
    assert_eq!(refused(reserve(&question, &mut tenant, USUAL)).kind, LimitKind::Rpm);
}

#[test]
fn totals_are_checked_before_sessions_and_these_before_rates_and_windows() {
    let mut tenant = Tenant::default();
    let all =
        Limits { rpm: Some(1), concurrent_sessions: Some(1), total: Some(Nano(10)), ..daily(10) };
    let no_total = Limits { total: None, ..all.clone() };
    let no_seats = Limits { concurrent_sessions: None, ..no_total.clone() };
    let no_rate = Limits { rpm: None, ..no_seats.clone() };
    let none = Limits::default();
    assert_eq!(asked(&mut tenant, (&all, &none), (KEY, "a"), 10, USUAL), Verdict::Admitted);
    let mut kind = |limits| refused(asked(&mut tenant, (limits, &none), (KEY, "b"), 9, USUAL)).kind;
    assert_eq!(kind(&all), LimitKind::UsdTotal);
    assert_eq!(kind(&no_total), LimitKind::ConcurrentSessions);
    assert_eq!(kind(&no_seats), LimitKind::Rpm);
    assert_eq!(kind(&no_rate), LimitKind::DailyQuota);
}

proptest! {
    /// In strict mode, when no request costs more than was held for it, what is settled and open
    /// never exceeds the limit, and what is neither is exactly what is still let in.
    #[test]
    fn settled_open_and_free_add_up_to_the_limit(
        steps in prop::collection::vec((any::<bool>(), 1_i64..40, 0_i64..=100), 1..120),
    ) {
        const LIMIT: i64 = 300;
        let sides = (&daily(LIMIT), &daily(LIMIT));
        let mut tenant = Tenant::default();
        let (mut settled, mut open) = (0_i64, Vec::new());
        for (asks, estimate, percent) in steps {
            if asks {
                let held: i64 = open.iter().sum();
                let free = LIMIT - settled - held;
                let verdict = asked(&mut tenant, sides, (KEY, "a"), estimate, STRICT);
                prop_assert_eq!(verdict == Verdict::Admitted, estimate <= free);
                if estimate <= free {
                    open.push(estimate);
                }
            } else if let Some(hold) = open.pop() {
                let cost = hold * percent / 100;
                settle(&mut tenant, KEY, hold, cost);
                settled += cost;
            }
            prop_assert_eq!(tenant.user.held(), Nano(open.iter().sum()));
            prop_assert!(settled + tenant.user.held().0 <= LIMIT);
        }
    }

    /// In the usual mode the limit is passed by no more than true costs exceed what was held.
    #[test]
    fn the_overshoot_is_at_most_what_estimates_missed(
        steps in prop::collection::vec((any::<bool>(), 1_i64..400, 0_i64..400), 1..120),
    ) {
        const LIMIT: i64 = 300;
        let sides = (&daily(LIMIT), &Limits::default());
        let mut tenant = Tenant::default();
        let (mut settled, mut missed, mut alone, mut open) = (0_i64, 0_i64, 0_i64, Vec::new());
        for (asks, estimate, cost) in steps {
            if asks {
                let before = settled + open.iter().sum::<i64>();
                if asked(&mut tenant, sides, (KEY, "a"), estimate, USUAL) == Verdict::Admitted {
                    alone = alone.max(before + estimate - LIMIT);
                    open.push(estimate);
                }
            } else if let Some(hold) = open.pop() {
                settle(&mut tenant, KEY, hold, cost);
                settled += cost;
                missed += (cost - hold).max(0);
            }
            prop_assert!(settled + tenant.user.held().0 <= LIMIT + missed + alone);
            prop_assert!(alone < 400, "one request of overshoot");
        }
    }
}

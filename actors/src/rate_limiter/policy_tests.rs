//! Tests of the verdict.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::domain::check::{Dimension, checks};
use crate::domain::counters::{Borders, Common, Tenant};
use crate::domain::ids::UserId;
use crate::domain::limits::{Amount, LimitKind, LimitOwner, Limits};
use crate::domain::money::Nano;

const NOW: Micros = Micros(1_777_982_400_000_000);
const ANNA: UserId = UserId(1);
const KEY: KeyId = KeyId(1);
const OTHER: KeyId = KeyId(2);
const USUAL: Strictness =
    Strictness { enforce: true, strict: false, seat_grace: Duration::from_secs(5), share: 1 };
const STRICT: Strictness = Strictness { strict: true, ..USUAL };

/// The counters of one user and of what all share.
#[derive(Default)]
struct World {
    tenant: Tenant,
    common: Common,
}

impl World {
    fn books(&mut self) -> Books<'_> {
        Books { tenant: &mut self.tenant, common: &mut self.common }
    }

    fn reserve(
        &mut self,
        sides: &[Side<'_>],
        (key, session): (KeyId, &str),
        (estimate, counts): (Load, bool),
        how: Strictness,
    ) -> Verdict {
        let checks = checks(sides);
        let session = &SessionId(Arc::from(session));
        let question = Question {
            key,
            session,
            estimate,
            counts,
            sides,
            checks: &checks,
            unheard: &|_| Nano::ZERO,
            now: NOW,
        };
        reserve(&question, &mut self.books(), how)
    }

    fn settle(&mut self, payers: &[Dimension], hold: Load, cost: i64, tokens: u64) {
        let mut books = self.books();
        books.leave(payers, None, NOW, Duration::ZERO);
        books.release(payers, hold);
        books.charge(payers, NOW, Some(Nano(cost)), tokens);
    }
}

fn side(dimension: Dimension, limits: &Limits) -> Side<'_> {
    Side { dimension, limits, borders: Borders::around(&TimeZone::UTC, limits, NOW) }
}

/// Asks with these limits of user and key; the session is named after the key.
fn asked(
    world: &mut World,
    (user, own): (&Limits, &Limits),
    (key, session): (KeyId, &str),
    estimate: i64,
    how: Strictness,
) -> Verdict {
    let sides = [side(Dimension::Key(key), own), side(Dimension::User(ANNA), user)];
    world.reserve(&sides, (key, session), (Load::of_money(Nano(estimate)), true), how)
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

fn settle(world: &mut World, key: KeyId, hold: i64, cost: i64) {
    let payers = [Dimension::Key(key), Dimension::User(ANNA)];
    world.settle(&payers, Load::of_money(Nano(hold)), cost, 0);
}

#[test]
fn money_that_is_held_counts_like_money_that_is_spent() {
    let mut world = World::default();
    let limits = (&daily(100), &Limits::default());
    assert_eq!(asked(&mut world, limits, (KEY, "a"), 60, USUAL), Verdict::Admitted);
    let refusal = refused(asked(&mut world, limits, (KEY, "a"), 60, USUAL));
    assert_eq!((refusal.kind, refusal.owner), (LimitKind::DailyQuota, LimitOwner::User));
    assert_eq!(refusal.current, Amount::Money(Nano(60)));
    assert_eq!((refusal.only_held, refusal.retry_after_s), (true, Some(2)));
    assert_eq!(asked(&mut world, limits, (KEY, "a"), 40, USUAL), Verdict::Admitted);
}

#[test]
fn who_has_money_left_and_nothing_running_is_let_in_except_in_strict_mode() {
    let limits = (&daily(100), &Limits::default());
    let mut world = World::default();
    assert!(!refused(asked(&mut world, limits, (KEY, "a"), 101, STRICT)).only_held);
    assert_eq!(asked(&mut world, limits, (KEY, "a"), 101, USUAL), Verdict::Admitted);
}

#[test]
fn a_limit_that_is_used_up_says_when_its_window_ends() {
    let mut world = World::default();
    let limits = (&daily(100), &Limits::default());
    assert_eq!(asked(&mut world, limits, (KEY, "a"), 60, USUAL), Verdict::Admitted);
    settle(&mut world, KEY, 60, 100);
    let refusal = refused(asked(&mut world, limits, (KEY, "a"), 0, USUAL));
    let midnight = Borders::around(&TimeZone::UTC, limits.0, NOW).day.end;
    assert_eq!(refusal.resets_at, Some(midnight));
    assert_eq!(refusal.retry_after_s, Some(midnight.since(NOW).as_secs()));
    assert!(!refusal.only_held);
}

#[test]
fn the_wait_for_a_reset_is_as_long_as_the_day_of_daylight_saving() {
    let at = |text: &str| Micros(text.parse::<jiff::Timestamp>().unwrap().as_microsecond());
    let york = TimeZone::get("America/New_York").unwrap();
    let limits = daily(10);
    // Half past midnight; the clock goes from two to three that night.
    let now = at("2026-03-08T05:30:00Z");
    let borders = Borders::around(&york, &limits, now);
    let sides = [Side { dimension: Dimension::User(ANNA), limits: &limits, borders }];
    let mut world = World::default();
    world.books().roll(&sides, now);
    world.books().charge(&[Dimension::User(ANNA)], now, Some(Nano(10)), 0);
    let list = checks(&sides);
    let used = |check: &Check| world.tenant.user.used(check, now);
    let want = Want { counts: true, now, ..Want::default() };
    let refusal = judge(&list, used, &want, USUAL).unwrap();
    assert_eq!(refusal.resets_at, Some(at("2026-03-09T04:00:00Z")));
    assert_eq!(refusal.retry_after_s, Some(22 * 3_600 + 1_800));
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
            let mut world = World::default();
            assert_eq!(asked(&mut world, sides, (KEY, "a"), 10, USUAL), Verdict::Admitted);
            settle(&mut world, KEY, 10, 10);
            let refusal = refused(asked(&mut world, sides, (KEY, "a"), 1, USUAL));
            assert_eq!((refusal.kind, refusal.owner), (kind, owner));
            assert_eq!(refusal.resets_at.is_none(), kind == LimitKind::UsdTotal);
        }
    }
}

#[test]
fn zero_is_no_limit() {
    let zero =
        Limits { rpm: Some(0), concurrent_sessions: Some(0), total: Some(Nano::ZERO), ..daily(0) };
    let mut world = World::default();
    for _ in 0..3 {
        assert_eq!(asked(&mut world, (&zero, &zero), (KEY, "a"), 10, STRICT), Verdict::Admitted);
    }
}

#[test]
fn the_users_session_limit_counts_all_keys_and_known_sessions_pass() {
    let mut world = World::default();
    let three = Limits { concurrent_sessions: Some(3), ..Limits::default() };
    let limits = (&three, &Limits::default());
    for (key, session) in [(KEY, "a"), (OTHER, "b"), (OTHER, "c"), (KEY, "a"), (OTHER, "b")] {
        assert_eq!(asked(&mut world, limits, (key, session), 0, USUAL), Verdict::Admitted);
    }
    let refusal = refused(asked(&mut world, limits, (KEY, "d"), 0, USUAL));
    assert_eq!(refusal.kind, LimitKind::ConcurrentSessions);
    assert_eq!((refusal.owner, refusal.current), (LimitOwner::User, Amount::Count(3)));
}

#[test]
fn a_keys_own_session_limit_is_its_own() {
    let mut world = World::default();
    let one = Limits { concurrent_sessions: Some(1), ..Limits::default() };
    let none = Limits::default();
    assert_eq!(asked(&mut world, (&none, &one), (KEY, "a"), 0, USUAL), Verdict::Admitted);
    assert_eq!(asked(&mut world, (&none, &one), (OTHER, "b"), 0, USUAL), Verdict::Admitted);
    let refusal = refused(asked(&mut world, (&none, &one), (KEY, "c"), 0, USUAL));
    assert_eq!(refusal.owner, LimitOwner::Key);
}

#[test]
fn refused_requests_are_not_logged_and_wait_for_the_oldest() {
    let mut world = World::default();
    let two = Limits { rpm: Some(2), ..Limits::default() };
    let limits = (&two, &Limits::default());
    for _ in 0..2 {
        assert_eq!(asked(&mut world, limits, (KEY, "a"), 0, USUAL), Verdict::Admitted);
    }
    for _ in 0..5 {
        let refusal = refused(asked(&mut world, limits, (KEY, "a"), 0, USUAL));
        assert_eq!((refusal.kind, refusal.retry_after_s), (LimitKind::Rpm, Some(60)));
    }
    assert_eq!(world.tenant.user.rpm(NOW).0, 2);
}

#[test]
fn without_enforcement_everything_is_counted_and_nothing_refused() {
    let mut world = World::default();
    let tight = Limits { rpm: Some(1), concurrent_sessions: Some(1), ..daily(1) };
    let off = Strictness { enforce: false, ..USUAL };
    for session in ["a", "b", "c"] {
        let verdict = asked(&mut world, (&tight, &tight), (KEY, session), 50, off);
        assert_eq!(verdict, Verdict::Admitted);
    }
    assert_eq!((world.tenant.user.held(), world.tenant.sessions.taken()), (Nano(150), 3));
}

#[test]
fn requests_that_do_not_count_meet_the_rate_alone() {
    let mut world = World::default();
    let tight = Limits {
        rpm: Some(1),
        tpm: Some(1),
        concurrent_sessions: Some(1),
        total: Some(Nano(1)),
        ..daily(1)
    };
    let payers = [Dimension::Key(KEY), Dimension::User(ANNA)];
    world.books().charge(&payers, NOW, Some(Nano(5)), 100);
    let sides = payers.map(|payer| side(payer, &tight));
    let none = (Load::default(), false);
    assert_eq!(world.reserve(&sides, (KEY, "a"), none, USUAL), Verdict::Admitted);
    assert_eq!(world.tenant.sessions.taken(), 0);
    let refusal = refused(world.reserve(&sides, (KEY, "a"), none, USUAL));
    assert_eq!(refusal.kind, LimitKind::Rpm);
}

fn everybody() -> [Dimension; 5] {
    [
        Dimension::Key(KEY),
        Dimension::User(ANNA),
        Dimension::Group(Arc::from("team")),
        Dimension::Tag(Arc::from("blue")),
        Dimension::Tag(Arc::from("red")),
    ]
}

#[test]
fn every_owner_refuses_in_its_own_name_and_nobody_counts_what_one_refuses() {
    let load = Load { money: Nano(10), tokens: 10 };
    let cases = [
        (LimitKind::Rpm, Limits { rpm: Some(1), ..Limits::NONE }),
        (LimitKind::Tpm, Limits { tpm: Some(10), ..Limits::NONE }),
        (LimitKind::ConcurrentSessions, Limits { concurrent_sessions: Some(1), ..Limits::NONE }),
        (LimitKind::ConcurrentRequests, Limits { concurrent_requests: Some(1), ..Limits::NONE }),
        (LimitKind::DailyQuota, daily(10)),
    ];
    for (kind, limits) in cases {
        for owner in everybody() {
            let mut world = World::default();
            let sides = everybody().map(|one| {
                let is_limited = one == owner;
                side(one, if is_limited { &limits } else { &Limits::NONE })
            });
            let first = world.reserve(&sides, (KEY, "a"), (load, true), USUAL);
            assert_eq!(first, Verdict::Admitted);
            let refusal = refused(world.reserve(&sides, (KEY, "b"), (load, true), USUAL));
            assert_eq!((refusal.kind, refusal.owner), (kind, owner.owner()));
            assert_eq!(refusal.name.as_ref(), owner.name());
            assert_eq!((world.tenant.user.rpm(NOW).0, world.tenant.user.held()), (1, Nano(10)));
            for account in world.common.values() {
                assert_eq!((account.meter.rpm(NOW).0, account.meter.held_tokens()), (1, 10));
                assert_eq!(account.seats_taken(), 1);
            }
        }
    }
}

#[test]
fn the_truth_replaces_the_tokens_that_were_estimated() {
    let mut world = World::default();
    let limits = Limits { tpm: Some(100), ..Limits::NONE };
    let sides = [side(Dimension::User(ANNA), &limits)];
    let load = |tokens| (Load { money: Nano::ZERO, tokens }, true);
    assert_eq!(world.reserve(&sides, (KEY, "a"), load(80), USUAL), Verdict::Admitted);
    let refusal = refused(world.reserve(&sides, (KEY, "a"), load(30), USUAL));
    assert_eq!((refusal.current, refusal.only_held), (Amount::Count(80), true));
    world.settle(&[Dimension::User(ANNA)], load(80).0, 0, 60);
    assert_eq!(world.reserve(&sides, (KEY, "a"), load(30), USUAL), Verdict::Admitted);
    world.settle(&[Dimension::User(ANNA)], load(30).0, 0, 45);
    let refusal = refused(world.reserve(&sides, (KEY, "a"), load(1), USUAL));
    assert_eq!((refusal.current, refusal.retry_after_s), (Amount::Count(105), Some(60)));
}

#[test]
fn a_place_comes_back_with_the_end_of_a_request() {
    let mut world = World::default();
    let two = Limits { concurrent_requests: Some(2), ..Limits::NONE };
    let limits = (&Limits::NONE, &two);
    assert_eq!(asked(&mut world, limits, (KEY, "a"), 1, USUAL), Verdict::Admitted);
    assert_eq!(asked(&mut world, limits, (KEY, "a"), 1, USUAL), Verdict::Admitted);
    let refusal = refused(asked(&mut world, limits, (KEY, "a"), 1, USUAL));
    assert_eq!(refusal.kind, LimitKind::ConcurrentRequests);
    assert_eq!(asked(&mut world, limits, (OTHER, "a"), 1, USUAL), Verdict::Admitted);
    settle(&mut world, KEY, 1, 0);
    assert_eq!(asked(&mut world, limits, (KEY, "a"), 1, USUAL), Verdict::Admitted);
}

#[test]
fn totals_are_checked_before_sessions_and_these_before_rates_and_windows() {
    let mut world = World::default();
    let all =
        Limits { rpm: Some(1), concurrent_sessions: Some(1), total: Some(Nano(10)), ..daily(10) };
    let no_total = Limits { total: None, ..all.clone() };
    let no_seats = Limits { concurrent_sessions: None, ..no_total.clone() };
    let no_rate = Limits { rpm: None, ..no_seats.clone() };
    let none = Limits::default();
    assert_eq!(asked(&mut world, (&all, &none), (KEY, "a"), 10, USUAL), Verdict::Admitted);
    let mut kind = |limits| refused(asked(&mut world, (limits, &none), (KEY, "b"), 9, USUAL)).kind;
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
        let mut world = World::default();
        let (mut settled, mut open) = (0_i64, Vec::new());
        for (asks, estimate, percent) in steps {
            if asks {
                let held: i64 = open.iter().sum();
                let free = LIMIT - settled - held;
                let verdict = asked(&mut world, sides, (KEY, "a"), estimate, STRICT);
                prop_assert_eq!(verdict == Verdict::Admitted, estimate <= free);
                if estimate <= free {
                    open.push(estimate);
                }
            } else if let Some(hold) = open.pop() {
                let cost = hold * percent / 100;
                settle(&mut world, KEY, hold, cost);
                settled += cost;
            }
            prop_assert_eq!(world.tenant.user.held(), Nano(open.iter().sum()));
            prop_assert!(settled + world.tenant.user.held().0 <= LIMIT);
        }
    }

    /// In the usual mode the limit is passed by no more than true costs exceed what was held.
    #[test]
    fn the_overshoot_is_at_most_what_estimates_missed(
        steps in prop::collection::vec((any::<bool>(), 1_i64..400, 0_i64..400), 1..120),
    ) {
        const LIMIT: i64 = 300;
        let sides = (&daily(LIMIT), &Limits::default());
        let mut world = World::default();
        let (mut settled, mut missed, mut alone, mut open) = (0_i64, 0_i64, 0_i64, Vec::new());
        for (asks, estimate, cost) in steps {
            if asks {
                let before = settled + open.iter().sum::<i64>();
                if asked(&mut world, sides, (KEY, "a"), estimate, USUAL) == Verdict::Admitted {
                    alone = alone.max(before + estimate - LIMIT);
                    open.push(estimate);
                }
            } else if let Some(hold) = open.pop() {
                settle(&mut world, KEY, hold, cost);
                settled += cost;
                missed += (cost - hold).max(0);
            }
            prop_assert!(settled + world.tenant.user.held().0 <= LIMIT + missed + alone);
            prop_assert!(alone < 400, "one request of overshoot");
        }
    }
}

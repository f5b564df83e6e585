//! The shell and its guard: what is held always comes back.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::door::decide;
use super::*;
use crate::domain::caller::Caller;
use crate::domain::catalogue::{Catalogue, Group, LiveSettings};
use crate::domain::check::Dimension;
use crate::domain::counters::{Calendar, MeterView};
use crate::domain::ids::{PriceId, RequestId, SessionId};
use crate::domain::instant::Micros;
use crate::domain::limits::{Costs, LimitKind, LimitOwner, Limits};
use crate::domain::money::{Nano, parse_decimal};
use crate::domain::routing::fallback::Fallbacks;
use crate::domain::usage::Usage;
use crate::shared::counters::{CounterGauges, Counters, Lifetimes};
use crate::shared::outbox::Outbox;
use crate::testing::{TestUniverse, caller, price};

const NOW: Micros = Micros(1_777_982_400_000_000);
/// What `request` is estimated at: 100 output tokens at a thousandth of a cent.
const ESTIMATE: Nano = Nano(1_000_000);

fn counters() -> Arc<Counters> {
    Arc::new(Counters::new(Lifetimes::default()))
}

/// A catalogue in which the group `team` and the tag `blue` have limits.
fn catalogue() -> Arc<Catalogue> {
    let settings = LiveSettings { time_zone: Arc::from("UTC"), ..LiveSettings::default() };
    let of_group = Limits { concurrent_requests: Some(40), ..daily(Nano(6_000_000)) };
    let of_tag = Limits { concurrent_sessions: Some(4), ..daily(Nano(7_000_000)) };
    let group = Group { factor: None, limits: of_group, fallbacks: Fallbacks::default() };
    Arc::new(Catalogue {
        settings: Arc::new(settings),
        groups: Arc::new([(Arc::from("team"), group)].into_iter().collect()),
        tags: Arc::new([(Arc::from("blue"), of_tag)].into_iter().collect()),
        ..Catalogue::default()
    })
}

fn shared() -> [Dimension; 3] {
    let (team, blue, red) = (Arc::from("team"), Arc::from("blue"), Arc::from("red"));
    [Dimension::Group(team), Dimension::Tag(blue), Dimension::Tag(red)]
}

/// Somebody of the group `team` with the tags `blue` and `red`.
fn member(user: i64, limits: Limits) -> Arc<Caller> {
    let mut member = (*caller(user, user, limits, Limits::default())).clone();
    member.groups = Arc::from([Arc::from("team")]);
    member.tags = Arc::from([Arc::from("blue"), Arc::from("red")]);
    Arc::new(member)
}

fn seen(counters: &Counters, dimension: &Dimension, now: Micros) -> MeterView {
    counters.view_common(dimension, &Limits::NONE, &TimeZone::UTC, now)
}

fn request(caller: &Arc<Caller>, session: &str) -> Reserve {
    let ask = Ask {
        model: Some(Arc::from("m")),
        body_bytes: 400,
        max_output: Some(100),
        choices: 1,
        priority: false,
        price: Some(price()),
        factor: Decimal::ONE,
        counts: true,
    };
    let session = SessionId(Arc::from(session));
    let (caller, catalogue) = (Arc::clone(caller), catalogue());
    let (request, patience) = (RequestId([7; 16]), Duration::MAX);
    Reserve { request, caller, session, ask, catalogue, patience, now: NOW }
}

fn bill(cost: Option<Nano>, output: u64) -> Settle {
    let usage = cost.map(|_| Usage { output, ..Usage::default() });
    let cost = cost.map(|charged| Costs { charged, list: Nano::ZERO });
    Settle { cost, usage, input_bytes: 400, now: NOW.plus(Duration::from_secs(1)) }
}

fn daily(limit: Nano) -> Limits {
    Limits { daily: Some(limit), ..Limits::default() }
}

fn anna(limits: Limits) -> Arc<Caller> {
    caller(1, 1, limits, Limits::default())
}

fn spent(counters: &Counters, caller: &Caller) -> Nano {
    counters.view_user(caller.user, &caller.user_limits, &TimeZone::UTC, NOW).daily.amount
}

fn at_rest(gauges: CounterGauges) -> bool {
    let own = (gauges.held, gauges.reservations, gauges.seats, gauges.in_flight);
    let shared = (gauges.shared_held, gauges.held_tokens, gauges.shared_seats);
    own == (Nano::ZERO, 0, 0, 0) && shared == (Nano::ZERO, 0, 0) && gauges.shared_in_flight == 0
}

#[actix::test]
async fn a_reservation_holds_until_it_is_settled() {
    let _universe = TestUniverse::start();
    let counters = counters();
    let limits = RateLimiterHandle::start(Arc::clone(&counters), Rules::default());
    let anna = anna(daily(Nano(1_500_000)));
    let first = limits.reserve(request(&anna, "a")).await.unwrap();
    assert_eq!(first.estimate(), ESTIMATE);
    assert_eq!(counters.gauges(NOW).held, ESTIMATE);
    let refusal = limits.reserve(request(&anna, "a")).await.unwrap_err();
    assert!(refusal.only_held);
    first.settle(bill(Some(Nano(300_000)), 30));
    assert_eq!(spent(&counters, &anna), Nano(300_000));
    assert!(limits.reserve(request(&anna, "a")).await.is_ok());
    let view = limits.observe().await.unwrap();
    assert_eq!((view.admitted, view.refused), (2, 1));
    assert!(at_rest(counters.gauges(NOW.plus(Duration::from_secs(6)))));
}

#[actix::test]
async fn limits_hold_when_the_actor_has_ended() {
    let universe = TestUniverse::start();
    let counters = counters();
    let limits = RateLimiterHandle::start(Arc::clone(&counters), Rules::default());
    limits.addr().try_send(Burst).unwrap();
    universe.settle().await;
    assert!(limits.observe().await.is_err());
    let anna = anna(Limits { concurrent_sessions: Some(1), ..Limits::default() });
    let held = limits.reserve(request(&anna, "a")).await.unwrap();
    let refusal = limits.reserve(request(&anna, "b")).await.unwrap_err();
    assert_eq!(refusal.kind, LimitKind::ConcurrentSessions);
    drop(held);
}

#[derive(actix::Message)]
#[rtype(result = "()")]
struct Burst;

impl actix::Handler<Burst> for RateLimiter {
    type Result = ();

    fn handle(&mut self, _: Burst, _: &mut Self::Context) {
        panic!("the panic of a test");
    }
}

#[test]
fn a_dropped_reservation_gives_everything_back_and_charges_nothing() {
    let counters = counters();
    let anna = anna(daily(Nano(2_000_000)));
    let mut calendar = Calendar::default();
    let held = decide(&counters, Rules::default(), &mut calendar, &request(&anna, "a")).unwrap();
    held.raise(Nano(1_800_000));
    assert_eq!(counters.gauges(NOW).held, Nano(1_800_000));
    drop(held);
    assert!(at_rest(counters.gauges(NOW)));
    assert_eq!(spent(&counters, &anna), Nano::ZERO);
}

#[test]
fn a_dearer_price_or_factor_raises_what_is_held_and_a_cheaper_one_does_not_lower_it() {
    let counters = counters();
    let anna = anna(daily(Nano(20_000_000)));
    let mut calendar = Calendar::default();
    let held = decide(&counters, Rules::default(), &mut calendar, &request(&anna, "a")).unwrap();
    held.raise_for(&price(), Decimal::TWO);
    assert_eq!(counters.gauges(NOW).held, Nano(2_000_000));
    let mut dear = (*price()).clone();
    dear.id = PriceId(2);
    dear.rates.output = parse_decimal("0.00005");
    held.raise_for(&dear, Decimal::ONE);
    held.raise_for(&price(), Decimal::ONE);
    assert_eq!((held.estimate(), counters.gauges(NOW).held), (Nano(5_000_000), Nano(5_000_000)));
    drop(held);
    assert!(at_rest(counters.gauges(NOW)));
}

#[test]
fn a_client_that_left_frees_its_seat_while_the_money_stays_held() {
    let counters = counters();
    let anna = anna(Limits { concurrent_sessions: Some(1), ..Limits::default() });
    let mut calendar = Calendar::default();
    let mut decide =
        |session| decide(&counters, Rules::default(), &mut calendar, &request(&anna, session));
    let mut left = decide("a").unwrap();
    assert!(decide("b").is_err());
    left.release_seat();
    let gauges = counters.gauges(NOW);
    assert_eq!((gauges.seats, gauges.in_flight, gauges.held), (0, 0, ESTIMATE));
    let next = decide("b").unwrap();
    left.settle(bill(Some(Nano(5)), 1));
    drop(next);
    assert!(at_rest(counters.gauges(NOW)));
}

#[test]
fn unknown_usage_adds_nothing_and_is_counted() {
    let counters = counters();
    let anna = anna(Limits::default());
    let held = decide(&counters, Rules::default(), &mut Calendar::default(), &request(&anna, "a"));
    held.unwrap().settle(bill(None, 0));
    assert_eq!(counters.gauges(NOW).unmetered, 1);
    assert_eq!(spent(&counters, &anna), Nano::ZERO);
}

#[test]
fn money_beyond_the_estimate_is_shown_as_overshoot() {
    let counters = counters();
    let held = decide(
        &counters,
        Rules::default(),
        &mut Calendar::default(),
        &request(&anna(Limits::default()), "a"),
    );
    held.unwrap().settle(bill(Some(Nano(1_000_007)), 100));
    assert_eq!(counters.gauges(NOW).overshoot, Nano(7));
}

#[test]
fn finished_requests_teach_the_next_estimate() {
    let counters = counters();
    let anna = anna(Limits::default());
    let mut calendar = Calendar::default();
    let mut unbounded = request(&anna, "a");
    unbounded.ask.max_output = None;
    let cold = decide(&counters, Rules::default(), &mut calendar, &unbounded).unwrap();
    assert_eq!(cold.estimate(), Nano(8_192 * 10_000));
    cold.settle(bill(Some(Nano(1)), 700));
    let warm = decide(&counters, Rules::default(), &mut calendar, &unbounded).unwrap();
    assert_eq!(warm.estimate(), Nano(1_400 * 10_000));
}

#[test]
fn a_group_and_a_tag_limit_all_their_people_together() {
    let counters = counters();
    let mut calendar = Calendar::default();
    let people: Vec<_> = (1..=8).map(|user| member(user, Limits::NONE)).collect();
    let mut held = Vec::new();
    let mut decide = |index: usize, session: &str| {
        decide(&counters, Rules::default(), &mut calendar, &request(&people[index], session))
    };
    for index in 0..4 {
        held.push(decide(index, &format!("s{index}")).unwrap());
    }
    let refusal = decide(4, "s4").unwrap_err();
    assert_eq!((refusal.kind, refusal.owner), (LimitKind::ConcurrentSessions, LimitOwner::Tag));
    assert_eq!(refusal.name.as_deref(), Some("blue"));
    held.push(decide(3, "s3").unwrap());
    held.push(decide(3, "s3").unwrap());
    let refusal = decide(2, "s2").unwrap_err();
    assert_eq!((refusal.kind, refusal.owner), (LimitKind::DailyQuota, LimitOwner::Group));
    assert!(refusal.only_held);
    held.pop().unwrap().settle(bill(Some(ESTIMATE), 100));
    assert!(decide(2, "s2").is_err(), "what was held is spent");
    drop(held);
    assert_eq!(seen(&counters, &shared()[0], NOW).total, ESTIMATE);
    assert_eq!(seen(&counters, &shared()[1], NOW).tpm, 100);
}

/// Asks again for as long as only held money is in the way.
fn patiently(counters: &Arc<Counters>, rules: Rules, request: &Reserve) -> Option<Reservation> {
    loop {
        match decide(counters, rules, &mut Calendar::default(), request) {
            Ok(held) => return Some(held),
            Err(refusal) if refusal.only_held => std::thread::yield_now(),
            Err(_) => return None,
        }
    }
}

/// Two hundred threads at one user in strict mode: whatever the interleaving, what is booked stays
/// within the limit, and the counters return to zero.
#[test]
fn two_hundred_threads_never_exceed_a_strict_limit() {
    let counters = counters();
    let keys: Vec<Arc<Caller>> =
        (1..=5).map(|key| caller(1, key, daily(Nano(10_000_000)), Limits::default())).collect();
    let rules = Rules { enforce: true, strict: true };
    std::thread::scope(|scope| {
        for number in 0..200 {
            let (counters, caller) = (&counters, &keys[number % keys.len()]);
            scope.spawn(move || {
                let session = format!("s{}", number % 7);
                let Some(held) = patiently(counters, rules, &request(caller, &session)) else {
                    return;
                };
                assert!(spent(counters, caller) <= Nano(10_000_000));
                match number % 3 {
                    0 => drop(held),
                    _ => held.settle(bill(Some(ESTIMATE), 100)),
                }
            });
        }
    });
    let booked = spent(&counters, &keys[0]);
    assert_eq!(booked, Nano(10_000_000), "those who waited used it up exactly");
    assert!(at_rest(counters.gauges(NOW.plus(Duration::from_secs(10)))));
}

proptest! {
    /// Whatever becomes of reservations, in the end nothing is held and exactly what was settled
    /// is spent.
    #[test]
    fn nothing_is_left_of_any_history(
        history in prop::collection::vec((0_u8..5, 0_i64..3_000_000, 0_usize..4), 1..80),
    ) {
        let counters = counters();
        let limits = Limits { concurrent_sessions: Some(3), ..daily(Nano(8_000_000)) };
        let people = [member(1, limits.clone()), member(2, limits)];
        let (mut open, mut settled) = (Vec::new(), [Nano::ZERO; 2]);
        let mut calendar = Calendar::default();
        for (step, amount, which) in history {
            let next = open.len().checked_sub(1).map(|last| which.min(last));
            match (step, next) {
                (0 | 1, _) | (_, None) => {
                    let (session, whose) = (format!("s{which}"), which % 2);
                    let request = request(&people[whose], &session);
                    let held = decide(&counters, Rules::default(), &mut calendar, &request);
                    open.extend(held.map(|held| (whose, held)));
                }
                (2, Some(index)) => open[index].1.raise(Nano(amount)),
                (3, Some(index)) => open[index].1.release_seat(),
                (_, Some(index)) if amount % 2 == 0 => {
                    let (whose, held) = open.remove(index);
                    held.settle(bill(Some(Nano(amount)), 10));
                    settled[whose] = settled[whose].plus(Nano(amount));
                }
                (_, Some(index)) => drop(open.remove(index)),
            }
            let held: Nano = open.iter().map(|(_, held)| held.estimate()).sum();
            prop_assert_eq!(counters.gauges(NOW).held, held);
            for dimension in shared() {
                prop_assert_eq!(seen(&counters, &dimension, NOW).held, held);
            }
        }
        drop(open);
        let later = NOW.plus(Duration::from_secs(10));
        prop_assert!(at_rest(counters.gauges(later)));
        for (person, settled) in people.iter().zip(settled) {
            prop_assert_eq!(spent(&counters, person), settled);
        }
        let all = settled[0].plus(settled[1]);
        for dimension in shared() {
            let view = seen(&counters, &dimension, later);
            prop_assert_eq!((view.total, view.daily.amount), (all, all));
            prop_assert_eq!((view.in_flight, view.concurrent_sessions), (0, 0));
        }
    }
}

/// While nodes cannot ask each other, each has its part of what was left, and one estimate at most.
#[test]
fn a_node_that_cannot_ask_the_others_spends_its_part() {
    let outbox = Arc::<Outbox>::default();
    let counters = Arc::new(Counters::new(Lifetimes::default()).telling_to(Arc::clone(&outbox)));
    let anna = anna(daily(Nano(10 * ESTIMATE.0)));
    let spend = || {
        let held =
            decide(&counters, Rules::default(), &mut Calendar::default(), &request(&anna, "a"));
        held.map(|held| held.settle(bill(Some(ESTIMATE), 100)))
    };
    outbox.is_common(2);
    for _ in 0..4 {
        spend().unwrap();
    }
    // The others have heard of all that.
    let told = outbox.take(usize::MAX).1.len();
    outbox.arrived(1, told);
    outbox.is_away();
    let served = (0..20).filter(|_| spend().is_ok()).count();
    assert_eq!(served, 3, "half of the six that were left");
    outbox.is_common(2);
    assert_eq!((0..20).filter(|_| spend().is_ok()).count(), 3);
}

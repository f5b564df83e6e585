//! Tests of the providers' places.

use proptest::prelude::*;

use super::*;
use crate::domain::counters::Load;
use crate::domain::ids::UserId;
use crate::domain::limits::{LimitKind, Limits};
use crate::domain::sharing::{Happened, Reset};
use crate::shared::counters::Lifetimes;
use crate::shared::outbox::Outbox;
use crate::testing::provider;

const NOW: Micros = Micros(1_777_982_400_000_000);
const COST: Nano = Nano(40);

struct World {
    counters: Arc<Counters>,
    leases: Leases,
    zone: Arc<str>,
}

fn world() -> World {
    let counters = Arc::new(Counters::new(Lifetimes::default()));
    let leases = Leases::new(Arc::clone(&counters), true, false);
    World { counters, leases, zone: Arc::from("UTC") }
}

impl World {
    fn take(&self, provider: &Provider, session: &str) -> Result<Lease, Refusal> {
        let session = SessionId(Arc::from(session));
        let load = Load { money: COST, tokens: 10 };
        let want = Want { load, counts: true, now: NOW };
        self.leases.take(provider, &Need { session: Some(&session), want, zone: &self.zone })
    }

    fn is_at_rest(&self) -> bool {
        let gauges = self.counters.gauges(NOW);
        (gauges.shared_held, gauges.shared_in_flight, gauges.shared_seats) == (Nano::ZERO, 0, 0)
    }
}

fn costs(charged: i64) -> Costs {
    Costs { charged: Nano(charged), list: Nano(3 * charged) }
}

fn limited(limits: Limits) -> Provider {
    Provider { limits, ..provider(1) }
}

#[test]
fn a_dropped_lease_gives_its_place_to_the_next() {
    let world = world();
    let one = limited(Limits { concurrent_requests: Some(1), ..Limits::NONE });
    let first = world.take(&one, "a").unwrap();
    let refusal = world.take(&one, "a").unwrap_err();
    assert_eq!(refusal.kind, LimitKind::ConcurrentRequests);
    assert!(world.take(&provider(2), "a").is_ok(), "another provider has its own");
    assert_eq!(world.leases.view(), [(ProviderId(1), 1)]);
    drop(first);
    assert_eq!((world.leases.view(), world.is_at_rest()), (vec![], true));
    assert!(world.take(&one, "a").is_ok());
}

#[test]
fn requests_of_one_session_share_its_place() {
    let world = world();
    let one = limited(Limits { concurrent_sessions: Some(1), ..Limits::NONE });
    let held = [world.take(&one, "a").unwrap(), world.take(&one, "a").unwrap()];
    assert_eq!(world.take(&one, "b").unwrap_err().kind, LimitKind::ConcurrentSessions);
    drop(held);
    assert!(world.take(&one, "b").is_ok());
    assert!(world.is_at_rest());
}

#[test]
fn what_runs_is_held_and_what_is_charged_stays() {
    let world = world();
    let one = limited(Limits { daily: Some(Nano(100)), ..Limits::NONE });
    let mut first = world.take(&one, "a").unwrap();
    let second = world.take(&one, "a").unwrap();
    assert!(world.take(&one, "a").unwrap_err().only_held);
    first.charge((RequestId([1; 16]), NOW, NOW), Some(costs(70)), 12);
    drop((first, second));
    assert!(world.is_at_rest());
    let dimension = Dimension::Provider(ProviderId(1));
    let zone = jiff::tz::TimeZone::UTC;
    let view = world.counters.view_common(&dimension, &one.limits, &zone, NOW);
    assert_eq!((view.daily.amount, view.total, view.tpm), (Nano(70), Nano(70), 12));
    let last = world.take(&one, "a").unwrap();
    assert!(world.take(&one, "a").is_err());
    drop(last);
    let midnight = view.daily.resets_at;
    let mut spent = world.take(&one, "a").unwrap();
    spent.charge((RequestId([2; 16]), NOW, NOW), Some(costs(30)), 0);
    drop(spent);
    let refusal = world.take(&one, "a").unwrap_err();
    assert_eq!((refusal.kind, refusal.resets_at), (LimitKind::DailyQuota, midnight));
}

proptest! {
    /// Whatever becomes of leases, in the end nothing of a provider is held, and exactly what was
    /// charged is spent; what is held meanwhile is what the leases hold.
    #[test]
    fn nothing_is_left_of_any_history(
        history in prop::collection::vec((0_u8..5, 0_i64..120, 0_usize..4), 1..80),
    ) {
        let world = world();
        let limits = Limits {
            concurrent_requests: Some(5),
            concurrent_sessions: Some(3),
            total: Some(Nano(900)),
            ..Limits::NONE
        };
        let one = limited(limits.clone());
        let (mut open, mut spent) = (Vec::<Lease>::new(), 0);
        for (step, amount, which) in history {
            let next = open.len().checked_sub(1).map(|last| which.min(last));
            match (step, next) {
                (0 | 1, _) | (_, None) => open.extend(world.take(&one, &format!("s{which}"))),
                (2, Some(index)) => open[index].raise(Nano(amount)),
                (3, Some(index)) => {
                    open.remove(index).charge((RequestId([1; 16]), NOW, NOW), Some(costs(amount)), 7);
                    spent += amount;
                }
                (_, Some(index)) => drop(open.remove(index)),
            }
            let held: Nano = open.iter().map(|lease| lease.claim.load().money).sum();
            prop_assert_eq!(world.counters.gauges(NOW).shared_held, held);
            prop_assert!(open.len() <= 5);
        }
        drop(open);
        prop_assert!(world.is_at_rest());
        let dimension = Dimension::Provider(ProviderId(1));
        let zone = jiff::tz::TimeZone::UTC;
        let view = world.counters.view_common(&dimension, &limits, &zone, NOW);
        prop_assert_eq!((view.total, view.in_flight), (Nano(spent), 0));
    }
}

#[test]
fn what_is_charged_behind_a_cut_has_ended_behind_it_whatever_the_clock_says() {
    let outbox = Arc::new(Outbox::default());
    let counters = Counters::new(Lifetimes::default()).telling_to(Arc::clone(&outbox));
    let counters = Arc::new(counters);
    let leases = Leases::new(Arc::clone(&counters), true, false);
    let cut = NOW.plus(Duration::from_secs(1));
    let owner = Dimension::Provider(ProviderId(1));
    counters.hear_reset(&Reset { owner, user: UserId(0), at: cut });
    let world = World { counters, leases, zone: Arc::from("UTC") };
    let mut lease = world.take(&provider(1), "a").unwrap();
    lease.charge((RequestId([1; 16]), NOW, NOW), Some(costs(7)), 3);
    let (_, told) = outbox.take(9);
    let [Happened::Charged(charge)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((charge.at, charge.ended), (NOW, cut));
}

//! The shell: leases and permits are taken with the choice and given back by `Drop`.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::common_counter::CommonCounter;
use crate::domain::catalogue::Catalogue;
use crate::domain::check::Dimension;
use crate::domain::counters::Load;
use crate::domain::decision::{Exclusion, Method};
use crate::domain::dialect::{Dialect, Operation};
use crate::domain::ids::ProviderId;
use crate::domain::instant::Micros;
use crate::domain::money::Nano;
use crate::domain::outcome::TryOutcome;
use crate::domain::provider::Provider;
use crate::domain::sharing::{LogPlace, SharedAnswer};
use crate::domain::verdict::Used;
use crate::ports::SharedCounters;
use crate::shared::breakers::Breakers;
use crate::shared::counters::{Counters, Lifetimes};
use crate::shared::lacking::Lacking;
use crate::shared::leases::Leases;
use crate::shared::outbox::Outbox;
use crate::testing::{MemoryShared, caller_of as caller, provider};

const NOW: Micros = Micros(1_772_452_800_000_000);

struct World {
    breakers: Arc<Breakers>,
    leases: Arc<Leases>,
    lacking: Arc<Lacking>,
    outbox: Arc<Outbox>,
    pool: ProviderPoolHandle,
    providers: Vec<Provider>,
}

fn world() -> World {
    let outbox = Arc::<Outbox>::default();
    let counters = Counters::new(Lifetimes::default()).telling_to(Arc::clone(&outbox));
    let leases = Arc::new(Leases::new(Arc::new(counters), true, false));
    let breakers = Arc::new(Breakers::new(false));
    let lacking = Arc::new(Lacking::default());
    let outlook = Outlook {
        breakers: Arc::clone(&breakers),
        leases: Arc::clone(&leases),
        lacking: Arc::clone(&lacking),
    };
    let pool = ProviderPoolHandle::start(outlook);
    let mut providers = vec![provider(1), provider(2)];
    // The second one is the reserve.
    providers[1].priority = 1;
    World { breakers, leases, lacking, outbox, pool, providers }
}

impl World {
    async fn choose(&self, now: Micros) -> Result<Chosen, NoneEligible> {
        self.choose_for(Operation::Generate, now).await
    }

    async fn choose_for(&self, operation: Operation, now: Micros) -> Result<Chosen, NoneEligible> {
        let providers: Vec<_> = self.providers.iter().cloned().map(Arc::new).collect();
        let catalogue = Catalogue { providers: providers.into(), ..Catalogue::default() };
        let question = Choose {
            caller: Arc::new(caller("a")),
            dialect: Dialect::Anthropic,
            operation,
            converts: false,
            model: Some(Arc::from("sonnet")),
            catalogue: Arc::new(catalogue),
            client: Arc::default(),
            session: None,
            load: Load::default(),
            counts: true,
            bound: None,
            vendor: None,
            tried: Vec::new(),
            full: Vec::new(),
            broken: None,
            seed: 1,
            now,
        };
        self.pool.choose(question).await
    }

    fn open(&self, index: usize) {
        let provider = &self.providers[index];
        for _ in 0..provider.breaker.threshold {
            let fault = TryOutcome::ProviderFault;
            self.breakers.record(provider.id, &provider.breaker, fault, None, NOW);
        }
    }
}

#[actix::test]
async fn a_full_provider_is_passed_over_until_a_lease_is_dropped() {
    let mut world = world();
    world.providers[0].limits.concurrent_requests = Some(1);
    let first = world.choose(NOW).await.unwrap();
    let second = world.choose(NOW).await.unwrap();
    assert_eq!((first.provider.id, second.provider.id), (ProviderId(1), ProviderId(2)));
    assert_eq!(second.decision.excluded[&Exclusion::ConcurrencyLimit], [ProviderId(1)]);
    assert_eq!(world.leases.view(), [(ProviderId(1), 1), (ProviderId(2), 1)]);
    drop(first);
    assert_eq!(world.choose(NOW).await.unwrap().provider.id, ProviderId(1));
    drop(second);
    assert_eq!(world.leases.view(), []);
}

#[actix::test]
async fn an_open_provider_is_probed_by_one_request_at_a_time_and_a_drop_frees_the_probe() {
    let mut world = world();
    world.providers[0].weight = NonZeroU32::new(9).unwrap();
    world.open(0);
    let meanwhile = world.choose(NOW).await.unwrap();
    assert_eq!(meanwhile.decision.excluded[&Exclusion::CircuitOpen], [ProviderId(1)]);
    let later = NOW.plus(Duration::from_mins(31));
    for _ in 0..3 {
        let probe = world.choose(later).await.unwrap();
        assert_eq!((probe.provider.id, probe.permit.is_some()), (ProviderId(1), true));
        let other = world.choose(later).await.unwrap();
        assert_eq!((other.provider.id, other.permit.is_some()), (ProviderId(2), false));
        assert_eq!(other.decision.excluded[&Exclusion::ProbesOut], [ProviderId(1)]);
    }
    let view = world.pool.observe().await.unwrap();
    assert_eq!((view.drawn, view.probes, view.sticky, view.none), (7, 3, 0, 0));
}

#[actix::test]
async fn who_lacks_a_model_is_passed_over_by_requests_that_generate_with_it() {
    let world = world();
    world.lacking.note(&Arc::new(world.providers[0].clone()), "sonnet", NOW);
    let chosen = world.choose(NOW).await.unwrap();
    assert_eq!(chosen.provider.id, ProviderId(2));
    assert_eq!(chosen.decision.excluded[&Exclusion::LacksModel], [ProviderId(1)]);
    let until = NOW.plus(Duration::from_mins(5));
    assert_eq!(chosen.decision.room_at, [(ProviderId(1), until)]);
    let counts = world.choose_for(Operation::CountTokens, NOW).await.unwrap();
    assert_eq!(counts.provider.id, ProviderId(1), "it may count tokens all the same");
    assert_eq!(world.choose(until).await.unwrap().provider.id, ProviderId(1));
}

#[actix::test]
async fn the_only_provider_is_asked_although_its_connection_just_failed() {
    let world = world();
    let fault = TryOutcome::TransportFault;
    for index in [0, 1] {
        let provider = &world.providers[index];
        world.breakers.record(provider.id, &provider.breaker, fault, None, NOW);
        // The reserve goes first while the other one rests; when both do, the better tier does.
        let expected = if index == 0 { ProviderId(2) } else { ProviderId(1) };
        assert_eq!(world.choose(NOW).await.unwrap().provider.id, expected);
    }
}

#[actix::test]
async fn when_everybody_pauses_the_answer_says_for_how_long() {
    let world = world();
    world.open(0);
    let wait = Some(Duration::from_secs(20));
    world.breakers.record_overload(ProviderId(2), wait, NOW);
    let none = world.choose(NOW).await.unwrap_err();
    let waiting = Waiting { somebody: true, cools: true, any_moment: false, first: wait };
    assert_eq!(none.waiting, waiting);
    assert_eq!(none.decision.method, Method::Draw);
    assert_eq!(explain::replay(&none.decision), None);
}

/// A pool that asks a common counter in memory.
fn sharing(world: &World) -> (Arc<MemoryShared>, Arc<Outbox>, ProviderPoolHandle) {
    let (shared, outbox) = (Arc::<MemoryShared>::default(), Arc::clone(&world.outbox));
    let common = CommonCounter::new(shared.door().unwrap(), Arc::clone(&outbox));
    (shared, outbox, world.pool.clone().confirming(common))
}

fn refused_at(settled: i64) -> SharedAnswer {
    SharedAnswer::Refused { check: 0, used: Used { settled, ..Used::default() } }
}

#[actix::test]
async fn the_common_counter_is_asked_for_providers_with_limits_alone() {
    let mut world = world();
    let (shared, _, pool) = sharing(&world);
    world.pool = pool;
    drop(world.choose(NOW).await.unwrap());
    assert!(shared.seen().asked.is_empty(), "nothing is limited");
    world.providers[0].limits.concurrent_requests = Some(2);
    let chosen = world.choose(NOW).await.unwrap();
    let asked = shared.seen().asked;
    let [asked] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!(asked.checks[0].dimension, Dimension::Provider(chosen.provider.id));
}

#[actix::test]
async fn who_is_full_over_all_nodes_is_left_out_with_the_reason_of_its_limit() {
    let mut world = world();
    let (shared, _, pool) = sharing(&world);
    world.pool = pool;
    world.providers[0].limits.concurrent_requests = Some(2);
    shared.will_answer(refused_at(2));
    let chosen = world.choose(NOW).await.unwrap();
    assert_eq!(chosen.provider.id, ProviderId(2));
    assert_eq!(chosen.decision.excluded[&Exclusion::ConcurrencyLimit], [ProviderId(1)]);
    assert_eq!(explain::replay(&chosen.decision), Some(ProviderId(2)));
    assert_eq!(world.leases.view(), [(ProviderId(2), 1)], "its place was given back");
    drop(chosen);
    world.providers.truncate(1);
    shared.will_answer(refused_at(2));
    let none = world.choose(NOW).await.unwrap_err();
    assert_eq!(none.decision.excluded[&Exclusion::ConcurrencyLimit], [ProviderId(1)]);
    assert_eq!(world.leases.view(), []);
}

#[actix::test]
async fn windows_that_the_common_counter_does_not_know_are_told() {
    let mut world = world();
    let (shared, _, pool) = sharing(&world);
    world.pool = pool;
    world.providers[0].limits.daily = Some(Nano(100));
    shared.will_answer(SharedAnswer::Unknown(vec![Dimension::Provider(ProviderId(1))]));
    assert_eq!(world.choose(NOW).await.unwrap().provider.id, ProviderId(1));
    let seen = shared.seen();
    assert_eq!((seen.asked.len(), seen.told.len()), (2, 1));
}

#[actix::test]
async fn a_common_counter_that_does_not_answer_costs_one_question() {
    let mut world = world();
    let (shared, outbox, pool) = sharing(&world);
    world.pool = pool;
    world.providers[0].limits.concurrent_requests = Some(2);
    shared.go_away();
    let chosen = world.choose(NOW).await.unwrap();
    assert_eq!((chosen.provider.id, outbox.answers()), (ProviderId(1), false));
    shared.come_back();
    let other = world.choose(NOW).await.unwrap();
    assert_eq!(other.provider.id, ProviderId(1), "two places here: nobody else was ever seen");
    assert!(shared.seen().asked.is_empty(), "nobody asks until a beat was answered");
}

#[actix::test]
async fn who_has_not_heard_of_a_cut_takes_its_part_and_goes_on_asking_about_others() {
    let mut world = world();
    let (shared, outbox, pool) = sharing(&world);
    world.pool = pool;
    outbox.is_common(2);
    for provider in &mut world.providers {
        provider.limits.concurrent_requests = Some(2);
    }
    let unknown = || SharedAnswer::Unknown(vec![Dimension::Provider(ProviderId(1))]);
    shared.will_answer(unknown());
    shared.refuse_windows();
    let first = world.choose(NOW).await.unwrap();
    assert_eq!((first.provider.id, outbox.answers()), (ProviderId(1), true));
    assert_eq!(shared.seen().asked.len(), 1, "it is asked no further");
    let second = world.choose(NOW).await.unwrap();
    assert_eq!(second.provider.id, ProviderId(2), "one of two places is this node's");
    assert_eq!(shared.seen().asked.len(), 2, "about the other one it is asked");
    outbox.heard(LogPlace(Arc::from("1-0")));
    let third = world.choose(NOW).await.unwrap();
    assert_eq!((third.provider.id, shared.seen().asked.len()), (ProviderId(1), 3));
}

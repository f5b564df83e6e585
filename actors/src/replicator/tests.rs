//! The replicator of one node, and a common counter in memory in place of the other nodes.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::*;
use crate::common_counter::{CommonCounter, Word};
use crate::domain::breaker::{Gate, Standing, Transition};
use crate::domain::breaker_key::BreakerKey;
use crate::domain::breaker_view::BreakerState;
use crate::domain::catalogue::Catalogue;
use crate::domain::check::Dimension;
use crate::domain::counters::{Load, MeterView};
use crate::domain::ids::{ProviderId, RequestId};
use crate::domain::instant::Micros;
use crate::domain::limits::Limits;
use crate::domain::money::Nano;
use crate::domain::outcome::TryOutcome;
use crate::domain::provider::Provider;
use crate::domain::sharing::{Charge, Happened, OVERLAP, SharedAnswer, Told};
use crate::domain::verdict::{Used, Want};
use crate::ports::{LedgerSink, SharedCounters};
use crate::publish::Published;
use crate::shared::breakers::Breakers;
use crate::shared::counters::{Counters, Lifetimes};
use crate::shared::leases::{Lease, Leases, Need};
use crate::shared::outbox::Outbox;
use crate::testing::{MemoryLedger, MemoryShared, TestUniverse, provider, row};

const P: ProviderId = ProviderId(1);
/// A provider without limits.
const OTHER: ProviderId = ProviderId(2);
/// Timers end on whole milliseconds of a clock that began earlier.
const A_BIT: Duration = Duration::from_millis(5);
/// No request takes longer.
const LONGEST: Duration = Duration::from_hours(1);
/// A beat later.
const BEAT: Duration = Duration::from_secs(2).saturating_add(A_BIT);
/// A look later: at a common counter that is away, or at the breakers.
const LOOK: Duration = Duration::from_millis(500).saturating_add(A_BIT);

/// One node with a provider of ten places.
struct Node {
    universe: TestUniverse,
    shared: Arc<MemoryShared>,
    ledger: Arc<MemoryLedger>,
    outbox: Arc<Outbox>,
    counters: Arc<Counters>,
    breakers: Arc<Breakers>,
    changes: Arc<Mutex<Vec<Transition>>>,
    provider: Provider,
    replicator: ReplicatorHandle,
}

impl Node {
    /// Starts it, and lets it beat for the first time.
    async fn start() -> Self {
        let node = Self::launch(|_, _| ());
        node.replicator.seeded(node.counted(&[]));
        node.universe.advance(A_BIT).await;
        node
    }

    /// What a start has counted that read the ledger now, and found these rows.
    fn counted(&self, rows: &[u8]) -> Counted {
        let rows = rows.iter().map(|number| id(*number)).collect();
        Counted::new(self.universe.now(), LONGEST, rows)
    }

    /// Starts it. `before` sees the common counter first, and the time.
    fn launch(before: impl FnOnce(&MemoryShared, Micros)) -> Self {
        let universe = TestUniverse::start();
        let (shared, ledger) = (Arc::<MemoryShared>::default(), Arc::<MemoryLedger>::default());
        before(&shared, universe.now());
        let outbox = Arc::<Outbox>::default();
        let counters = Counters::new(Lifetimes::default()).telling_to(Arc::clone(&outbox));
        let (counters, breakers) = (Arc::new(counters), Arc::new(Breakers::new(false)));
        let changes = Arc::<Mutex<Vec<Transition>>>::default();
        let announced = Arc::clone(&changes);
        let limits = Limits { concurrent_requests: Some(10), ..Limits::NONE };
        let (provider, other) = (Provider { limits, ..provider(P.0) }, provider(OTHER.0));
        let providers = Arc::from([provider.clone(), other].map(Arc::new));
        let catalogue = Catalogue { providers, ..Catalogue::default() };
        let replicator = ReplicatorHandle::start(ReplicatorPorts {
            shared: Arc::new(Arc::clone(&shared)),
            shared_breakers: Arc::new(Arc::clone(&shared)),
            counters: Arc::clone(&counters),
            breakers: Arc::clone(&breakers),
            announce: Arc::new(move |told| announced.lock().extend(told)),
            outbox: Arc::clone(&outbox),
            catalogue: Published::fixed(Arc::new(catalogue)),
            ledger: Arc::clone(&ledger) as Arc<dyn LedgerSink>,
            clock: universe.clock(),
        });
        Self { universe, shared, ledger, outbox, counters, breakers, changes, provider, replicator }
    }

    /// Takes a place at the provider, over all nodes.
    async fn take(&self) -> Lease {
        let leases = Leases::new(Arc::clone(&self.counters), true, false);
        let load = Load { money: Nano(70), tokens: 5 };
        let want = Want { load, counts: true, now: self.universe.now() };
        let need = Need { session: None, want, zone: &Arc::from("UTC") };
        let common = CommonCounter::new(self.shared.door().unwrap(), Arc::clone(&self.outbox));
        match common.confirm(leases.take(&self.provider, &need).unwrap()).await {
            Word::Held(lease) => lease,
            Word::Refused(_) | Word::Away => panic!("it has room"),
        }
    }

    fn tell(&self, number: u8) {
        self.outbox.tell(Happened::Charged(charge(number, self.universe.now())));
    }

    /// Returns what the provider has spent, as this node knows it.
    fn spent(&self) -> Nano {
        let (of, zone) = (Dimension::Provider(P), jiff::tz::TimeZone::UTC);
        let view: MeterView =
            self.counters.view_common(&of, &Limits::NONE, &zone, self.universe.now());
        view.total
    }

    fn batches(&self) -> Vec<(u64, usize, usize)> {
        let batches = self.shared.seen().batches;
        batches.iter().map(|one| (one.number, one.moved.len(), one.charged.len())).collect()
    }
}

fn id(number: u8) -> RequestId {
    RequestId([number; 16])
}

/// A charge of the provider: as many nano-dollars as its number says.
fn charge(number: u8, at: Micros) -> Charge {
    Charge {
        request: Some(id(number)),
        user: None,
        owners: vec![Dimension::Provider(P)],
        at,
        ended: at,
        booked: None,
        cost: Nano(i64::from(number)),
        tokens: 0,
    }
}

fn opened(version: u64, until: Micros) -> Standing {
    Standing {
        key: BreakerKey::from(P),
        state: BreakerState::Open,
        since: until,
        until: Some(until),
        version,
        reason: Arc::from("told"),
    }
}

#[actix::test]
async fn a_batch_whose_answer_was_lost_is_told_again_with_its_number() {
    let node = Node::start().await;
    node.shared.lose_answers(2);
    node.tell(7);
    node.universe.settle().await;
    assert_eq!(node.batches(), [(1, 0, 1)]);
    assert!(!node.outbox.is_empty(), "nobody has confirmed it");
    node.tell(8);
    node.universe.advance(LOOK).await;
    assert_eq!(node.batches(), [(1, 0, 1), (1, 0, 1)], "what came later waits behind it");
    node.universe.advance(LOOK).await;
    node.universe.advance(A_BIT).await;
    assert_eq!(node.batches(), [(1, 0, 1), (1, 0, 1), (1, 0, 1), (2, 0, 1)]);
    assert!(node.outbox.is_empty());
    let costs: Vec<i64> = node.shared.seen().charges().iter().map(|one| one.cost.0).collect();
    assert_eq!(costs, [7, 8]);
}

#[actix::test]
async fn a_beat_says_what_is_held_and_strips_what_has_moved() {
    let node = Node::start().await;
    let mut lease = node.take().await;
    node.universe.advance(BEAT).await;
    let held = |beat: &[crate::domain::sharing::Standing]| {
        let [one] = beat else { panic!("{beat:?}") };
        assert_eq!(one.dimension, Dimension::Provider(P));
        (one.money, one.tokens, one.running)
    };
    assert_eq!(held(node.shared.seen().beats.last().unwrap()), (70, 5, 1));
    // A movement whose answer was lost is in what the next beat says: it is not told twice.
    node.shared.lose_answers(1);
    lease.raise(Nano(100));
    node.universe.settle().await;
    assert_eq!(node.batches(), [(1, 1, 0)]);
    node.universe.advance(LOOK).await;
    assert_eq!(node.batches(), [(1, 1, 0), (1, 0, 0)], "its number stays");
    assert_eq!(held(node.shared.seen().beats.last().unwrap()), (100, 5, 1));
    drop(lease);
    node.universe.advance(BEAT).await;
    assert_eq!(held(node.shared.seen().beats.last().unwrap()), (0, 0, 0));
    for _ in 0..2 {
        node.universe.advance(BEAT).await;
    }
    assert!(node.shared.seen().beats.last().unwrap().is_empty(), "who rests is forgotten");
}

/// Two changes of what is held: one whose answer was lost, and one that waits behind it.
async fn two_changes(node: &Node, lease: &mut Lease) {
    node.shared.lose_answers(1);
    lease.raise(Nano(100));
    node.universe.settle().await;
    lease.raise(Nano(130));
    node.universe.settle().await;
    assert_eq!(node.batches(), [(1, 1, 0)]);
}

#[actix::test]
async fn what_has_moved_is_told_once_of_those_whom_a_beat_has_skipped() {
    let node = Node::start().await;
    let mut lease = node.take().await;
    two_changes(&node, &mut lease).await;
    node.shared.will_skip(Dimension::Provider(P));
    node.universe.advance(LOOK).await;
    node.universe.advance(A_BIT).await;
    assert_eq!(node.batches(), [(1, 1, 0), (1, 1, 0), (2, 1, 0)], "the first one has its number");
    let moved = node.shared.seen().batches.last().map(|batch| batch.moved[0].money);
    assert_eq!(moved, Some(30));
    node.universe.advance(BEAT).await;
    assert_eq!(node.batches().len(), 3);
}

#[actix::test]
async fn what_a_beat_without_an_answer_has_said_or_skipped_is_said_by_the_next_one() {
    let node = Node::start().await;
    let mut lease = node.take().await;
    two_changes(&node, &mut lease).await;
    node.shared.will_skip(Dimension::Provider(P));
    node.shared.lose_beats(1);
    node.universe.advance(LOOK).await;
    assert_eq!((node.batches().len(), node.outbox.answers()), (1, false));
    node.universe.advance(LOOK).await;
    assert_eq!(node.batches(), [(1, 1, 0), (1, 0, 0)], "nothing counts twice");
    assert_eq!(node.shared.seen().beats.last().unwrap()[0].money, 130);
}

#[actix::test]
async fn nothing_is_lost_over_an_outage() {
    let node = Node::start().await;
    node.shared.go_away();
    for _ in 0..3 {
        for number in 1..=200 {
            node.tell(number);
        }
        node.universe.advance(BEAT).await;
    }
    let view = node.replicator.observe().await.unwrap();
    assert_eq!((view.there, view.lost), (false, 0));
    assert!(node.shared.seen().charges().is_empty());
    node.shared.come_back();
    node.universe.advance(BEAT).await;
    for _ in 0..3 {
        node.universe.advance(A_BIT).await;
    }
    let mut told: Vec<i64> = node.shared.seen().charges().iter().map(|one| one.cost.0).collect();
    assert_eq!(told.len(), 600);
    assert!(node.batches().iter().all(|(_, _, count)| *count <= 256), "{:?}", node.batches());
    told.sort_unstable();
    let all: Vec<i64> = (1..=200).flat_map(|number| [number; 3]).collect();
    assert_eq!(told, all);
    assert!(node.outbox.is_empty());
}

#[actix::test]
async fn the_overlap_at_the_start_counts_what_was_not_read() {
    let node = Node::launch(|shared, now| {
        let long_ago = now.minus(LONGEST * 3);
        for (number, at) in [(1, now), (2, now), (4, now), (8, long_ago), (16, long_ago)] {
            shared.push(Told::Charged(charge(number, at)));
        }
    });
    node.replicator.located().await;
    node.universe.settle().await;
    assert_eq!(node.shared.seen().located, [OVERLAP]);
    assert_eq!(node.spent(), Nano::ZERO, "nothing counts before the ledger was read");
    node.ledger.write(&[row(id(1)), row(id(8))]).await.unwrap();
    let counted = node.counted(&[1]);
    // What is written between the reading of the sums and the reading of the log is in no sum.
    node.ledger.write(&[row(id(2))]).await.unwrap();
    node.replicator.seeded(counted);
    node.universe.settle().await;
    assert_eq!(node.spent(), Nano(2 + 4 + 16), "the sums had the first; the ledger has an old one");
    // Behind the overlap nothing is looked up: what comes then was not there when it was read.
    node.universe.advance(BEAT).await;
    let calls = node.ledger.switches.calls();
    node.shared.push(Told::Charged(charge(40, node.universe.now())));
    node.universe.settle().await;
    assert_eq!((node.spent(), node.ledger.switches.calls()), (Nano(62), calls));
    assert_eq!(node.replicator.observe().await.unwrap().heard, 6);
}

#[actix::test]
async fn a_start_that_finds_the_log_late_reads_it_from_before_the_ledger_was_read() {
    let node = Node::launch(|shared, _| shared.go_away());
    node.universe.settle().await;
    node.replicator.seeded(node.counted(&[]));
    let late = LOOK * 90;
    node.universe.advance(late).await;
    node.shared.come_back();
    node.universe.advance(LOOK).await;
    assert_eq!(node.shared.seen().located, [OVERLAP + late + LOOK]);
}

#[actix::test]
async fn breakers_of_others_are_adopted_and_those_of_this_node_are_put() {
    let node = Node::start().await;
    let until = node.universe.now().plus(Duration::from_mins(5));
    node.shared.set_breakers(vec![opened(9, until)]);
    node.universe.advance(LOOK).await;
    let cfg = &node.provider.breaker;
    assert_eq!(node.breakers.check(P, cfg, node.universe.now()), Gate::Open { until });
    assert_eq!(node.changes.lock().len(), 1, "people hear of it");
    assert_eq!(node.shared.seen().put, [], "what came from there does not go back");
    // An emptied store closes what was there.
    node.shared.set_breakers(Vec::new());
    node.universe.advance(LOOK).await;
    assert_eq!(node.breakers.check(P, cfg, node.universe.now()), Gate::Pass);

    for _ in 0..cfg.threshold {
        let fault = TryOutcome::ProviderFault;
        node.breakers.record(OTHER, cfg, fault, None, node.universe.now());
    }
    node.universe.advance(LOOK).await;
    let put = node.shared.seen().put;
    let [put] = put.as_slice() else { panic!("{put:?}") };
    assert_eq!((put.key, put.state), (BreakerKey::from(OTHER), BreakerState::Open));
    node.universe.advance(LOOK).await;
    assert_eq!(node.shared.seen().put.len(), 1, "once is enough");
}

#[actix::test]
async fn who_wants_to_probe_takes_the_right_to_it_first() {
    let node = Node::start().await;
    let until = node.universe.now().plus(LOOK / 2);
    node.shared.set_breakers(vec![opened(3, until)]);
    node.universe.advance(LOOK).await;
    let cfg = &node.provider.breaker;
    assert!(node.breakers.admit(P, cfg, node.universe.now()).is_err(), "another may be probing");
    node.universe.advance(LOOK).await;
    assert_eq!(node.shared.seen().leases, [BreakerKey::from(P)]);
    let permit = node.breakers.admit(P, cfg, node.universe.now()).unwrap();
    assert!(permit.is_some());
}

#[actix::test]
async fn what_is_left_is_divided_while_the_common_counter_is_away() {
    let node = Node::start().await;
    node.shared.has_nodes(3);
    node.universe.advance(BEAT).await;
    let share = || node.counters.share(None);
    assert_eq!((node.outbox.nodes(), share()), (3, 1));
    node.shared.go_away();
    node.universe.advance(BEAT).await;
    assert_eq!(share(), 3);
    node.shared.come_back();
    node.universe.advance(LOOK).await;
    assert_eq!(share(), 1);
}

#[actix::test]
async fn what_is_left_stays_divided_until_all_nodes_have_told_what_they_spent_meanwhile() {
    let node = Node::start().await;
    node.shared.has_nodes(2);
    node.universe.advance(BEAT).await;
    node.shared.go_away();
    node.universe.advance(BEAT).await;
    for number in 1..=200 {
        node.tell(number);
        node.tell(number);
    }
    node.universe.settle().await;
    // The other one is not there yet.
    node.shared.has_nodes(1);
    node.shared.has_told(1);
    node.shared.come_back();
    node.universe.advance(LOOK).await;
    assert_eq!((node.shared.is_there(), node.counters.share(None)), (true, 2));
    assert!(!node.shared.seen().progress.last().unwrap().told);
    for _ in 0..3 {
        node.universe.advance(A_BIT).await;
    }
    assert!(node.outbox.is_empty());
    node.universe.advance(LOOK).await;
    let progress = *node.shared.seen().progress.last().unwrap();
    assert!(progress.told && progress.since >= LOOK, "{progress:?}");
    assert_eq!(node.counters.share(None), 2, "its own is told, and the other's is not");
    node.shared.has_nodes(2);
    node.shared.has_told(2);
    node.universe.advance(LOOK).await;
    assert_eq!(node.counters.share(None), 1);
}

#[actix::test]
async fn who_does_not_come_back_is_waited_for_some_seconds() {
    let node = Node::start().await;
    node.shared.has_nodes(2);
    node.universe.advance(BEAT).await;
    node.shared.go_away();
    node.universe.advance(BEAT).await;
    node.shared.has_told(1);
    node.shared.come_back();
    for _ in 0..10 {
        node.universe.advance(LOOK).await;
        assert_eq!(node.counters.share(None), 2);
    }
    node.universe.advance(LOOK).await;
    assert_eq!(node.counters.share(None), 1);
}

#[actix::test]
async fn a_node_that_goes_tells_the_rest_and_is_silent_from_then_on() {
    let node = Node::start().await;
    node.tell(7);
    node.replicator.leave().await;
    let seen = node.shared.seen();
    assert_eq!((seen.charges().len(), seen.left), (1, 1));
    node.tell(8);
    node.universe.advance(BEAT * 3).await;
    let after = node.shared.seen();
    assert_eq!((after.beats.len(), after.batches.len()), (seen.beats.len(), seen.batches.len()));
    node.replicator.leave().await;
    assert_eq!(node.shared.seen().left, 1, "once");
}

#[actix::test]
async fn a_node_does_not_wait_long_to_say_that_it_goes() {
    let node = Node::start().await;
    node.shared.go_away();
    node.tell(7);
    node.replicator.leave().await;
    assert_eq!(node.shared.seen().left, 0);
}

#[actix::test]
async fn a_question_without_an_answer_in_time_closes_the_way_and_is_probed_soon() {
    let node = Node::start().await;
    node.universe.advance(A_BIT).await;
    node.shared.be_slow(Duration::from_secs(3));
    let beats = node.shared.seen().beats.len();
    let common = CommonCounter::new(node.shared.door().unwrap(), Arc::clone(&node.outbox));
    let leases = Leases::new(Arc::clone(&node.counters), true, false);
    let want = Want { load: Load::default(), counts: true, now: node.universe.now() };
    let need = Need { session: None, want, zone: &Arc::from("UTC") };
    let asked = common.confirm(leases.take(&node.provider, &need).unwrap());
    let word = tokio::join!(asked, node.universe.advance(Duration::from_millis(1_005))).0;
    assert!(matches!(word, Word::Away));
    assert!(!node.shared.is_there(), "whoever says so and looks after it knows");
    assert_eq!(node.shared.seen().beats.len(), beats, "the next beat would be later");
    node.universe.advance(LOOK).await;
    assert_eq!((node.shared.is_there(), node.shared.seen().beats.len()), (true, beats + 1));
}

#[actix::test]
async fn what_was_just_given_back_and_is_on_its_way_is_not_in_the_way() {
    let node = Node::start().await;
    let used = Used { settled: 10, ..Used::default() };
    let gone = node.take().await;
    node.shared.will_answer(SharedAnswer::Refused { check: 0, used });
    drop(gone);
    drop(node.take().await);
    assert_eq!(node.shared.seen().asked.len(), 3, "the second one is asked for again");
}

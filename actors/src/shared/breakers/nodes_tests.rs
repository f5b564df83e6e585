//! Two nodes with a common store between them, without the store.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::super::{BreakerRules, Breakers, Report, Unreached};
use super::*;
use crate::domain::breaker::Gate;
use crate::domain::ids::{EndpointId, ProviderId};
use crate::domain::outcome::TryOutcome;

const P: ProviderId = ProviderId(7);
const START: Micros = Micros(1_000_000_000);

fn cfg() -> BreakerConfig {
    BreakerConfig { half_open_successes: 1, ..BreakerConfig::default() }
}

fn seconds(count: u64) -> Micros {
    START.plus(Duration::from_secs(count))
}

/// What the nodes share: it takes what is newer than what it has, and keeps what is not closed.
#[derive(Default)]
struct Store(BTreeMap<BreakerKey, Standing>);

impl Store {
    /// Takes a node's change, as its registry would pass it on.
    fn take(&mut self, node: &Breakers, change: &Transition) {
        let standing = change.standing();
        if self.0.get(&standing.key).is_some_and(|own| own.version >= standing.version) {
            return;
        }
        node.shared(standing.key, standing.version);
        if standing.state == BreakerState::Closed {
            self.0.remove(&standing.key);
        } else {
            self.0.insert(standing.key, standing);
        }
    }

    fn all(&self) -> Vec<Standing> {
        self.0.values().cloned().collect()
    }
}

/// A look of a node at the store.
fn look(node: &Breakers, store: &Store, now: Micros) -> Vec<Transition> {
    let poll = node.poll();
    node.adopt(poll, &store.all(), now)
}

fn node() -> Arc<Breakers> {
    let node = Arc::new(Breakers::new(false));
    node.require_leases(true);
    node
}

fn open(node: &Arc<Breakers>, store: &mut Store, now: Micros) {
    for _ in 0..5 {
        let change = node.record(P, &cfg(), TryOutcome::ProviderFault, None, now);
        if let Some(change) = change {
            store.take(node, &change);
        }
    }
}

#[test]
fn what_one_node_opens_and_closes_the_other_opens_and_closes() {
    let (one, other, mut store) = (node(), node(), Store::default());
    open(&one, &mut store, START);
    let told = look(&other, &store, START);
    let [opened] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((opened.change, opened.elsewhere), (Change::Opened, true));
    assert_eq!(opened.reason.as_ref(), "provider_fault");
    let until = START.plus(cfg().open_for);
    assert_eq!(other.check(P, &cfg(), START), Gate::Open { until });
    assert_eq!(other.snapshot(), one.snapshot());
    assert!(look(&other, &store, START).is_empty(), "it is told once");
    // An operator closes it at the node that did not open it.
    let reset = other.reset(P, seconds(1));
    store.take(&other, &reset[0]);
    let told = look(&one, &store, seconds(1));
    assert_eq!((told[0].change, told.len()), (Change::Closed, 1));
    assert_eq!(one.check(P, &cfg(), seconds(1)), Gate::Pass);
    assert!(one.snapshot().is_empty() && other.snapshot().is_empty());
    open(&one, &mut store, seconds(2));
    assert_eq!(look(&other, &store, seconds(2)).len(), 1, "the next time it is newer again");
}

#[test]
fn an_emptied_store_closes_what_it_had_and_nothing_else() {
    let (one, mut store) = (node(), Store::default());
    open(&one, &mut store, START);
    let unknown = BreakerKey::endpoint(P, EndpointId(1));
    for _ in 0..3 {
        let report = Report {
            outcome: TryOutcome::TransportFault,
            detail: None,
            retry_after: None,
            unreached: None,
            now: START,
        };
        one.record_with(unknown, &BreakerConfig { threshold: 3, ..cfg() }, report, None);
    }
    assert_eq!(one.snapshot().len(), 2);
    store.0.clear();
    assert_eq!(look(&one, &store, seconds(1)).len(), 1);
    let left: Vec<BreakerKey> = one.snapshot().iter().map(|one| one.key).collect();
    assert_eq!(left, [unknown], "the store never had it");
}

#[test]
fn a_look_that_began_before_a_change_was_taken_does_not_undo_it() {
    let (one, mut store) = (node(), Store::default());
    let early = one.poll();
    open(&one, &mut store, START);
    assert!(one.adopt(early, &[], START).is_empty());
    assert!(matches!(one.check(P, &cfg(), START), Gate::Open { .. }));
}

#[test]
fn older_states_are_not_adopted_and_of_equal_ones_the_stores_holds() {
    let (one, other, mut store) = (node(), node(), Store::default());
    open(&one, &mut store, START);
    open(&other, &mut store, START);
    assert_eq!(store.all(), one.snapshot(), "the first one was there");
    let later = BreakerConfig { open_for: Duration::from_hours(1), ..cfg() };
    let third = node();
    for _ in 0..5 {
        third.record(P, &later, TryOutcome::ProviderFault, None, START);
    }
    assert_ne!(third.snapshot(), store.all());
    look(&third, &store, START);
    assert_eq!(third.snapshot(), store.all());
    open(&third, &mut Store::default(), seconds(1));
    let old = third.snapshot();
    third.reset(P, seconds(2));
    let poll = third.poll();
    assert!(third.adopt(poll, &old, seconds(2)).is_empty());
    assert_eq!(third.check(P, &cfg(), seconds(2)), Gate::Pass);
}

#[test]
fn one_node_probes_at_a_time() {
    let (one, other, mut store) = (node(), node(), Store::default());
    open(&one, &mut store, START);
    look(&other, &store, START);
    let due = START.plus(cfg().open_for);
    assert!(one.needs_probe_lease(due).is_empty(), "nobody wants to probe");
    for node in [&one, &other] {
        assert_eq!(node.admit(P, &cfg(), due).unwrap_err(), Gate::ProbesOut);
        assert_eq!(node.needs_probe_lease(due), [P.into()]);
    }
    let until = due.plus(Duration::from_secs(10));
    one.hold_probe_lease(P.into(), due, until);
    let mut permit = one.admit(P, &cfg(), due).unwrap();
    let news = permit.as_mut().and_then(super::super::ProbePermit::take_transition).unwrap();
    store.take(&one, &news);
    look(&other, &store, due);
    assert_eq!(other.check(P, &cfg(), due), Gate::ProbesOut);
    assert_eq!(one.check(P, &cfg(), due), Gate::ProbesOut, "one probe at a time");
    let late = due.plus(Duration::from_mins(1));
    assert_eq!(one.needs_probe_lease(late), [P.into()], "a probe is out");
    let closed = one.record(P, &cfg(), TryOutcome::Success, permit, late).unwrap();
    store.take(&one, &closed);
    assert_eq!(look(&other, &store, late)[0].change, Change::Closed);
    assert!(one.needs_probe_lease(late).is_empty());
}

#[test]
fn who_does_not_probe_for_five_seconds_passes_the_lease_on() {
    let (one, mut store) = (node(), Store::default());
    open(&one, &mut store, START);
    let due = START.plus(cfg().open_for);
    one.hold_probe_lease(P.into(), due, due.plus(Duration::from_secs(10)));
    drop(one.admit(P, &cfg(), due).unwrap());
    let after = |seconds| due.plus(Duration::from_secs(seconds));
    assert_eq!(one.needs_probe_lease(after(4)), [P.into()]);
    assert!(one.needs_probe_lease(after(5)).is_empty());
    assert_eq!(one.check(P, &cfg(), after(9)), Gate::Probe);
    assert_eq!(one.check(P, &cfg(), after(10)), Gate::ProbesOut, "the lease is over");
    one.require_leases(false);
    assert_eq!(one.check(P, &cfg(), after(10)), Gate::Probe, "a node alone needs none");
    assert!(one.needs_probe_lease(after(10)).is_empty());
}

#[test]
fn what_another_node_closes_forgets_its_lease_and_the_patience_of_checks() {
    let (one, every) = (node(), Duration::from_mins(1));
    open(&one, &mut Store::default(), START);
    let early = one.checked(P, &cfg(), every, START).unwrap();
    one.hold_probe_lease(P.into(), START, seconds(10));
    let closed = Standing {
        state: BreakerState::Closed,
        until: None,
        version: early.version + 1,
        ..early.standing()
    };
    let told = one.adopt(one.poll(), &[closed], START);
    assert_eq!((told[0].change, told[0].elsewhere), (Change::Closed, true));
    open(&one, &mut Store::default(), seconds(1));
    let again = one.checked(P, &cfg(), every, seconds(1)).map(|told| told.change);
    assert_eq!(again, Some(Change::HalfOpened), "at the first good check");
    assert_eq!(one.check(P, &cfg(), seconds(1)), Gate::ProbesOut, "the lease was of before");
}

/// One node's requests go to a healthier provider and only look at this one; the other node needs it.
#[test]
fn a_node_that_only_looks_passes_the_lease_on_and_people_who_look_want_none() {
    let (looks, needs, mut store) = (node(), node(), Store::default());
    open(&looks, &mut store, START);
    look(&needs, &store, START);
    let due = START.plus(cfg().open_for);
    for _ in 0..5 {
        assert_eq!(looks.peek(P, &cfg(), due), Gate::ProbesOut);
        assert!(looks.needs_probe_lease(due).is_empty(), "a page was shown");
    }
    let mut held: Option<(bool, Micros)> = None;
    for half in 0..60 {
        let now = due.plus(Duration::from_millis(500 * half));
        held = held.filter(|(_, until)| now < *until);
        assert_eq!(looks.check(P, &cfg(), now) == Gate::Probe, held.is_some_and(|(by, _)| by));
        if let Ok(permit) = needs.admit(P, &cfg(), now) {
            assert!(permit.is_some() && half >= 20, "only after the lease of the other has ended");
            return;
        }
        // The store gives the lease to who has it, and to who comes first when nobody has.
        for (is_first, node) in [(true, &looks), (false, &needs)] {
            let may = held.is_none_or(|(by, _)| by == is_first);
            if may && node.needs_probe_lease(now) == [P.into()] {
                let until = now.plus(Duration::from_secs(10));
                held = Some((is_first, until));
                node.hold_probe_lease(P.into(), now, until);
            }
        }
    }
    panic!("it was never probed by the node that needs it");
}

#[test]
fn nothing_is_charged_while_our_own_network_is_down() {
    let rules = BreakerRules { count_transport: true, ..BreakerRules::default() };
    let breakers = Arc::new(Breakers::ruled(rules));
    let fail = |provider: i64, host, now| {
        let unreached = Some(Unreached { host, alone: false });
        let (outcome, detail) = (TryOutcome::TransportFault, Some("refused"));
        let report = Report { outcome, detail, retry_after: None, unreached, now };
        breakers.record_with(ProviderId(provider), &cfg(), report, None)
    };
    for second in 0..10 {
        assert!(fail(1, "a:1", seconds(second)).is_empty());
        assert!(fail(2, "b:1", seconds(second)).is_empty());
    }
    assert!(breakers.is_network_down(seconds(9)));
    assert!(breakers.views().is_empty(), "not even counted");
    assert!(breakers.is_failing("a:1") && !breakers.is_in_doubt());
    assert!(breakers.reached("b:1", seconds(10)).is_empty());
    let told: Vec<_> = (10..15).flat_map(|second| fail(1, "a:1", seconds(second))).collect();
    assert_eq!(told.len(), 1, "one host that is dead while another answers is charged");
    assert_eq!(told[0].causes.len(), 5);
}

#[test]
fn failures_that_wait_count_after_a_while_and_not_when_an_operator_resets() {
    let rules = BreakerRules { count_transport: true, ..BreakerRules::default() };
    let breakers = Arc::new(Breakers::ruled(rules));
    let unreached = Some(Unreached { host: "a:1", alone: false });
    let (outcome, detail) = (TryOutcome::TransportFault, None);
    let report = Report { outcome, detail, retry_after: None, unreached, now: START };
    let fail = || {
        for _ in 0..5 {
            assert!(breakers.record_with(P, &cfg(), report, None).is_empty());
        }
        assert_eq!(breakers.views()[0].failures, 5, "they are shown");
    };
    fail();
    assert!(breakers.reset(P, START).is_empty(), "it was closed");
    assert!(breakers.views().is_empty() && !breakers.is_in_doubt());
    assert!(breakers.overdue(seconds(11)).is_empty());
    fail();
    assert!(breakers.overdue(seconds(10)).is_empty());
    let told = breakers.overdue(seconds(11));
    assert_eq!((told[0].change, told.len()), (Change::Opened, 1));
}

#[test]
fn a_probe_that_fails_with_the_network_gives_its_permit_back() {
    let rules = BreakerRules { count_transport: true, has_canary: true, ..BreakerRules::default() };
    let breakers = Arc::new(Breakers::ruled(rules));
    for _ in 0..5 {
        breakers.record(P, &cfg(), TryOutcome::ProviderFault, None, START);
    }
    let due = START.plus(cfg().open_for);
    let unreached = Some(Unreached { host: "a:1", alone: true });
    let report = Report {
        outcome: TryOutcome::TransportFault,
        detail: None,
        retry_after: None,
        unreached,
        now: due,
    };
    let permit = breakers.admit(P, &cfg(), due).unwrap();
    assert!(breakers.record_with(P, &cfg(), report, permit).is_empty());
    assert_eq!(breakers.check(P, &cfg(), due), Gate::Probe);
    assert_eq!(breakers.views()[0].failures, 6, "it is shown while nobody knows yet");
    assert!(breakers.is_in_doubt());
    assert!(breakers.compared("canary", false, due).is_empty());
    assert_eq!(breakers.check(P, &cfg(), due), Gate::Probe, "it was our network");
    assert_eq!(breakers.views()[0].failures, 5);
    let later = due.plus(Duration::from_mins(1));
    let permit = breakers.admit(P, &cfg(), later).unwrap();
    breakers.record_with(P, &cfg(), Report { now: later, ..report }, permit);
    let told = breakers.compared("canary", true, later);
    assert_eq!(told[0].change, Change::Opened, "it was the host");
}

#[test]
fn checks_open_it_early_and_less_often_when_that_was_no_use() {
    let breakers = Arc::new(Breakers::new(false));
    let every = Duration::from_mins(1);
    let mut store = Store::default();
    open(&breakers, &mut store, START);
    let mut now = START;
    for waits in [0, 120, 240, 480] {
        assert!(waits == 0 || breakers.checked(P, &cfg(), every, now).is_none());
        now = now.plus(Duration::from_secs(waits));
        let change = breakers.checked(P, &cfg(), every, now).map(|told| told.change);
        assert_eq!(change, Some(Change::HalfOpened), "after {waits} s");
        let permit = breakers.admit(P, &cfg(), now).unwrap();
        breakers.record(P, &cfg(), TryOutcome::ProviderFault, permit, now);
    }
    assert!(breakers.checked(ProviderId(8), &cfg(), every, now).is_none());
}

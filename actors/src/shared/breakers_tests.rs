//! Tests of the shared breakers.

use super::*;
use crate::domain::breaker::Change;

const P: ProviderId = ProviderId(7);
const START: Micros = Micros(1_000_000_000);

fn cfg() -> BreakerConfig {
    BreakerConfig::default()
}

fn open() -> Arc<Breakers> {
    let breakers = Arc::new(Breakers::new(false));
    for _ in 0..5 {
        breakers.record(P, &cfg(), TryOutcome::ProviderFault, None, START);
    }
    breakers
}

fn due() -> Micros {
    START.plus(cfg().open_for)
}

fn gate(breakers: &Breakers, now: Micros) -> Gate {
    breakers.check(P, &cfg(), now)
}

#[test]
fn the_failure_that_opens_it_tells_once_and_why() {
    let breakers = Arc::new(Breakers::new(false));
    let report = |number: u64| Report {
        outcome: TryOutcome::ProviderFault,
        detail: Some("http 503"),
        retry_after: None,
        unreached: None,
        now: START.plus(Duration::from_secs(number)),
    };
    let told: Vec<Transition> =
        (0..7).flat_map(|n| breakers.record_with(P, &cfg(), report(n), None)).collect();
    let [opened] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((opened.change, opened.failures), (Change::Opened, 5));
    assert_eq!(opened.until, Some(START.plus(Duration::from_secs(4)).plus(cfg().open_for)));
    assert_eq!(opened.causes.len(), 5);
    assert_eq!(opened.causes[0].at, START.plus(Duration::from_secs(4)));
    assert_eq!(breakers.causes(P).len(), 5);
}

#[test]
fn however_a_probe_ends_the_next_one_is_admitted() {
    let neutral = [
        TryOutcome::ClientGone,
        TryOutcome::ClientFault,
        TryOutcome::NotFound,
        TryOutcome::CutShort,
    ];
    for outcome in neutral {
        let breakers = open();
        let permit = breakers.admit(P, &cfg(), due()).unwrap();
        assert_eq!(gate(&breakers, due()), Gate::ProbesOut);
        breakers.record(P, &cfg(), outcome, permit, due());
        assert_eq!(gate(&breakers, due()), Gate::Probe);
    }
    let breakers = open();
    let permit = breakers.admit(P, &cfg(), due()).unwrap();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
        let _held = permit;
        panic!("the panic of a test");
    }));
    assert!(panicked.is_err());
    assert_eq!(gate(&breakers, due()), Gate::Probe);
    let permit = breakers.admit(P, &cfg(), due()).unwrap();
    breakers.record(P, &cfg(), TryOutcome::TransportFault, permit, due());
    assert_eq!(gate(&breakers, due().plus(TRANSPORT_REST)), Gate::Probe);
    let permit = breakers.admit(P, &cfg(), due().plus(TRANSPORT_REST)).unwrap();
    breakers.record(P, &cfg(), TryOutcome::Success, permit, due());
    assert_eq!(gate(&breakers, due().plus(TRANSPORT_REST)), Gate::Probe);
}

#[test]
fn the_first_probe_tells_half_open_and_the_last_good_one_closed() {
    let breakers = open();
    let mut first = breakers.admit(P, &cfg(), due()).unwrap();
    let news = first.as_mut().and_then(ProbePermit::take_transition).unwrap();
    assert_eq!(news.change, Change::HalfOpened);
    assert_eq!(breakers.record(P, &cfg(), TryOutcome::Success, first, due()), None);
    let second = breakers.admit(P, &cfg(), due()).unwrap();
    let closed = breakers.record(P, &cfg(), TryOutcome::Success, second, due()).unwrap();
    assert_eq!((closed.change, gate(&breakers, due())), (Change::Closed, Gate::Pass));
}

#[test]
fn transport_faults_count_only_by_setting() {
    for (counts, expected) in [
        (true, Gate::Open { until: due() }),
        (false, Gate::Resting { until: START.plus(TRANSPORT_REST) }),
    ] {
        let breakers = Arc::new(Breakers::new(counts));
        for _ in 0..5 {
            breakers.record(P, &cfg(), TryOutcome::TransportFault, None, START);
        }
        assert_eq!(gate(&breakers, START), expected);
    }
}

#[test]
fn a_provider_whose_breaker_is_off_is_never_kept_away_for_faults() {
    let breakers = Arc::new(Breakers::new(false));
    let off = BreakerConfig { threshold: 0, ..cfg() };
    for outcome in [TryOutcome::ProviderFault, TryOutcome::TransportFault] {
        for _ in 0..500 {
            breakers.record(P, &off, outcome, None, START);
        }
        assert_eq!(breakers.check(P, &off, START), Gate::Pass);
    }
}

#[test]
fn an_overloaded_vendor_is_left_alone_as_long_as_it_asks_within_bounds() {
    for (asked, waits) in
        [(Duration::ZERO, 1), (Duration::from_secs(30), 30), (Duration::from_hours(9), 3_600)]
    {
        let breakers = Arc::new(Breakers::new(false));
        breakers.record_overload(P, Some(asked), START);
        let until = START.plus(Duration::from_secs(waits));
        assert_eq!(gate(&breakers, START), Gate::Cooling { until });
        assert_eq!(gate(&breakers, until), Gate::Pass);
        assert!(breakers.admit(P, &cfg(), START).is_err());
    }
}

#[test]
fn who_only_rests_is_passed_over_and_yet_admitted() {
    let breakers = Arc::new(Breakers::new(false));
    for _ in 0..500 {
        breakers.record(P, &cfg(), TryOutcome::Overloaded, None, START);
    }
    let until = START.plus(OVERLOAD_REST);
    assert_eq!(gate(&breakers, START), Gate::Resting { until });
    assert!(breakers.admit(P, &cfg(), START).is_ok_and(|permit| permit.is_none()));
    assert_eq!(gate(&breakers, until), Gate::Pass);
    assert!(breakers.causes(P).is_empty(), "being busy is not counted");
}

#[test]
fn a_failure_without_the_probes_permit_leaves_the_probe_alone() {
    let breakers = open();
    let probe = breakers.admit(P, &cfg(), due()).unwrap();
    let late = breakers.record(P, &cfg(), TryOutcome::ProviderFault, None, due());
    assert_eq!((late, gate(&breakers, due())), (None, Gate::ProbesOut));
    let judged = breakers.record(P, &cfg(), TryOutcome::ProviderFault, probe, due()).unwrap();
    assert_eq!(judged.change, Change::Opened);
}

#[test]
fn a_reset_closes_and_ends_the_cooling() {
    let breakers = open();
    breakers.record_overload(P, Some(Duration::from_mins(1)), START);
    breakers.record_overload(P, None, START);
    assert_eq!(breakers.reset(P, START)[0].change, Change::Reset);
    assert_eq!(gate(&breakers, START), Gate::Pass);
    assert_eq!(breakers.reset(P, START), []);
}

#[test]
fn providers_that_are_gone_are_forgotten() {
    let breakers = open();
    let permit = breakers.admit(P, &cfg(), due()).unwrap();
    breakers.forget(|key| key.provider != P);
    assert!(breakers.views().is_empty());
    drop(permit);
    assert_eq!(gate(&breakers, START), Gate::Pass);
}

#[test]
fn only_the_permitted_number_of_probes_is_out_over_many_threads() {
    let breakers = open();
    let cfg = BreakerConfig { probes: 2, ..cfg() };
    let permits = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..32 {
            scope.spawn(|| {
                if let Ok(Some(permit)) = breakers.admit(P, &cfg, due()) {
                    permits.lock().push(permit);
                }
            });
        }
    });
    assert_eq!((permits.lock().len(), breakers.probes_out()), (2, 2));
    permits.lock().clear();
    assert_eq!(breakers.probes_out(), 0);
    assert_eq!(breakers.check(P, &cfg, due()), Gate::Probe);
}

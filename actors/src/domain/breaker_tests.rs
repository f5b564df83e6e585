//! Tests of the breaker machine.

use std::time::Duration;

use proptest::prelude::*;

use super::*;

const START: Micros = Micros(1_000_000_000);
const CFG: BreakerConfig = BreakerConfig {
    threshold: 5,
    open_for: Duration::from_mins(30),
    half_open_successes: 2,
    probes: 1,
};

fn failed_times(count: u32) -> Breaker {
    (0..count).fold(Breaker::default(), |breaker, _| next(breaker, LATE, &CFG, START))
}

fn state(breaker: &Breaker) -> BreakerState {
    breaker.view(ProviderId(1)).state
}

/// A failure of an attempt without a permit: it began before the breaker opened.
const LATE: Event = Event::Failed { probe: None };

fn bad(probe: u64) -> Event {
    Event::Failed { probe: Some(probe) }
}

fn good(probe: u64) -> Event {
    Event::Succeeded { probe: Some(probe) }
}

#[test]
fn it_opens_at_the_fifth_failure_in_a_row() {
    assert_eq!(state(&failed_times(4)), BreakerState::Closed);
    let open = failed_times(5);
    assert_eq!(open.gate(&CFG, START), Gate::Open { until: START.plus(CFG.open_for) });
}

#[test]
fn a_success_starts_the_row_anew() {
    let breaker = next(failed_times(4), Event::Succeeded { probe: None }, &CFG, START);
    assert_eq!(state(&next(breaker, LATE, &CFG, START)), BreakerState::Closed);
}

#[test]
fn failures_while_open_never_extend_it() {
    let later = START.plus(Duration::from_mins(20));
    let breaker = next(failed_times(5), LATE, &CFG, later);
    let until = START.plus(CFG.open_for);
    assert_eq!(breaker.view(ProviderId(1)).open_until, Some(until));
    assert_eq!(breaker.gate(&CFG, until), Gate::Probe);
}

#[test]
fn two_good_probes_close_it_and_one_bad_one_opens_it_again() {
    let due = START.plus(CFG.open_for);
    let probing = next(failed_times(5), Event::Probing, &CFG, due);
    assert_eq!(probing.gate(&CFG, due), Gate::ProbesOut);
    let once = next(probing, good(probing.phase()), &CFG, due);
    assert_eq!(once.gate(&CFG, due), Gate::Probe);
    let again = next(once, Event::Probing, &CFG, due);
    assert_eq!(state(&next(again, good(again.phase()), &CFG, due)), BreakerState::Closed);
    let reopened = next(again, bad(again.phase()), &CFG, due);
    assert_eq!(reopened.gate(&CFG, due), Gate::Open { until: due.plus(CFG.open_for) });
}

#[test]
fn a_threshold_of_zero_switches_it_off_even_when_it_is_open() {
    let off = BreakerConfig { threshold: 0, ..CFG };
    let mut breaker = Breaker::default();
    for _ in 0..500 {
        breaker = next(breaker, LATE, &off, START);
    }
    assert_eq!((state(&breaker), breaker.gate(&off, START)), (BreakerState::Closed, Gate::Pass));
    assert_eq!(failed_times(5).gate(&off, START), Gate::Pass);
}

#[test]
fn an_attempt_that_began_before_it_opened_does_not_judge_the_probe() {
    let due = START.plus(CFG.open_for);
    let probing = next(failed_times(5), Event::Probing, &CFG, due);
    let late = next(probing, LATE, &CFG, due);
    assert_eq!((late.gate(&CFG, due), late.phase()), (Gate::ProbesOut, probing.phase()));
    let once = next(late, good(late.phase()), &CFG, due);
    let stale = next(once, bad(probing.phase() - 1), &CFG, due);
    assert_eq!(stale.gate(&CFG, due), Gate::Probe, "nor does a probe of a former phase");
}

#[test]
fn a_permit_of_a_former_phase_changes_nothing() {
    let due = START.plus(CFG.open_for);
    let first = next(failed_times(5), Event::Probing, &CFG, due);
    let reopened = next(first, bad(first.phase()), &CFG, due);
    let later = due.plus(CFG.open_for);
    let second = next(reopened, Event::Probing, &CFG, later);
    for stale in [good(first.phase()), Event::Returned { probe: first.phase() }] {
        assert_eq!(next(second, stale, &CFG, later), second);
    }
}

#[test]
fn a_check_that_reaches_it_lets_it_be_probed_early_and_never_closes_it() {
    let early = next(failed_times(5), Event::Reached, &CFG, START);
    assert_eq!((state(&early), early.gate(&CFG, START)), (BreakerState::HalfOpen, Gate::Probe));
    let probing = next(early, Event::Probing, &CFG, START);
    assert_eq!(next(probing, Event::Reached, &CFG, START), probing, "nor does it give more probes");
    let reopened = next(probing, bad(probing.phase()), &CFG, START);
    assert_eq!(reopened.gate(&CFG, START), Gate::Open { until: START.plus(CFG.open_for) });
    let closed = Breaker::default();
    assert_eq!(next(closed, Event::Reached, &CFG, START), closed);
}

#[test]
fn what_another_node_found_is_adopted_and_voids_the_permits_of_before() {
    let due = START.plus(CFG.open_for);
    let probing = next(failed_times(5), Event::Probing, &CFG, due);
    let until = Some(due.plus(CFG.open_for));
    let opened = probing.adopted(BreakerState::Open, until);
    assert_eq!(opened.state(), (BreakerState::Open, until));
    assert_eq!(next(opened, good(probing.phase()), &CFG, due), opened);
    assert_eq!(probing.adopted(BreakerState::HalfOpen, None), probing, "its own probe goes on");
    let closed = probing.adopted(BreakerState::Closed, None);
    assert_eq!((closed.state().0, closed.probes_out()), (BreakerState::Closed, 0));
}

/// A step of a random history: what happens, and how many minutes later.
fn steps() -> impl Strategy<Value = Vec<(u8, u64)>> {
    prop::collection::vec((0_u8..8, 0_u64..20), 1..300)
}

proptest! {
    /// In any history: never from closed to half open; open only after enough failures; the probes
    /// out are those whose permits are; and when all permits are back the next probe is admitted.
    #[test]
    fn any_history_keeps_the_rules(
        steps in steps(), probes in 1_u32..4, threshold in 1_u32..6, wins in 1_u32..4,
    ) {
        let cfg = BreakerConfig { threshold, probes, half_open_successes: wins, ..CFG };
        let (mut breaker, mut now, mut row) = (Breaker::default(), START, 0_u32);
        let mut permits: Vec<u64> = Vec::new();
        for (step, minutes) in steps {
            now = now.plus(Duration::from_mins(minutes));
            let before = breaker;
            let probe = permits.last().copied();
            let event = match (step, probe) {
                (1, _) => Event::Probing,
                (2, Some(probe)) => good(probe),
                (3, Some(probe)) => Event::Returned { probe },
                (4, _) => Event::Succeeded { probe: None },
                (5, _) if minutes == 0 => Event::Reset,
                (6, _) => Event::Reached,
                (7, _) if probes == 1 => Event::Probing,
                (0, Some(probe)) => bad(probe),
                _ => LATE,
            };
            let admitted = event == Event::Probing && before.gate(&cfg, now) == Gate::Probe;
            breaker = next(before, event, &cfg, now);
            if admitted {
                permits.push(breaker.phase());
            }
            let spent = matches!(
                event,
                Event::Returned { .. }
                    | Event::Succeeded { probe: Some(_) }
                    | Event::Failed { probe: Some(_) }
            );
            if spent {
                permits.pop();
            }
            row = match event {
                Event::Failed { .. } => row + 1,
                Event::Succeeded { .. } if state(&before) == BreakerState::Closed => 0,
                Event::Reset => 0,
                _ => row,
            };
            let moved = (state(&before), state(&breaker));
            if matches!(event, Event::Returned { .. } | Event::Reached) {
                let to_half = (BreakerState::Open, BreakerState::HalfOpen);
                prop_assert!(moved.0 == moved.1 || (event == Event::Reached && moved == to_half));
            }
            if let State::Open { until } = breaker.state {
                prop_assert!(until <= now.plus(cfg.open_for), "an open one always ends");
            }
            if moved == (BreakerState::HalfOpen, BreakerState::Closed) {
                row = 0;
            }
            prop_assert_ne!(moved, (BreakerState::Closed, BreakerState::HalfOpen));
            if moved == (BreakerState::Closed, BreakerState::Open) {
                prop_assert!(row >= threshold);
            }
            if state(&breaker) == BreakerState::Closed {
                prop_assert!(row < threshold);
            }
            if let State::HalfOpen { out, .. } = breaker.state {
                let current = permits.iter().filter(|phase| **phase == breaker.phase()).count();
                prop_assert_eq!(usize::try_from(out).unwrap(), current);
                prop_assert!(out <= probes);
            }
        }
        for probe in permits {
            breaker = next(breaker, Event::Returned { probe }, &cfg, now);
        }
        let due = now.plus(CFG.open_for);
        prop_assert!(matches!(breaker.gate(&cfg, due), Gate::Pass | Gate::Probe));
    }
}

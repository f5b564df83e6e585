//! What a ring promises to who comes back.

use std::sync::Arc;

use super::*;
use crate::domain::breaker::{Cause, Change, Transition};
use crate::domain::breaker_view::BreakerState;
use crate::domain::ids::ProviderId;
use crate::domain::instant::Micros;
use crate::domain::outcome::TryOutcome;

const BOOT: u64 = 0xb007;
const ROOMY: Bounds = Bounds { events: 3, bytes: 1 << 20 };

fn event(number: i64, detail: &str) -> Event {
    let cause = Cause {
        at: Micros(0),
        outcome: TryOutcome::ProviderFault,
        detail: Some(Arc::from(detail)),
    };
    Event::breaker(Transition {
        provider: ProviderId(number),
        change: Change::Opened,
        from: BreakerState::Closed,
        at: Micros(0),
        until: None,
        failures: 1,
        causes: vec![cause],
        endpoint: None,
        reason: Arc::from("http 503"),
        version: 1,
        elsewhere: false,
    })
}

fn filled(bounds: Bounds, events: i64) -> Ring {
    let mut ring = Ring::new(BOOT, bounds);
    ring.wake();
    for number in 1..=events {
        ring.push(event(number, "http 503"));
    }
    ring
}

fn place(seq: u64) -> EventId {
    EventId { boot: BOOT, seq }
}

/// The numbers that come after a place, which are also what the events tell; `None` when gone.
fn numbers(ring: &Ring, place: EventId) -> Option<Vec<u64>> {
    let After::Events(events) = ring.after(place, 100) else { return None };
    let number = |numbered: &Numbered| {
        let Event::Breaker(change) = &numbered.event else { panic!("{numbered:?}") };
        assert_eq!(change.provider.0.unsigned_abs(), numbered.id.seq);
        numbered.id.seq
    };
    Some(events.iter().map(number).collect())
}

#[test]
fn who_comes_back_in_time_gets_what_was_missed() {
    let ring = filled(ROOMY, 5);
    assert_eq!(numbers(&ring, place(5)), Some(vec![]));
    assert_eq!(numbers(&ring, place(4)), Some(vec![5]));
    assert_eq!(numbers(&ring, place(2)), Some(vec![3, 4, 5]));
    let After::Events(two) = ring.after(place(2), 2) else { panic!("they are kept") };
    assert_eq!(two.len(), 2);
}

#[test]
fn who_comes_back_too_late_or_from_elsewhere_learns_it() {
    let ring = filled(ROOMY, 5);
    assert_eq!(numbers(&ring, place(1)), None, "the second event is gone");
    assert_eq!(numbers(&ring, place(6)), None, "it has not happened");
    assert_eq!(numbers(&ring, EventId { boot: 1, seq: 5 }), None, "another process");
}

#[test]
fn long_events_are_bounded_by_their_bytes() {
    let long = "x".repeat(1_000);
    let mut ring = filled(Bounds { events: 100, bytes: 3_500 }, 0);
    for number in 1..=50 {
        ring.push(event(number, &long));
        assert!(ring.bytes() <= 3_500 && ring.len() <= 3, "{} bytes", ring.bytes());
    }
    assert_eq!(numbers(&ring, place(48)), Some(vec![49, 50]));
    ring.push(event(51, &long.repeat(4)));
    assert_eq!((ring.len(), ring.bytes()), (0, 0), "one that is too large for the ring is passed");
    assert_eq!(numbers(&ring, place(50)), None);
}

#[test]
fn a_resting_ring_keeps_nothing_and_still_tells_that_something_happened() {
    let mut ring = filled(ROOMY, 2);
    ring.rest();
    assert_eq!((ring.len(), ring.bytes()), (0, 0));
    assert_eq!(numbers(&ring, place(2)), Some(vec![]), "nothing has happened since");
    assert_eq!(numbers(&ring, place(1)), None);
    ring.push(event(3, "unseen"));
    assert_eq!(numbers(&ring, place(2)), None);
    ring.wake();
    ring.push(event(4, "seen"));
    assert_eq!(numbers(&ring, place(3)), Some(vec![4]));
}

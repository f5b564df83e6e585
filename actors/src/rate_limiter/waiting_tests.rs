//! Tests of the wait: on paused time, so that a timer that is not there shows.

use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

use super::*;
use crate::clock::ManualClock;
use crate::domain::caller::Caller;
use crate::domain::catalogue::Catalogue;
use crate::domain::ids::{RequestId, SessionId};
use crate::domain::limits::{LimitKind, Limits};
use crate::domain::money::Nano;
use crate::rate_limiter::messages::Ask;
use crate::shared::counters::Lifetimes;
use crate::testing::caller;

const NOW: Micros = Micros(1_777_982_400_000_000);
const ONE_AT_ONCE: Limits = Limits { concurrent_requests: Some(1), ..Limits::NONE };

struct World {
    counters: Arc<Counters>,
    waiting: Arc<Waiting>,
    clock: Arc<ManualClock>,
}

type Wait = Pin<Box<dyn Future<Output = Answer>>>;

fn world(places: usize) -> World {
    let counters = Arc::new(Counters::new(Lifetimes::default()));
    let clock = Arc::new(ManualClock::at(NOW));
    let config = WaitConfig { time: Duration::from_secs(30), places };
    let given: Arc<dyn Clock> = Arc::clone(&clock) as _;
    let waiting = Waiting::new(Arc::clone(&counters), given, Rules::default(), config).unwrap();
    World { counters, waiting, clock }
}

impl World {
    fn request(caller: &Arc<Caller>, session: &str) -> Reserve {
        let ask = Ask {
            model: None,
            body_bytes: 0,
            max_output: None,
            choices: 1,
            priority: false,
            price: None,
            factor: rust_decimal::Decimal::ONE,
            counts: true,
        };
        Reserve {
            request: RequestId([1; 16]),
            caller: Arc::clone(caller),
            session: SessionId(Arc::from(session)),
            ask,
            catalogue: Arc::new(Catalogue::default()),
            patience: Duration::from_mins(1),
            now: NOW,
        }
    }

    fn at_once(&self, caller: &Arc<Caller>, session: &str) -> Answer {
        let (request, mut calendar) = (Self::request(caller, session), Calendar::default());
        let now = self.clock.now();
        decide_at(&self.counters, Rules::default(), &mut calendar, &request, now)
            .map(|held| held.handing_on(&self.waiting))
    }

    /// Begins to wait; the future has taken its place when this returns.
    async fn begin(&self, caller: &Arc<Caller>, session: &str) -> Wait {
        let refusal = self.at_once(caller, session).unwrap_err();
        let (waiting, request) = (Arc::clone(&self.waiting), Self::request(caller, session));
        let mut wait: Wait = Box::pin(async move { waiting.wait(request, refusal).await });
        assert!(is_waiting(&mut wait).await);
        wait
    }
}

async fn is_waiting(wait: &mut Wait) -> bool {
    std::future::poll_fn(|context| Poll::Ready(wait.as_mut().poll(context).is_pending())).await
}

fn key(number: i64) -> Arc<Caller> {
    caller(1, number, ONE_AT_ONCE, Limits::NONE)
}

#[tokio::test(start_paused = true)]
async fn whoever_leaves_hands_the_place_on_and_keys_take_turns() {
    let world = world(9);
    let (one, two) = (key(1), key(2));
    let first = world.at_once(&one, "a").unwrap();
    let mut waits = Vec::new();
    for (caller, session) in [(&one, "b"), (&one, "c"), (&two, "d")] {
        waits.push(world.begin(caller, session).await);
    }
    let mut held = first;
    for index in [0, 2, 1] {
        drop(held);
        for (other, wait) in waits.iter_mut().enumerate() {
            assert!(other == index || is_waiting(wait).await);
        }
        held = waits[index].as_mut().await.unwrap();
        waits[index] = Box::pin(std::future::pending());
    }
    drop(held);
    assert!(world.waiting.is_empty());
    let gauges = world.counters.gauges(NOW.plus(Duration::from_secs(10)));
    assert_eq!((gauges.in_flight, gauges.reservations, gauges.seats), (0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn who_comes_does_not_go_before_who_waits() {
    let world = world(9);
    let held = world.at_once(&key(1), "a").unwrap();
    let mut wait = world.begin(&key(2), "b").await;
    drop(held);
    assert!(world.at_once(&key(3), "c").is_err(), "the place is given already");
    assert!(wait.as_mut().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_frees_its_place_in_the_line() {
    let world = world(1);
    let held = world.at_once(&key(1), "a").unwrap();
    let wait = world.begin(&key(2), "b").await;
    let full = world.at_once(&key(3), "c").unwrap_err();
    let turned_away = world.waiting.wait(World::request(&key(3), "c"), full.clone()).await;
    assert_eq!(turned_away.unwrap_err(), full, "the line is full");
    drop(wait);
    assert!(world.waiting.is_empty());
    let mut next = world.begin(&key(3), "c").await;
    drop(held);
    assert!(next.as_mut().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_place_that_was_given_to_one_who_left_goes_to_the_next() {
    let world = world(9);
    let held = world.at_once(&key(1), "a").unwrap();
    let given = world.begin(&key(2), "b").await;
    let mut next = world.begin(&key(3), "c").await;
    drop(held);
    drop(given);
    assert!(next.as_mut().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn the_wait_ends_with_the_limit_that_is_still_in_the_way() {
    let world = world(9);
    let _held = world.at_once(&key(1), "a").unwrap();
    let mut wait = world.begin(&key(2), "b").await;
    let began = Instant::now();
    let refusal = wait.as_mut().await.unwrap_err();
    assert_eq!(refusal.kind, LimitKind::ConcurrentRequests);
    assert_eq!(began.elapsed().as_secs(), 30);
    assert!(world.waiting.is_empty());
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_longer_than_the_client_does() {
    let world = world(9);
    let _held = world.at_once(&key(1), "a").unwrap();
    let refusal = world.at_once(&key(2), "b").unwrap_err();
    let hasty = Reserve { patience: Duration::from_secs(7), ..World::request(&key(2), "b") };
    let began = Instant::now();
    assert!(world.waiting.wait(hasty, refusal).await.is_err());
    assert_eq!(began.elapsed().as_secs(), 7);
}

#[tokio::test(start_paused = true)]
async fn another_limit_that_comes_in_the_way_ends_the_wait() {
    let world = world(9);
    let limits = Limits { total: Some(Nano(5)), ..ONE_AT_ONCE };
    let anna = caller(1, 1, limits, Limits::NONE);
    let held = world.at_once(&anna, "a").unwrap();
    let mut wait = world.begin(&anna, "b").await;
    let payer = [Dimension::User(anna.user)];
    world.counters.books(anna.user, |books| books.charge(&payer, NOW, Some(Nano(5)), 0));
    drop(held);
    assert_eq!(wait.as_mut().await.unwrap_err().kind, LimitKind::UsdTotal);
}

#[tokio::test(start_paused = true)]
async fn a_seat_that_rests_is_waited_for_until_its_grace_is_over() {
    let world = world(9);
    let one = Limits { concurrent_sessions: Some(1), ..Limits::NONE };
    let anna = caller(1, 1, one, Limits::NONE);
    let held = world.at_once(&anna, "a").unwrap();
    let wait = world.begin(&anna, "b").await;
    held.settle(super::super::Settle { cost: None, usage: None, input_bytes: 0, now: NOW });
    let began = Instant::now();
    let clock = Arc::clone(&world.clock);
    // The wall clock goes as the timers do.
    let ticking = async move {
        loop {
            sleep(Duration::from_millis(100)).await;
            clock.advance(Duration::from_millis(100));
        }
    };
    tokio::select! {
        answer = wait => assert!(answer.is_ok()),
        () = ticking => {}
    }
    assert_eq!(began.elapsed().as_secs(), 5, "not before, and not with the end of the wait");
}

//! The shell: it remembers what it is told and closes what it is asked to.

use std::sync::Arc;

use futures_util::StreamExt as _;

use super::*;
use crate::domain::breaker::{Change, Gate};
use crate::domain::breaker_view::BreakerState;
use crate::domain::ids::ProviderId;
use crate::domain::instant::Micros;
use crate::domain::live::Event;
use crate::domain::outcome::TryOutcome;
use crate::domain::provider::BreakerConfig;
use crate::shared::breakers::Breakers;
use crate::shared::feed::{Feed, News, Person, Watcher};
use crate::testing::TestUniverse;

const P: ProviderId = ProviderId(7);

/// Opens the breaker the way settles do, telling the registry of what changed.
fn open(registry: &CircuitBreakerHandle, now: Micros) {
    let (breakers, cfg) = (registry.breakers(), BreakerConfig::default());
    for _ in 0..5 {
        let change = breakers.record(P, &cfg, TryOutcome::ProviderFault, None, now);
        if let Some(change) = change {
            registry.tell(change);
        }
    }
}

#[actix::test]
async fn the_registry_tells_the_story_of_a_breaker() {
    let universe = TestUniverse::start();
    let registry =
        CircuitBreakerHandle::start(Arc::new(Breakers::new(false)), Arc::new(Feed::new(1)));
    open(&registry, universe.now());
    let stories = registry.views().await;
    let [story] = stories.as_slice() else { panic!("{stories:?}") };
    assert_eq!((story.view.provider, story.view.state), (P, BreakerState::Open));
    assert_eq!(story.last_change, Some((Change::Opened, universe.now())));
    assert_eq!(story.causes.len(), 5);
    assert_eq!(registry.observe().await.unwrap().opened, 1);
}

#[actix::test]
async fn who_watches_is_told_of_every_change() {
    let universe = TestUniverse::start();
    let feed = Arc::new(Feed::new(1));
    let registry = CircuitBreakerHandle::start(Arc::new(Breakers::new(false)), Arc::clone(&feed));
    let mut follower =
        feed.follow(Watcher { person: Person::Token, is_admin: true }, None).unwrap();
    open(&registry, universe.now());
    assert!(registry.reset(P, universe.now()).await);
    let Some(News::Events(events)) = follower.next().await else { panic!("changes were told") };
    let told = events.iter().map(|numbered| match &numbered.event {
        Event::Breaker(change) => (change.provider, change.from, change.change),
        other @ Event::Row(_) => panic!("{other:?}"),
    });
    let opened = (P, BreakerState::Closed, Change::Opened);
    assert_eq!(told.collect::<Vec<_>>(), [opened, (P, BreakerState::Open, Change::Reset)]);
}

#[actix::test]
async fn a_reset_is_seen_by_the_next_attempt_and_told_once() {
    let universe = TestUniverse::start();
    let registry =
        CircuitBreakerHandle::start(Arc::new(Breakers::new(false)), Arc::new(Feed::new(1)));
    open(&registry, universe.now());
    assert!(registry.reset(P, universe.now()).await);
    assert!(!registry.reset(P, universe.now()).await, "it is closed already");
    let gate = registry.breakers().check(P, &BreakerConfig::default(), universe.now());
    assert_eq!(gate, Gate::Pass);
    let view = registry.observe().await.unwrap();
    assert_eq!((view.opened, view.reset), (1, 1));
}

#[derive(actix::Message)]
#[rtype(result = "()")]
struct Burst;

impl actix::Handler<Burst> for CircuitBreakerRegistry {
    type Result = ();

    fn handle(&mut self, _: Burst, _: &mut Self::Context) {
        panic!("the panic of a test");
    }
}

#[actix::test]
async fn breakers_are_read_and_reset_without_the_registry() {
    let universe = TestUniverse::start();
    let registry =
        CircuitBreakerHandle::start(Arc::new(Breakers::new(false)), Arc::new(Feed::new(1)));
    registry.addr().try_send(Burst).unwrap();
    universe.settle().await;
    open(&registry, universe.now());
    assert_eq!(registry.lost(), 1);
    assert_eq!(registry.views().await[0].view.state, BreakerState::Open);
    assert!(registry.reset(P, universe.now()).await);
}

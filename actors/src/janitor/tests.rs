//! The shell on a paused clock.

use std::sync::Arc;
use std::time::Duration;

use super::actor::EVERY;
use super::*;
use crate::domain::catalogue::Catalogue;
use crate::domain::ids::ProviderId;
use crate::domain::outcome::TryOutcome;
use crate::domain::provider::BreakerConfig;
use crate::publish::Published;
use crate::shared::breakers::Breakers;
use crate::shared::counters::{Counters, Lifetimes};
use crate::testing::TestUniverse;

#[actix::test]
async fn breakers_of_providers_that_are_gone_are_forgotten() {
    let universe = TestUniverse::start();
    let counters = Arc::new(Counters::new(Lifetimes::default()));
    let breakers = Arc::new(Breakers::new(false));
    let fault = TryOutcome::ProviderFault;
    let config = BreakerConfig::default();
    breakers.record(ProviderId(9), &config, fault, None, universe.now());
    let catalogue = Catalogue { version: 2, ..Catalogue::default() };
    let catalogue = Published::fixed(Arc::new(catalogue));
    let janitor =
        JanitorHandle::start(counters, Arc::clone(&breakers), catalogue, universe.clock());
    universe.settle().await;
    assert_eq!(breakers.views().len(), 1);
    universe.advance(EVERY + Duration::from_millis(1)).await;
    assert_eq!(breakers.views(), []);
    let view = janitor.observe().await.unwrap();
    assert_eq!(view, JanitorView { rounds: 1, catalogue: 2 });
}

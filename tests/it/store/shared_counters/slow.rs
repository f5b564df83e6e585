//! A Redis that answers slowly, and does answer: nobody takes it for one that is away.

use std::time::Duration;

use switchyard_actors::domain::counters::Load;
use switchyard_actors::domain::limits::Limits;
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::verdict::Want;
use switchyard_actors::rate_limiter::Rules;
use tokio::time::sleep;

use super::node::Node;
use super::world::World;
use super::{START, on_a_large_stack};
use crate::support::cache::Cache;
use crate::support::way::Way;

/// How long one answer may take, and how long each takes.
const PATIENCE: Duration = Duration::from_millis(500);
const SLOW: Duration = Duration::from_millis(300);

async fn answers_slowly() {
    let cache = Cache::start();
    let way = Way::to(&cache.address()).await;
    let mut limits = [(); 5].map(|()| Limits::NONE);
    limits[4].concurrent_requests = Some(5);
    let world = World::new(&limits);
    let rules = Rules { enforce: true, strict: false };
    let url = Cache::url_at(way.address().port());
    let mut node = Node::sharing_within("a", &url, rules, PATIENCE);
    node.beat(START).await;
    let want = Want { load: Load { money: Nano(7), tokens: 3 }, counts: true, now: START };
    let _first = node.lease(&world, 0, want).await.expect("it has room");
    way.slow_down(SLOW);
    let early = async {
        // The call of the one before has just begun: it waits for the rest of that, and for its own.
        sleep(SLOW / 10).await;
        node.lease_or_alone(&world, 2, want).await
    };
    let (before, early) = tokio::join!(node.lease_or_alone(&world, 1, want), early);
    assert!(before.is_some_and(|lease| lease.is_ok()), "no call failed");
    assert!(early.is_some_and(|lease| lease.is_ok()), "no call failed");
    let (_, outbox) = node.shared.as_ref().unwrap();
    assert!(outbox.answers());
}

#[test]
fn who_asks_while_a_slow_call_is_under_way_waits_for_its_own_answer() {
    on_a_large_stack(|| actix_web::rt::System::new().block_on(answers_slowly()));
}

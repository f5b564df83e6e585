//! Beats that come in behind a question: what was let in meanwhile stays, and what has moved is told.

use switchyard_actors::domain::check::Dimension;
use switchyard_actors::domain::counters::Load;
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::limits::Limits;
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::verdict::Want;
use switchyard_actors::rate_limiter::Rules;
use switchyard_actors::shared::leases::Lease;

use super::node::Node;
use super::world::World;
use super::{START, on_a_large_stack};
use crate::support::cache::Cache;

/// One node, and a provider with five places.
struct Yard {
    cache: Cache,
    world: World,
    node: Node,
}

impl Yard {
    async fn new() -> Self {
        let cache = Cache::start();
        let mut limits = [(); 5].map(|()| Limits::NONE);
        limits[4].concurrent_requests = Some(5);
        let rules = Rules { enforce: true, strict: false };
        let mut node = Node::sharing("a", &cache.url(), rules);
        node.beat(START).await;
        Self { cache, world: World::new(&limits), node }
    }

    /// Takes a place.
    async fn take(&self) -> Lease {
        let load = Load { money: Nano(7), tokens: 3 };
        let want = Want { load, counts: true, now: START };
        self.node.lease(&self.world, 0, want).await.expect("it has room")
    }

    async fn tell(&mut self) {
        self.node.tell(&self.world).await;
    }

    /// Returns the places, the money and the tokens that Redis says the node holds.
    fn held(&self) -> [i64; 3] {
        ["o:a", "h:a", "t:a"].map(|field| {
            let answer =
                self.cache.ask(&format!("HGET {{sw}}:m:p:1 {field}")).expect("redis answers");
            answer.lines().find_map(|line| line.parse().ok()).unwrap_or(0)
        })
    }
}

async fn skipped() {
    let mut yard = Yard::new().await;
    let (first, _second) = (yard.take().await, yard.take().await);
    yard.tell().await;
    drop(first);
    let late = yard.node.weigh();
    let _third = yard.take().await;
    let provider = Dimension::Provider(ProviderId(1));
    assert_eq!(yard.node.beat_late(late).await, [provider]);
    assert_eq!(yard.held(), [3, 21, 9], "the first one was not told yet");
    yard.tell().await;
    assert_eq!(yard.held(), [2, 14, 6]);
    yard.node.beat(START).await;
    yard.tell().await;
    assert_eq!(yard.held(), [2, 14, 6], "once");
}

async fn skipped_without_an_answer() {
    let mut yard = Yard::new().await;
    let (first, _second) = (yard.take().await, yard.take().await);
    yard.tell().await;
    drop(first);
    let late = yard.node.weigh();
    let third = yard.take().await;
    yard.node.beat_unanswered(late).await;
    yard.tell().await;
    drop(third);
    let next = yard.node.weigh();
    yard.node.beat_unanswered(next).await;
    yard.tell().await;
    assert_eq!(yard.held(), [1, 7, 3], "the next one says everything");
}

#[test]
fn what_has_moved_is_told_when_a_beat_has_skipped_its_owner() {
    on_a_large_stack(|| actix_web::rt::System::new().block_on(skipped()));
}

#[test]
fn what_a_beat_has_skipped_without_an_answer_is_said_by_the_next_one() {
    on_a_large_stack(|| actix_web::rt::System::new().block_on(skipped_without_an_answer()));
}

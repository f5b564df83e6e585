//! Beats that are made while a question flies: what it asks for is held once it was granted, and never before.

use switchyard_actors::domain::counters::Load;
use switchyard_actors::domain::limits::{LimitKind, Limits, Refusal};
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::verdict::Want;
use switchyard_actors::rate_limiter::Rules;
use switchyard_actors::shared::leases::Lease;

use super::node::{Node, Overlap};
use super::world::World;
use super::{START, on_a_large_stack};
use crate::support::cache::Cache;

/// Two nodes and a provider. The first node has asked before: its beats say what it holds.
struct Yard {
    cache: Cache,
    world: World,
    nodes: [Node; 2],
}

impl Yard {
    async fn new(limits: Limits) -> Self {
        let cache = Cache::start();
        let mut all = [(); 5].map(|()| Limits::NONE);
        all[4] = limits;
        let rules = Rules { enforce: true, strict: false };
        let sharing = |name| Node::sharing(name, &cache.url(), rules);
        let nodes = [sharing("a"), sharing("b")];
        let mut this = Self { world: World::new(&all), nodes, cache };
        for node in &mut this.nodes {
            node.beat(START).await;
        }
        drop(this.take(0, 0).expect("nothing runs"));
        drop(this.ask(0, 0, Overlap::None).await.expect("nothing runs"));
        this.nodes[0].tell(&this.world).await;
        this.nodes[0].beat(START).await;
        this
    }

    fn want() -> Want {
        Want { load: Load { money: Nano(7), tokens: 3 }, counts: true, now: START }
    }

    /// Lets a session in, as far as the node knows.
    fn take(&self, node: usize, session: u8) -> Result<Lease, Refusal> {
        self.nodes[node].take(&self.world, session, Self::want())
    }

    /// Takes a place while a beat is on its way.
    async fn ask(&self, node: usize, session: u8, beat: Overlap) -> Result<Lease, Refusal> {
        self.nodes[node].lease_under(&self.world, (session, Self::want()), beat).await
    }

    /// Returns the places, the money and the tokens that Redis says the first node holds.
    fn held(&self) -> [i64; 3] {
        ["o:a", "h:a", "t:a"].map(|field| {
            let answer =
                self.cache.ask(&format!("HGET {{sw}}:m:p:1 {field}")).expect("redis answers");
            answer.lines().find_map(|line| line.parse().ok()).unwrap_or(0)
        })
    }
}

fn places(count: u32) -> Limits {
    Limits { concurrent_requests: Some(count), ..Limits::NONE }
}

async fn overtaken() {
    for beat in [Overlap::Overtakes, Overlap::Behind, Overlap::Late] {
        let mut yard = Yard::new(places(1)).await;
        let lease = yard.ask(0, 1, beat).await.expect("nothing runs");
        assert_eq!(yard.held(), [1, 7, 3], "{beat:?}");
        yard.nodes[0].beat(START).await;
        assert_eq!(yard.held(), [1, 7, 3], "{beat:?}");
        drop(lease);
        yard.nodes[0].tell(&yard.world).await;
        assert_eq!(yard.held(), [0, 0, 0], "{beat:?}");
    }
}

async fn refused() {
    for beat in [Overlap::Overtakes, Overlap::Behind] {
        let yard = Yard::new(places(1)).await;
        let _other = yard.ask(1, 1, Overlap::None).await.expect("nothing runs");
        assert!(yard.ask(0, 2, beat).await.is_err());
        assert_eq!(yard.held(), [0, 0, 0], "{beat:?}");
    }
}

async fn seats() {
    for beat in [Overlap::Overtakes, Overlap::Behind] {
        let three = Limits { concurrent_sessions: Some(3), ..Limits::NONE };
        let yard = Yard::new(three).await;
        let mut open = Vec::new();
        for session in 1..=3 {
            open.push(yard.ask(1, session, Overlap::None).await.expect("there are seats"));
        }
        for _again in 0..2 {
            let refusal = yard.ask(0, 4, beat).await.expect_err("all three are taken");
            assert_eq!(refusal.kind, LimitKind::ConcurrentSessions, "{beat:?}");
        }
        let _own = yard.ask(0, 3, beat).await.expect("it has a seat already");
    }
}

async fn forgotten() {
    let yard = Yard::new(places(2)).await;
    let lease = yard.take(0, 1).expect("nothing runs");
    let flying = yard.nodes[0].weigh();
    let lease = yard.nodes[0].confirm(lease, Overlap::None).await.expect("it is there");
    // Whatever was granted by a Redis that was emptied since is not held there.
    yard.cache.flush();
    yard.nodes[0].beat_late(flying).await;
    assert_eq!(yard.held(), [0, 0, 0]);
    let mut node = yard.nodes;
    node[0].beat(START).await;
    let answer = yard.cache.ask("HGET {sw}:m:p:1 o:a").expect("redis answers");
    assert!(answer.lines().any(|line| line == "1"), "the next one says it: {answer}");
    drop(lease);
}

/// What is granted twice over: two questions that fly, of which one has its answer when the beat runs.
async fn two_at_once() {
    let mut yard = Yard::new(places(2)).await;
    let [first, second] = [1, 2].map(|session| yard.take(0, session).expect("nothing runs"));
    let weighing = yard.nodes[0].weigh();
    assert_eq!(weighing.flying.len(), 2);
    // They come in another order than they were let in.
    let second = yard.nodes[0].confirm(second, Overlap::None).await.expect("it is there");
    yard.nodes[0].beat_late(weighing).await;
    assert_eq!(yard.held(), [1, 7, 3]);
    let first = yard.nodes[0].confirm(first, Overlap::Behind).await.expect("it is there");
    assert_eq!(yard.held(), [2, 14, 6]);
    drop((first, second));
    yard.nodes[0].tell(&yard.world).await;
    yard.nodes[0].beat(START).await;
    assert_eq!(yard.held(), [0, 0, 0]);
    let granted = yard.cache.ask("ZCARD {sw}:granted:a").expect("redis answers");
    assert!(granted.lines().any(|line| line == ":0"), "no beat asks for them: {granted}");
}

/// Of a node that went long ago nothing is left on a meter that is asked about.
async fn left_behind() {
    let yard = Yard::new(places(2)).await;
    yard.cache.ask("HSET {sw}:m:p:1 s:gone 7 o:gone 9 s:idle 8").expect("redis answers");
    let _lease = yard.ask(0, 1, Overlap::None).await.expect("who is gone holds nothing");
    let fields = yard.cache.ask("HKEYS {sw}:m:p:1").expect("redis answers");
    assert!(!fields.contains("gone") && !fields.contains("idle"), "{fields}");
    assert!(fields.contains("s:a"), "{fields}");
}

#[test]
fn a_question_is_not_refused_by_its_own_hold() {
    on_a_large_stack(|| actix_web::rt::System::new().block_on(overtaken()));
}

#[test]
fn what_was_refused_is_not_held_by_a_beat_that_was_made_meanwhile() {
    on_a_large_stack(|| actix_web::rt::System::new().block_on(refused()));
}

#[test]
fn who_was_refused_a_seat_has_none_when_it_asks_again() {
    on_a_large_stack(|| actix_web::rt::System::new().block_on(seats()));
}

#[test]
fn what_an_emptied_redis_had_granted_is_said_by_the_next_beat() {
    on_a_large_stack(|| actix_web::rt::System::new().block_on(forgotten()));
}

#[test]
fn of_questions_that_fly_those_that_were_granted_are_held_once() {
    on_a_large_stack(|| actix_web::rt::System::new().block_on(two_at_once()));
}

#[test]
fn nothing_stays_on_a_meter_of_nodes_that_are_gone() {
    on_a_large_stack(|| actix_web::rt::System::new().block_on(left_behind()));
}

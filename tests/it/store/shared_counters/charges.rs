//! What is charged: money begins windows, and a batch counts once however often it is told.

use std::time::Duration;

use switchyard_actors::domain::check::Dimension;
use switchyard_actors::domain::counters::Load;
use switchyard_actors::domain::flying::Weighing;
use switchyard_actors::domain::ids::{ProviderId, RequestId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::limits::{Costs, Limits, ResetMode};
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::sharing::{LogPlace, Progress};
use switchyard_actors::domain::verdict::Want;
use switchyard_actors::ports::SharedCounters as _;
use switchyard_actors::rate_limiter::Rules;
use switchyard_actors::shared::leases::Lease;

use super::node::Node;
use super::world::{TOKEN, World};
use super::{START, on_a_large_stack};
use crate::support::cache::Cache;

/// A rolling day and two minutes.
const A_DAY: Duration = Duration::from_mins(1_442);
const AN_HOUR: Duration = Duration::from_hours(1);

/// A node and a provider under a limit.
async fn yard(limits: Limits) -> (Cache, World, Node) {
    let cache = Cache::start();
    let mut all = [(); 5].map(|()| Limits::NONE);
    all[4] = limits;
    let mut node = Node::sharing("a", &cache.url(), Rules { enforce: true, strict: false });
    node.beat(START).await;
    node.shared.as_ref().unwrap().1.heard(LogPlace("9999999999999-0".into()));
    (cache, World::new(&all), node)
}

async fn take(node: &Node, world: &World, now: Micros) -> Lease {
    let load = Load { money: Nano(TOKEN), tokens: 0 };
    node.lease(world, 0, Want { load, counts: true, now }).await.expect("it has room")
}

fn pay(mut lease: Lease, at: Micros, tokens: i64) {
    let money = Nano(tokens * TOKEN);
    lease.charge((RequestId([2; 16]), at, at), Some(Costs { charged: money, list: money }), 0);
}

fn number(cache: &Cache, field: &str) -> i64 {
    let answer = cache.ask(&format!("HGET {{sw}}:m:p:1 {field}")).expect("redis answers");
    answer.lines().find_map(|line| line.parse().ok()).expect("a number")
}

async fn free() {
    let five = Limits {
        spend_5h: Some(Nano(90 * TOKEN)),
        five_hour_mode: ResetMode::Fixed,
        ..Limits::NONE
    };
    let (cache, world, mut node) = yard(five).await;
    let later = START.plus(AN_HOUR);
    for (at, tokens) in [(START, 0), (later, 4)] {
        pay(take(&node, &world, at).await, at, tokens);
        node.tell(&world).await;
    }
    let provider = Dimension::Provider(ProviderId(1));
    let (sums, _) = node.counters.sums(None, &provider, &world.borders(&provider, later));
    assert_eq!(sums.five_hours, (later, Nano(4 * TOKEN)));
    assert_eq!((number(&cache, "5s"), number(&cache, "5v")), (later.millis(), 4 * TOKEN));
}

async fn broken_off() {
    let day =
        Limits { daily: Some(Nano(90 * TOKEN)), daily_mode: ResetMode::Rolling, ..Limits::NONE };
    let (cache, world, mut node) = yard(day).await;
    let running = take(&node, &world, START).await;
    pay(take(&node, &world, START).await, START, 3);
    node.tell(&world).await;
    let later = START.plus(A_DAY);
    node.set_now(later);
    pay(running, later, 7);
    let batch = node.batch(&world).expect("it has paid");
    let (shared, _) = node.shared.as_ref().unwrap();
    // Seats cannot be looked at: the script ends there.
    cache.ask("SET {sw}:m:p:1:s nonsense").expect("redis answers");
    assert!(shared.publish(&batch).await.is_err());
    cache.ask("DEL {sw}:m:p:1:s").expect("redis answers");
    shared.beat(&Weighing::default(), Progress::default()).await.expect("it is there");
    shared.publish(&batch).await.expect("it is there");
    assert_eq!(number(&cache, "v1440"), 7 * TOKEN, "what was spent a day ago has left");
    let minutes = cache.ask("HLEN {sw}:m:p:1:b").expect("redis answers");
    assert!(minutes.lines().any(|line| line == ":1"), "and its minute is forgotten: {minutes}");
}

#[test]
fn what_costs_nothing_begins_no_five_hours() {
    on_a_large_stack(|| actix_web::rt::System::new().block_on(free()));
}

#[test]
fn a_batch_that_was_broken_off_is_counted_whole_when_it_comes_again() {
    on_a_large_stack(|| actix_web::rt::System::new().block_on(broken_off()));
}

//! Minutes of rolling windows leave them, also those in which nothing was spent.

use std::time::Duration;

use switchyard_actors::domain::counters::Load;
use switchyard_actors::domain::ids::RequestId;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::limits::{Costs, Limits, ResetMode};
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::sharing::LogPlace;
use switchyard_actors::domain::verdict::Want;
use switchyard_actors::rate_limiter::Rules;
use switchyard_actors::shared::leases::Lease;

use super::node::Node;
use super::world::{TOKEN, World};
use super::{START, on_a_large_stack};
use crate::support::cache::Cache;

/// A rolling day and two minutes.
const A_DAY: Duration = Duration::from_mins(1_442);

async fn take(node: &Node, world: &World, now: Micros) -> Lease {
    let load = Load { money: Nano(TOKEN), tokens: 0 };
    let want = Want { load, counts: true, now };
    node.lease(world, 0, want).await.expect("it has room")
}

fn pay(mut lease: Lease, at: Micros, money: Nano) {
    let costs = Costs { charged: money, list: money };
    lease.charge((RequestId([2; 16]), at, at), Some(costs), 0);
}

async fn without_money() {
    let cache = Cache::start();
    let mut limits = [(); 5].map(|()| Limits::NONE);
    limits[4].daily = Some(Nano(10 * TOKEN));
    limits[4].daily_mode = ResetMode::Rolling;
    let world = World::new(&limits);
    let rules = Rules { enforce: true, strict: false };
    let mut node = Node::sharing("a", &cache.url(), rules);
    node.beat(START).await;
    node.shared.as_ref().unwrap().1.heard(LogPlace("9999999999999-0".into()));
    let running = take(&node, &world, START).await;
    let minute = START.seconds() / 60;
    cache.ask(&format!("HSET {{sw}}:m:p:1:b {minute} 0")).expect("redis answers");
    node.tell(&world).await;
    let later = START.plus(A_DAY);
    node.set_now(later);
    pay(running, later, Nano(7 * TOKEN));
    node.tell(&world).await;
    let sum = cache.ask("HGET {sw}:m:p:1 v1440").expect("redis answers");
    assert!(sum.contains(&(7 * TOKEN).to_string()), "{sum}");
}

#[test]
fn a_minute_in_which_nothing_was_spent_leaves_the_window() {
    on_a_large_stack(|| actix_web::rt::System::new().block_on(without_money()));
}

//! A node that has not heard of a reset: it cannot bring back what Redis has forgotten, and decides alone.

use switchyard_actors::domain::check::Dimension;
use switchyard_actors::domain::counters::Load;
use switchyard_actors::domain::ids::{ProviderId, RequestId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::limits::{Costs, Limits, Refusal};
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::sharing::{LogPlace, Reset};
use switchyard_actors::domain::verdict::Want;
use switchyard_actors::rate_limiter::Rules;
use switchyard_actors::shared::leases::Lease;

use super::node::Node;
use super::world::{TOKEN, World};
use super::{START, on_a_large_stack};
use crate::support::cache::Cache;

/// Later than all that was spent, and in the same second.
const CUT: Micros = Micros(START.0 + 1_000);

/// A provider with a hundred tokens' worth of money for ever, of which two nodes have spent sixty.
struct Yard {
    cache: Cache,
    world: World,
    nodes: [Node; 2],
}

impl Yard {
    async fn new() -> Self {
        let cache = Cache::start();
        let mut limits = [(); 5].map(|()| Limits::NONE);
        limits[4].total = Some(Nano(100 * TOKEN));
        let rules = Rules { enforce: true, strict: true };
        let sharing = |name| Node::sharing(name, &cache.url(), rules);
        let nodes = [sharing("a"), sharing("b")];
        let mut this = Self { world: World::new(&limits), nodes, cache };
        for round in 0..2 {
            for node in &mut this.nodes {
                node.beat(START).await;
                node.shared.as_ref().unwrap().1.heard(LogPlace("9999999999999-0".into()));
            }
            if round == 0 {
                this.spend(0, 40).await;
                this.spend(1, 20).await;
            }
        }
        this
    }

    async fn ask(&self, node: usize, output: i64) -> Option<Result<Lease, Refusal>> {
        let load = Load { money: Nano(output * TOKEN), tokens: 0 };
        let want = Want { load, counts: true, now: CUT };
        self.nodes[node].lease_or_alone(&self.world, 0, want).await
    }

    /// Spends on a node; both know it then.
    async fn spend(&mut self, node: usize, output: i64) {
        let mut lease = self.ask(node, output).await.expect("it is asked").expect("it has room");
        let money = Nano(output * TOKEN);
        let costs = Costs { charged: money, list: money };
        lease.charge((RequestId([2; 16]), START, START), Some(costs), 0);
        drop(lease);
        let told = self.nodes[node].tell(&self.world).await;
        self.nodes[1 - node].hear(&told, &self.world, START);
    }

    /// Returns what Redis says was spent for ever.
    fn total(&self) -> Option<i64> {
        let answer = self.cache.ask("HGET {sw}:m:p:1 all").expect("redis answers");
        answer.lines().find_map(|line| line.parse::<i64>().ok()).map(|nanos| nanos / TOKEN)
    }
}

async fn late() {
    let mut yard = Yard::new().await;
    assert_eq!(yard.total(), Some(60));
    let owner = Dimension::Provider(ProviderId(1));
    yard.nodes[0].counters.reset(&Reset { owner, user: UserId(0), at: CUT });
    let told = yard.nodes[0].tell(&yard.world).await;
    assert_eq!(yard.total(), None);
    // The other one has forty left by what it knows, and twenty of them are its part.
    assert!(yard.ask(1, 30).await.is_none(), "it decides alone");
    assert_eq!(yard.total(), None, "what it knows was not taken");
    assert!(yard.ask(1, 30).await.expect("it decides alone").is_err(), "more than its part");
    assert!(yard.ask(1, 20).await.expect("it decides alone").is_ok());
    assert!(yard.nodes[1].shared.as_ref().unwrap().1.answers(), "Redis is there");
    drop(yard.ask(0, 100).await.expect("it is asked").expect("all of it is left"));
    yard.nodes[0].tell(&yard.world).await;
    assert_eq!(yard.total(), Some(0));
    yard.nodes[1].hear(&told, &yard.world, CUT);
    drop(yard.ask(1, 100).await.expect("it is asked again").expect("all of it is left"));
}

/// The node that knows the cut tells the windows before it tells the reset itself.
async fn early() {
    let mut yard = Yard::new().await;
    let owner = Dimension::Provider(ProviderId(1));
    yard.nodes[0].counters.reset(&Reset { owner: owner.clone(), user: UserId(0), at: CUT });
    assert!(yard.nodes[0].seed(&owner, &yard.world, CUT).await);
    assert_eq!(yard.total(), Some(0), "what Redis knew is forgotten");
    yard.spend(0, 30).await;
    assert_eq!(yard.total(), Some(30), "it is not forgotten twice");
    drop(yard.ask(1, 70).await.expect("it is asked").expect("seventy are left"));
}

#[test]
fn who_has_not_heard_of_a_reset_brings_nothing_back_and_decides_alone() {
    on_a_large_stack(|| actix_web::rt::System::new().block_on(late()));
}

#[test]
fn who_knows_a_cut_may_tell_the_windows_before_the_reset() {
    on_a_large_stack(|| actix_web::rt::System::new().block_on(early()));
}

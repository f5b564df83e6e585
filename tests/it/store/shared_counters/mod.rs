//! The scripts against the core's own rules: two nodes that share a Redis let in and refuse exactly
//! what one node would that saw everything, on the same random histories.

mod beats;
mod charges;
mod flying;
mod histories;
mod minutes;
mod node;
mod resets;
mod slow;
mod world;

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use switchyard_actors::domain::check::Dimension;
use switchyard_actors::domain::counters::Load;
use switchyard_actors::domain::ids::{KeyId, ProviderId, RequestId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::sharing::{LogPlace, Reset};
use switchyard_actors::domain::verdict::Want;
use switchyard_actors::rate_limiter::{Reservation, Reserve, Rules};
use switchyard_actors::shared::leases::Lease;

use self::histories::{Known, Setting, Step, history};
use self::node::{Node, Overlap};
use self::world::{TOKEN, World, bill};
use crate::support::cache::Cache;

const START: Micros = Micros(1_777_982_400_000_000);
/// Two nodes that share, and beside them one that sees everything.
struct Trio<'a> {
    cache: &'a Cache,
    world: World,
    model: Node,
    nodes: [Node; 2],
    now: Micros,
    /// Requests that run, on the two and on the one.
    open: Vec<(Reservation, Reservation)>,
    /// Places at the provider, with their arrivals and whether they cost something.
    leased: Vec<(Micros, bool, [Lease; 2])>,
}

impl<'a> Trio<'a> {
    async fn new(cache: &'a Cache, setting: &Setting) -> Self {
        cache.flush();
        let rules = Rules { enforce: true, strict: setting.strict };
        let sharing = |name| Node::sharing(name, &cache.url(), rules);
        let mut this = Self {
            cache,
            world: World::new(&setting.limits),
            model: Node::alone(rules),
            nodes: [sharing("a"), sharing("b")],
            now: START,
            open: Vec::new(),
            leased: Vec::new(),
        };
        this.beat().await;
        for node in &this.nodes {
            // Nothing else is told meanwhile: what is in the log is counted at once.
            let (_, outbox) = node.shared.as_ref().unwrap();
            outbox.heard(LogPlace(Arc::from("9999999999999-0")));
        }
        this
    }

    async fn beat(&mut self) {
        for node in &mut self.nodes {
            node.beat(self.now).await;
        }
    }

    async fn wait(&mut self, seconds: u64) {
        self.now = self.now.plus(Duration::from_secs(seconds));
        self.beat().await;
    }

    /// Tells each node what has happened on the other.
    async fn talk(&mut self) {
        let [first, second] = &mut self.nodes;
        second.hear(&first.tell(&self.world).await, &self.world, self.now);
        first.hear(&second.tell(&self.world).await, &self.world, self.now);
    }

    /// Takes one of the requests that run.
    fn take(&mut self, which: usize) -> Option<(Reservation, Reservation)> {
        let last = self.open.len().checked_sub(1)?;
        Some(self.open.remove(which.min(last)))
    }

    async fn reserve(
        &mut self,
        node: usize,
        request: Reserve,
        beat: Overlap,
    ) -> Result<(), TestCaseError> {
        let wanted = self.model.limiter.reserve(request.clone()).await;
        let found = self.nodes[node].reserve(request, beat).await;
        let text = |held: &Result<Reservation, _>| format!("{:?}", held.as_ref().err());
        prop_assert_eq!(
            found.is_ok(),
            wanted.is_ok(),
            "two nodes say {}, one says {}",
            text(&found),
            text(&wanted)
        );
        if let (Ok(found), Ok(wanted)) = (found, wanted) {
            self.open.push((found, wanted));
        }
        Ok(())
    }

    fn settle(&mut self, which: usize, output: u64) {
        if let Some((found, wanted)) = self.take(which) {
            let bill = bill(output, found.counts(), self.now);
            found.settle(bill);
            wanted.settle(bill);
        }
    }

    async fn reset(
        &mut self,
        node: usize,
        owner: usize,
        known: Known,
    ) -> Result<(), TestCaseError> {
        let (owner, user) = match owner {
            0 => (Dimension::User(UserId(1)), UserId(1)),
            1 => (Dimension::Key(KeyId(1)), UserId(1)),
            2 => (Dimension::Group(Arc::from("team")), UserId(0)),
            3 => (Dimension::Tag(Arc::from("blue")), UserId(0)),
            _ => (Dimension::Provider(ProviderId(1)), UserId(0)),
        };
        self.now = self.now.plus(Duration::from_millis(1));
        let reset = Reset { owner: owner.clone(), user, at: self.now };
        let (world, now) = (&self.world, self.now);
        self.model.counters.reset(&reset);
        self.nodes.iter().for_each(|node| node.set_now(now));
        self.nodes[node].counters.reset(&reset);
        match known {
            Known::Told => {}
            Known::SeededFirst => {
                prop_assert!(self.nodes[node].seed(&owner, world, now).await, "it knows the cut");
            }
            Known::SeededLate => {
                let told = self.nodes[node].tell(world).await;
                let other = &self.nodes[1 - node];
                prop_assert!(!other.seed(&owner, world, now).await, "it does not know the cut");
                other.hear(&told, world, now);
            }
        }
        Ok(())
    }

    fn raise(&self, which: usize, by: i64) {
        let Some(last) = self.open.len().checked_sub(1) else { return };
        let (found, wanted) = &self.open[which.min(last)];
        for held in [found, wanted].into_iter().filter(|held| held.counts()) {
            held.raise(held.estimate().plus(Nano(by)));
        }
    }

    async fn lease(
        &mut self,
        node: usize,
        (session, want): (u8, Want),
        beat: Overlap,
    ) -> Result<(), TestCaseError> {
        let wanted = self.model.lease(&self.world, session, want).await;
        let found = self.nodes[node].lease_under(&self.world, (session, want), beat).await;
        let text = |held: &Result<Lease, _>| format!("{:?}", held.as_ref().err());
        prop_assert_eq!(
            found.is_ok(),
            wanted.is_ok(),
            "two nodes say {}, one says {}",
            text(&found),
            text(&wanted)
        );
        if let (Ok(mut found), Ok(mut wanted)) = (found, wanted) {
            // Some models are dearer than what was asked with.
            if want.counts && want.load.tokens.is_multiple_of(7) {
                for held in [&mut found, &mut wanted] {
                    held.raise(want.load.money.plus(Nano(30 * TOKEN)));
                }
            }
            self.leased.push((want.now, want.counts, [found, wanted]));
        }
        Ok(())
    }

    /// Ends one of the places; with an output, it is paid.
    fn end_lease(&mut self, which: usize, output: Option<u64>) {
        let Some(last) = self.leased.len().checked_sub(1) else { return };
        let (arrival, counts, held) = self.leased.remove(which.min(last));
        let Some(output) = output else { return };
        let bill = bill(output, counts, self.now);
        let tokens = bill.usage.map_or(0, |usage| usage.total());
        for mut lease in held {
            lease.charge((RequestId([2; 16]), arrival, bill.now), bill.cost, tokens);
        }
    }

    async fn step(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match *step {
            Step::Reserve { node, who, session, output, counts, beat } => {
                let request = self.world.request(who, session, output, counts, self.now);
                self.reserve(node, request, beat).await?;
            }
            Step::Raise { which, by } => self.raise(which, by),
            Step::Settle { which, output } => self.settle(which, output),
            Step::Cancel { which } => {
                drop(self.take(which));
                self.talk().await;
                // Its seat is free at once; one that its session has on the other node may rest.
                self.wait(6).await;
            }
            Step::Lease { node, session, output, counts, beat } => {
                let money = Nano(i64::try_from(output).unwrap() * TOKEN);
                let load = Load { money, tokens: output };
                let load = if counts { load } else { Load::default() };
                let want = Want { load, counts, now: self.now };
                self.lease(node, (session, want), beat).await?;
            }
            Step::Pay { which, output } => self.end_lease(which, Some(output)),
            Step::Return { which } => self.end_lease(which, None),
            Step::Wait { seconds } => self.wait(seconds).await,
            Step::Flush => {
                self.cache.flush();
                // Seats that only rest are forgotten with it; they would be free by now anyhow.
                self.wait(6).await;
            }
            Step::Reset { node, owner, which, output, known } => {
                self.settle(which, output);
                self.reset(node, owner, known).await?;
            }
        }
        self.talk().await;
        Ok(())
    }
}

/// Runs a history on two nodes and on one that sees everything.
async fn run(cache: &Cache, setting: &Setting, steps: &[Step]) -> Result<(), TestCaseError> {
    let mut trio = Trio::new(cache, setting).await;
    for (number, step) in steps.iter().enumerate() {
        let done = trio.step(step).await;
        done.map_err(|error| TestCaseError::fail(format!("step {number} {step:?}: {error}")))?;
    }
    trio.open.clear();
    trio.leased.clear();
    trio.talk().await;
    let none = Vec::<String>::new();
    prop_assert_eq!(left_in(cache, &["h:", "t:"]), none.clone(), "nothing is held at the end");
    // Requests that take no part in a limit run on a meter until the next beat.
    trio.beat().await;
    prop_assert_eq!(left_in(cache, &["h:", "t:", "o:"]), none, "and nothing runs");
    Ok(())
}

/// Returns what Redis says that nodes hold.
fn left_in(cache: &Cache, what: &[&str]) -> Vec<String> {
    let meters = cache.ask("KEYS {sw}:m:*").unwrap();
    let meters =
        meters.lines().filter(|line| line.starts_with("{sw}") && line.matches(':').count() == 3);
    let fields = meters.flat_map(|meter| {
        let fields = cache.ask(&format!("HKEYS {meter}")).unwrap();
        let held = |line: &&str| what.iter().any(|prefix| line.starts_with(prefix));
        fields.lines().filter(held).map(|field| format!("{meter} {field}")).collect::<Vec<_>>()
    });
    fields.collect()
}

/// What a history holds on the stack in a debug build is more than a test's thread has.
const STACK: usize = 32 << 20;

fn on_a_large_stack(work: fn()) {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(work);
    thread.expect("a thread").join().expect("all is well");
}

#[test]
fn two_nodes_on_redis_decide_as_one_that_sees_everything() {
    on_a_large_stack(compare);
}

fn compare() {
    let cache = Cache::start();
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    let system = actix_web::rt::System::new();
    let outcome =
        runner.run(&history(), |(setting, steps)| system.block_on(run(&cache, &setting, &steps)));
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

//! The scripts against the core's own rules: two nodes that share a Redis let in and refuse exactly
//! what one node would that saw everything, on the same random histories.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rust_decimal::Decimal;
use switchyard::store::redis::{RedisCounters, RedisLink, client};
use switchyard_actors::common_counter::{CommonCounter, Word};
use switchyard_actors::domain::caller::Caller;
use switchyard_actors::domain::catalogue::{Catalogue, Group};
use switchyard_actors::domain::check::Dimension;
use switchyard_actors::domain::counters::{Borders, Calendar, Load};
use switchyard_actors::domain::ids::{RequestId, SessionId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::limits::{Costs, Limits, Refusal, ResetMode};
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::price::ModelPrice;
use switchyard_actors::domain::provider::Provider;
use switchyard_actors::domain::routing::fallback::Fallbacks;
use switchyard_actors::domain::secret::Secret;
use switchyard_actors::domain::sharing::{Batch, Charge, Happened, LogPlace, Standing, Windowed};
use switchyard_actors::domain::usage::Usage;
use switchyard_actors::domain::verdict::Want;
use switchyard_actors::ports::SharedCounters;
use switchyard_actors::rate_limiter::{
    Ask, RateLimiterHandle, Reservation, Reserve, Rules, Settle,
};
use switchyard_actors::shared::counters::{Counters, Lifetimes};
use switchyard_actors::shared::leases::{Lease, Leases, Need};
use switchyard_actors::shared::outbox::Outbox;
use switchyard_actors::testing::{caller, price, provider};

use crate::support::cache::Cache;

const START: Micros = Micros(1_777_982_400_000_000);
/// What one output token costs.
const TOKEN: i64 = 10_000;

#[derive(Clone, Debug)]
enum Step {
    Reserve { node: usize, who: usize, session: u8, output: u64, counts: bool },
    Raise { which: usize, by: i64 },
    Settle { which: usize, output: u64 },
    Cancel { which: usize },
    Lease { node: usize, session: u8, output: u64, counts: bool },
    Pay { which: usize, output: u64 },
    Return { which: usize },
    Wait { seconds: u64 },
    Flush,
}

/// Limits of the user, the key, the group, a tag and the provider, and whether Redis may be emptied: what it counts
/// of the last minute is gone then.
#[derive(Clone, Debug)]
struct Setting {
    limits: [Limits; 5],
    strict: bool,
    flushes: bool,
}

fn limits(rates: bool) -> impl Strategy<Value = Limits> {
    let money =
        || prop::option::weighted(0.4, (3_i64..40).prop_map(|count| Nano(count * 40 * TOKEN)));
    let count = |rates: bool, range: std::ops::Range<u32>| {
        let some = prop::option::weighted(0.3, range);
        some.prop_map(move |limit| limit.filter(|_| rates))
    };
    let modes = (any::<bool>(), any::<bool>());
    let counts = (count(rates, 2..8), count(rates, 100..900), count(true, 1..4), count(true, 1..6));
    (counts, money(), money(), money(), money(), money(), modes).prop_map(
        |((rpm, tpm, sessions, requests), five, daily, weekly, monthly, total, (day, hours))| {
            let mode = |rolls| if rolls { ResetMode::Rolling } else { ResetMode::Fixed };
            Limits {
                rpm,
                tpm,
                concurrent_sessions: sessions,
                concurrent_requests: requests,
                spend_5h: five,
                daily,
                weekly,
                monthly,
                total,
                daily_mode: mode(day),
                daily_reset_minute: 90,
                five_hour_mode: mode(hours),
            }
        },
    )
}

fn setting() -> impl Strategy<Value = Setting> {
    any::<bool>().prop_flat_map(|flushes| {
        let one = || limits(!flushes);
        ([one(), one(), one(), one(), one()], any::<bool>())
            .prop_map(move |(limits, strict)| Setting { limits, strict, flushes })
    })
}

fn step(flushes: bool) -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (0..2_usize, 0..3_usize, 0..3_u8, 1..120_u64, prop::bool::weighted(0.9)).prop_map(
            |(node, who, session, output, counts)| Step::Reserve { node, who, session, output, counts }
        ),
        2 => (0..9_usize, 1..50_i64).prop_map(|(which, by)| Step::Raise { which, by: by * TOKEN }),
        7 => (0..9_usize, 0..150_u64).prop_map(|(which, output)| Step::Settle { which, output }),
        2 => (0..9_usize).prop_map(|which| Step::Cancel { which }),
        8 => (0..2_usize, 0..3_u8, 1..120_u64, prop::bool::weighted(0.9)).prop_map(
            |(node, session, output, counts)| Step::Lease { node, session, output, counts }
        ),
        5 => (0..9_usize, 0..150_u64).prop_map(|(which, output)| Step::Pay { which, output }),
        2 => (0..9_usize).prop_map(|which| Step::Return { which }),
        2 => (1..90_u64).prop_map(|seconds| Step::Wait { seconds }),
        1 => (1..40_u64).prop_map(|hours| Step::Wait { seconds: hours * 1_800 }),
        1 => Just(if flushes { Step::Flush } else { Step::Wait { seconds: 1 } }),
    ]
}

fn history() -> impl Strategy<Value = (Setting, Vec<Step>)> {
    setting().prop_flat_map(|setting| {
        let steps = prop::collection::vec(step(setting.flushes), 20..90);
        (Just(setting), steps)
    })
}

/// One node that shares, or the one that sees everything.
struct Node {
    counters: Arc<Counters>,
    limiter: RateLimiterHandle,
    leases: Leases,
    common: Option<CommonCounter>,
    shared: Option<(RedisCounters, Arc<Outbox>)>,
    batches: u64,
}

impl Node {
    fn alone(rules: Rules) -> Self {
        let counters = Arc::new(Counters::new(Lifetimes::default()));
        let limiter = RateLimiterHandle::start(Arc::clone(&counters), rules);
        let leases = Leases::new(Arc::clone(&counters), rules.enforce, rules.strict);
        Self { counters, limiter, leases, common: None, shared: None, batches: 0 }
    }

    fn sharing(name: &str, url: &str, rules: Rules) -> Self {
        let link = RedisLink::new(
            client(&Secret::new(url), true, None).unwrap(),
            Duration::from_secs(20),
            Arc::new(|news, trouble| println!("{news:?}: {trouble:?}")),
        );
        let (shared, outbox) = (RedisCounters::new(name, link).unwrap(), Arc::<Outbox>::default());
        let counters = Counters::new(Lifetimes::default()).telling_to(Arc::clone(&outbox));
        let counters = Arc::new(counters);
        let common = CommonCounter::new(shared.door().unwrap(), Arc::clone(&outbox));
        let limiter = RateLimiterHandle::start(Arc::clone(&counters), rules);
        let limiter = limiter.confirming(common.clone());
        let leases = Leases::new(Arc::clone(&counters), rules.enforce, rules.strict);
        let shared = Some((shared, outbox));
        Self { counters, limiter, leases, common: Some(common), shared, batches: 0 }
    }

    /// Takes a place at the provider, as the pool and its handle do.
    async fn lease(&self, world: &World, session: u8, want: Want) -> Result<Lease, Refusal> {
        let session = SessionId(Arc::from(format!("s_{session}")));
        let zone = &world.catalogue.settings.time_zone;
        let need = Need { session: Some(&session), want, zone };
        let lease = self.leases.take(&world.provider, &need)?;
        let Some(common) = &self.common else { return Ok(lease) };
        match common.confirm(lease).await {
            Word::Held(lease) => Ok(lease),
            Word::Refused(refusal) => Err(refusal),
            Word::Away => panic!("it is there"),
        }
    }

    /// Says that it lives and what it holds.
    async fn beat(&mut self, now: Micros) {
        let (shared, outbox) = self.shared.as_ref().unwrap();
        shared.set_now(now.millis());
        assert!(outbox.is_empty(), "it was told before");
        let (asked, held) = outbox.weigh(|owner, held| self.counters.standing(owner, held));
        outbox.is_common(shared.beat(asked, &held).await.unwrap().nodes);
    }

    /// Looks at what it holds, and has the beat that says it run later.
    fn weigh(&self) -> (u64, Vec<Standing>) {
        let (_, outbox) = self.shared.as_ref().unwrap();
        outbox.weigh(|owner, held| self.counters.standing(owner, held))
    }

    async fn beat_late(&self, (asked, held): (u64, Vec<Standing>)) {
        let (shared, _) = self.shared.as_ref().unwrap();
        shared.beat(asked, &held).await.unwrap();
    }

    /// Tells what has happened; returns what the other node should hear.
    async fn tell(&mut self, world: &World) -> Vec<Charge> {
        let (shared, outbox) = self.shared.as_ref().unwrap();
        let (moved, happened) = outbox.take(usize::MAX);
        let charged = happened.into_iter().filter_map(|one| match one {
            Happened::Charged(charge) => Some(charge),
            _ => None,
        });
        let charged: Vec<Charge> = charged.collect();
        if moved.is_empty() && charged.is_empty() {
            return Vec::new();
        }
        self.batches += 1;
        let windowed = charged.iter().cloned().map(|charge| world.windowed(charge)).collect();
        let batch = Batch { number: self.batches, moved, charged: windowed, ..Batch::default() };
        shared.publish(&batch).await.unwrap();
        // A batch whose answer was lost comes again, and counts once.
        shared.publish(&batch).await.unwrap();
        outbox.arrived(self.batches, charged.len());
        charged
    }

    /// Counts what the other node has told.
    fn hear(&self, told: &[Charge], world: &World, now: Micros) {
        for charge in told {
            self.counters.hear(charge, |owner| world.borders(owner, now));
        }
    }
}

/// Who asks, and under which limits.
struct World {
    callers: [Arc<Caller>; 3],
    catalogue: Arc<Catalogue>,
    provider: Provider,
    price: Arc<ModelPrice>,
}

impl World {
    fn new(setting: &Setting) -> Self {
        let [user, key, group, tag, limits] = setting.limits.clone();
        let provider = Provider { limits, ..provider(1) };
        let member = |id: i64, number: i64, own: &Limits| {
            let mut member = (*caller(id, number, user.clone(), own.clone())).clone();
            member.groups = Arc::from([Arc::from("team")]);
            member.tags = Arc::from([Arc::from("blue")]);
            Arc::new(member)
        };
        let callers = [
            member(1, 1, &key),
            member(1, 2, &Limits::default()),
            member(2, 3, &Limits::default()),
        ];
        let team = Group { factor: None, limits: group, fallbacks: Fallbacks::default() };
        let catalogue = Catalogue {
            groups: Arc::new([(Arc::from("team"), team)].into_iter().collect()),
            tags: Arc::new([(Arc::from("blue"), tag)].into_iter().collect()),
            ..Catalogue::default()
        };
        Self { callers, catalogue: Arc::new(catalogue), provider, price: price() }
    }

    fn limits(&self, owner: &Dimension) -> Limits {
        let by_key = |caller: &&Arc<Caller>| Dimension::Key(caller.key) == *owner;
        match owner {
            Dimension::Key(_) => self.callers.iter().find(by_key).unwrap().key_limits.clone(),
            Dimension::User(_) => self.callers[0].user_limits.clone(),
            Dimension::Group(name) => self.catalogue.groups[name].limits.clone(),
            Dimension::Tag(name) => self.catalogue.tags[name].clone(),
            Dimension::Provider(_) => self.provider.limits.clone(),
        }
    }

    fn borders(&self, owner: &Dimension, at: Micros) -> Borders {
        let zone = &self.catalogue.settings.time_zone;
        Calendar::default().around(zone, &self.limits(owner), at)
    }

    fn windowed(&self, charge: Charge) -> Windowed {
        let windows = charge.owners.iter().map(|owner| {
            let borders = self.borders(owner, charge.at);
            [borders.day.start, borders.week.start, borders.month.start]
        });
        let windows = windows.collect();
        Windowed { charge, windows }
    }

    fn request(&self, who: usize, session: u8, output: u64, counts: bool, now: Micros) -> Reserve {
        Reserve {
            request: RequestId([1; 16]),
            caller: Arc::clone(&self.callers[who]),
            session: SessionId(Arc::from(format!("s_{who}_{session}"))),
            ask: Ask {
                model: Some(Arc::from("m")),
                body_bytes: 0,
                max_output: Some(output),
                price: Some(Arc::clone(&self.price)),
                factor: Decimal::ONE,
                counts,
            },
            catalogue: Arc::clone(&self.catalogue),
            patience: Duration::MAX,
            now,
        }
    }
}

fn bill(output: u64, counts: bool, now: Micros) -> Settle {
    let money = Nano(i64::try_from(output).unwrap() * TOKEN);
    let usage = counts.then_some(Usage { output, ..Usage::default() });
    let cost = counts.then_some(Costs { charged: money, list: money });
    Settle { cost, usage, input_bytes: 0, now }
}

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
            world: World::new(setting),
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

    async fn reserve(&mut self, node: usize, request: Reserve) -> Result<(), TestCaseError> {
        let wanted = self.model.limiter.reserve(request.clone()).await;
        let found = self.nodes[node].limiter.reserve(request).await;
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

    fn raise(&self, which: usize, by: i64) {
        let Some(last) = self.open.len().checked_sub(1) else { return };
        let (found, wanted) = &self.open[which.min(last)];
        for held in [found, wanted].into_iter().filter(|held| held.counts()) {
            held.raise(held.estimate().plus(Nano(by)));
        }
    }

    async fn lease(&mut self, node: usize, session: u8, want: Want) -> Result<(), TestCaseError> {
        let wanted = self.model.lease(&self.world, session, want).await;
        let found = self.nodes[node].lease(&self.world, session, want).await;
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
            Step::Reserve { node, who, session, output, counts } => {
                let request = self.world.request(who, session, output, counts, self.now);
                // Now and then a beat that was made before comes in behind the question.
                let late = output.is_multiple_of(3).then(|| self.nodes[node].weigh());
                self.reserve(node, request).await?;
                if let Some(late) = late {
                    self.nodes[node].beat_late(late).await;
                }
            }
            Step::Raise { which, by } => self.raise(which, by),
            Step::Settle { which, output } => {
                if let Some((found, wanted)) = self.take(which) {
                    let bill = bill(output, found.counts(), self.now);
                    found.settle(bill);
                    wanted.settle(bill);
                }
            }
            Step::Cancel { which } => {
                drop(self.take(which));
                self.talk().await;
                // Its seat is free at once; one that its session has on the other node may rest.
                self.wait(6).await;
            }
            Step::Lease { node, session, output, counts } => {
                let money = Nano(i64::try_from(output).unwrap() * TOKEN);
                let load = Load { money, tokens: output };
                let load = if counts { load } else { Load::default() };
                self.lease(node, session, Want { load, counts, now: self.now }).await?;
            }
            Step::Pay { which, output } => self.end_lease(which, Some(output)),
            Step::Return { which } => self.end_lease(which, None),
            Step::Wait { seconds } => self.wait(seconds).await,
            Step::Flush => {
                self.cache.flush();
                // Seats that only rest are forgotten with it; they would be free by now anyhow.
                self.wait(6).await;
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

#[test]
fn two_nodes_on_redis_decide_as_one_that_sees_everything() {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(compare);
    thread.expect("a thread").join().expect("both decide alike");
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

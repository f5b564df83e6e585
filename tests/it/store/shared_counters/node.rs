//! One node of several, as its replicator and its handles drive it: what it tells and hears comes when a
//! test says so.

use std::sync::Arc;
use std::time::Duration;

use switchyard::store::redis::{RedisCounters, RedisLink, client};
use switchyard_actors::common_counter::{CommonCounter, Word};
use switchyard_actors::domain::check::Dimension;
use switchyard_actors::domain::flying::Weighing;
use switchyard_actors::domain::ids::{SessionId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::limits::Refusal;
use switchyard_actors::domain::secret::Secret;
use switchyard_actors::domain::sharing::{Batch, Happened, Progress, Told};
use switchyard_actors::domain::verdict::Want;
use switchyard_actors::ports::SharedCounters;
use switchyard_actors::rate_limiter::{RateLimiterHandle, Reservation, Reserve, Rules};
use switchyard_actors::shared::claim::Claimed;
use switchyard_actors::shared::counters::{Counters, Lifetimes};
use switchyard_actors::shared::leases::{Lease, Leases, Need};
use switchyard_actors::shared::outbox::Outbox;

use super::world::World;

/// Where a beat is while a question is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// Nowhere.
    None,
    /// It is made before this node decides, and comes in behind the question.
    Late,
    /// It is made when this node has decided, and comes in before the question.
    Overtakes,
    /// It is made when this node has decided, and comes in behind the question.
    Behind,
}

/// One node that shares, or the one that sees everything.
pub struct Node {
    pub counters: Arc<Counters>,
    pub limiter: RateLimiterHandle,
    pub leases: Leases,
    common: Option<CommonCounter>,
    pub shared: Option<(RedisCounters, Arc<Outbox>)>,
    batches: u64,
}

impl Node {
    pub fn alone(rules: Rules) -> Self {
        let counters = Arc::new(Counters::new(Lifetimes::default()));
        let limiter = RateLimiterHandle::start(Arc::clone(&counters), rules);
        let leases = Leases::new(Arc::clone(&counters), rules.enforce, rules.strict);
        Self { counters, limiter, leases, common: None, shared: None, batches: 0 }
    }

    pub fn sharing(name: &str, url: &str, rules: Rules) -> Self {
        Self::sharing_within(name, url, rules, Duration::from_secs(20))
    }

    /// Makes one that waits no longer for an answer.
    pub fn sharing_within(name: &str, url: &str, rules: Rules, within: Duration) -> Self {
        let link = RedisLink::new(
            client(&Secret::new(url), true, None).unwrap(),
            within,
            Arc::new(|news, trouble| println!("{news:?}: {trouble:?}")),
        );
        let (shared, outbox) = (RedisCounters::new(name, link).unwrap(), Arc::<Outbox>::default());
        let counters = Counters::new(Lifetimes::default()).telling_to(Arc::clone(&outbox));
        let counters = Arc::new(counters);
        let common = CommonCounter::new(shared.door().unwrap(), Arc::clone(&outbox));
        let limiter = RateLimiterHandle::start(Arc::clone(&counters), rules);
        let leases = Leases::new(Arc::clone(&counters), rules.enforce, rules.strict);
        let shared = Some((shared, outbox));
        Self { counters, limiter, leases, common: Some(common), shared, batches: 0 }
    }

    /// Asks whether a request may go on, as the handle of a limiter does.
    pub async fn reserve(&self, request: Reserve, beat: Overlap) -> Result<Reservation, Refusal> {
        let before = (beat == Overlap::Late).then(|| self.weigh());
        let answer = loop {
            match self.limiter.reserve(request.clone()).await {
                Ok(held) => {
                    if let Some(answer) = self.confirm(held, beat).await {
                        break answer;
                    }
                }
                Err(refusal) => break Err(refusal),
            }
        };
        if let Some(before) = before {
            let _skipped = self.beat_late(before).await;
        }
        answer
    }

    /// Has what this node has let in confirmed; `None` when it is to decide once more, alone.
    pub async fn confirm<G: Claimed>(&self, guard: G, beat: Overlap) -> Option<Result<G, Refusal>> {
        let Some(common) = &self.common else { return Some(Ok(guard)) };
        let flying = (beat == Overlap::Behind).then(|| self.weigh());
        if beat == Overlap::Overtakes {
            assert_eq!(self.beat_late(self.weigh()).await, [], "nobody has asked");
        }
        let word = common.confirm(guard).await;
        if let Some(flying) = flying {
            assert_eq!(self.beat_late(flying).await, [], "it knew of the question");
        }
        match word {
            Word::Held(guard) => Some(Ok(guard)),
            Word::Refused(refusal) => Some(Err(refusal)),
            Word::Away => None,
        }
    }

    /// Lets a request have a place at the provider, as far as this node knows.
    pub fn take(&self, world: &World, session: u8, want: Want) -> Result<Lease, Refusal> {
        let session = SessionId(Arc::from(format!("s_{session}")));
        let zone = &world.catalogue.settings.time_zone;
        self.leases.take(&world.provider, &Need { session: Some(&session), want, zone })
    }

    /// Takes a place at the provider, as the pool and its handle do.
    pub async fn lease(&self, world: &World, session: u8, want: Want) -> Result<Lease, Refusal> {
        self.lease_or_alone(world, session, want).await.expect("it is there")
    }

    /// Takes a place at the provider while a beat is on its way.
    pub async fn lease_under(
        &self,
        world: &World,
        (session, want): (u8, Want),
        beat: Overlap,
    ) -> Result<Lease, Refusal> {
        let before = (beat == Overlap::Late).then(|| self.weigh());
        let answer = match self.take(world, session, want) {
            Ok(lease) => self.confirm(lease, beat).await.expect("it is there"),
            Err(refusal) => Err(refusal),
        };
        if let Some(before) = before {
            let _skipped = self.beat_late(before).await;
        }
        answer
    }

    /// Takes a place at the provider; `None` when this node is to decide once more, alone.
    pub async fn lease_or_alone(
        &self,
        world: &World,
        session: u8,
        want: Want,
    ) -> Option<Result<Lease, Refusal>> {
        match self.take(world, session, want) {
            Ok(lease) => self.confirm(lease, Overlap::None).await,
            Err(refusal) => Some(Err(refusal)),
        }
    }

    /// Says that it lives and what it holds.
    pub async fn beat(&mut self, now: Micros) {
        let (shared, outbox) = self.shared.as_ref().unwrap();
        shared.set_now(now.millis());
        assert!(outbox.is_empty(), "it was told before");
        let pulse = shared.beat(&self.counters.weigh(), Progress::default()).await.unwrap();
        outbox.is_common(pulse.nodes);
        outbox.said(&pulse.skipped);
        assert_eq!(pulse.skipped, [], "nobody asked meanwhile");
    }

    /// Takes an instant for the present.
    pub fn set_now(&self, now: Micros) {
        self.shared.as_ref().unwrap().0.set_now(now.millis());
    }

    /// Looks at what it holds, and has the beat that says it run later.
    pub fn weigh(&self) -> Weighing {
        self.counters.weigh()
    }

    /// Has it run; returns whom it has skipped.
    pub async fn beat_late(&self, weighing: Weighing) -> Vec<Dimension> {
        let (shared, outbox) = self.shared.as_ref().unwrap();
        let skipped = shared.beat(&weighing, Progress::default()).await.unwrap().skipped;
        outbox.said(&skipped);
        skipped
    }

    /// Has it run, and loses the answer.
    pub async fn beat_unanswered(&self, weighing: Weighing) {
        let (shared, outbox) = self.shared.as_ref().unwrap();
        let _lost = shared.beat(&weighing, Progress::default()).await.unwrap();
        outbox.said(&[]);
    }

    /// Tells what has happened; returns what the other node should hear.
    pub async fn tell(&mut self, world: &World) -> Vec<Told> {
        let mut told = Vec::new();
        while let Some(batch) = self.batch(world) {
            let (shared, outbox) = self.shared.as_ref().unwrap();
            shared.publish(&batch).await.unwrap();
            // A batch whose answer was lost comes again, and counts once.
            shared.publish(&batch).await.unwrap();
            outbox.arrived(batch.number, batch.charged.len());
            told.extend(batch.charged.into_iter().map(|one| Told::Charged(one.charge)));
            told.extend(batch.reset.into_iter().map(Told::Reset));
        }
        told
    }

    /// Takes what has happened out of the outbox.
    pub fn batch(&mut self, world: &World) -> Option<Batch> {
        let (_, outbox) = self.shared.as_ref().unwrap();
        if outbox.is_empty() {
            return None;
        }
        let (moved, happened) = outbox.take(usize::MAX);
        self.batches += 1;
        let mut batch = Batch { number: self.batches, moved, ..Batch::default() };
        for one in happened {
            match one {
                Happened::Charged(charge) => batch.charged.push(world.windowed(charge)),
                Happened::Reset(reset) => batch.reset.push(reset),
                Happened::Bound(_) | Happened::Broke(_) => {}
            }
        }
        Some(batch)
    }

    /// Counts what the other node has told.
    pub fn hear(&self, told: &[Told], world: &World, now: Micros) {
        for one in told {
            match one {
                Told::Charged(charge) => {
                    self.counters.hear(charge, |owner| world.borders(owner, now));
                }
                Told::Reset(reset) => self.counters.hear_reset(reset),
                Told::Bound(_) => {}
            }
        }
    }

    /// Tells the windows of an owner, whatever news may be on its way; returns whether they were taken.
    pub async fn seed(&self, owner: &Dimension, world: &World, now: Micros) -> bool {
        let (shared, _) = self.shared.as_ref().unwrap();
        let user = matches!(owner, Dimension::User(_) | Dimension::Key(_)).then_some(UserId(1));
        let (sums, _) = self.counters.sums(user, owner, &world.borders(owner, now));
        shared.door().unwrap().seed(&sums, None).await.unwrap()
    }
}

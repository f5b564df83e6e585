//! One node of several, as its replicator and its handles drive it: what it tells and hears comes when a
//! test says so.

use std::sync::Arc;
use std::time::Duration;

use switchyard::store::redis::{RedisCounters, RedisLink, client};
use switchyard_actors::common_counter::{CommonCounter, Word};
use switchyard_actors::domain::check::Dimension;
use switchyard_actors::domain::ids::{SessionId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::limits::Refusal;
use switchyard_actors::domain::secret::Secret;
use switchyard_actors::domain::sharing::{Batch, Happened, Progress, Standing, Told};
use switchyard_actors::domain::verdict::Want;
use switchyard_actors::ports::SharedCounters;
use switchyard_actors::rate_limiter::{RateLimiterHandle, Rules};
use switchyard_actors::shared::counters::{Counters, Lifetimes};
use switchyard_actors::shared::leases::{Lease, Leases, Need};
use switchyard_actors::shared::outbox::Outbox;

use super::world::World;

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
        let limiter = limiter.confirming(common.clone());
        let leases = Leases::new(Arc::clone(&counters), rules.enforce, rules.strict);
        let shared = Some((shared, outbox));
        Self { counters, limiter, leases, common: Some(common), shared, batches: 0 }
    }

    /// Takes a place at the provider, as the pool and its handle do.
    pub async fn lease(&self, world: &World, session: u8, want: Want) -> Result<Lease, Refusal> {
        self.lease_or_alone(world, session, want).await.expect("it is there")
    }

    /// Takes a place at the provider; `None` when this node is to decide once more, alone.
    pub async fn lease_or_alone(
        &self,
        world: &World,
        session: u8,
        want: Want,
    ) -> Option<Result<Lease, Refusal>> {
        let session = SessionId(Arc::from(format!("s_{session}")));
        let zone = &world.catalogue.settings.time_zone;
        let need = Need { session: Some(&session), want, zone };
        let lease = match self.leases.take(&world.provider, &need) {
            Ok(lease) => lease,
            Err(refusal) => return Some(Err(refusal)),
        };
        let Some(common) = &self.common else { return Some(Ok(lease)) };
        match common.confirm(lease).await {
            Word::Held(lease) => Some(Ok(lease)),
            Word::Refused(refusal) => Some(Err(refusal)),
            Word::Away => None,
        }
    }

    /// Says that it lives and what it holds.
    pub async fn beat(&mut self, now: Micros) {
        let (shared, outbox) = self.shared.as_ref().unwrap();
        shared.set_now(now.millis());
        assert!(outbox.is_empty(), "it was told before");
        let (asked, held) = outbox.weigh(|owner, held| self.counters.standing(owner, held));
        let pulse = shared.beat(asked, &held, Progress::default()).await.unwrap();
        outbox.is_common(pulse.nodes);
        outbox.said(&pulse.skipped);
        assert_eq!(pulse.skipped, [], "nobody asked meanwhile");
    }

    /// Takes an instant for the present.
    pub fn set_now(&self, now: Micros) {
        self.shared.as_ref().unwrap().0.set_now(now.millis());
    }

    /// Looks at what it holds, and has the beat that says it run later.
    pub fn weigh(&self) -> (u64, Vec<Standing>) {
        let (_, outbox) = self.shared.as_ref().unwrap();
        outbox.weigh(|owner, held| self.counters.standing(owner, held))
    }

    /// Has it run; returns whom it has skipped.
    pub async fn beat_late(&self, (asked, held): (u64, Vec<Standing>)) -> Vec<Dimension> {
        let (shared, outbox) = self.shared.as_ref().unwrap();
        let skipped = shared.beat(asked, &held, Progress::default()).await.unwrap().skipped;
        outbox.said(&skipped);
        skipped
    }

    /// Has it run, and loses the answer.
    pub async fn beat_unanswered(&self, (asked, held): (u64, Vec<Standing>)) {
        let (shared, outbox) = self.shared.as_ref().unwrap();
        let _lost = shared.beat(asked, &held, Progress::default()).await.unwrap();
        outbox.said(&[]);
    }

    /// Tells what has happened; returns what the other node should hear.
    pub async fn tell(&mut self, world: &World) -> Vec<Told> {
        let (shared, outbox) = self.shared.as_ref().unwrap();
        let mut told = Vec::new();
        while !outbox.is_empty() {
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
            shared.publish(&batch).await.unwrap();
            // A batch whose answer was lost comes again, and counts once.
            shared.publish(&batch).await.unwrap();
            outbox.arrived(self.batches, batch.charged.len());
            told.extend(batch.charged.into_iter().map(|one| Told::Charged(one.charge)));
            told.extend(batch.reset.into_iter().map(Told::Reset));
        }
        told
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

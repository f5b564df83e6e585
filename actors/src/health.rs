//! Watches over actors. A panic ends an actor without a word (actix catches nothing), so somebody has
//! to look: a dead actor ends the process, a slow one turns readiness off.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use actix::dev::ToEnvelope;
use actix::prelude::{Actor, Addr, Handler, Message};
use futures_util::future::join_all;
use parking_lot::Mutex;
use serde::Serialize;

use crate::ask::{AskError, ask};
use crate::clock::Clock;
use crate::domain::instant::Micros;
use crate::ports::BoxFuture;

/// What is known of one actor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActorHealth {
    /// Its name, such as `rate_limiter/0`.
    pub name: Arc<str>,
    /// Its address is open.
    pub alive: bool,
    /// Milliseconds since it last answered.
    pub silent_ms: u64,
}

/// The registry of watched actors.
pub struct Health {
    clock: Arc<dyn Clock>,
    watched: Mutex<Vec<Arc<Watched>>>,
    standing_down: AtomicBool,
}

type Observe = Box<dyn Fn(Duration) -> BoxFuture<'static, Result<(), AskError>> + Send + Sync>;

struct Watched {
    name: Arc<str>,
    connected: Box<dyn Fn() -> bool + Send + Sync>,
    observe: Observe,
    answered_at: AtomicI64,
}

impl Health {
    /// Makes an empty registry.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, watched: Mutex::default(), standing_down: AtomicBool::new(false) }
    }

    /// Watches an actor by a cheap question.
    pub fn watch<A, M>(&self, name: &str, addr: &Addr<A>, question: fn() -> M)
    where
        A: Actor + Handler<M>,
        A::Context: ToEnvelope<A, M>,
        M: Message + Send + 'static,
        M::Result: Send,
    {
        let (to_check, to_ask) = (addr.clone(), addr.clone());
        let observe: Observe = Box::new(move |deadline| {
            let addr = to_ask.clone();
            Box::pin(async move { ask(&addr, question(), Some(deadline)).await.map(drop) })
        });
        self.watched.lock().push(Arc::new(Watched {
            name: Arc::from(name),
            connected: Box::new(move || to_check.connected()),
            observe,
            answered_at: AtomicI64::new(self.clock.now().0),
        }));
    }

    /// Returns what is known now, without asking anybody.
    #[must_use]
    pub fn view(&self) -> Vec<ActorHealth> {
        let now = self.clock.now();
        self.watched.lock().iter().map(|watched| watched.view(now)).collect()
    }

    /// Asks all actors at once and returns what is known then.
    pub async fn check(&self, deadline: Duration) -> Vec<ActorHealth> {
        let watched = self.watched.lock().clone();
        let questions = watched.iter().map(|watched| async move {
            if (watched.observe)(deadline).await.is_ok() {
                watched.answered_at.store(self.clock.now().0, Ordering::Relaxed);
            }
        });
        join_all(questions).await;
        self.view()
    }

    /// Ends the watch: the process stops its actors itself now.
    pub fn stand_down(&self) {
        self.standing_down.store(true, Ordering::SeqCst);
    }

    /// Checks for ever. The first dead actor ends the watch and is handed to `on_dead`, which ends
    /// the process.
    pub async fn run(&self, every: Duration, deadline: Duration, on_dead: impl FnOnce(&str)) {
        loop {
            let seen = self.check(deadline).await;
            if self.standing_down.load(Ordering::SeqCst) {
                return;
            }
            if let Some(dead) = seen.iter().find(|actor| !actor.alive) {
                tracing::error!(actor.name = %dead.name, "actor {} has ended", dead.name);
                return on_dead(&dead.name);
            }
            tokio::time::sleep(every).await;
        }
    }
}

impl Watched {
    fn view(&self, now: Micros) -> ActorHealth {
        let answered_at = Micros(self.answered_at.load(Ordering::Relaxed));
        let silent = now.since(answered_at).as_millis();
        ActorHealth {
            name: Arc::clone(&self.name),
            alive: (self.connected)(),
            silent_ms: u64::try_from(silent).unwrap_or(u64::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::testing::{Probe, TestUniverse};

    #[derive(Message, Debug)]
    #[rtype(result = "()")]
    struct Look;

    const SECOND: Duration = Duration::from_secs(1);

    #[actix::test]
    async fn an_actor_that_answers_is_not_silent() {
        let universe = TestUniverse::start();
        let health = Health::new(universe.clock());
        let (probe, _seen) = Probe::<Look>::start(|_| ());
        health.watch("probe", &probe, || Look);
        universe.advance(SECOND * 7).await;
        assert_eq!(health.view()[0].silent_ms, 7_000);
        let seen = health.check(SECOND).await;
        assert_eq!((seen[0].alive, seen[0].silent_ms), (true, 0));
    }

    #[actix::test]
    async fn the_first_dead_actor_is_handed_to_who_ends_the_process() {
        let universe = TestUniverse::start();
        let health = Rc::new(Health::new(universe.clock()));
        let (probe, seen) = Probe::<Look>::start(|_| ());
        health.watch("probe", &probe, || Look);
        let watching = Rc::clone(&health);
        let dead = actix::spawn(async move {
            let mut dead = None;
            watching.run(SECOND, SECOND, |name| dead = Some(name.to_owned())).await;
            dead
        });
        universe.advance(SECOND * 3).await;
        assert!(!dead.is_finished(), "all is well so far");
        seen.end(&probe).await;
        universe.advance(SECOND * 2).await;
        assert_eq!(dead.await.unwrap().as_deref(), Some("probe"));
    }

    #[actix::test]
    async fn a_process_that_ends_itself_is_not_ended_by_the_watch() {
        let universe = TestUniverse::start();
        let health = Health::new(universe.clock());
        let (probe, seen) = Probe::<Look>::start(|_| ());
        health.watch("probe", &probe, || Look);
        health.stand_down();
        seen.end(&probe).await;
        health.run(SECOND, SECOND, |name| panic!("{name} was stopped on purpose")).await;
    }
}

//! Questions with a deadline and notices with a bound: the only doors to another actor's mailbox.
//!
//! `Addr::send` never pushes back and waits for ever, and every clone of an `Addr` gets one message
//! in past the bound; so nobody but this file calls them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix::dev::ToEnvelope;
use actix::prelude::{Actor, Addr, Context, Handler, MailboxError, Message};

/// Why a question has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The actor is there but did not answer within the deadline; it may still act.
    #[error("the actor did not answer in time")]
    Silent,
    /// The actor has ended.
    #[error("the actor has ended")]
    Gone,
}

/// Asks an actor. `None` is for actors on the same thread, whose ports have the deadlines.
#[expect(clippy::disallowed_methods, reason = "the one caller of Addr::send")]
pub async fn ask<A, M>(
    addr: &Addr<A>,
    message: M,
    deadline: Option<Duration>,
) -> Result<M::Result, AskError>
where
    A: Actor + Handler<M>,
    A::Context: ToEnvelope<A, M>,
    M: Message + Send + 'static,
    M::Result: Send,
{
    let request = addr.send(message);
    let answer = match deadline {
        Some(deadline) => request.timeout(deadline).await,
        None => request.await,
    };
    answer.map_err(|error| match error {
        MailboxError::Closed => AskError::Gone,
        MailboxError::Timeout => AskError::Silent,
    })
}

/// Starts an actor on the present thread's arbiter, with so many places in its mailbox.
pub fn start_bounded<A: Actor<Context = Context<A>>>(actor: A, capacity: usize) -> Addr<A> {
    A::create(|context| {
        // Not in `started`, which only runs once the mailbox may have been filled.
        context.set_mailbox_capacity(capacity);
        actor
    })
}

/// A bounded line of notices to one actor. Clones share one `Addr`, so the mailbox's capacity holds,
/// and what did not get in is counted.
pub struct Teller<A: Actor>(Arc<Line<A>>);

struct Line<A: Actor> {
    addr: Addr<A>,
    lost: AtomicU64,
}

impl<A: Actor> Teller<A> {
    /// Makes the line to an actor. One per actor: two lines are two bounds.
    #[must_use]
    pub fn new(addr: Addr<A>) -> Self {
        Self(Arc::new(Line { addr, lost: AtomicU64::new(0) }))
    }

    /// Tells the actor; answers whether the notice got in. A full or closed mailbox is counted.
    pub fn tell<M>(&self, message: M) -> bool
    where
        A: Handler<M>,
        A::Context: ToEnvelope<A, M>,
        M: Message + Send + 'static,
        M::Result: Send,
    {
        let told = self.0.addr.try_send(message).is_ok();
        if !told {
            self.0.lost.fetch_add(1, Ordering::Relaxed);
        }
        told
    }

    /// Returns how many notices did not get in.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.0.lost.load(Ordering::Relaxed)
    }

    /// Returns the address, for questions to the same actor.
    #[must_use]
    pub fn addr(&self) -> &Addr<A> {
        &self.0.addr
    }
}

impl<A: Actor> Clone for Teller<A> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use actix::prelude::{Actor as _, Context, Handler, Message, ResponseFuture};

    use super::*;
    use crate::testing::{Probe, TestUniverse};

    struct Sleeper;

    #[derive(Message)]
    #[rtype(result = "()")]
    struct Sleep(Duration);

    impl Actor for Sleeper {
        type Context = Context<Self>;
    }

    impl Handler<Sleep> for Sleeper {
        type Result = ResponseFuture<()>;

        fn handle(&mut self, message: Sleep, _: &mut Self::Context) -> Self::Result {
            Box::pin(tokio::time::sleep(message.0))
        }
    }

    #[derive(Message, Clone, Debug, PartialEq)]
    #[rtype(result = "()")]
    struct Noted(u32);

    #[actix::test]
    async fn a_slow_answer_is_silence() {
        let _universe = TestUniverse::start();
        let sleeper = Sleeper.start();
        let long = Sleep(Duration::from_secs(10));
        let answer = ask(&sleeper, long, Some(Duration::from_secs(1))).await;
        assert_eq!(answer, Err(AskError::Silent));
        let short = Sleep(Duration::from_millis(10));
        assert_eq!(ask(&sleeper, short, Some(Duration::from_secs(1))).await, Ok(()));
    }

    #[actix::test]
    async fn an_ended_actor_is_gone() {
        let (probe, seen) = Probe::<Noted>::start(|_| ());
        assert_eq!(ask(&probe, Noted(1), None).await, Ok(()));
        seen.end(&probe).await;
        assert_eq!(ask(&probe, Noted(2), None).await, Err(AskError::Gone));
        assert_eq!(seen.all(), [Noted(1)]);
    }

    #[actix::test]
    async fn clones_of_a_line_share_the_bound_and_count_what_was_lost() {
        let (probe, seen) = Probe::<Noted>::start(|_| ());
        let line = Teller::new(probe);
        let told = (0..100).filter(|number| line.clone().tell(Noted(*number))).count();
        assert!(told < 100, "the mailbox is bounded");
        assert_eq!(line.lost(), 100 - u64::try_from(told).unwrap());
        ask(line.addr(), Noted(100), None).await.unwrap();
        assert_eq!(seen.all().len(), told + 1);
    }
}

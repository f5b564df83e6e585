//! An actor that notes what it was told and answers from a script, in place of a real one.

use std::sync::Arc;

use actix::dev::MessageResponse;
use actix::prelude::{
    Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message, WrapFuture,
};
use parking_lot::Mutex;
use tokio::sync::Notify;

type Script<M> = Box<dyn FnMut(&M) -> <M as Message>::Result>;

/// Stands in for any actor that takes `M`.
pub struct Probe<M: Message> {
    seen: Seen<M>,
    script: Script<M>,
}

/// What a probe was told, in order.
pub struct Seen<M> {
    messages: Arc<Mutex<Vec<M>>>,
    end: Arc<Notify>,
}

impl<M> Probe<M>
where
    M: Message + Send + Unpin + 'static,
    M::Result: Send + MessageResponse<Self, M>,
{
    /// Starts a probe that answers by `script`.
    pub fn start(script: impl FnMut(&M) -> M::Result + 'static) -> (Addr<Self>, Seen<M>) {
        let seen = Seen { messages: Arc::default(), end: Arc::default() };
        let probe = Self { seen: seen.clone(), script: Box::new(script) };
        (Actor::start(probe), seen)
    }
}

impl<M: Message + Unpin + 'static> Actor for Probe<M> {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        let end = Arc::clone(&self.seen.end);
        let ended = async move { end.notified().await };
        context.spawn(ended.into_actor(self).map(|(), _, context| context.stop()));
    }
}

impl<M> Handler<M> for Probe<M>
where
    M: Message + Unpin + 'static,
    M::Result: MessageResponse<Self, M>,
{
    type Result = M::Result;

    fn handle(&mut self, message: M, _: &mut Self::Context) -> Self::Result {
        let answer = (self.script)(&message);
        self.seen.messages.lock().push(message);
        answer
    }
}

impl<M> Seen<M> {
    /// Returns how many messages came.
    #[must_use]
    pub fn count(&self) -> usize {
        self.messages.lock().len()
    }

    /// Takes what came so far.
    #[must_use]
    pub fn take(&self) -> Vec<M> {
        std::mem::take(&mut *self.messages.lock())
    }

    /// Ends the probe: from now on its address is closed.
    pub async fn end<A: Actor>(&self, addr: &Addr<A>)
    where
        A::Context: ActorContext,
    {
        self.end.notify_one();
        while addr.connected() {
            tokio::task::yield_now().await;
        }
    }
}

impl<M: Clone> Seen<M> {
    /// Returns what came so far.
    #[must_use]
    pub fn all(&self) -> Vec<M> {
        self.messages.lock().clone()
    }
}

impl<M> Clone for Seen<M> {
    fn clone(&self) -> Self {
        Self { messages: Arc::clone(&self.messages), end: Arc::clone(&self.end) }
    }
}

//! The shell: one renewal at a time for each credential, for those who wait and ahead of time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use actix::prelude::{
    Actor, ActorFutureExt, AsyncContext, Context, Handler, MessageResult, ResponseActFuture,
    ResponseFuture, WrapFuture,
};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tokio::sync::oneshot;

use crate::clock::{Clock, Luck};
use crate::domain::catalogue::Catalogue;
use crate::domain::credential::{GoogleCredential, Mark, Token};
use crate::domain::ids::ProviderId;
use crate::domain::provider::Provider;
use crate::domain::secret::Secret;
use crate::ports::GrantFault;
use crate::publish::Published;
use crate::shared::tokens::{TokenTrouble, Tokens};

use super::messages::{CredentialKeeperView, Finish, Observe, Renew};
use super::policy::{self, Known, Step, TokenFault};
use super::renewal::{self, Renewed, Unsaved, Wanted};

pub use super::renewal::CredentialPorts;

/// Requests that may wait to be heard.
pub(super) const CAPACITY: usize = 1_024;
/// How often it is looked for tokens that are nearly over.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// One who waits.
struct Waiting {
    asked: Renew,
    answer: oneshot::Sender<Result<Arc<Token>, TokenFault>>,
}

impl Waiting {
    fn tell(self, answer: Result<Arc<Token>, TokenFault>) {
        // Who no longer waits has gone past its deadline.
        let _ = self.answer.send(answer);
    }
}

/// Gets tokens. It runs on a background arbiter.
pub struct CredentialKeeper {
    ports: CredentialPorts,
    tokens: Arc<Tokens>,
    catalogue: Published<Catalogue>,
    clock: Arc<dyn Clock>,
    luck: Arc<dyn Luck>,
    state: State,
}

/// All that changes.
#[derive(Default)]
struct State {
    /// Those who wait for a token that is under way. A provider has one at a time, though some may
    /// know another credential of it.
    under_way: HashMap<ProviderId, Vec<Waiting>>,
    /// What has to be kept: it stays here until it is.
    unsaved: HashMap<ProviderId, Unsaved>,
    /// How many are being kept.
    saving: usize,
    /// Nothing is begun any more.
    is_ending: bool,
    /// Those who wait for the end.
    ending: Vec<oneshot::Sender<()>>,
    view: CredentialKeeperView,
}

impl CredentialKeeper {
    /// Makes the keeper.
    #[must_use]
    pub fn new(
        ports: CredentialPorts,
        tokens: Arc<Tokens>,
        catalogue: Published<Catalogue>,
        clock: Arc<dyn Clock>,
        luck: Arc<dyn Luck>,
    ) -> Self {
        Self { ports, tokens, catalogue, clock, luck, state: State::default() }
    }

    fn begin(
        &mut self,
        provider: &Arc<Provider>,
        credential: &Arc<GoogleCredential>,
        instead_of: Option<Secret>,
        context: &mut Context<Self>,
    ) {
        let (id, mark) = (provider.id, credential.mark());
        self.state.under_way.entry(id).or_default();
        let wanted = Wanted {
            provider: Arc::clone(provider),
            credential: Arc::clone(credential),
            instead_of,
            unsaved: self.state.unsaved.get(&id).cloned(),
        };
        let (ports, clock) = (self.ports.clone(), Arc::clone(&self.clock));
        let work = async move {
            let renewed = renewal::renew(&ports, &wanted, clock.as_ref()).await;
            (wanted, renewed)
        };
        context.spawn(work.into_actor(self).map(move |(wanted, renewed), actor, context| {
            if renewed.is_ok() {
                actor.state.saved(id, wanted.unsaved.as_ref());
            }
            let answer = match renewed {
                Ok(renewed) => Ok(actor.renewed(id, renewed)),
                Err(fault) => Err(actor.failed(id, mark, &fault)),
            };
            for waiting in actor.state.under_way.remove(&id).unwrap_or_default() {
                let own = waiting.asked.provider.access.google().map(|own| own.mark());
                if own == Some(mark) {
                    waiting.tell(answer.clone());
                } else {
                    actor.judge(waiting, context);
                }
            }
            if actor.state.is_ending {
                actor.save_again(context);
                actor.state.end_if_done();
            }
        }));
    }

    /// Decides for one who asks.
    fn judge(&mut self, waiting: Waiting, context: &mut Context<Self>) {
        let Renew { provider, instead_of } = waiting.asked.clone();
        let Some(credential) = provider.access.google() else {
            return waiting.tell(Err(TokenFault::None));
        };
        let (id, mark) = (provider.id, credential.mark());
        let (held, trouble) = (self.tokens.held(id, &mark), self.tokens.trouble(id, &mark));
        let known = Known {
            held: held.as_deref(),
            trouble: trouble.as_ref(),
            is_under_way: self.state.under_way.contains_key(&id),
        };
        match policy::step(known, instead_of.as_ref(), self.clock.now()) {
            Step::Answer(token) => return waiting.tell(Ok(token)),
            Step::Refuse(fault) => return waiting.tell(Err(fault)),
            Step::Begin if self.state.is_ending => return waiting.tell(Err(TokenFault::Late)),
            Step::Wait => {}
            Step::Begin => self.begin(&provider, credential, instead_of, context),
        }
        self.state.under_way.entry(id).or_default().push(waiting);
    }

    fn renewed(&mut self, provider: ProviderId, renewed: Renewed) -> Arc<Token> {
        let Renewed { token, of, was_got, unsaved } = renewed;
        self.state.unsaved.extend(unsaved.map(|own| (provider, own)));
        let count =
            if was_got { &mut self.state.view.got } else { &mut self.state.view.taken_over };
        *count += 1;
        let now = self.clock.now();
        let held = policy::hold(token, of, was_got.then_some(now), now, &mut self.rng());
        let token = Arc::clone(&held.token);
        if self.tokens.put(provider, held) {
            let event = "credential.recovered";
            tracing::info!(event, provider.id = provider.0, "a provider's credential works again");
        }
        token
    }

    fn failed(&mut self, provider: ProviderId, of: Mark, fault: &GrantFault) -> TokenFault {
        self.state.view.failures += 1;
        let (refused, why) = match fault {
            GrantFault::Refused(why) => (true, Arc::clone(why)),
            GrantFault::Away(why) => (false, Arc::clone(why)),
        };
        let now = self.clock.now();
        let before = self.tokens.trouble(provider, &of).filter(|old| old.refused == refused);
        let failures = before.map_or(0, |old| old.failures).saturating_add(1);
        let until = now.plus(policy::pause(refused, failures, &mut self.rng()));
        let trouble = TokenTrouble { of, refused, since: now, why, until, failures };
        let told = policy::fault(&trouble);
        if self.tokens.note(provider, trouble) {
            let event = if refused { "credential.refused" } else { "credential.failed" };
            tracing::warn!(event, provider.id = provider.0, error = %fault, "a provider has no token");
        }
        told
    }

    fn rng(&self) -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(self.luck.seed())
    }

    /// Replaces tokens that are nearly over, and keeps what could not be kept before.
    fn look(&mut self, context: &mut Context<Self>) {
        if self.state.is_ending {
            return;
        }
        let (now, catalogue) = (self.clock.now(), self.catalogue.load());
        for id in self.tokens.due(now) {
            let Some(provider) = catalogue.providers.iter().find(|one| one.id == id) else {
                continue;
            };
            let Some(credential) = provider.access.google().filter(|_| provider.enabled) else {
                continue;
            };
            let mark = credential.mark();
            let is_under_way = self.state.under_way.contains_key(&id);
            let Some(held) = self.tokens.held(id, &mark).filter(|_| !is_under_way) else {
                continue;
            };
            if self.tokens.pause(id, &mark, now).is_zero() {
                self.begin(provider, credential, Some(held.token.secret.clone()), context);
            }
        }
        self.tokens.keep(|id| catalogue.providers.iter().any(|one| one.id == id));
        self.save_again(context);
    }

    fn save_again(&mut self, context: &mut Context<Self>) {
        for (&id, unsaved) in &self.state.unsaved {
            let (store, unsaved) = (Arc::clone(&self.ports.store), unsaved.clone());
            let work = async move {
                let is_kept = renewal::save_again(store.as_ref(), id, &unsaved).await;
                is_kept.then_some(unsaved)
            };
            let work = actix::fut::wrap_future::<_, Self>(work).map(move |kept, actor, _| {
                actor.state.saving -= 1;
                actor.state.saved(id, kept.as_ref());
                actor.state.end_if_done();
            });
            self.state.saving += 1;
            context.spawn(work);
        }
    }
}

impl State {
    /// What was kept need not be kept any more; a later one that is there meanwhile must be.
    fn saved(&mut self, provider: ProviderId, kept: Option<&Unsaved>) {
        if kept.is_some() && self.unsaved.get(&provider) == kept {
            self.unsaved.remove(&provider);
        }
    }

    fn end_if_done(&mut self) {
        if self.under_way.is_empty() && self.saving == 0 {
            for waiting in self.ending.drain(..) {
                let _ = waiting.send(());
            }
        }
    }
}

impl Actor for CredentialKeeper {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        context.run_interval(LOOK_EVERY, Self::look);
    }
}

impl Handler<Renew> for CredentialKeeper {
    type Result = ResponseFuture<Result<Arc<Token>, TokenFault>>;

    fn handle(&mut self, message: Renew, context: &mut Self::Context) -> Self::Result {
        let (answer, answered) = oneshot::channel();
        self.judge(Waiting { asked: message, answer }, context);
        Box::pin(async move { answered.await.unwrap_or(Err(TokenFault::Late)) })
    }
}

impl Handler<Finish> for CredentialKeeper {
    type Result = ResponseActFuture<Self, usize>;

    fn handle(&mut self, _: Finish, context: &mut Self::Context) -> Self::Result {
        let (end, ended) = oneshot::channel();
        self.state.is_ending = true;
        self.state.ending.push(end);
        self.save_again(context);
        self.state.end_if_done();
        let ended = async { ended.await.unwrap_or_default() };
        Box::pin(ended.into_actor(self).map(|(), actor, _| actor.state.unsaved.len()))
    }
}

impl Handler<Observe> for CredentialKeeper {
    type Result = MessageResult<Observe>;

    fn handle(&mut self, _: Observe, _: &mut Self::Context) -> Self::Result {
        let unsaved = self.state.unsaved.len();
        MessageResult(CredentialKeeperView { unsaved, ..self.state.view })
    }
}

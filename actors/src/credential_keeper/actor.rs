//! The shell: one renewal at a time for each credential, for those who wait and ahead of time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use actix::prelude::{
    Actor, ActorFutureExt, AsyncContext, Context, Handler, MessageResult, ResponseFuture,
    WrapFuture,
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

use super::messages::{CredentialKeeperView, Observe, Renew};
use super::policy::{self, Known, Step, TokenFault};
use super::renewal::{self, Renewed, Unsaved, Wanted};

pub use super::renewal::CredentialPorts;

/// Requests that may wait to be heard.
pub(super) const CAPACITY: usize = 1_024;
/// How often it is looked for tokens that are nearly over.
const LOOK_EVERY: Duration = Duration::from_secs(5);

type Answer = oneshot::Sender<Result<Arc<Token>, TokenFault>>;
type Of = (ProviderId, Mark);

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
    /// Those who wait, by the credential whose token is under way.
    under_way: HashMap<Of, Vec<Answer>>,
    unsaved: HashMap<ProviderId, Unsaved>,
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
        self.state.under_way.entry((id, mark)).or_default();
        let wanted = Wanted {
            provider: Arc::clone(provider),
            credential: Arc::clone(credential),
            instead_of,
            unsaved: self.state.unsaved.remove(&id),
        };
        let (ports, clock) = (self.ports.clone(), Arc::clone(&self.clock));
        let work = async move {
            let renewed = renewal::renew(&ports, &wanted, clock.as_ref()).await;
            (wanted, renewed)
        };
        context.spawn(work.into_actor(self).map(move |(wanted, renewed), actor, _| {
            if renewed.is_err() {
                actor.state.unsaved.extend(wanted.unsaved.map(|own| (id, own)));
            }
            let answer = match renewed {
                Ok(renewed) => Ok(actor.renewed(id, renewed)),
                Err(fault) => Err(actor.failed(id, mark, &fault)),
            };
            for waiting in actor.state.under_way.remove(&(id, mark)).unwrap_or_default() {
                // Who no longer waits has gone past its deadline.
                let _ = waiting.send(answer.clone());
            }
        }));
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
        let (now, catalogue) = (self.clock.now(), self.catalogue.load());
        for id in self.tokens.due(now) {
            let Some(provider) = catalogue.providers.iter().find(|one| one.id == id) else {
                continue;
            };
            let Some(credential) = provider.access.google().filter(|_| provider.enabled) else {
                continue;
            };
            let mark = credential.mark();
            let is_under_way = self.state.under_way.contains_key(&(id, mark));
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
        for (id, unsaved) in self.state.unsaved.drain() {
            let store = Arc::clone(&self.ports.store);
            let work = async move { renewal::save_again(store.as_ref(), id, unsaved).await };
            let work = actix::fut::wrap_future::<_, Self>(work).map(move |left, actor, _| {
                if let Some(unsaved) = left {
                    // A later one has been put there meanwhile, if any.
                    actor.state.unsaved.entry(id).or_insert(unsaved);
                }
            });
            context.spawn(work);
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
        let Renew { provider, instead_of } = message;
        let Some(credential) = provider.access.google() else {
            return Box::pin(async { Err(TokenFault::None) });
        };
        let of = (provider.id, credential.mark());
        let (held, trouble) = (self.tokens.held(of.0, &of.1), self.tokens.trouble(of.0, &of.1));
        let known = Known {
            held: held.as_deref(),
            trouble: trouble.as_ref(),
            is_under_way: self.state.under_way.contains_key(&of),
        };
        match policy::step(known, instead_of.as_ref(), self.clock.now()) {
            Step::Answer(token) => return Box::pin(async { Ok(token) }),
            Step::Refuse(fault) => return Box::pin(async { Err(fault) }),
            Step::Wait => {}
            Step::Begin => self.begin(&provider, credential, instead_of, context),
        }
        let (answer, answered) = oneshot::channel();
        self.state.under_way.entry(of).or_default().push(answer);
        Box::pin(async move { answered.await.unwrap_or(Err(TokenFault::Late)) })
    }
}

impl Handler<Observe> for CredentialKeeper {
    type Result = MessageResult<Observe>;

    fn handle(&mut self, _: Observe, _: &mut Self::Context) -> Self::Result {
        let unsaved = self.state.unsaved.len();
        MessageResult(CredentialKeeperView { unsaved, ..self.state.view })
    }
}

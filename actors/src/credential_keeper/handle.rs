//! The credential keeper as others see it.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::Addr;

use crate::ask::{AskError, ask, start_bounded};
use crate::clock::{Clock, Luck};
use crate::domain::catalogue::Catalogue;
use crate::domain::credential::Token;
use crate::domain::provider::Provider;
use crate::publish::Published;
use crate::shared::tokens::Tokens;

use super::actor::{CAPACITY, CredentialKeeper, CredentialPorts};
use super::messages::{CredentialKeeperView, Finish, Observe, Renew};
use super::policy::TokenFault;
use super::policy::{self, Known, Step};

/// How long a view may take.
const VIEW_DEADLINE: Duration = Duration::from_secs(1);

/// Gets tokens for those who need one.
#[derive(Clone)]
pub struct CredentialKeeperHandle {
    addr: Addr<CredentialKeeper>,
    tokens: Arc<Tokens>,
    clock: Arc<dyn Clock>,
}

impl CredentialKeeperHandle {
    /// Starts the keeper on the present thread's arbiter.
    #[must_use]
    pub fn start(
        ports: CredentialPorts,
        tokens: Arc<Tokens>,
        catalogue: Published<Catalogue>,
        clock: Arc<dyn Clock>,
        luck: Arc<dyn Luck>,
    ) -> Self {
        let keeper =
            CredentialKeeper::new(ports, Arc::clone(&tokens), catalogue, Arc::clone(&clock), luck);
        Self { addr: start_bounded(keeper, CAPACITY), tokens, clock }
    }

    /// Returns the token of a provider with a credential, or another one instead of a token that the
    /// vendor did not take. One that is there is returned at once; else it takes as long as `within`
    /// at most. A renewal goes on when nobody waits for it any more.
    ///
    /// # Errors
    /// There is none, and why.
    pub async fn token(
        &self,
        provider: &Arc<Provider>,
        instead_of: Option<&Token>,
        within: Duration,
    ) -> Result<Arc<Token>, TokenFault> {
        let Some(credential) = provider.access.google() else { return Err(TokenFault::None) };
        let (mark, now) = (credential.mark(), self.clock.now());
        if let Some(token) =
            self.tokens.usable(provider.id, &mark, now).filter(|_| instead_of.is_none())
        {
            return Ok(token);
        }
        let (held, trouble) =
            (self.tokens.held(provider.id, &mark), self.tokens.trouble(provider.id, &mark));
        let known = Known { held: held.as_deref(), trouble: trouble.as_ref(), is_under_way: false };
        let instead_of = instead_of.map(|token| token.secret.clone());
        match policy::step(known, instead_of.as_ref(), now) {
            Step::Answer(token) => return Ok(token),
            Step::Refuse(fault) => return Err(fault),
            Step::Wait | Step::Begin => {}
        }
        let token =
            ask(&self.addr, Renew { provider: Arc::clone(provider), instead_of }, Some(within))
                .await??;
        // Noted as used: it is replaced before its end.
        let _ = self.tokens.usable(provider.id, &mark, now);
        Ok(token)
    }

    /// Returns what is known of tokens.
    #[must_use]
    pub const fn tokens(&self) -> &Arc<Tokens> {
        &self.tokens
    }

    /// Returns the figures.
    pub async fn observe(&self) -> Result<CredentialKeeperView, AskError> {
        ask(&self.addr, Observe, Some(VIEW_DEADLINE)).await
    }

    /// Lets what is under way come to its end and keeps what has to be kept, as far as that can be
    /// done in time. Called when nobody asks for tokens any more.
    ///
    /// # Errors
    /// The time was up.
    pub async fn finish(&self, deadline: Duration) -> Result<(), AskError> {
        let left = ask(&self.addr, Finish, Some(deadline)).await?;
        if left > 0 {
            let event = "credential.unsaved";
            tracing::warn!(event, left, "renewed credentials could not be kept before the end");
        }
        Ok(())
    }

    /// Returns the address, for the watch over actors.
    #[must_use]
    pub const fn addr(&self) -> &Addr<CredentialKeeper> {
        &self.addr
    }
}

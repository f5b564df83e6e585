//! The pool as the pipeline sees it.

use actix::prelude::{Actor, Addr};

use crate::ask::{AskError, ask};
use crate::common_counter::{CommonCounter, Word};

use super::actor::ProviderPool;
use super::choice::NoneEligible;
use super::eligibility::Over;
use super::explain::{Excluded, Waiting};
use super::messages::{Choose, Chosen, Observe, ProviderPoolView};
use super::outlook::Outlook;

/// Asks the pool of the same worker.
#[derive(Clone)]
pub struct ProviderPoolHandle {
    addr: Addr<ProviderPool>,
    common: Option<CommonCounter>,
}

impl ProviderPoolHandle {
    /// Starts the pool on the present thread's arbiter.
    #[must_use]
    pub fn start(outlook: Outlook) -> Self {
        Self { addr: ProviderPool::new(outlook).start(), common: None }
    }

    /// Lets the limits of what was chosen be confirmed by the counter that nodes share.
    #[must_use]
    pub fn confirming(mut self, common: CommonCounter) -> Self {
        self.common = Some(common);
        self
    }

    /// Chooses a provider and takes it for one attempt. Who is at a limit over all nodes is left out,
    /// and it is chosen again.
    pub async fn choose(&self, mut question: Choose) -> Result<Chosen, NoneEligible> {
        let Some(common) = &self.common else { return self.at_once(question).await };
        loop {
            let chosen = self.at_once(question.clone()).await?;
            let provider = chosen.provider.id;
            match common.confirm(chosen).await {
                Word::Held(chosen) => return Ok(chosen),
                Word::Refused(refusal) => question.full.push((provider, Over::of(&refusal))),
                // What is left is divided from now on.
                Word::Away => {}
            }
        }
    }

    async fn at_once(&self, question: Choose) -> Result<Chosen, NoneEligible> {
        let (seed, catalogue) = (question.seed, question.catalogue.version);
        ask(&self.addr, question, None).await.unwrap_or_else(|error| {
            tracing::error!(%error, "the provider pool is gone");
            let decision = Excluded::default().decide(seed, catalogue, None, None);
            Err(NoneEligible { decision, waiting: Waiting::default() })
        })
    }

    /// Returns the figures of this worker.
    pub async fn observe(&self) -> Result<ProviderPoolView, AskError> {
        ask(&self.addr, Observe, None).await
    }

    /// Returns the address, for the watch over actors.
    #[must_use]
    pub const fn addr(&self) -> &Addr<ProviderPool> {
        &self.addr
    }
}

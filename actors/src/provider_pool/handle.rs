//! The pool as the pipeline sees it.

use actix::prelude::{Actor, Addr};

use crate::ask::{AskError, ask};

use super::actor::ProviderPool;
use super::choice::NoneEligible;
use super::explain::{Excluded, Waiting};
use super::messages::{Choose, Chosen, Observe, ProviderPoolView};
use super::outlook::Outlook;

/// Asks the pool of the same worker.
#[derive(Clone)]
pub struct ProviderPoolHandle(Addr<ProviderPool>);

impl ProviderPoolHandle {
    /// Starts the pool on the present thread's arbiter.
    #[must_use]
    pub fn start(outlook: Outlook) -> Self {
        Self(ProviderPool::new(outlook).start())
    }

    /// Chooses a provider and takes it for one attempt.
    pub async fn choose(&self, question: Choose) -> Result<Chosen, NoneEligible> {
        let (seed, catalogue) = (question.seed, question.catalogue.version);
        ask(&self.0, question, None).await.unwrap_or_else(|error| {
            tracing::error!(%error, "the provider pool is gone");
            let decision = Excluded::default().decide(seed, catalogue, None, None);
            Err(NoneEligible { decision, waiting: Waiting::default() })
        })
    }

    /// Returns the figures of this worker.
    pub async fn observe(&self) -> Result<ProviderPoolView, AskError> {
        ask(&self.0, Observe, None).await
    }

    /// Returns the address, for the watch over actors.
    #[must_use]
    pub const fn addr(&self) -> &Addr<ProviderPool> {
        &self.0
    }
}

//! What one may say to the pool, and what it answers.

use std::sync::Arc;

use actix::prelude::Message;
use serde::Serialize;

use crate::domain::caller::Caller;
use crate::domain::catalogue::Catalogue;
use crate::domain::counters::Load;
use crate::domain::decision::Decision;
use crate::domain::dialect::{Dialect, Operation};
use crate::domain::ids::{ProviderId, SessionId};
use crate::domain::instant::Micros;
use crate::domain::provider::Provider;
use crate::domain::routing::client::ClientFacts;
use crate::shared::breakers::ProbePermit;
use crate::shared::claim::{Claim, Claimed};
use crate::shared::leases::Lease;

use super::choice::NoneEligible;
use super::eligibility::Over;

/// Asks for a provider.
#[derive(Message, Clone, Debug)]
#[rtype(result = "Result<Chosen, NoneEligible>")]
pub struct Choose {
    /// Who asks.
    pub caller: Arc<Caller>,
    /// What the client speaks.
    pub dialect: Dialect,
    /// What it asks for.
    pub operation: Operation,
    /// It may be converted for providers of other formats.
    pub converts: bool,
    /// The model asked for.
    pub model: Option<Arc<str>>,
    /// The catalogue of this request.
    pub catalogue: Arc<Catalogue>,
    /// The program that asks.
    pub client: Arc<ClientFacts>,
    /// The session.
    pub session: Option<SessionId>,
    /// What the request may come to.
    pub load: Load,
    /// It costs something and takes a seat.
    pub counts: bool,
    /// The session's provider.
    pub bound: Option<ProviderId>,
    /// A vendor that goes first, whatever the tiers: another of its accounts was at fault.
    pub vendor: Option<Arc<str>>,
    /// Providers that already failed in this request.
    pub tried: Vec<ProviderId>,
    /// Providers that the asking side leaves out, and why: those that the common counter has found at
    /// a limit, over all nodes, since this was asked, and those that send what has no price.
    pub full: Vec<(ProviderId, Over)>,
    /// Where an answer of the session has broken off, and until when others go first.
    pub broken: Option<(ProviderId, Micros)>,
    /// The seed of the draw.
    pub seed: u64,
    /// The present.
    pub now: Micros,
}

/// A provider that was taken for one attempt. Dropping it gives lease and permit back.
#[derive(Debug)]
pub struct Chosen {
    /// The provider.
    pub provider: Arc<Provider>,
    /// The place among its requests in flight.
    pub lease: Lease,
    /// The right to probe it, when it is half open; goes with the attempt's outcome to the breakers.
    pub permit: Option<ProbePermit>,
    /// Why it was picked.
    pub decision: Decision,
    /// Somebody else could serve the request as well.
    pub others: bool,
}

impl Claimed for Chosen {
    fn claim(&self) -> &Claim {
        self.lease.claim()
    }

    fn claim_mut(&mut self) -> &mut Claim {
        self.lease.claim_mut()
    }
}

/// Asks for the figures.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "ProviderPoolView")]
pub struct Observe;

/// One worker's figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ProviderPoolView {
    /// Providers drawn.
    pub drawn: u64,
    /// Sessions that stayed.
    pub sticky: u64,
    /// Choices with a probe permit.
    pub probes: u64,
    /// Requests nobody could serve.
    pub none: u64,
}

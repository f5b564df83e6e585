//! One request from its admission to its row.
//!
//! A flight owns whatever the request acquired. It is settled exactly once: by the code that knows
//! how it ended, or, when a client vanishes at any await, by being dropped.

use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use switchyard_actors::domain::caller::Caller;
use switchyard_actors::domain::catalogue::Catalogue;
use switchyard_actors::domain::credential::Token;
use switchyard_actors::domain::decision::{ChainLink, Decision};
use switchyard_actors::domain::dialect::Operation;
use switchyard_actors::domain::ids::{ProviderId, SessionId};
use switchyard_actors::domain::ledger::Opened;
use switchyard_actors::domain::limits::Refusal;
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::outcome::TryOutcome;
use switchyard_actors::domain::provider::Provider;
use switchyard_actors::domain::routing::client::ClientFacts;
use switchyard_actors::provider_pool::Chosen;
use switchyard_actors::rate_limiter::Reservation;
use switchyard_actors::shared::breakers::ProbePermit;
use switchyard_actors::shared::leases::Lease;
use tokio::time::Instant;

use super::address::Address;
use super::admission::Place;
use super::arrival::Arrival;
use super::convert::Conversion;
use super::crossing::Crossing;
use super::failure::AttemptFailure;
use super::filter::Filtered;
use super::marks::Marks;
use super::session::Affinity;
use super::settle::{self, End, Told};
use super::socket::link::Link;
use super::worker::WorkerRef;
use crate::wire::mend::Mend;
use crate::wire::request::{RequestFacts, Spanned};

/// A request under way.
pub struct Flight {
    /// The worker it runs on.
    pub worker: WorkerRef,
    /// What it is.
    pub arrival: Arrival,
    /// When its body had been read: the clock of everything before the commit.
    pub begun: Instant,
    /// Who asks.
    pub caller: Arc<Caller>,
    /// The catalogue it is served under.
    pub catalogue: Arc<Catalogue>,
    /// Its body, decoded; given back when an answer is committed.
    pub body: Option<Body>,
    /// What its body says.
    pub facts: Option<RequestFacts>,
    /// The program that asks.
    pub client: Arc<ClientFacts>,
    /// The model that it asks for, made into a text once: it goes into many messages and records.
    asked_as: Option<Arc<str>>,
    /// The model that stands in for the one that was asked for.
    pub stand_in: Option<Arc<str>>,
    /// Its session.
    pub session: Option<SessionId>,
    /// How it stands to its session.
    pub affinity: Affinity,
    /// The money and seat held for it.
    pub reservation: Option<Reservation>,
    /// The try under way.
    pub attempt: Option<Attempt>,
    /// The tries made.
    pub chain: Vec<ChainLink>,
    /// How each of them ended, for the log.
    pub tries: Vec<(ProviderId, TryOutcome)>,
    /// Providers that refused the operator's account, or the client's program.
    pub refusing: Vec<ProviderId>,
    /// The edits of the last try.
    pub edits: Vec<&'static str>,
    /// What the last try lost where it was converted.
    pub losses: Vec<Arc<str>>,
    /// What was done in the try before, while the next one has not gone out.
    pub(super) marks_before: Option<Marks>,
    /// What request filters have done.
    pub filtered: Filtered,
    /// What the operator should know.
    pub notes: Vec<Arc<str>>,
    /// The limit that refused it.
    pub refusal: Option<Refusal>,
    /// Milliseconds to the first byte of the last answer.
    pub first_byte_ms: Option<u64>,
    /// Milliseconds to its first content.
    pub first_content_ms: Option<u64>,
    /// The model sent last, when it differs.
    pub upstream_model: Option<Arc<str>>,
    /// The status line the client got.
    pub sent_status: Option<u16>,
    /// Bytes of the answer's body, when they are known.
    pub bytes_out: Option<u64>,
    /// The socket that it is a turn of.
    pub link: Option<Rc<Link>>,
    pub(super) body_bytes: u64,
    /// A provider was asked: something may have been used.
    pub(super) asked: bool,
    /// How many tries were made before another model stood in.
    pub(super) links_before: usize,
    /// Links of the model that was asked for, once another one stands in.
    pub(super) links_of_asked: Option<usize>,
    pub(super) settled: bool,
    pub(super) place: Option<Place>,
}

/// A request body.
pub struct Body {
    /// The bytes, tied to their place in the budget of bodies.
    pub bytes: Bytes,
}

/// One try at one provider; dropping it gives the lease and the probe back, neutrally.
pub struct Attempt {
    /// The provider.
    pub provider: Arc<Provider>,
    /// Which try at this provider, from 1.
    pub number: u32,
    /// Which of its addresses.
    pub address: Address,
    /// When it began.
    pub started: Instant,
    /// The selection, told with the first try.
    pub decision: Option<Decision>,
    /// The provider's place.
    pub lease: Lease,
    /// The permission to probe a half-open breaker.
    pub permit: Option<ProbePermit>,
    /// Somebody else could serve the request as well.
    pub others: bool,
    /// It has gone out, and how it ended is not noted yet.
    pub sent: bool,
    /// How the last one at this provider failed.
    pub failed: Option<Box<AttemptFailure>>,
    /// What is mended in each body that goes to this provider, since it has refused one for that.
    pub mended: Option<Mend>,
    /// Why the proxy could not be used, when the provider was asked directly then.
    pub proxy_fault: Option<Arc<str>>,
    /// The token of a provider with a credential.
    pub token: Option<Arc<Token>>,
    /// It is the second one: the vendor did not take the first.
    pub token_renewed: bool,
    /// The provider has refused the client's instructions: the operator's are tried.
    pub official_instructions: bool,
    /// How a side request crosses to the provider's format, where that is another.
    pub crossing: Option<Crossing>,
    /// How the try is converted, where the provider speaks another format.
    pub conversion: Option<Box<Conversion>>,
}

impl Flight {
    /// Lets a flight begin.
    pub fn begin(
        worker: &WorkerRef,
        arrival: Arrival,
        caller: Arc<Caller>,
        catalogue: Arc<Catalogue>,
        place: Place,
    ) -> Self {
        let asked_as = asked_as(&arrival, None);
        Self {
            worker: Rc::clone(worker),
            arrival,
            begun: Instant::now(),
            caller,
            catalogue,
            body: None,
            facts: None,
            client: Arc::default(),
            asked_as,
            stand_in: None,
            session: None,
            affinity: Affinity::default(),
            reservation: None,
            attempt: None,
            chain: Vec::new(),
            tries: Vec::new(),
            refusing: Vec::new(),
            edits: Vec::new(),
            losses: Vec::new(),
            marks_before: None,
            filtered: Filtered::default(),
            notes: Vec::new(),
            refusal: None,
            first_byte_ms: None,
            first_content_ms: None,
            upstream_model: None,
            sent_status: None,
            bytes_out: None,
            link: None,
            body_bytes: 0,
            asked: false,
            links_before: 0,
            links_of_asked: None,
            settled: false,
            place: Some(place),
        }
    }

    /// Takes what its body says.
    pub(super) fn take_facts(&mut self, facts: RequestFacts) {
        self.asked_as = asked_as(&self.arrival, Some(&facts));
        self.facts = Some(facts);
    }

    /// Returns the model that is served: the asked one unless another stands in for it. Empty when
    /// none was asked for.
    #[must_use]
    pub fn model(&self) -> &str {
        self.stand_in.as_deref().unwrap_or_else(|| self.asked_model())
    }

    /// Returns the model asked for, empty when none was.
    #[must_use]
    pub fn asked_model(&self) -> &str {
        self.asked_as.as_deref().unwrap_or_default()
    }

    /// Returns the model that is served, as a text to keep.
    #[must_use]
    pub(super) fn model_name(&self) -> Option<Arc<str>> {
        self.stand_in.clone().or_else(|| self.asked_name()).filter(|model| !model.is_empty())
    }

    /// Returns the model asked for, as a text to keep.
    #[must_use]
    pub(super) fn asked_name(&self) -> Option<Arc<str>> {
        self.asked_as.clone()
    }

    /// Tells whether the client asked for a stream.
    #[must_use]
    pub fn wants_stream(&self) -> bool {
        self.facts.as_ref().map_or(self.arrival.route.stream == Some(true), |facts| {
            facts.is_stream(&self.arrival.route)
        })
    }

    /// Starts a try at a provider. That it turns the provider's breaker half open is told at once: a
    /// probe may take long.
    pub fn start_attempt(&mut self, mut chosen: Chosen) {
        let half_open = chosen.permit.as_mut().and_then(ProbePermit::take_transition);
        self.worker.shared.registry.tell_all(half_open);
        let address = Address::first(&self.worker.shared, &chosen.provider);
        self.attempt = Some(Attempt {
            provider: chosen.provider,
            number: 1,
            address,
            started: Instant::now(),
            decision: Some(chosen.decision),
            lease: chosen.lease,
            permit: chosen.permit,
            others: chosen.others,
            sent: false,
            failed: None,
            mended: None,
            proxy_fault: None,
            token: None,
            token_renewed: false,
            official_instructions: false,
            crossing: None,
            conversion: None,
        });
    }

    /// Starts the next try at the same provider.
    pub fn repeat_attempt(&mut self, advance_endpoint: bool) {
        self.keep_losses();
        if let Some(attempt) = &mut self.attempt {
            attempt.number += 1;
            if advance_endpoint {
                attempt.address.advance(&self.worker.shared, &attempt.provider);
            } else {
                attempt.address.again();
            }
            attempt.proxy_fault = None;
            attempt.crossing = None;
            attempt.conversion = None;
            attempt.started = Instant::now();
        }
    }

    /// Gives the provider up: its breaker hears of it, lease and permit go back.
    pub fn leave_provider(&mut self, outcome: TryOutcome, failure: Option<&AttemptFailure>) {
        self.keep_losses();
        let retry_after = failure.and_then(|failure| failure.retry_after);
        let status = failure.and_then(|failure| failure.status);
        if let Some(attempt) = self.attempt.take() {
            let operation = self.arrival.route.operation;
            let lacks = failure.is_some_and(AttemptFailure::lacks_model);
            if lacks && operation == Operation::Generate {
                let shared = &self.worker.shared;
                shared.lacking.note(&attempt.provider, self.model(), shared.clock.now());
            }
            let told = Told { operation, outcome, retry_after, status };
            settle::tell_breaker(&self.worker, attempt, told);
        }
    }

    /// Leaves the present provider, whose next try is not made: with its failure before, which is returned,
    /// or as one that was not asked.
    pub(super) fn leave_untried(&mut self) -> Option<AttemptFailure> {
        let failed = self.attempt.as_mut()?.failed.take();
        match &failed {
            Some(failure) => self.leave_provider(failure.outcome, Some(failure)),
            None => self.attempt = None,
        }
        failed.map(|failure| *failure)
    }

    /// Returns the journal's record of the beginning.
    #[must_use]
    pub fn opened(&self) -> Opened {
        Opened {
            id: self.arrival.id,
            started_at: self.arrival.at,
            user: self.caller.user,
            key: self.caller.key,
            session: self.session.clone(),
            dialect: self.arrival.route.dialect,
            operation: self.arrival.route.operation,
            path: Arc::clone(&self.arrival.path),
            model: self.asked_name(),
            stream: self.wants_stream(),
            estimate: self.reservation.as_ref().map_or(Nano::ZERO, Reservation::estimate),
            client_ip: self.arrival.client_ip.clone(),
            user_agent: self.arrival.user_agent.clone(),
        }
    }

    /// An answer is committed: nothing can be sent again, so the request's body is given back.
    pub fn committed(&mut self, status: u16) {
        self.body = None;
        self.sent_status = Some(status);
    }

    /// Ends the flight; only the first end counts.
    pub fn settle(&mut self, end: End) {
        if !std::mem::replace(&mut self.settled, true) {
            settle::settle(self, end);
        }
    }

    /// Tells whether the flight has ended.
    #[must_use]
    pub const fn is_settled(&self) -> bool {
        self.settled
    }
}

/// Finds the model that is asked for: in the path, or else in the body. One without letters is none.
fn asked_as(arrival: &Arrival, facts: Option<&RequestFacts>) -> Option<Arc<str>> {
    let in_path = arrival.route.model.as_deref();
    let in_body = || facts?.model.as_ref().map(Spanned::name);
    in_path.or_else(in_body).filter(|model| !model.is_empty()).map(Arc::from)
}

impl Drop for Flight {
    fn drop(&mut self) {
        if !self.settled {
            // Whatever runs longer than it may is ended by us.
            let stopped = self.worker.curfew.has_rung();
            self.settle(if stopped { End::stopped() } else { End::client_gone() });
        }
    }
}

//! The end of a request, in one synchronous function that may be called from `Drop`: counters,
//! breaker, session, journal, and one notice to the recorder (D10).

use std::sync::Arc;
use std::time::Duration;

use rust_decimal::Decimal;
use switchyard_actors::domain::billing::{Factors, Tier};
use switchyard_actors::domain::decision::{CUT_BY_STOP, ChainLink};
use switchyard_actors::domain::dialect::Operation;
use switchyard_actors::domain::ledger::LedgerRow;
use switchyard_actors::domain::limits::Costs;
use switchyard_actors::domain::outcome::{RowOutcome, TryOutcome};
use switchyard_actors::domain::usage::{IMPLAUSIBLE, Usage};
use switchyard_actors::rate_limiter::Settle;

use switchyard_actors::shared::breakers::Report;

use super::address;
use super::cost::{self, Bill, BillInput};
use super::flight::{Attempt, Flight};
use super::scrub;
use super::session;
use super::worker::Worker;

/// How a request ended.
#[derive(Debug)]
pub struct End {
    /// For the row.
    pub outcome: RowOutcome,
    /// The row's status.
    pub status: u16,
    /// For the breaker of the try under way.
    pub tried: TryOutcome,
    /// What was used.
    pub usage: Option<Usage>,
    /// The usage is final.
    pub usage_complete: bool,
    /// The model the answer names.
    pub response_model: Option<Arc<str>>,
    /// The answer was served at the priority tier.
    pub priority: bool,
    /// What went wrong.
    pub error: Option<Arc<str>>,
}

impl End {
    /// Makes an end without usage.
    #[must_use]
    pub const fn of(outcome: RowOutcome, status: u16, tried: TryOutcome) -> Self {
        Self {
            outcome,
            status,
            tried,
            usage: None,
            usage_complete: false,
            response_model: None,
            priority: false,
            error: None,
        }
    }

    /// The client left.
    #[must_use]
    pub const fn client_gone() -> Self {
        Self::of(RowOutcome::ClientGone, 499, TryOutcome::ClientGone)
    }

    /// The grace of a stop was over: we ended it.
    #[must_use]
    pub fn stopped() -> Self {
        let end = Self::of(RowOutcome::Interrupted, 503, TryOutcome::CutShort);
        end.because("switchyard was stopped, and the grace of the stop was over before the answer")
    }

    /// Adds what went wrong.
    #[must_use]
    pub fn because(mut self, error: impl Into<Arc<str>>) -> Self {
        self.error = Some(error.into());
        self
    }
}

/// Settles a flight. Nothing here waits.
pub fn settle(flight: &mut Flight, mut end: End) {
    end.error = scrub::error(flight, end.error);
    if flight.attempt.as_ref().is_some_and(|attempt| !attempt.sent) {
        flight.take_marks_back();
    }
    flight.keep_losses();
    doubt(flight, &mut end);
    let (group, factor) = group_of(flight);
    let bill = bill(flight, &end, factor);
    let link = flight.link(
        chain_reason(&end, !flight.chain.iter().any(ChainLink::is_try)),
        Some(end.status),
        end.error.clone(),
    );
    let is_sent = flight.attempt.as_ref().is_some_and(|attempt| attempt.sent);
    if !is_sent {
        // The client has left before the try went out.
        flight.leave_untried();
    }
    // Who was not asked has no group on the row.
    let group = group.filter(|_| is_sent);
    let last = link.as_ref().filter(|_| is_sent);
    let asked = || flight.chain.iter().rfind(|link| link.is_try());
    let provider = last.or_else(asked).map(|link| link.provider);
    // What was answered without anybody is nobody's success.
    let provider = provider.filter(|_| last.is_some() || end.outcome != RowOutcome::Success);
    flight.tries.extend(last.map(|link| (link.provider, end.tried)));
    flight.chain.extend(link);
    session::settle(flight, &end);
    let costs = bill.cost.as_ref().map(|cost| Costs { charged: cost.cost, list: cost.list });
    let now = flight.worker.shared.clock.now();
    if let Some(attempt) = &mut flight.attempt {
        let tokens = end.usage.map_or(0, |usage| usage.total());
        attempt.lease.charge((flight.arrival.id, flight.arrival.at, now), costs, tokens);
    }
    if let Some(attempt) = flight.attempt.take() {
        let operation = flight.arrival.route.operation;
        if end.outcome == RowOutcome::Success {
            flight.worker.shared.lacking.has_it(attempt.provider.id, flight.model());
        }
        let status = Some(end.status);
        let told = Told { operation, outcome: blamed(&end), retry_after: None, status };
        tell_breaker(&flight.worker, attempt, told);
    }
    // Without a try nothing can have been used: the reservation is only given back.
    let reservation = flight.reservation.take().filter(|_| flight.asked);
    if let Some(reservation) = reservation {
        reservation.settle(Settle {
            cost: costs,
            usage: end.usage,
            input_bytes: flight.body_bytes,
            now,
        });
    }
    let row = Arc::new(row(flight, end, bill, provider, group));
    write(&flight.worker, &row);
    flight.place = None;
    super::report::request(flight, &row);
}

/// Usage that cannot be true is as good as none: limits, money and sums would be wrong for good.
fn doubt(flight: &mut Flight, end: &mut End) {
    if end.usage.is_some_and(|usage| !usage.is_plausible()) {
        (end.usage, end.usage_complete) = (None, false);
        flight.notes.push(Arc::from(IMPLAUSIBLE));
    }
}

/// A vendor that is busy says so before it begins to answer: an answer it breaks off is its fault.
fn blamed(end: &End) -> TryOutcome {
    match (end.outcome, end.tried) {
        (RowOutcome::Truncated, TryOutcome::Overloaded) => TryOutcome::ProviderFault,
        (_, tried) => tried,
    }
}

/// How a try ended, for its breaker.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// What was asked for.
    pub operation: Operation,
    /// How it ended.
    pub outcome: TryOutcome,
    /// How long the vendor asks to wait.
    pub retry_after: Option<Duration>,
    /// The status, real or inferred.
    pub status: Option<u16>,
}

/// Tells the breaker how a try ended, and everybody else when that changed its state. Counting tokens
/// is a side request: whatever comes of it says nothing about the provider.
pub fn tell_breaker(worker: &Worker, attempt: Attempt, told: Told) {
    let Told { operation, outcome, retry_after, status } = told;
    let Attempt { provider, address, permit, lease, .. } = attempt;
    let shared = &worker.shared;
    let now = shared.clock.now();
    shared.metrics.attempt_ended(outcome);
    let outcome =
        if operation == Operation::CountTokens { TryOutcome::ClientGone } else { outcome };
    let failed = !matches!(outcome, TryOutcome::Success);
    let said = match outcome {
        TryOutcome::TransportFault if address.unreached().is_some() => {
            Some("tcp connect".to_owned())
        }
        TryOutcome::TransportFault => Some("tcp reset".to_owned()),
        _ => status.filter(|_| failed).map(|status| format!("http {status}")),
    };
    let detail = said.as_deref();
    let host = address.unreached().map(|host| (shared.catalogue.load(), host));
    let unreached = host.as_ref().map(|(catalogue, host)| address::unreached(catalogue, host));
    let report = Report { outcome, detail, retry_after, unreached, now };
    let changes = shared.breakers.record_with(provider.id, &provider.breaker, report, permit);
    shared.registry.tell_all(changes);
    drop(lease);
}

/// Finds the group of the try under way, and its factor.
fn group_of(flight: &Flight) -> (Option<Arc<str>>, Decimal) {
    let of =
        |attempt: &Attempt| cost::group_of(&flight.catalogue, &flight.caller, &attempt.provider);
    flight.attempt.as_ref().map_or((None, Decimal::ONE), of)
}

fn bill(flight: &Flight, end: &End, group: Decimal) -> Bill {
    let Some(attempt) = &flight.attempt else {
        return Bill { cost: None, terms: None, unbilled: Some("not_billable") };
    };
    let asked = flight.model();
    let sent = flight.upstream_model.as_deref().unwrap_or(asked);
    let price = cost::price_of(&flight.catalogue, asked, sent);
    if price.is_none() && flight.arrival.route.operation.is_metered() {
        flight.worker.shared.prices.unknown_model(Arc::from(asked));
    }
    cost::bill(&BillInput {
        operation: flight.arrival.route.operation,
        usage: end.usage.as_ref(),
        price: price.as_deref(),
        tier: if end.priority { Tier::Priority } else { Tier::Standard },
        factors: Factors { provider: attempt.provider.multiplier, group },
        billed_model: cost::billed_model(&flight.catalogue),
        answered: end.outcome == RowOutcome::Success,
    })
}

/// Says in the contract's words why the last link exists.
const fn chain_reason(end: &End, first: bool) -> &'static str {
    match (end.outcome, first) {
        (RowOutcome::Success, true) => "request_success",
        (RowOutcome::Success, false) => "retry_success",
        (RowOutcome::ClientGone, _) => "client_abort",
        (RowOutcome::ClientError, _) => "client_error_non_retryable",
        (RowOutcome::Truncated, _) => "system_error",
        (RowOutcome::Interrupted, _) => CUT_BY_STOP,
        _ => "retry_failed",
    }
}

fn row(
    flight: &mut Flight,
    end: End,
    bill: Bill,
    provider: Option<switchyard_actors::domain::ids::ProviderId>,
    group: Option<Arc<str>>,
) -> LedgerRow {
    let took = flight.arrival.started.elapsed();
    LedgerRow {
        opened: flight.opened(),
        ended_at: flight.arrival.at.plus(took),
        outcome: end.outcome,
        status: end.status,
        sent_status: flight.sent_status,
        provider,
        group,
        upstream_model: flight.upstream_model.clone(),
        response_model: end.response_model,
        usage: end.usage,
        usage_complete: end.usage_complete,
        cost: bill.cost,
        terms: bill.terms,
        unbilled: bill.unbilled.map(Arc::from),
        first_byte_ms: flight.first_byte_ms,
        first_content_ms: flight.first_content_ms,
        duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        chain: std::mem::take(&mut flight.chain),
        edits: edits(flight),
        notes: flight.notes.clone(),
        error: end.error,
        refusal: flight.refusal.clone(),
        catalogue: flight.catalogue.version,
        messages: flight.facts.as_ref().and_then(|facts| facts.messages),
        losses: std::mem::take(&mut flight.losses),
    }
}

/// Names what was changed on the way: by filters before the choice, by the last try itself, and by the
/// filters of that try.
fn edits(flight: &Flight) -> Vec<Arc<str>> {
    let (first, last) = (&flight.filtered.before_choice, &flight.filtered.at_try);
    let own = flight.edits.iter().copied().map(Arc::from);
    first.iter().cloned().chain(own).chain(last.iter().cloned()).collect()
}

/// Writes the row to the worker's journal and tells the recorder. A failing journal keeps the row
/// in memory and turns readiness off; it never loses it silently.
fn write(worker: &Worker, row: &Arc<LedgerRow>) {
    let started = tokio::time::Instant::now();
    if let Err(error) = worker.journal.closed(row) {
        tracing::error!(request.id = %row.opened.id, %error, "the journal could not take a row");
    }
    worker.shared.metrics.journal_appended(started.elapsed());
    worker.shared.recorder.record(Arc::clone(row));
}

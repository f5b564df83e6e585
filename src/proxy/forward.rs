//! Tries providers until one has an answer that may be shown to the client.

use std::time::Duration;

use actix_web::HttpRequest;
use switchyard_actors::domain::dialect::Operation;
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::outcome::TryOutcome;
use tokio::time::Instant;

use super::address;
use super::asked::{Asked, may_suit_others};
use super::attempt::{self, Next, Standing};
use super::codex;
use super::convert::outgoing::Unfit;
use super::credential;
use super::due::{self, Due};
use super::error_rules;
use super::examine::{self, Ready};
use super::failure::{AttemptFailure, Failure};
use super::flight::{Attempt, Flight};
use super::inbound::Inbound;
use super::rectify;
use super::scrub;
use super::select::{Wish, select};
use super::sending;
use super::stand_in;
use crate::upstream::Reply;
use crate::wire::convert::loss::Losses;

/// Why a try did not lead to an answer.
pub enum Stop {
    /// The provider's side failed.
    Failed(AttemptFailure),
    /// We refuse to make the try: nothing was sent.
    Unsent(Failure),
    /// We refuse what has come of it; or to go on getting it ready, which ends as `Unsent`.
    Refuse(Failure),
    /// This provider cannot be asked such a request; another may.
    Unfit(Box<Unfit>),
}

impl Stop {
    /// Adds what is known of a failure of the provider's side.
    fn failing(self, more: impl FnOnce(AttemptFailure) -> AttemptFailure) -> Self {
        match self {
            Self::Failed(failure) => Self::Failed(more(failure)),
            other => other,
        }
    }
}

impl From<AttemptFailure> for Stop {
    fn from(failure: AttemptFailure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Unfit(refused) => {
                Self::Unfit(Box::new(Unfit { refused, losses: Losses::default() }))
            }
            other => Self::Refuse(other),
        }
    }
}

/// Forwards a request. Everything that fails before the client has seen a byte is tried elsewhere,
/// and where nobody serves the model another one may stand in, if the operator named some.
///
/// # Errors
/// Nobody could answer, or the client's request is at fault.
pub async fn forward(
    flight: &mut Flight,
    request: &HttpRequest,
    bound: Option<ProviderId>,
) -> Result<Ready, Failure> {
    let failure = match with_one_model(flight, request, bound).await {
        Ok(ready) => return Ok(ready),
        Err(failure) => failure,
    };
    if flight.is_refused_here() {
        // What there is no room for would be refused with another model, too.
        return Err(failure);
    }
    let has_come = flight.asked || matches!(failure, Failure::Exhausted(_));
    let own = flight.marks();
    for model in stand_in::models(flight, &failure) {
        if time_left(flight) <= attempt::SHORTEST_TRY {
            break;
        }
        flight.stand_in_with(model);
        match with_one_model(flight, request, None).await {
            Err(Failure::Internal) => return Err(Failure::Internal),
            // What came of the asked one is told, not that there is no room for another.
            Err(refusal) if has_come && flight.is_refused_here() => {
                refusal.count(&flight.worker.shared.metrics);
                break;
            }
            Err(failure) if stand_in::may_go_on(&failure) => {}
            answered => {
                flight.note_stand_in();
                return answered;
            }
        }
    }
    flight.stand_in = None;
    flight.recall(own);
    // What was asked for could not be had: that is what the client is told.
    Err(failure)
}

async fn with_one_model(
    flight: &mut Flight,
    request: &HttpRequest,
    bound: Option<ProviderId>,
) -> Result<Ready, Failure> {
    let first = Wish { bound, ..Wish::default() };
    select(flight, first).await?;
    let mut asked = Asked::default();
    loop {
        let failure = match one_try(flight, request, asked.providers()).await {
            Ok(ready) => return Ok(ready),
            Err(Stop::Refuse(failure)) => return Err(failure),
            Err(Stop::Unsent(refusal)) => return Err(asked.refused(flight, refusal)),
            Err(Stop::Unfit(unfit)) => {
                flight.pass_over(&unfit);
                asked.passed_over(flight, unfit.refused);
                if let Err(none) = select(flight, Wish { bound, ..Wish::default() }).await {
                    return Err(asked.nobody_left(none));
                }
                continue;
            }
            Err(Stop::Failed(failure)) => {
                let failure = error_rules::judge(flight, failure).await;
                scrub::failure(flight, failure)
            }
        };
        flight.note_failure(&failure);
        let is_mended = failure.mended.is_some() && time_left(flight) > attempt::SHORTEST_TRY;
        let is_other = is_mended || codex::takes_instructions(flight, &failure);
        if is_other || credential::renew(flight, &failure, time_left(flight)).await {
            flight.repeat_attempt(false);
            continue;
        }
        let next = next_step(flight, &failure, asked.providers());
        match next {
            Next::Again | Next::NextEndpoint => {
                flight.repeat_attempt(next == Next::NextEndpoint);
            }
            Next::Switch => {
                let vendor = asked.vendor_to_ask_again(flight, &failure);
                asked.leave(flight, failure);
                // One of another format is stayed with behind those of the client's own.
                let other = Wish { bound, vendor };
                if let Err(none) = select(flight, other).await {
                    return Err(asked.nobody_left(none));
                }
            }
            Next::Stop => return Err(asked.end_with(flight, failure)),
        }
    }
}

fn next_step(flight: &Flight, failure: &AttemptFailure, providers: u32) -> Next {
    let Some(attempt) = &flight.attempt else { return Next::Stop };
    let mut limits = flight.worker.shared.config.attempts;
    limits.per_provider = attempt.provider.max_attempts.unwrap_or(limits.per_provider);
    if !failure.repeatable {
        limits.per_provider = 1;
    }
    let left = attempt.address.left(&flight.worker.shared, &attempt.provider);
    let standing = Standing {
        tries_here: attempt.number,
        endpoints_left: if failure.everywhere { 0 } else { left },
        providers,
        time_left: time_left(flight),
        address_is_silent: failure.address_is_silent,
        may_suit_others: may_suit_others(flight, failure),
    };
    attempt::next(failure.outcome, standing, limits)
}

/// How long a request may take until it must have something for its client. Clients wait for a count
/// before they ask, and an estimate is better than one that comes late.
fn budget(flight: &Flight) -> Duration {
    let config = &flight.worker.shared.config;
    if flight.arrival.route.operation == Operation::CountTokens {
        config.count_deadline.min(config.timeouts.total)
    } else if !flight.wants_stream() {
        config.timeouts.total
    } else if flight.arrival.route.dialect.is_gemini() {
        config.before_commit_gemini
    } else {
        config.before_commit
    }
}

/// What is left of it. The clock begins when the body has been read: the client's own slow upload is
/// not the providers' matter.
pub(super) fn time_left(flight: &Flight) -> Duration {
    time_left_at(flight, Instant::now())
}

fn time_left_at(flight: &Flight, now: Instant) -> Duration {
    budget(flight).saturating_sub(now.saturating_duration_since(flight.begun))
}

/// The time limits of one try.
#[derive(Clone, Copy, Debug)]
pub struct TryLimits {
    /// From the request's last byte to the first content (stream) or the whole answer.
    pub answer: Duration,
    /// Between two pieces of a stream.
    pub idle: Duration,
    /// Nothing before the commit lasts longer: connecting, sending, waiting, sending again.
    pub by: Instant,
    /// A plain answer that is passed on in parts must be whole by then.
    pub whole_by: Instant,
    /// The silence a provider may expect us to bear; a shorter one is not charged.
    pub expected: Duration,
}

pub(super) fn try_limits(flight: &Flight, attempt: &Attempt, providers: u32) -> TryLimits {
    let config = &flight.worker.shared.config;
    let (timeouts, defaults) = (attempt.provider.timeouts, config.timeouts);
    let (own, default) = if flight.wants_stream() {
        (timeouts.first_byte, defaults.first_content)
    } else {
        (timeouts.total, defaults.total)
    };
    let others = attempt.others && providers <= config.attempts.switches
        || attempt.address.left(&flight.worker.shared, &attempt.provider) > 0;
    let now = Instant::now();
    let by = now + attempt::share(time_left_at(flight, now), others);
    TryLimits {
        answer: own.unwrap_or(default),
        idle: timeouts.idle.unwrap_or(defaults.idle),
        by,
        whole_by: by,
        expected: own.unwrap_or_else(|| default.min(attempt::share(budget(flight), others))),
    }
}

async fn one_try(
    flight: &mut Flight,
    request: &HttpRequest,
    providers: u32,
) -> Result<Ready, Stop> {
    let Due { prepared, mendable, limits } = due::get_ready(flight, request, providers).await?;
    let withhold_usage = prepared.withhold_usage;
    let reply = sending::send(flight, request, prepared, limits).await?;
    address::note(flight, &reply, limits);
    let reply = reply.map_err(|failure| sending::unsent(&failure, limits))?;
    flight.first_byte_ms = Some(flight.arrival.elapsed_ms());
    match read(flight, withhold_usage, reply, limits).await {
        Err(Stop::Failed(failure)) => {
            // Boxed, as all that is rare.
            Err(Stop::Failed(Box::pin(rectify::take_up(flight, mendable, failure)).await))
        }
        other => other,
    }
}

async fn read(
    flight: &mut Flight,
    withhold_usage: bool,
    reply: Reply,
    limits: TryLimits,
) -> Result<Ready, Stop> {
    let sent_at = reply.sent_at;
    let whole_by = sent_at + limits.answer;
    let limits = TryLimits { whole_by, ..limits };
    let deadline = whole_by.min(limits.by);
    let inbound = Inbound::new(reply);
    let read = examine::examine(flight, inbound, deadline, limits, withhold_usage).await;
    let is_foreign = flight.conversion().is_some() || flight.crossing().is_some();
    let more = |failure: AttemptFailure| {
        let failure = if is_foreign { failure.foreign() } else { failure };
        let is_late = failure.inferred && failure.status == Some(524);
        if is_late { silent(failure, sent_at.elapsed(), limits) } else { failure }
    };
    read.map_err(|stop| stop.failing(more))
}

/// Charges a silence to the provider, or to nobody when it was ours to end it.
pub(super) fn silent(
    failure: AttemptFailure,
    silent_for: Duration,
    limits: TryLimits,
) -> AttemptFailure {
    if attempt::is_charged(silent_for, limits.expected) {
        return failure;
    }
    AttemptFailure { outcome: TryOutcome::CutShort, ..failure }
}

//! Holds money and a seat for a request, and says in words and headers which limit refused.

use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::Method;
use jiff::Timestamp;
use switchyard_actors::domain::dialect::Operation;
use switchyard_actors::domain::limits::{Amount, LimitKind, LimitOwner, Refusal};
use switchyard_actors::rate_limiter::{Ask, Reserve};

use super::cost;
use super::failure::Failure;
use super::flight::Flight;

/// Reserves; on refusal the flight keeps the reason for its row.
///
/// # Errors
/// The limit that refused, or a missing price where those are refused.
pub async fn reserve(flight: &mut Flight, request: &HttpRequest) -> Result<(), Failure> {
    let operation = flight.arrival.route.operation;
    // Counting tokens is no request in anybody's limits; it has a bound of its own.
    if operation == Operation::CountTokens {
        return Ok(());
    }
    // Other families cost money too, though nobody knows beforehand how much; reading does not.
    let makes = operation == Operation::Other && request.method() == Method::POST;
    let model = flight.model();
    let price = cost::possible_price(&flight.catalogue, &flight.caller, model);
    let unpriced = price.is_none() && operation.is_metered() && !model.is_empty();
    if unpriced && flight.worker.shared.config.refuse_unpriced {
        return Err(Failure::Unpriced(model.to_owned()));
    }
    let Some(session) = flight.session.clone() else { return Ok(()) };
    let facts = flight.facts.as_ref();
    let tier = facts.and_then(|facts| facts.service_tier.as_deref());
    let reserve = Reserve {
        request: flight.arrival.id,
        caller: Arc::clone(&flight.caller),
        session,
        ask: Ask {
            model: Some(flight.model_name().unwrap_or_default()),
            body_bytes: flight.body_bytes,
            max_output: facts.and_then(|facts| facts.max_output_tokens),
            choices: facts.and_then(|facts| facts.choices).unwrap_or(1),
            priority: cost::may_be_priority(&flight.catalogue, &flight.caller, tier),
            price,
            factor: cost::highest_factor(&flight.catalogue, &flight.caller),
            counts: operation.is_metered() || makes,
        },
        catalogue: Arc::clone(&flight.catalogue),
        patience: patience(flight),
        now: flight.arrival.at,
    };
    match flight.worker.limiter.reserve(reserve).await {
        Ok(reservation) => {
            flight.reservation = Some(reservation);
            Ok(())
        }
        Err(refusal) => {
            flight.refusal = Some(refusal.clone());
            Err(Failure::Limited(refusal))
        }
    }
}

/// Returns how long the request may wait for a place: so that as much time is left to serve it in.
fn patience(flight: &Flight) -> Duration {
    let config = &flight.worker.shared.config;
    let is_gemini = flight.arrival.route.dialect.is_gemini();
    (if is_gemini { config.before_commit_gemini } else { config.before_commit }) / 2
}

/// Says which limit refused, what is used, and when it starts anew.
#[must_use]
pub fn sentence(refusal: &Refusal) -> String {
    let owner = match (refusal.owner, &refusal.name) {
        (LimitOwner::Group | LimitOwner::Tag, Some(name)) => {
            format!("the {} {name}", refusal.owner.name())
        }
        (owner, _) => format!("this {}", owner.name()),
    };
    let what = match refusal.kind {
        LimitKind::Rpm => "requests per minute",
        LimitKind::Tpm => "tokens per minute",
        LimitKind::ConcurrentSessions => "concurrent sessions",
        LimitKind::ConcurrentRequests => "concurrent requests",
        LimitKind::Usd5h => "spend per 5 hours",
        LimitKind::DailyQuota => "daily spend",
        LimitKind::UsdWeekly => "weekly spend",
        LimitKind::UsdMonthly => "monthly spend",
        LimitKind::UsdTotal => "total spend",
    };
    let used = format!("{} of {}", text(refusal.current), text(refusal.limit));
    let when = match reset_time(refusal) {
        Some(time) => format!("; it starts anew at {time}"),
        None if refusal.only_held => {
            "; running requests hold the rest, try again shortly".to_owned()
        }
        None => String::new(),
    };
    format!("Rate limit exceeded: {what} limit of {owner} reached ({used} used){when}")
}

/// Returns the instant at which the limit starts anew, as ISO 8601.
#[must_use]
pub fn reset_time(refusal: &Refusal) -> Option<String> {
    let at = Timestamp::from_millisecond(refusal.resets_at?.millis()).ok()?;
    Some(format!("{at:.3}"))
}

/// Returns an amount as text: dollars, or a count.
#[must_use]
pub fn text(amount: Amount) -> String {
    match amount {
        Amount::Count(count) => count.to_string(),
        Amount::Money(nano) => format!("${}", nano.usd().normalize()),
    }
}

/// Returns the rate-limit headers of the contract.
#[must_use]
pub fn headers(refusal: &Refusal) -> Vec<(&'static str, String)> {
    let plain = |amount| match amount {
        Amount::Count(count) => count.to_string(),
        Amount::Money(nano) => nano.usd().normalize().to_string(),
    };
    let left = match (refusal.limit, refusal.current) {
        (Amount::Count(limit), Amount::Count(used)) => limit.saturating_sub(used).to_string(),
        (Amount::Money(limit), Amount::Money(used)) => limit
            .minus(used)
            .max(switchyard_actors::domain::money::Nano::ZERO)
            .usd()
            .normalize()
            .to_string(),
        _ => "0".to_owned(),
    };
    let mut headers =
        vec![("x-ratelimit-limit", plain(refusal.limit)), ("x-ratelimit-remaining", left)];
    if let Some(at) = refusal.resets_at {
        headers.push(("x-ratelimit-reset", at.seconds().to_string()));
    }
    headers
}

//! Asks for a provider that was not tried yet.

use std::sync::Arc;

use switchyard_actors::domain::decision::{Decision, Exclusion};
use switchyard_actors::domain::dialect::Operation;
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::provider_pool::{Choose, Chosen, Over, Waiting};
use switchyard_actors::rate_limiter::Reservation;

use super::cost;
use super::failure::Failure;
use super::flight::Flight;
use super::{govern, session};

/// What is said of a compaction that nobody here can make.
const COMPACTS_NOWHERE: &str = "/v1/responses/compact is served by providers that speak Responses \
     alone, and no provider of this key does: let the client compact with an ordinary request";

/// Who should be asked, if it may.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// The session's provider.
    pub bound: Option<ProviderId>,
    /// A vendor, one of whose other accounts was at fault.
    pub vendor: Option<Arc<str>>,
}

/// Nobody is left to ask.
#[derive(Clone, Debug)]
pub struct NobodyLeft {
    /// What those who could serve, and were not asked, do meanwhile.
    pub waiting: Waiting,
    /// Nobody else has the model than those who keep this client out: by which rules.
    pub keeps_out: Option<String>,
    /// A compaction was asked for, and nobody here speaks its format.
    pub compacts_nowhere: bool,
}

impl From<NobodyLeft> for Failure {
    fn from(none: NobodyLeft) -> Self {
        if none.compacts_nowhere {
            return Self::BadRequest { status: 400, message: COMPACTS_NOWHERE.to_owned() };
        }
        match none.keeps_out {
            Some(message) => Self::ClientNotServed(message),
            None => Self::NoProvider { cooling: none.waiting.cooling() },
        }
    }
}

/// Chooses the next provider and starts a try at it.
///
/// # Errors
/// Nobody is left; the exclusions are logged and noted on the row, the client is told only whether waiting helps.
pub async fn select(flight: &mut Flight, wish: Wish) -> Result<(), NobodyLeft> {
    let shared = &flight.worker.shared;
    let now = shared.clock.now();
    let choose = Choose {
        caller: Arc::clone(&flight.caller),
        dialect: flight.arrival.route.dialect,
        operation: flight.arrival.route.operation,
        converts: shared.config.convert,
        model: flight.model_name(),
        catalogue: Arc::clone(&flight.catalogue),
        client: Arc::clone(&flight.client),
        session: flight.session.clone(),
        load: flight.reservation.as_ref().map(Reservation::load).unwrap_or_default(),
        counts: flight.reservation.as_ref().is_some_and(Reservation::counts),
        bound: wish.bound,
        vendor: wish.vendor,
        tried: flight.tried(),
        full: without_price(flight),
        broken: flight.session.as_ref().and_then(|session| shared.broken.at(session, now)),
        seed: shared.luck.seed(),
        now,
    };
    fail::fail_point!("relay::in_selection");
    match flight.worker.pool.choose(choose).await {
        Ok(mut chosen) => {
            hold_enough(flight, &mut chosen);
            if flight.chain.is_empty() {
                session::note_rest(flight, &chosen.provider);
            }
            flight.start_attempt(chosen);
            Ok(())
        }
        Err(none) => {
            tracing::info!(
                request.id = %flight.arrival.id,
                excluded = ?none.decision.excluded,
                "no provider can serve this request"
            );
            let excluded = &none.decision.excluded;
            let notes = excluded.iter().map(|(reason, who)| Arc::from(reason.note(who)));
            flight.notes.extend(notes);
            let keeps_out = keeps_out(flight, &none.decision);
            let compacts_nowhere = compacts_nowhere(flight, &none.decision);
            Err(NobodyLeft { waiting: none.waiting, keeps_out, compacts_nowhere })
        }
    }
}

/// Lists who may not serve it because nobody could say what it costs there, where that is refused.
fn without_price(flight: &Flight) -> Vec<(ProviderId, Over)> {
    let is_metered = flight.arrival.route.operation.is_metered();
    if !flight.worker.shared.config.refuse_unpriced || !is_metered {
        return Vec::new();
    }
    let over = Over { reason: Exclusion::Unpriced, until: None };
    let without = cost::without_price(&flight.catalogue, flight.model());
    without.into_iter().map(|provider| (provider, over)).collect()
}

/// Says which rules keep the client out, where nobody else could have served the request.
fn keeps_out(flight: &Flight, decision: &Decision) -> Option<String> {
    let excluded = &decision.excluded;
    let strict = excluded.get(&Exclusion::Client)?;
    let unfit = [Exclusion::Group, Exclusion::Disabled, Exclusion::Format, Exclusion::Model];
    if excluded.keys().any(|reason| *reason != Exclusion::Client && !unfit.contains(reason)) {
        return None;
    }
    let providers = flight.catalogue.providers.iter().filter(|it| strict.contains(&it.id));
    let mut rules: Vec<_> = providers.filter_map(|it| it.clients.judge(&flight.client)).collect();
    rules.dedup();
    let who = govern::seen(&flight.client, rules.first()?);
    let rules: Vec<String> = rules.iter().map(ToString::to_string).collect();
    Some(format!("nobody here serves this model to {who}: {}", rules.join("; ")))
}

/// Tells whether a compaction is asked for and all who could be asked speak other formats. Answers of
/// those can be converted, but the state of a conversation cannot.
fn compacts_nowhere(flight: &Flight, decision: &Decision) -> bool {
    let others = [Exclusion::Format, Exclusion::Group, Exclusion::Disabled];
    flight.arrival.route.operation == Operation::Compact
        && decision.excluded.contains_key(&Exclusion::Format)
        && decision.excluded.keys().all(|reason| others.contains(reason))
}

/// Raises the held money, without asking, to what this provider's answer may cost: it may be dearer
/// than the one before, and a redirected model may be billed as such (D4).
fn hold_enough(flight: &Flight, chosen: &mut Chosen) {
    let Some(reservation) = &flight.reservation else { return };
    let provider = &chosen.provider;
    let asked = flight.model();
    let price = cost::price_of(&flight.catalogue, asked, provider.redirect(asked));
    let (_, group) = cost::group_of(&flight.catalogue, &flight.caller, provider);
    if let (Some(price), Some(factor)) = (price, provider.multiplier.checked_mul(group)) {
        reservation.raise_for(&price, factor);
        chosen.lease.raise(reservation.estimate());
    }
}

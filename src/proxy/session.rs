//! Which session a request belongs to, and what becomes of that session's provider; never a reason
//! to refuse.

use std::sync::Arc;

use actix_web::HttpRequest;
use switchyard_actors::domain::breaker::Gate;
use switchyard_actors::domain::dialect::Operation;
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::outcome::{RowOutcome, TryOutcome};
use switchyard_actors::domain::provider::Provider;
use switchyard_actors::session_manager::{
    Absence, Change, Owner, RequestOf, Resolve, RowNote, Server, Turn, absence,
};
use switchyard_actors::shared::breakers::Look;

use super::flight::Flight;
use super::headers;
use super::settle::End;
use crate::wire::session::hints;

/// How a request stands to its session.
#[derive(Clone, Copy, Debug, Default)]
pub struct Affinity {
    /// The provider that its model was bound to when it came.
    pub held: Option<ProviderId>,
    /// It is a short request beside one that runs.
    pub beside: bool,
    /// That provider rested when the first one was chosen.
    pub rests: bool,
}

/// Resolves the session and returns the provider that should be asked first.
pub async fn resolve(flight: &mut Flight, request: &HttpRequest) -> Option<ProviderId> {
    let facts = flight.facts.as_ref()?;
    let header = |name: &str| headers::text(request.headers(), name);
    let resolved = flight
        .worker
        .sessions
        .resolve(Resolve {
            caller: Arc::clone(&flight.caller),
            hints: hints(header, facts),
            model: flight.model_name(),
            now: flight.arrival.at,
            fallback: flight.arrival.id,
        })
        .await;
    flight.session = Some(resolved.session);
    flight.affinity =
        Affinity { held: resolved.held, beside: resolved.beside, ..Affinity::default() };
    resolved.bound
}

/// Notes whether the session's provider rests, while the first choice falls on another one.
pub fn note_rest(flight: &mut Flight, chosen: &Provider) {
    let Some(held) = flight.affinity.held.filter(|held| *held != chosen.id) else { return };
    let provider = flight.catalogue.providers.iter().find(|provider| provider.id == held);
    let shared = &flight.worker.shared;
    let now = shared.clock.now();
    flight.affinity.rests = provider.is_some_and(|provider| {
        matches!(shared.breakers.check(held, &provider.breaker, now), Gate::Resting { .. })
            || shared.breakers.endpoints_rest_until(provider, now, Look::ToAsk).is_some()
    });
}

/// Keeps the session on the provider that served it, and only on one that did; runs at the end, when
/// the chain tells all tries.
pub fn settle(flight: &mut Flight, end: &End) {
    let Some(session) = &flight.session else { return };
    // A model that stands in says nothing of who serves the asked one, and is no reason to stay.
    if flight.stand_in.is_some() {
        if end.outcome == RowOutcome::Success && is_turn(flight) {
            flight.notes.push(Arc::from(RowNote::NotMoved.to_string()));
        }
        return;
    }
    let turn = turn(flight, end);
    let request = RequestOf {
        owner: Owner { user: flight.caller.user, key: flight.caller.key },
        session,
        model: model(flight),
        arrived: flight.arrival.at,
        now: flight.worker.shared.clock.now(),
    };
    if let Some(broken) = turn.broken.filter(|_| end.tried == TryOutcome::ProviderFault) {
        flight.worker.shared.broken.note(session, broken, request.now);
    }
    let verdict = flight.worker.sessions.settle(&request, &turn);
    let note = match verdict.change {
        Change::Stay(provider) => Some(RowNote::Stays(provider)),
        Change::Nothing if turn.server.is_some() && is_turn(flight) => Some(RowNote::NotMoved),
        _ => None,
    };
    flight.notes.extend(note.map(|note| Arc::from(note.to_string())));
}

fn turn(flight: &Flight, end: &End) -> Turn {
    let Affinity { held, beside, rests } = flight.affinity;
    let asked = flight.attempt.as_ref().map(|attempt| &attempt.provider);
    let server = asked
        .filter(|_| end.outcome == RowOutcome::Success)
        .map(|provider| Server { provider: provider.id, sticky: !provider.never_sticky });
    let elsewhere = held.filter(|held| server.is_none_or(|server| server.provider != *held));
    Turn {
        beside: beside || !is_turn(flight),
        found: held,
        absence: elsewhere.map(|held| {
            // Some vendors refuse an account with a status that tells nothing of it.
            if flight.refusing.contains(&held) {
                return Absence::Refuses;
            }
            absence(held, flight.chain_of_asked(), rests)
        }),
        server,
        broken: asked.filter(|_| end.outcome == RowOutcome::Truncated).map(|provider| provider.id),
    }
}

/// Tells whether a request carries its conversation on: one that counts tokens, embeds or uploads
/// says nothing about where the conversation is.
const fn is_turn(flight: &Flight) -> bool {
    matches!(flight.arrival.route.operation, Operation::Generate | Operation::Compact)
}

fn model(flight: &Flight) -> Option<&str> {
    Some(flight.model()).filter(|model| !model.is_empty())
}

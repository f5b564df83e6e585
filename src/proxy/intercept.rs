//! Side requests that the operator lets be answered here: nobody is asked, nothing is counted or billed,
//! and the row says so.

use std::sync::Arc;

use actix_web::HttpResponse;
use switchyard_actors::domain::blocked;
use switchyard_actors::domain::dialect::{Dialect, Operation};
use switchyard_actors::domain::outcome::{RowOutcome, TryOutcome};

use super::flight::Flight;
use super::settle::End;
pub use crate::wire::side::Side;
use crate::wire::side::{self, Answer};

/// Why a side request was asked of nobody.
const REASON: &str = "answered here";

/// Which side requests are answered here.
#[derive(Clone, Copy, Debug, Default)]
pub struct Intercepts {
    /// Claude Code's warm-ups of a cache.
    pub warmups: bool,
    /// Probes that count the tokens of one word.
    pub probes: bool,
}

/// Tells whether a request is a side request that is answered here. Nobody looks into a body unless its
/// facts let it be one.
pub fn side(flight: &Flight) -> Option<Side> {
    let Intercepts { warmups, probes } = flight.worker.shared.config.intercepts;
    let (route, facts) = (&flight.arrival.route, flight.facts.as_ref()?);
    if route.dialect != Dialect::Anthropic || facts.messages != Some(1) {
        return None;
    }
    let is_claude_code = flight.client.is_claude_code;
    let body = &flight.body.as_ref()?.bytes;
    match route.operation {
        Operation::Generate if warmups && is_claude_code && side::is_warmup(body) => {
            Some(Side::Warmup)
        }
        Operation::CountTokens if probes && side::is_probe(body) => Some(Side::Probe),
        _ => None,
    }
}

/// Answers a side request and ends its flight.
pub fn respond(flight: &mut Flight, side: Side) -> HttpResponse {
    let id = flight.arrival.id.to_string();
    let Answer { content_type, body } =
        side::answer(side, flight.asked_model(), flight.wants_stream(), &id);
    flight.notes.push(Arc::from(blocked::note(side.name(), REASON)));
    flight.worker.shared.metrics.sides.count(side);
    flight.bytes_out = Some(body.len() as u64);
    flight.committed(200);
    flight.settle(End::of(RowOutcome::Success, 200, TryOutcome::Success));
    HttpResponse::Ok()
        .insert_header(("x-switchyard-request-id", id))
        .insert_header(("content-type", content_type))
        .body(body)
}

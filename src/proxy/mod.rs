//! The journey of a relayed request, one file a station; this page shows the walk.
//!
//! `admission -> authenticate -> intake -> inspect -> guard -> session -> filter -> limit -> (select ->
//! prepare -> filter -> forward -> examine/gate)* -> respond -> settle`. Until an answer is committed, the handler's
//! future owns everything and dropping it gives everything back; afterwards the body does.

pub mod address;
pub mod admission;
pub mod arrival;
mod asked;
pub mod attempt;
mod attempt_failure;
mod authenticate;
mod away;
pub mod body;
mod chain;
pub mod codex;
pub mod config;
pub mod convert;
pub mod cost;
pub mod counting;
mod credential;
mod crossing;
pub mod door_log;
pub mod drain;
mod due;
mod ending;
pub mod errand;
pub mod error_rules;
mod examine;
mod exhausted;
pub mod failure;
pub mod filter;
pub mod flight;
mod forward;
mod gate;
mod govern;
mod guard;
mod headers;
mod held;
mod inbound;
mod inspect;
mod intake;
pub mod intercept;
mod known_headers;
mod last_words;
mod limit;
pub mod line;
pub mod live;
mod marks;
pub mod models;
mod passage;
mod patience;
mod prepare;
pub mod rectify;
mod report;
mod respond;
mod retry_after;
mod scrub;
mod select;
mod sending;
mod session;
pub mod settle;
pub mod socket;
pub mod stall;
mod stand_in;
pub mod turns;
pub mod versions;
mod wishes;
pub mod worker;

use std::future::Future;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{HttpRequest, HttpResponse};
use switchyard_actors::domain::dialect::{Dialect, Operation};

use self::arrival::Arrival;
use self::door_log::RefusedAtDoor;
use self::failure::Failure;
use self::flight::Flight;
use self::line::Line;
use self::socket::Seat;
use self::worker::{Worker, WorkerRef};
use crate::metrics::Shed;
use crate::wire::detect::Route;

/// Relays one request.
pub async fn relay(
    worker: WorkerRef,
    request: &HttpRequest,
    payload: Payload,
    route: Route,
    client: Option<IpAddr>,
) -> HttpResponse {
    let arrival = Arrival::note(&worker, request, route, client);
    let entered = enter(&worker, request, payload, arrival.clone());
    match in_time(&worker, entered).await {
        Ok(Entered::Flight(flight)) => fly(flight, request).await,
        Ok(Entered::Answered(answer)) => answer,
        Err(failure) => turn_away(&worker, request, &arrival, &failure),
    }
}

/// Relays one turn of a socket: the same journey as that of its body in a `POST`.
async fn relay_turn(seat: Rc<Seat>, payload: Payload, arrival: Arrival) -> HttpResponse {
    let (worker, request) = (&seat.worker, &seat.request);
    match in_time(worker, enter(worker, request, payload, arrival.clone())).await {
        Ok(Entered::Flight(mut flight)) => {
            flight.notes.push(Arc::from(socket::NOTE));
            flight.link = Some(Rc::clone(&seat.link));
            fly(flight, request).await
        }
        Ok(Entered::Answered(answer)) => answer,
        Err(failure) => turn_away(worker, request, &arrival, &failure),
    }
}

/// Refuses a request whose path leads nowhere.
pub fn refuse_route(
    worker: &WorkerRef,
    request: &HttpRequest,
    client: Option<IpAddr>,
) -> HttpResponse {
    let route = Route {
        dialect: if request.path().starts_with("/v1beta") {
            Dialect::Gemini
        } else {
            Dialect::OpenaiChat
        },
        operation: Operation::Other,
        model: None,
        stream: None,
        sse: false,
        family: "unknown",
    };
    let arrival = Arrival::note(worker, request, route, client);
    turn_away(worker, request, &arrival, &Failure::UnknownRoute)
}

enum Entered {
    Flight(Box<Flight>),
    Answered(HttpResponse),
}

/// From the door to a body that was read; what fails here leaves no row.
async fn enter(
    worker: &WorkerRef,
    request: &HttpRequest,
    payload: Payload,
    arrival: Arrival,
) -> Result<Entered, Failure> {
    let place = worker.shared.door.enter().ok_or(Failure::Shed(Shed::InFlight))?;
    fail::fail_point!("relay::before_key");
    let key = authenticate::key_of(request)?;
    let catalogue = worker.shared.catalogue.load();
    let caller = authenticate::caller(&catalogue, &key, arrival.at)?;
    // A client that asks for a WebSocket where none is served falls back to POST on 426 alone, and what it
    // sends has no end. Every other upgrade (`h2c` of curl and Java) is an offer that a server may ignore.
    if socket::offers_websocket(request.headers()) {
        return Err(Failure::UpgradeRequired);
    }
    if arrival.route.operation == Operation::ListModels {
        // Boxed, as all that is rare: every request has room for the largest of its ways.
        let list = Box::pin(models::list(worker, request, &arrival, &caller, &catalogue)).await;
        return Ok(Entered::Answered(list));
    }
    let body = intake::read(&worker.shared.config, &place, request, payload).await?;
    let mut flight = Box::new(Flight::begin(worker, arrival, caller, catalogue, place));
    flight.body_bytes = body.bytes.len() as u64;
    flight.body = Some(body);
    Ok(Entered::Flight(flight))
}

/// Gives work up when the grace of a stop is over.
async fn in_time<T>(
    worker: &Worker,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    tokio::select! {
        biased;
        done = work => done,
        () = worker.curfew.rung() => Err(Failure::Stopping),
    }
}

/// Where an answer comes from.
enum Found {
    /// From an upstream.
    Upstream(examine::Ready),
    /// From here.
    Here(intercept::Side),
}

/// From the body to the answer; whatever happens here has a row.
async fn fly(mut flight: Box<Flight>, request: &HttpRequest) -> HttpResponse {
    let worker = Rc::clone(&flight.worker);
    match in_time(&worker, journey(&mut flight, request)).await {
        Ok(Found::Here(side)) => intercept::respond(&mut flight, side),
        Ok(Found::Upstream(ready)) => {
            respond::respond(flight, ready, request.conn_data::<Line>().cloned())
        }
        Err(failure) => {
            respond::settle_failure(&mut flight, &failure);
            respond::refused(&flight, &failure)
        }
    }
}

async fn journey(flight: &mut Flight, request: &HttpRequest) -> Result<Found, Failure> {
    inspect::inspect(flight, request).await?;
    if let Some(side) = intercept::side(flight) {
        return Ok(Found::Here(side));
    }
    counting::admit(flight)?;
    guard::words(flight, request).await?;
    let bound = session::resolve(flight, request).await;
    filter::before_choice(flight, request).await?;
    limit::reserve(flight, request).await?;
    counting::forward(flight, request, bound).await.map(Found::Upstream)
}

/// Refuses at the door: no row, but a line in the list that operators look at.
fn turn_away(
    worker: &WorkerRef,
    request: &HttpRequest,
    arrival: &Arrival,
    failure: &Failure,
) -> HttpResponse {
    let dialect = arrival.route.dialect;
    failure.count(&worker.shared.metrics);
    let key_prefix = authenticate::key_of(request).ok().map(|key| authenticate::prefix(&key));
    worker.shared.refused.note(RefusedAtDoor {
        id: arrival.id,
        at: arrival.at,
        status: failure.status(dialect),
        code: failure.door_code(),
        reason: failure.message().into(),
        path: arrival.path.clone(),
        key_prefix,
        client_ip: arrival.client_ip.clone(),
    });
    failure.respond(dialect, arrival.id)
}

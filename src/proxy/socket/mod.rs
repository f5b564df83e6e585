//! Responses over WebSocket, the client's side.
//!
//! A client asks for a socket with `GET /v1/responses`, and is let in by the rules of every request.
//! Each message of type `response.create` is then a turn: a whole request of its own, with its
//! limits, its failover, its row and its money, exactly as the same body in a `POST`. The events of
//! its answer come back as messages.

pub mod clock;
mod exchange;
mod history;
mod inbox;
pub mod link;
mod outbox;
mod plan;
mod reply;
mod seat;
mod session;
mod turn;
pub mod upstream;

use std::net::IpAddr;
use std::rc::Rc;

use actix_http::ws::{HandshakeError, hash_key, verify_handshake};
use actix_server::GracefulShutdownSignal;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse};
use switchyard_actors::domain::dialect::{Dialect, Operation};

use self::link::Link;
use self::outbox::{Outbox, SocketBody};
pub use self::seat::Seat;
use self::session::Session;
use super::admission::NoSocket;
use super::failure::Failure;
use super::worker::WorkerRef;
use super::{authenticate, turn_away};
use crate::metrics::Shed;
use crate::wire::detect::{self, Route};

/// The beta of sockets, for clients that name none.
const BETA: &str = "responses_websockets=2026-02-06";

/// Headers that belong to the handshake, to a body that is none, or to the turn in which Codex happened
/// to open the socket: its messages have their own in `client_metadata`.
const OF_THE_HANDSHAKE: [&str; 11] = [
    "x-codex-turn-metadata",
    "x-codex-turn-state",
    "upgrade",
    "sec-websocket-key",
    "sec-websocket-version",
    "sec-websocket-extensions",
    "sec-websocket-protocol",
    "content-length",
    "content-encoding",
    "transfer-encoding",
    "expect",
];

/// What the row of a turn says.
pub const NOTE: &str = "transport: websocket";

/// A client that asks for a socket.
pub struct Offer {
    key: Result<[u8; 28], HandshakeError>,
    route: Route,
    beta: HeaderValue,
}

/// Tells whether a request offers WebSocket among its upgrades.
#[must_use]
pub fn offers_websocket(headers: &HeaderMap) -> bool {
    let offers = headers.get_all("upgrade").filter_map(|value| value.to_str().ok());
    offers
        .flat_map(|value| value.split(','))
        .any(|name| name.trim().eq_ignore_ascii_case("websocket"))
}

/// Tells whether WebSocket is all it offers: only then does the server read what follows as the client's.
fn offers_nothing_else(headers: &HeaderMap) -> bool {
    let mut offers = headers.get_all("upgrade");
    let is_it = offers.next().is_some_and(|one| one.as_bytes().eq_ignore_ascii_case(b"websocket"));
    is_it && offers.next().is_none()
}

/// Takes the offer of a socket off a request, which becomes the `POST` that each turn is. `None` when
/// it makes none, or sockets are switched off.
pub fn take_offer(request: &mut ServiceRequest) -> Option<Offer> {
    if request.method() != Method::GET || !offers_nothing_else(request.headers()) {
        return None;
    }
    let config = request.app_data::<WorkerRef>()?.shared.config.socket;
    let route = detect::route("POST", request.path(), None)?;
    let is_responses =
        route.dialect == Dialect::Responses && route.operation == Operation::Generate;
    if !is_responses || !config.enabled {
        return None;
    }
    let key = verify_handshake(request.head()).map(|()| {
        let key = request.headers().get("sec-websocket-key");
        hash_key(key.map(HeaderValue::as_bytes).unwrap_or_default())
    });
    let head = request.head_mut();
    head.method = Method::POST;
    for name in OF_THE_HANDSHAKE {
        head.headers.remove(name);
    }
    let json = HeaderValue::from_static("application/json");
    head.headers.insert(HeaderName::from_static("content-type"), json);
    let events = HeaderValue::from_static("text/event-stream");
    head.headers.insert(HeaderName::from_static("accept"), events);
    let beta = take_beta(&mut head.headers);
    Some(Offer { key, route, beta })
}

/// Takes the beta of sockets off the headers: it means nothing to a `POST`. Others stay.
fn take_beta(headers: &mut HeaderMap) -> HeaderValue {
    let name = HeaderName::from_static("openai-beta");
    let lines: Vec<HeaderValue> = headers.get_all(&name).cloned().collect();
    headers.remove(&name);
    let mut found = None;
    for line in lines {
        let betas = line.to_str().unwrap_or_default().split(',').map(str::trim);
        let (own, others): (Vec<&str>, Vec<&str>) =
            betas.partition(|beta| beta.starts_with("responses_websockets"));
        found = found.or_else(|| HeaderValue::from_str(own.first()?).ok());
        let left = if own.is_empty() { Some(line) } else { value_of(&others) };
        if let Some(left) = left {
            headers.append(name.clone(), left);
        }
    }
    found.unwrap_or_else(|| HeaderValue::from_static(BETA))
}

fn value_of(betas: &[&str]) -> Option<HeaderValue> {
    HeaderValue::from_str(&betas.join(",")).ok().filter(|value| !value.is_empty())
}

/// Opens a socket, or says why not.
pub fn open(
    worker: &WorkerRef,
    request: &HttpRequest,
    payload: Payload,
    offer: &Offer,
    client: Option<IpAddr>,
) -> HttpResponse {
    let arrival = seat::arrival(worker, request, offer.route.clone(), client);
    match admit(worker, request, arrival.at, offer, client) {
        Ok((seat, key)) => welcome(seat, request, payload, key),
        Err(failure) => {
            let mut answer = turn_away(worker, request, &arrival, &failure);
            if matches!(offer.key, Err(HandshakeError::UnsupportedVersion)) {
                let version = HeaderValue::from_static("13");
                let name = HeaderName::from_static("sec-websocket-version");
                answer.headers_mut().insert(name, version);
            }
            answer
        }
    }
}

fn admit(
    worker: &WorkerRef,
    request: &HttpRequest,
    now: switchyard_actors::domain::instant::Micros,
    offer: &Offer,
    client: Option<IpAddr>,
) -> Result<(Seat, [u8; 28]), Failure> {
    let key = authenticate::key_of(request)?;
    let caller = authenticate::caller(&worker.shared.catalogue.load(), &key, now)?;
    let most = worker.shared.config.socket.per_key;
    let place = worker.shared.door.open_socket(caller.key, most).map_err(|none| match none {
        NoSocket::Full => Failure::Shed(Shed::InFlight),
        // What is said of a place without sockets: clients go on with `POST`.
        NoSocket::OfKey => Failure::UpgradeRequired,
    })?;
    let accept = offer.key.map_err(|error| Failure::BadRequest {
        status: 400,
        message: format!("the WebSocket handshake cannot be accepted: {error}"),
    })?;
    let seat = Seat {
        worker: Rc::clone(worker),
        request: request.clone(),
        route: offer.route.clone(),
        client,
        model: seat::model(request.query_string()),
        link: Rc::new(Link::new(offer.beta.clone())),
        place,
    };
    Ok((seat, accept))
}

fn welcome(seat: Seat, request: &HttpRequest, payload: Payload, key: [u8; 28]) -> HttpResponse {
    let stop = request.app_data::<GracefulShutdownSignal>().cloned().map(|signal| {
        let stop: futures_core::future::LocalBoxFuture<'static, ()> =
            Box::pin(async move { signal.notified().await });
        stop
    });
    let shared = &seat.worker.shared;
    let outbox = Outbox::new(shared.config.socket.backlog, shared.door.hold());
    let session = Session::new(Rc::new(seat), payload, outbox.clone(), stop);
    let session = actix_web::rt::spawn(session.run());
    let mut answer = HttpResponse::build(StatusCode::SWITCHING_PROTOCOLS);
    answer.upgrade("websocket");
    if let Ok(key) = HeaderValue::from_bytes(&key) {
        answer.insert_header((HeaderName::from_static("sec-websocket-accept"), key));
    }
    answer.body(SocketBody::new(outbox, session))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beta_of_sockets_is_taken_off_whatever_line_it_is_in_and_others_stay() {
        let take = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                let name = HeaderName::from_static("openai-beta");
                headers.append(name, HeaderValue::from_static(line));
            }
            let own = take_beta(&mut headers);
            let left = headers.get_all("openai-beta").map(|line| line.to_str().unwrap().to_owned());
            (own.to_str().unwrap().to_owned(), left.collect::<Vec<_>>())
        };
        let said = |own: &str, left: &[&str]| {
            (own.to_owned(), left.iter().map(|&line| line.to_owned()).collect::<Vec<_>>())
        };
        let own = "responses_websockets=2030-01-01";
        assert_eq!(take(&[]), said(BETA, &[]));
        assert_eq!(take(&[own]), said(own, &[]));
        assert_eq!(take(&["a=1", "b , responses_websockets=2030-01-01"]), said(own, &["a=1", "b"]));
        assert_eq!(take(&[own, "a, b"]), said(own, &["a, b"]));
    }
}

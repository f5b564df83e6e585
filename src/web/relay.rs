//! The relay's routes: everything under `/v1`, `/v1beta` and `/v1internal`. They are told by their
//! first letters, ahead of the router, which would try every other route first and is the dearest
//! part of what a request costs outside the relay.

use std::future::{Ready, ready};

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Payload, Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{Error, HttpRequest, HttpResponse};
use futures_util::future::{Either, FutureExt as _, LocalBoxFuture, Map};
use switchyard_actors::domain::dialect::{Dialect, Operation};

use super::Shell;
use super::health::PING;
use super::middleware::cors;
use crate::proxy::socket::{self, Offer};
use crate::proxy::worker::WorkerRef;
use crate::proxy::{refuse_route, relay};
use crate::wire::detect;

/// Takes the relay's requests out of the way to the router. The worker is found in the
/// application's data.
#[derive(Clone, Copy, Debug)]
pub struct Relay;

impl<S, B> Transform<S, ServiceRequest> for Relay
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = RelayService<S>;
    type InitError = ();
    type Future = Ready<Result<RelayService<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(RelayService { service }))
    }
}

/// The relay before the router.
#[derive(Debug)]
pub struct RelayService<S> {
    service: S,
}

type Answer<B> = Result<ServiceResponse<EitherBody<B>>, Error>;
type Routed<B> = fn(Result<ServiceResponse<B>, Error>) -> Answer<B>;

impl<S, B> Service<ServiceRequest> for RelayService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = Either<LocalBoxFuture<'static, Answer<B>>, Map<S::Future, Routed<B>>>;

    forward_ready!(service);

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        if is_ours(&request) {
            let offer = socket::take_offer(&mut request);
            let (request, payload) = request.into_parts();
            return Either::Left(
                async move {
                    let answer = match offer {
                        None => handle(&request, payload).await,
                        Some(offer) => open_socket(&request, payload, &offer),
                    };
                    Ok(ServiceResponse::new(request, answer).map_into_right_body())
                }
                .boxed_local(),
            );
        }
        let routed: Routed<B> = |answer| answer.map(ServiceResponse::map_into_left_body);
        Either::Right(self.service.call(request).map(routed))
    }
}

/// The ping and the preflight need no key and are routed like everything else.
fn is_ours(request: &ServiceRequest) -> bool {
    let path = request.path();
    cors::is_relay(path) && path != PING && request.method() != Method::OPTIONS
}

async fn handle(request: &HttpRequest, payload: Payload) -> HttpResponse {
    let Some(worker) = request.app_data::<WorkerRef>().cloned() else {
        return no_worker();
    };
    let client = request.app_data::<Data<Shell>>().and_then(|shell| shell.client_ip(request));
    let query = Some(request.query_string()).filter(|query| !query.is_empty());
    let Some(mut route) = detect::route(request.method().as_str(), request.path(), query) else {
        return refuse_route(&worker, request, client);
    };
    if route.operation == Operation::ListModels && route.dialect != Dialect::Gemini {
        route.dialect = detect::models_dialect(|name| request.headers().contains_key(name));
    }
    relay(worker, request, payload, route, client).await
}

fn open_socket(request: &HttpRequest, payload: Payload, offer: &Offer) -> HttpResponse {
    let Some(worker) = request.app_data::<WorkerRef>() else { return no_worker() };
    let client = request.app_data::<Data<Shell>>().and_then(|shell| shell.client_ip(request));
    socket::open(worker, request, payload, offer, client)
}

/// Health says why; another worker may serve the next request.
fn no_worker() -> HttpResponse {
    HttpResponse::ServiceUnavailable()
        .insert_header(("retry-after", "1"))
        .json(serde_json::json!({ "error": { "message": "this worker cannot write its journal" } }))
}

//! The relay's routes: everything under `/v1`, `/v1beta` and `/v1internal`.

use actix_web::web::{Data, Payload, ServiceConfig, resource, to};
use actix_web::{HttpRequest, HttpResponse};
use switchyard_actors::domain::dialect::{Dialect, Operation};

use crate::proxy::worker::WorkerRef;
use crate::proxy::{refuse_route, relay};
use crate::web::Shell;
use crate::wire::detect;

/// Mounts the relay. The worker is found in the application's data.
pub fn configure(config: &mut ServiceConfig) {
    config.service(resource("/{version:v1(beta\\d*|internal)?}{rest:([/:].*)?}").route(to(handle)));
}

async fn handle(request: HttpRequest, payload: Payload) -> HttpResponse {
    let Some(worker) = request.app_data::<WorkerRef>().cloned() else {
        return HttpResponse::InternalServerError().finish();
    };
    let client = request.app_data::<Data<Shell>>().and_then(|shell| shell.client_ip(&request));
    let query = Some(request.query_string()).filter(|query| !query.is_empty());
    let Some(mut route) = detect::route(request.method().as_str(), request.path(), query) else {
        return refuse_route(&worker, &request, client);
    };
    if route.operation == Operation::ListModels && route.dialect != Dialect::Gemini {
        route.dialect = detect::models_dialect(|name| request.headers().contains_key(name));
    }
    relay(worker, request, payload, route, client).await
}

//! Adds a room's routes, with the layer that makes pages of what its handlers refuse.

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{self, PathConfig, QueryConfig, ServiceConfig};
use actix_web::{Error, HttpRequest, HttpResponse, ResponseError as _};

use super::error::PageError;
use super::problem::Problem;
use super::stranger::Stranger;
use super::visitor::Visitor;

/// Adds a room under a path such as `/providers`.
pub fn room(config: &mut ServiceConfig, path: &str, routes: fn(&mut ServiceConfig)) {
    // What cannot be an id or a filter of ours leads nowhere.
    let paths = PathConfig::default().error_handler(|_, _| PageError::NotFound.into());
    let queries = QueryConfig::default().error_handler(|_, _| PageError::NotFound.into());
    let scope = web::scope(path).app_data(paths).app_data(queries);
    let scope = scope.configure(routes).default_service(web::to(nothing));
    config.service(scope.wrap(from_fn(explain)));
}

async fn nothing() -> Result<HttpResponse, PageError> {
    Err(PageError::NotFound)
}

/// Makes a page of an error that a handler or its extractors returned, and of a method that a place
/// does not know.
async fn explain<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    let answer = next.call(request).await?;
    let page = {
        let error = answer.response().error().and_then(|error| error.as_error::<PageError>());
        if answer.status() == StatusCode::METHOD_NOT_ALLOWED {
            page(answer.request(), &PageError::NotFound).await
        } else if let Some(problem) = error {
            problem.log();
            page(answer.request(), problem).await
        } else {
            return Ok(answer.map_into_left_body());
        }
    };
    Ok(answer.into_response(page).map_into_right_body())
}

/// Makes the page; what is no person's, or goes on to the login, has none.
async fn page(request: &HttpRequest, problem: &PageError) -> HttpResponse {
    let plain = problem.error_response();
    if matches!(problem, PageError::Login { .. } | PageError::Unknown | PageError::Unmounted) {
        return plain;
    }
    let shown = Problem::of(problem);
    let made = match Visitor::of(request).await {
        Ok(visitor) => visitor.show_problem(plain.status(), &shown),
        Err(_) => Stranger::of(request).and_then(|looks| looks.show(plain.status(), &shown)),
    };
    let Ok(mut made) = made else { return plain };
    for (name, value) in plain.headers() {
        made.headers_mut().insert(name.clone(), value.clone());
    }
    made
}

/// Answers a person who asked for what is not there.
pub async fn not_found_page(request: &HttpRequest) -> HttpResponse {
    page(request, &PageError::NotFound).await
}

//! Adds a room's routes, with the layer that makes pages of what its handlers refuse.

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::SET_COOKIE;
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{self, PathConfig, QueryConfig, ServiceConfig};
use actix_web::{Error, HttpRequest, HttpResponse, ResponseError as _};

use super::error::PageError;
use super::late;
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
/// does not know. Keeps the form of somebody whose login has ended.
async fn explain<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    if let Some(kept) = late::ended(&mut request).await {
        let answer = match kept {
            Ok(answer) => answer,
            Err(problem) => {
                problem.log();
                page(request.request(), &problem).await
            }
        };
        return Ok(request.into_response(answer).map_into_right_body());
    }
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
    let (status, shown) = (plain.status(), Problem::of(problem));
    let made = match (Visitor::of(request).await, problem) {
        (Ok(visitor), PageError::Stale(again)) => visitor.answer(status, &again.page),
        (Ok(visitor), _) => visitor.answer(status, &shown),
        (Err(_), _) => Stranger::of(request).and_then(|looks| looks.show(status, &shown)),
    };
    let Ok(mut made) = made else { return plain };
    for (name, value) in plain.headers() {
        if name == SET_COOKIE {
            made.headers_mut().append(name.clone(), value.clone());
        } else {
            made.headers_mut().insert(name.clone(), value.clone());
        }
    }
    made
}

/// Answers a person who asked for what is not there.
pub async fn not_found_page(request: &HttpRequest) -> HttpResponse {
    page(request, &PageError::NotFound).await
}

//! Cross-origin rules of the relay's routes: browsers anywhere may call them, since a key decides
//! and no cookie does.

use actix_web::guard::{self, GuardContext};
use actix_web::http::Method;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    HeaderMap, HeaderValue, VARY,
};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

const METHODS: &str = "GET, POST, PUT, PATCH, DELETE, OPTIONS";
const EXPOSED: &str = "x-switchyard-request-id, x-switchyard-estimate, x-request-id, \
                       x-ratelimit-limit, \
                       x-ratelimit-remaining, x-ratelimit-reset, retry-after";
const DAY_SECONDS: &str = "86400";

/// Tells whether a path belongs to the relay: `/v1`, `/v1beta`, `/v1internal` and what lies below.
#[must_use]
pub fn is_relay(path: &str) -> bool {
    let Some(rest) = path.strip_prefix("/v1") else { return false };
    let rest = match rest.strip_prefix("beta") {
        Some(rest) => rest.trim_start_matches(|digit: char| digit.is_ascii_digit()),
        None => rest.strip_prefix("internal").unwrap_or(rest),
    };
    rest.is_empty() || rest.starts_with('/') || rest.starts_with(':')
}

/// Adds the preflight. It has a guard, so that other methods go on to the relay's routes.
pub fn configure(routes: &mut ServiceConfig) {
    let relay = |context: &GuardContext<'_>| {
        context.head().method == Method::OPTIONS && is_relay(context.head().uri.path())
    };
    routes.service(web::resource("/{path:v1.*}").guard(guard::fn_guard(relay)).to(preflight));
}

async fn preflight(request: HttpRequest) -> HttpResponse {
    let mut answer = HttpResponse::NoContent();
    answer
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((ACCESS_CONTROL_ALLOW_METHODS, METHODS))
        .insert_header((ACCESS_CONTROL_MAX_AGE, DAY_SECONDS))
        .insert_header((VARY, "access-control-request-headers"));
    if let Some(asked) = request.headers().get(ACCESS_CONTROL_REQUEST_HEADERS) {
        answer.insert_header((ACCESS_CONTROL_ALLOW_HEADERS, asked.clone()));
    }
    answer.finish()
}

/// Lets a browser read a relay's answer.
pub fn expose(headers: &mut HeaderMap) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_relay_s_paths_are_known() {
        for path in [
            "/v1",
            "/v1/messages",
            "/v1beta/models/m:x",
            "/v1internal:generateContent",
            "/v1beta2/models",
        ] {
            assert!(is_relay(path), "{path}");
        }
        for path in ["/", "/v2/messages", "/v1x", "/api/v1/users", "/v1betax/y"] {
            assert!(!is_relay(path), "{path}");
        }
    }
}

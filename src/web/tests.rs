//! The routes that need no key, through the outermost layer.

use std::sync::Arc;

use actix_web::body::{MessageBody, to_bytes};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::web::{self, Data};
use actix_web::{App, Error, HttpResponse};

use super::middleware::{Edge, REQUEST_ID};
use super::*;
use crate::process::Severity;

async fn app(
    shell: &Arc<Shell>,
) -> impl Service<actix_http::Request, Response = ServiceResponse<impl MessageBody>, Error = Error>
{
    let own_id = || async { HttpResponse::Ok().insert_header((REQUEST_ID, "mine")).finish() };
    init_service(
        App::new()
            .app_data(Data::from(Arc::clone(shell)))
            .configure(base)
            .route("/v1/messages", web::post().to(own_id))
            .wrap(Edge::new(Arc::clone(shell))),
    )
    .await
}

async fn text(response: ServiceResponse<impl MessageBody>) -> String {
    let bytes = to_bytes(response.into_body()).await.ok().unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn header<'a, B>(response: &'a ServiceResponse<B>, name: &str) -> &'a str {
    response.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

#[actix_rt::test]
async fn readiness_is_answered_with_its_reasons() {
    let shell = Shell::for_tests(&[]);
    let app = app(&shell).await;
    let ask = || call_service(&app, TestRequest::get().uri("/api/health/ready").to_request());
    assert_eq!(ask().await.status(), StatusCode::OK);
    shell.readiness.report("redis", Severity::Degraded, "redis does not answer");
    let degraded = ask().await;
    assert_eq!(degraded.status(), StatusCode::OK);
    assert!(text(degraded).await.contains(r#""status":"degraded""#));
    shell.readiness.report("journal", Severity::Down, "the journal cannot be written");
    let down = ask().await;
    assert_eq!(down.status(), StatusCode::SERVICE_UNAVAILABLE);
    let body = text(down).await;
    assert!(body.contains("the journal cannot be written") && body.contains("redis"), "{body}");
    let live = call_service(&app, TestRequest::get().uri("/api/health/live").to_request()).await;
    assert_eq!(live.status(), StatusCode::OK, "a process that is not ready is still alive");
}

#[actix_rt::test]
async fn every_answer_has_a_request_id_and_the_relay_keeps_its_own() {
    let shell = Shell::for_tests(&[]);
    let app = app(&shell).await;
    let pong = call_service(&app, TestRequest::get().uri("/v1/_ping").to_request()).await;
    assert!(uuid::Uuid::parse_str(header(&pong, "x-switchyard-request-id")).is_ok());
    assert_eq!(text(pong).await, r#"{"status":"pong"}"#);
    let relayed = call_service(&app, TestRequest::post().uri("/v1/messages").to_request()).await;
    assert_eq!(header(&relayed, "x-switchyard-request-id"), "mine");
    let missing = call_service(&app, TestRequest::get().uri("/nowhere").to_request()).await;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    assert!(!header(&missing, "x-switchyard-request-id").is_empty());
}

#[actix_rt::test]
async fn a_preflight_is_answered_and_other_methods_reach_the_relay() {
    let shell = Shell::for_tests(&[]);
    let app = app(&shell).await;
    let preflight = TestRequest::default()
        .method(Method::OPTIONS)
        .uri("/v1beta/models/m:generateContent")
        .insert_header(("origin", "https://page.test"))
        .insert_header(("access-control-request-headers", "x-goog-api-key, x-new"))
        .to_request();
    let answer = call_service(&app, preflight).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    assert_eq!(header(&answer, "access-control-allow-headers"), "x-goog-api-key, x-new");
    assert_eq!(header(&answer, "access-control-max-age"), "86400");
    let post = TestRequest::post()
        .uri("/v1/messages")
        .insert_header(("origin", "https://page.test"))
        .to_request();
    let answer = call_service(&app, post).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(header(&answer, "access-control-allow-origin"), "*");
    assert!(header(&answer, "access-control-expose-headers").contains("retry-after"));
}

#[actix_rt::test]
async fn pages_are_protected_and_closed_to_other_origins() {
    let shell = Shell::for_tests(&[]);
    let app = app(&shell).await;
    let page = TestRequest::get().uri("/").insert_header(("origin", "https://page.test"));
    let page = call_service(&app, page.to_request()).await;
    assert!(header(&page, "content-security-policy").starts_with("default-src 'none'"));
    assert_eq!(header(&page, "access-control-allow-origin"), "");
    assert_eq!(header(&page, "location"), "/dashboard");
    let css = shell.pages.assets().address("css/base.css").unwrap();
    let sheet = call_service(&app, TestRequest::get().uri(&css).to_request()).await;
    assert_eq!(sheet.status(), StatusCode::OK);
    assert!(header(&sheet, "cache-control").contains("immutable"));
    let head = TestRequest::default().method(Method::HEAD).uri("/").to_request();
    assert_eq!(call_service(&app, head).await.status(), StatusCode::OK);
}

#[actix_rt::test]
async fn figures_are_open_unless_they_are_set_to_ask_for_the_token() {
    let open = Shell::for_tests(&[]);
    let ask = || TestRequest::get().uri("/metrics");
    let figures = text(call_service(&app(&open).await, ask().to_request()).await).await;
    assert!(figures.contains("switchyard_requests_in_flight 0"), "the asker is not meant");
    let closed = Shell::for_tests(&[("METRICS_PUBLIC", "false")]);
    let app = app(&closed).await;
    let with = |token: &str| ask().insert_header(("authorization", format!("Bearer {token}")));
    for (request, status) in [
        (ask(), StatusCode::UNAUTHORIZED),
        (with("wrong"), StatusCode::UNAUTHORIZED),
        (with("secret"), StatusCode::OK),
    ] {
        assert_eq!(call_service(&app, request.to_request()).await.status(), status);
    }
}

#[actix_rt::test]
async fn guesses_at_the_token_of_the_figures_are_counted_and_the_right_one_passes() {
    let closed = Shell::for_tests(&[("METRICS_PUBLIC", "false")]);
    let app = app(&closed).await;
    let ask = |token: &str| {
        TestRequest::get()
            .uri("/metrics")
            .peer_addr("192.0.2.7:4000".parse().unwrap())
            .insert_header(("authorization", format!("Bearer {token}")))
            .to_request()
    };
    for _ in 0..10 {
        assert_eq!(call_service(&app, ask("wrong")).await.status(), StatusCode::UNAUTHORIZED);
    }
    let told = call_service(&app, ask("wrong")).await;
    assert_eq!(told.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(header(&told, "retry-after").parse::<u64>().unwrap() > 800);
    assert_eq!(call_service(&app, ask("secret")).await.status(), StatusCode::OK);
}

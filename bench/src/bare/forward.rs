//! One request through the bare relay.

use std::time::Duration;

use actix_http::header::{self, HeaderMap, HeaderName};
use actix_web::{HttpRequest, HttpResponse, web};
use awc::Client;
use bytes::Bytes;

use super::eof::GuardedConnector;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const POOL_KEEP_ALIVE: Duration = Duration::from_mins(1);
const POOL_LIFETIME: Duration = Duration::from_mins(10);

/// Headers that belong to one connection, and those that the client or server sets itself.
const OWN: [HeaderName; 8] = [
    header::CONNECTION,
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::EXPECT,
    header::TE,
    header::TRAILER,
    header::UPGRADE,
];

/// A worker's client and where it asks.
pub struct Upstream {
    client: Client,
    base: String,
}

impl Upstream {
    /// Makes a client for one worker.
    pub fn new(base: String) -> Self {
        let connector = awc::Connector::new()
            .connector(GuardedConnector::new())
            .timeout(CONNECT_TIMEOUT)
            .limit(0)
            .conn_keep_alive(POOL_KEEP_ALIVE)
            .conn_lifetime(POOL_LIFETIME);
        let client = Client::builder()
            .connector(connector)
            .disable_timeout()
            .disable_redirects()
            .no_default_headers()
            .finish();
        Self { client, base }
    }
}

/// Forwards the request and streams the answer.
pub async fn forward(
    request: HttpRequest,
    body: Bytes,
    upstream: web::Data<Upstream>,
) -> HttpResponse {
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let url = format!("{}{target}", upstream.base);
    let mut asked = upstream.client.request(request.method().clone(), url);
    copy(request.headers(), asked.headers_mut());
    match asked.send_body(body).await {
        Ok(answer) => respond(answer),
        Err(error) => HttpResponse::BadGateway().body(error.to_string()),
    }
}

fn respond<S>(answer: awc::ClientResponse<S>) -> HttpResponse
where
    S: futures_util::Stream<Item = Result<Bytes, awc::error::PayloadError>> + 'static,
    awc::ClientResponse<S>: futures_util::Stream<Item = Result<Bytes, awc::error::PayloadError>>,
{
    let mut response = HttpResponse::build(answer.status());
    for (name, value) in answer.headers() {
        if !OWN.contains(name) {
            response.append_header((name.clone(), value.clone()));
        }
    }
    let length = answer.headers().get(header::CONTENT_LENGTH);
    if let Some(length) = length.and_then(|value| value.to_str().ok()?.parse().ok()) {
        response.no_chunking(length);
    }
    response.streaming(answer)
}

fn copy(from: &HeaderMap, into: &mut HeaderMap) {
    for (name, value) in from {
        if !OWN.contains(name) {
            into.append(name.clone(), value.clone());
        }
    }
}

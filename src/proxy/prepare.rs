//! Makes the upstream request of a try: address, headers, and the body with its named edits.

use std::borrow::Cow;
use std::sync::Arc;

use actix_web::HttpRequest;
use awc::http::header::HeaderMap;
use bytes::Bytes;
use switchyard_actors::domain::dialect::Operation;
use switchyard_actors::domain::provider::Endpoint;

use super::failure::Failure;
use super::flight::Flight;
use super::{headers, wishes};
use crate::wire::edit::{self, Edit};
use crate::wire::url;

/// The upstream request of one try.
pub struct Prepared {
    /// The address.
    pub url: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub segments: Vec<Bytes>,
    /// We asked for usage that the client did not ask for: its chunk is kept from it.
    pub withhold_usage: bool,
}

/// Prepares the present try of a flight.
///
/// # Errors
/// An edit that does not fit its body, which is our fault.
pub fn prepare(flight: &mut Flight, request: &HttpRequest) -> Result<Prepared, Failure> {
    let Some(attempt) = &flight.attempt else { return Err(Failure::Internal) };
    let provider = Arc::clone(&attempt.provider);
    let endpoint = provider.endpoints.get(attempt.address.place).or(provider.endpoints.first());
    let base = endpoint.map_or("", |endpoint: &Endpoint| endpoint.url.as_ref());
    let (asked, served) = (flight.asked_model().to_owned(), flight.model().to_owned());
    let sent = provider.redirect(&served);
    let other = sent != asked && !asked.is_empty();

    let mut edits: Vec<Edit> = Vec::new();
    let mut path = Cow::Borrowed(flight.arrival.path.as_ref());
    flight.edits.clear();
    if other {
        flight.edits.extend((served != asked).then_some(edit::MODEL_FALLBACK));
        flight.edits.extend((sent != served).then_some(edit::MODEL_REDIRECT));
        match edit::redirect_path(&path, sent) {
            Some(other) => path = Cow::Owned(other),
            None => edits.extend(flight.facts.as_ref().and_then(|f| edit::redirect_model(f, sent))),
        }
    }
    let usage = usage_edit(flight);
    let withhold_usage = usage.is_some();
    flight.edits.extend(usage.as_ref().map(|edit| edit.name));
    edits.extend(usage);
    flight.upstream_model = other.then(|| Arc::from(sent));

    let body = flight.body.as_ref().map(|body| body.bytes.clone()).unwrap_or_default();
    let segments = if edits.is_empty() {
        vec![body]
    } else {
        edit::apply(&body, edits).map_err(|_| Failure::Internal)?
    };
    let url = url::join(base, &path, flight.arrival.query.as_deref());
    let (segments, granted) = wishes::apply(flight, (&provider, base), sent, segments)?;
    let client_ip = flight.arrival.client_ip.as_deref();
    let mut headers = headers::upstream(request.headers(), &provider, client_ip);
    wishes::amend(flight, &mut headers, &granted);
    Ok(Prepared { url, headers, segments, withhold_usage })
}

/// A chat stream without `include_usage` cannot be billed: it is asked for, unless switched off.
fn usage_edit(flight: &Flight) -> Option<Edit> {
    let wanted = flight.worker.shared.config.ask_for_usage
        && flight.arrival.route.operation == Operation::Generate;
    flight.facts.as_ref().filter(|_| wanted).and_then(edit::ask_for_usage)
}

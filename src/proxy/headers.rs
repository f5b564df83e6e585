//! Which headers pass in which direction.

use actix_http::header::{HeaderMap as ActixHeaders, HeaderName, HeaderValue};
use awc::http::header::HeaderMap;
use switchyard_actors::domain::credential::Token;
use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::own_header;
use switchyard_actors::domain::passing::{passes_down, passes_up};
use switchyard_actors::domain::provider::Provider;

use super::known_headers::known;
use crate::wire::credentials;

/// Finds a header by its lower-case name, as text.
#[must_use]
pub fn text<'h>(headers: &'h ActixHeaders, name: &str) -> Option<&'h str> {
    let value = known(name).map_or_else(|| headers.get(name), |name| headers.get(name))?;
    value.to_str().ok()
}

/// How requests name their sender where the client's own name does not belong.
const USER_AGENT: &str = concat!("switchyard/", env!("CARGO_PKG_VERSION"));
/// The version of Anthropic's interface that converted requests are written for.
const ANTHROPIC_VERSION: &str = "2023-06-01";

/// Builds the headers of an upstream request; a token stands in for the key.
#[must_use]
pub fn upstream(
    client: &ActixHeaders,
    provider: &Provider,
    client_ip: Option<&str>,
    token: Option<&Token>,
) -> HeaderMap {
    let named = names_in(client.get_all("connection"));
    let mut out = HeaderMap::with_capacity(client.len() + 4);
    for (name, value) in client {
        if passes_up(name.as_str()) && !named.iter().any(|other| other == name.as_str()) {
            out.append(name.clone(), value.clone());
        }
    }
    complete(&mut out, provider, client_ip, token);
    out
}

/// Builds the headers of a request that was converted. Nothing of the client's goes along: its headers
/// speak of another interface, and of who made it.
#[must_use]
pub fn converted(
    provider: &Provider,
    streams: bool,
    client_ip: Option<&str>,
    token: Option<&Token>,
) -> HeaderMap {
    let mut out = HeaderMap::with_capacity(8);
    set(&mut out, "content-type", "application/json");
    set(&mut out, "accept", if streams { "text/event-stream" } else { "application/json" });
    set(&mut out, "user-agent", USER_AGENT);
    if provider.kind.speaks(Dialect::Anthropic) {
        set(&mut out, "anthropic-version", ANTHROPIC_VERSION);
    }
    complete(&mut out, provider, client_ip, token);
    out
}

/// Adds what the provider's settings say, and its credential.
fn complete(
    out: &mut HeaderMap,
    provider: &Provider,
    client_ip: Option<&str>,
    token: Option<&Token>,
) {
    out.insert(HeaderName::from_static("accept-encoding"), HeaderValue::from_static("identity"));
    if let Some(ip) = client_ip.filter(|_| provider.preserve_client_ip) {
        set(out, "x-forwarded-for", ip);
    }
    for (name, value) in provider.custom_headers.iter() {
        if own_header::fault(name, value).is_none() {
            set(out, &name.to_ascii_lowercase(), value);
        }
    }
    let token = token.map(|token| token.secret.reveal());
    let (name, value) = credentials::upstream(provider.kind, provider.key.reveal(), token);
    set(out, name, &value);
    for (name, value) in credentials::beside(provider.kind, &provider.access) {
        if out.get(name).is_none() {
            set(out, name, value);
        }
    }
}

/// Returns the headers of a vendor's answer that go to the client.
pub fn down(vendor: &HeaderMap) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
    let named = names_in(vendor.get_all("connection"));
    vendor.iter().filter(move |(name, _)| {
        passes_down(name.as_str()) && !named.iter().any(|other| other == name.as_str())
    })
}

/// Names that the `connection` header declares hop-by-hop.
fn names_in<'h>(connection: impl Iterator<Item = &'h HeaderValue>) -> Vec<String> {
    connection
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect()
}

/// Sets a header; a name or value that is not legal in HTTP is left out.
fn set(headers: &mut HeaderMap, name: &str, value: &str) {
    let name = known(name)
        .map_or_else(|| HeaderName::from_bytes(name.as_bytes()), |name| Ok(name.clone()));
    if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
        headers.insert(name, value);
    }
}

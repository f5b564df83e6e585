//! Reads from the body what routing, limits and the row need, without keeping a second copy.

use std::sync::Arc;

use actix_web::HttpRequest;
use bytes::Bytes;
use switchyard_actors::domain::dialect::{Dialect, Operation};
use switchyard_actors::domain::routing::client::ClientFacts;

use super::away::away;
use super::failure::Failure;
use super::flight::Flight;
use super::worker::Shared;
use super::{govern, headers};
use crate::wire::form::is_form;
use crate::wire::request::{BodyError, RequestFacts, facts, facts_of_form};

/// Reads the facts of a flight's body.
///
/// # Errors
/// A body that is not what its route says; the sentence names the place. Or a user who may not ask so.
pub async fn inspect(flight: &mut Flight, request: &HttpRequest) -> Result<(), Failure> {
    let route = &flight.arrival.route;
    let bytes = flight.body.as_ref().map(|body| body.bytes.clone()).unwrap_or_default();
    let (dialect, operation) = (route.dialect, route.operation);
    if operation == Operation::Other && !bytes.is_empty() {
        is_told_in_one_way(request).map_err(refusal)?;
    }
    let form = form(request).filter(|_| operation == Operation::Other).map(str::to_owned);
    let read = read(&flight.worker.shared, dialect, operation, form, bytes).await?;
    let read = read.map_err(|error| refusal(error.to_string()))?;
    flight.client = Arc::new(client(flight, request, &read));
    flight.take_facts(read);
    govern::check(flight)
}

/// Tells which program asks. Claude Code is known by all that it sends, its name being the least.
fn client(flight: &Flight, request: &HttpRequest, facts: &RequestFacts) -> ClientFacts {
    let user_agent = flight.arrival.user_agent.clone();
    let header = |name: &str| headers::text(request.headers(), name);
    let counts = flight.arrival.route.operation == Operation::CountTokens;
    let is_claude_code = user_agent.as_deref().is_some_and(|it| it.starts_with("claude-cli/"))
        && header("x-app") == Some("cli")
        && header("anthropic-beta").is_some()
        && (counts || facts.user_id.is_some());
    ClientFacts { user_agent, is_claude_code }
}

/// Scans here when the body is small, away from the worker when it is not.
async fn read(
    shared: &Shared,
    dialect: Dialect,
    operation: Operation,
    form: Option<String>,
    bytes: Bytes,
) -> Result<Result<RequestFacts, BodyError>, Failure> {
    let length = bytes.len();
    let read = move || match form {
        Some(kind) => facts_of_form(dialect, operation, &kind, &bytes),
        None => facts(dialect, operation, &bytes),
    };
    away(shared, length, read).await
}

/// Tells whether a body that may be of any kind says of which it is, so that all read it alike.
fn is_told_in_one_way(request: &HttpRequest) -> Result<(), String> {
    let mut kinds = request.headers().get_all("content-type");
    let Some(kind) = kinds.next() else { return Ok(()) };
    let kind = kind.to_str().map_err(|_| "the content-type header is not ASCII".to_owned())?;
    if kinds.next().is_some() {
        return Err("the request has more than one content-type header".to_owned());
    }
    let (kind, parameters) = kind.split_once(';').unwrap_or((kind, ""));
    let (kind, parameters) = (kind.trim(), parameters.to_ascii_lowercase());
    let names_another = parameters.contains("charset")
        && !parameters.contains("utf-8")
        && !parameters.contains("utf8");
    if names_another && !is_form(kind) && kind.to_ascii_lowercase().ends_with("json") {
        return Err("JSON is relayed in UTF-8 only".to_owned());
    }
    if kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(format!(
            "a body of {kind} is not relayed: send application/json or multipart/form-data"
        ));
    }
    Ok(())
}

fn refusal(message: String) -> Failure {
    Failure::BadRequest { status: 400, message }
}

/// Returns the content type of a request whose body is a form.
pub(super) fn form(request: &HttpRequest) -> Option<&str> {
    headers::text(request.headers(), "content-type").filter(|kind| is_form(kind))
}

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
    let form = form(request).filter(|_| route.operation == Operation::Other).map(str::to_owned);
    let (dialect, operation) = (route.dialect, route.operation);
    let read = read(&flight.worker.shared, dialect, operation, form, bytes).await?;
    let read =
        read.map_err(|error| Failure::BadRequest { status: 400, message: error.to_string() })?;
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

/// Returns the content type of a request whose body is a form.
pub(super) fn form(request: &HttpRequest) -> Option<&str> {
    headers::text(request.headers(), "content-type").filter(|kind| is_form(kind))
}

//! Makes the upstream request of a try: address, headers, and the body, with its named edits or in the
//! provider's own format.

use std::borrow::Cow;
use std::sync::Arc;

use actix_web::HttpRequest;
use awc::http::header::HeaderMap;
use bytes::Bytes;
use switchyard_actors::domain::credential::Token;
use switchyard_actors::domain::dialect::{Dialect, Operation};
use switchyard_actors::domain::provider::{Endpoint, Provider};

use super::away::away;
use super::convert::outgoing::{self, Outgoing, Question};
use super::convert::place::{self, Place};
use super::convert::{self, Conversion, room};
use super::failure::Failure;
use super::flight::Flight;
use super::forward::Stop;
use super::{codex, headers, rectify, wishes};
use crate::wire::convert::target::Options;
use crate::wire::edit::{self, Edit};
use crate::wire::{foreign, project, url};

/// The upstream request of one try.
pub struct Prepared {
    /// The address.
    pub url: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub segments: Vec<Bytes>,
    /// The body before the provider's wishes, where there are any: what can be mended once it is refused.
    pub plain: Option<Bytes>,
    /// We asked for usage that the client did not ask for: its chunk is kept from it.
    pub withhold_usage: bool,
}

/// Which model a try asks for.
#[derive(Clone)]
pub(super) struct Models {
    /// By the name that the client asked for.
    pub(super) asked: Arc<str>,
    /// By the name that goes upstream.
    pub(super) sent: Arc<str>,
}

/// Prepares the present try of a flight, from the client's own bytes.
///
/// # Errors
/// The request cannot be converted for the provider; or an edit does not fit its body, which is our
/// fault.
pub async fn prepare(flight: &mut Flight, request: &HttpRequest) -> Result<Prepared, Stop> {
    let Some(attempt) = &flight.attempt else { return Err(Failure::Internal.into()) };
    let provider = Arc::clone(&attempt.provider);
    let endpoint = provider.endpoints.get(attempt.address.place).or(provider.endpoints.first());
    let base = endpoint.map_or("", |endpoint: &Endpoint| endpoint.url.as_ref());
    let models = models(flight, &provider);
    let (route, sent) = (&flight.arrival.route, Arc::clone(&models.sent));
    // Boxed, as all that is rare: every request has room for the largest of its ways.
    let mut prepared = if route.operation.converts() && !provider.kind.speaks(route.dialect) {
        Box::pin(converted(flight, &provider, base, &models)).await?
    } else {
        let found = found(flight, &provider, base, &models).await?;
        native(flight, request, &provider, (base, &models.sent), found)?
    };
    rectify::mend_again(flight, &mut prepared).await?;
    let Some(wishes) = wishes::of(flight, &provider, base) else { return Ok(prepared) };
    Ok(Box::pin(wishes::apply(flight, &provider, wishes, sent, prepared)).await?)
}

/// Finds the models of a try; a change of name is noted.
pub(super) fn models(flight: &mut Flight, provider: &Provider) -> Models {
    // Nearly always all three are one: nothing is copied then.
    let asked = flight.asked_name().unwrap_or_default();
    let served = flight.stand_in.clone().unwrap_or_else(|| Arc::clone(&asked));
    let sent = match provider.redirect(&served) {
        same if same == &*served => Arc::clone(&served),
        other => Arc::from(other),
    };
    let other = sent != asked && !asked.is_empty();
    if other {
        flight.edits.extend((served != asked).then_some(edit::MODEL_FALLBACK));
        flight.edits.extend((sent != served).then_some(edit::MODEL_REDIRECT));
    }
    flight.upstream_model = other.then(|| Arc::clone(&sent));
    Models { asked, sent }
}

/// The provider speaks the client's format: its bytes go out, but for the edits.
fn native(
    flight: &mut Flight,
    request: &HttpRequest,
    provider: &Provider,
    (base, sent): (&str, &str),
    found: Found,
) -> Result<Prepared, Failure> {
    let mut edits: Vec<Edit> = Vec::new();
    let mut path = Cow::Borrowed(flight.arrival.path.as_ref());
    if flight.upstream_model.is_some() {
        match edit::redirect_path(&path, sent) {
            Some(other) => path = Cow::Owned(other),
            None => edits.extend(flight.facts.as_ref().and_then(|f| edit::redirect_model(f, sent))),
        }
    }
    let usage = usage_edit(flight);
    let withhold_usage = usage.is_some();
    flight.edits.extend(usage.as_ref().map(|edit| edit.name));
    edits.extend(usage);
    let Found { project, foreign, named } = found;
    edits.extend(named);
    flight.edits.extend(project.as_ref().map(|edit| edit.name));
    edits.extend(project);
    let mut names: Vec<&'static str> = foreign.iter().map(|edit| edit.name).collect();
    names.dedup();
    flight.edits.extend(names);
    edits.extend(foreign);

    let body = flight.body.as_ref().map(|body| body.bytes.clone()).unwrap_or_default();
    let segments = if edits.is_empty() {
        vec![body]
    } else {
        edit::apply(&body, edits).map_err(|_| Failure::Internal)?
    };
    let client_ip = flight.arrival.client_ip.as_deref();
    Ok(Prepared {
        url: url::join(base, &path, flight.arrival.query.as_deref()),
        headers: headers::upstream(
            flight.filtered.headers(request),
            provider,
            client_ip,
            token(flight),
        ),
        segments,
        plain: None,
        withhold_usage,
    })
}

/// Edits that are found by reading all of a body.
#[derive(Default)]
struct Found {
    /// The Gemini CLI's envelope names the project of the client's own account; the provider's is another.
    project: Option<Edit>,
    /// A conversation that was served elsewhere for a while has hidden state in it that the vendor refuses.
    foreign: Vec<Edit>,
    /// A body of Gemini's that embeds or counts names the model again that is in its path.
    named: Vec<Edit>,
}

/// Finds them, away from the worker when the body is large. Where there is nothing to find, this is a look.
async fn found(
    flight: &Flight,
    provider: &Provider,
    base: &str,
    models: &Models,
) -> Result<Found, Failure> {
    let route = &flight.arrival.route;
    let (dialect, operation) = (route.dialect, route.operation);
    let speaks = provider.kind.speaks(dialect) && operation != Operation::Other;
    let Some(body) = flight.body.as_ref().filter(|_| speaks) else { return Ok(Found::default()) };
    let has_envelope = dialect == Dialect::GeminiCli && operation == Operation::Generate;
    let project = provider.project().filter(|_| has_envelope);
    let strips = foreign::may_be_there(dialect, &body.bytes, &models.sent, base);
    let is_other = flight.upstream_model.is_some() && dialect == Dialect::Gemini;
    let renames = is_other && matches!(operation, Operation::Embed | Operation::CountTokens);
    if project.is_none() && !strips && !renames {
        return Ok(Found::default());
    }
    let (body, length) = (body.bytes.clone(), body.bytes.len());
    let (project, base) = (project.map(str::to_owned), base.to_owned());
    let Models { asked, sent } = models.clone();
    let find = move || Found {
        project: project.and_then(|project| project::set(&body, &project)),
        foreign: if strips { foreign::strip(dialect, &body, &sent, &base) } else { Vec::new() },
        named: if renames { edit::redirect_named(&body, &asked, &sent) } else { Vec::new() },
    };
    // Boxed, as all that is rare: every request has room for the largest of its ways.
    Box::pin(away(&flight.worker.shared, length, find)).await
}

/// The provider speaks another format: the request is written in that.
async fn converted(
    flight: &mut Flight,
    provider: &Provider,
    base: &str,
    models: &Models,
) -> Result<Prepared, Stop> {
    let question = question(flight, provider, base, models);
    let (from, to, model) = (question.from, question.to, question.model.clone());
    let length = question.body.len();
    let door = Arc::clone(&flight.worker.shared.door);
    let convert = move || room::within(&door, &question.body, || outgoing::convert(&question));
    let made = away(&flight.worker.shared, length, convert).await??;
    let Outgoing { body, streams, reply, losses, edits, notes } = made.map_err(Stop::Unfit)?;
    wishes::note(flight, provider, edits.iter().map(|edit| edit.name), &notes);
    flight.edits.push(convert::edit_name(from, to));
    let wants_stream = flight.wants_stream();
    let list = wants_stream && from.is_gemini() && !flight.arrival.route.sse;
    let conversion = Conversion { from, to, streams: wants_stream, list, reply, losses };
    if let Some(attempt) = &mut flight.attempt {
        attempt.conversion = Some(Box::new(conversion));
    }
    let Place { path, query } = place::place(to, &model, streams, base);
    let client_ip = flight.arrival.client_ip.as_deref();
    Ok(Prepared {
        url: url::join(base, &path, query),
        headers: headers::converted(provider, streams, client_ip, token(flight)),
        segments: vec![flight.counted(Bytes::from(body))?],
        plain: None,
        withhold_usage: false,
    })
}

fn question(flight: &Flight, provider: &Provider, base: &str, models: &Models) -> Question {
    let route = &flight.arrival.route;
    Question {
        body: flight.body.as_ref().map(|body| body.bytes.clone()).unwrap_or_default(),
        without_billing: wishes::loses_billing(flight, provider, base),
        from: route.dialect,
        to: provider.kind.dialect(),
        path_model: route.model.clone().unwrap_or_default(),
        path_streams: route.stream == Some(true),
        asked: (*models.asked).to_owned(),
        model: (*models.sent).to_owned(),
        options: Options {
            unknown_effort: provider.preferences.unknown_effort,
            replay: provider.preferences.replay,
            custom_tools: provider.preferences.custom_tools,
            ..place::options(provider.kind, base)
        },
        cache_key: cache_key(flight, provider, base),
        project: provider.project().map(Arc::from),
        policy: provider.loss_policy.and(flight.caller.loss_policy),
        id: flight.arrival.id.to_string().replace('-', ""),
        created: flight.arrival.at.seconds(),
    }
}

/// Returns what the prompt of a session is kept under. A request of which nothing is known is a session of
/// its own: a key that no other has would only keep it from what is there.
fn cache_key(flight: &Flight, provider: &Provider, base: &str) -> Option<String> {
    let is_known = flight.facts.as_ref().is_some_and(|facts| facts.content.is_some());
    let session = flight.session.as_ref().filter(|_| is_known)?;
    place::takes_cache_key(provider.kind, base).then(|| codex::session_id(&session.0))
}

/// Returns the token that stands in for the provider's key.
pub(super) fn token(flight: &Flight) -> Option<&Token> {
    flight.attempt.as_ref()?.token.as_deref()
}

/// A chat stream without `include_usage` cannot be billed: it is asked for, unless switched off.
fn usage_edit(flight: &Flight) -> Option<Edit> {
    let operation = flight.arrival.route.operation;
    let wanted = flight.worker.shared.config.ask_for_usage
        && matches!(operation, Operation::Generate | Operation::Complete);
    flight.facts.as_ref().filter(|_| wanted).and_then(edit::ask_for_usage)
}

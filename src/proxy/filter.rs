//! Applies request filters to a flight: to what the client sent, once, and to what goes out, at each
//! try. One that cannot be applied leaves a note on the row, and the request goes on without it.

use std::sync::Arc;

use actix_http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::HttpRequest;
use bytes::Bytes;
use switchyard_actors::domain::dialect::Operation;
use switchyard_actors::domain::filters::{Filters, RequestFilter};
use switchyard_actors::domain::passing::passes_up;
use switchyard_actors::domain::provider::Provider;

use super::away::{before_a_try, by_turns};
use super::failure::Failure;
use super::flight::{Body, Flight};
use super::prepare::Prepared;
use crate::wire::filter::{
    HeaderList, Json, Unfit, change_body, change_headers, model_of, stream_of,
};
use crate::wire::request::{self, RequestFacts};

/// What filters have done to a flight.
#[derive(Debug, Default)]
pub struct Filtered {
    /// The names of those that changed what the client sent.
    pub before_choice: Vec<Arc<str>>,
    /// The names of those that changed what went out at the last try.
    pub at_try: Vec<Arc<str>>,
    /// The client's headers, where filters changed them.
    headers: Option<HeaderMap>,
}

impl Filtered {
    /// Tells whether no filter changed anything.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        self.before_choice.is_empty() && self.at_try.is_empty()
    }

    /// Returns the client's headers as filters have left them.
    pub fn headers<'a>(&'a self, request: &'a HttpRequest) -> &'a HeaderMap {
        self.headers.as_ref().unwrap_or_else(|| request.headers())
    }
}

/// What one filter did to a body.
enum Told {
    Unchanged,
    Changed,
    Unfit(String),
}

/// What came of a body.
struct Bodied {
    body: Bytes,
    told: Vec<Told>,
    facts: Option<RequestFacts>,
}

/// Counting and compacting are passed on as they are, whatever filters say.
pub(super) const fn is_for(operation: Operation) -> bool {
    !matches!(operation, Operation::CountTokens | Operation::Compact)
}

/// Applies the filters that run before a provider is chosen.
///
/// # Errors
/// None of the filters; there is no room for what they leave, or the process is at its end.
pub async fn before_choice(flight: &mut Flight, request: &HttpRequest) -> Result<(), Failure> {
    let filters = Arc::clone(&flight.catalogue.filters);
    if filters.before_choice().is_empty() || !is_for(flight.arrival.route.operation) {
        return Ok(());
    }
    // Boxed, as all that is rare: every request has room for the largest of its ways.
    Box::pin(apply_before_choice(flight, request, filters)).await
}

async fn apply_before_choice(
    flight: &mut Flight,
    request: &HttpRequest,
    filters: Arc<Filters>,
) -> Result<(), Failure> {
    let bytes = flight.body.as_ref().map(|body| body.bytes.clone()).unwrap_or_default();
    let most = flight.worker.shared.config.max_body;
    let (dialect, operation) = (flight.arrival.route.dialect, flight.arrival.route.operation);
    let running = Arc::clone(&filters);
    let most_here = here_up_to(flight, filters.before_choice().iter());
    let length = bytes.len();
    let bodied = by_turns(flight, before_a_try(flight), (most_here, length), move || {
        // What a filter leaves must still be a request.
        let facts = |body: &[u8]| {
            request::facts(dialect, operation, body).map(Some).map_err(|error| error.to_string())
        };
        change(running.before_choice().iter(), bytes, most, facts)
    })
    .await?;
    let mut headers = HeadersOfClient(None, request.headers());
    let applied = settle(flight, filters.before_choice().iter(), &bodied.told, &mut headers);
    flight.filtered.headers = headers.0;
    flight.filtered.before_choice = applied;
    if let Some(facts) = bodied.facts {
        flight.body_bytes = bodied.body.len() as u64;
        flight.body = Some(Body { bytes: flight.counted(bodied.body)? });
        flight.take_facts(facts);
    }
    Ok(())
}

/// Applies the filters of a try to what goes out: the last that happens to it.
///
/// # Errors
/// None of the filters; there is no room for what they leave, or the process is at its end.
pub async fn at_try(flight: &mut Flight, prepared: Prepared) -> Result<Prepared, Failure> {
    flight.filtered.at_try.clear();
    let filters = Arc::clone(&flight.catalogue.filters);
    let Some(attempt) = &flight.attempt else { return Ok(prepared) };
    let provider = Arc::clone(&attempt.provider);
    let is_idle = filters.is_empty() || filters.at_try(&provider).next().is_none();
    if is_idle || !is_for(flight.arrival.route.operation) {
        return Ok(prepared);
    }
    Box::pin(apply_at_try(flight, prepared, filters, provider)).await
}

async fn apply_at_try(
    flight: &mut Flight,
    mut prepared: Prepared,
    filters: Arc<Filters>,
    provider: Arc<Provider>,
) -> Result<Prepared, Failure> {
    if filters.at_try(&provider).any(|filter| !filter.body.is_empty()) {
        prepared.segments = vec![flight.joined(prepared.segments).await?];
    }
    let body = prepared.segments.first().cloned().unwrap_or_default();
    let most = flight.worker.shared.config.max_body;
    let running = (Arc::clone(&filters), Arc::clone(&provider));
    let (before, said) = (body.clone(), says_stream(flight, &provider).then(|| body.clone()));
    let (most_here, length) = (here_up_to(flight, filters.at_try(&provider)), body.len());
    let bodied = by_turns(flight, before_a_try(flight), (most_here, length), move || {
        // What is awaited is settled: the other would be taken for a broken answer.
        let facts = |after: &[u8]| match &said {
            Some(said) if stream_of(said) != stream_of(after) => Err(Unfit::Stream.to_string()),
            _ => Ok(None),
        };
        change(running.0.at_try(&running.1), body, most, facts)
    })
    .await?;
    let mut headers = HeadersGoingOut(&mut prepared.headers);
    let applied = settle(flight, filters.at_try(&provider), &bodied.told, &mut headers);
    flight.filtered.at_try = applied;
    if bodied.told.iter().any(|told| matches!(told, Told::Changed)) {
        note_model(flight, &before, &bodied.body);
        prepared.segments = vec![flight.counted(bodied.body)?];
    }
    Ok(prepared)
}

/// Tells whether the body that goes out says whether the answer is to be a stream; Google's paths say it.
fn says_stream(flight: &Flight, provider: &Provider) -> bool {
    let is_converted = flight.attempt.as_ref().is_some_and(|it| it.conversion.is_some());
    let spoken = if is_converted { provider.kind.dialect() } else { flight.arrival.route.dialect };
    !spoken.is_gemini()
}

/// A filter may have named another model: the row names the one that was sent.
fn note_model(flight: &mut Flight, before: &[u8], after: &[u8]) {
    let sent = model_of(after);
    if let Some(sent) = sent.filter(|sent| model_of(before).as_ref() != Some(sent)) {
        flight.upstream_model = Some(Arc::from(sent));
    }
}

/// Returns how long a body may be, in bytes, that the worker itself changes.
fn here_up_to<'f>(flight: &Flight, filters: impl Iterator<Item = &'f RequestFilter>) -> usize {
    let usual = flight.worker.shared.config.offload_above;
    filters.map(RequestFilter::quick_up_to).fold(usual, usize::min)
}

/// Makes the changes of filters to a body, one after the other. `facts` looks at what each one leaves;
/// one that leaves what it may not is taken back.
fn change<'f>(
    filters: impl Iterator<Item = &'f RequestFilter>,
    body: Bytes,
    most: usize,
    facts: impl Fn(&[u8]) -> Result<Option<RequestFacts>, String>,
) -> Bodied {
    let mut bodied = Bodied { body, told: Vec::new(), facts: None };
    let mut json: Option<Json> = None;
    for filter in filters {
        let told = one(filter, &mut bodied, &mut json, most, &facts);
        bodied.told.push(told.unwrap_or_else(Told::Unfit));
    }
    bodied
}

fn one(
    filter: &RequestFilter,
    bodied: &mut Bodied,
    json: &mut Option<Json>,
    most: usize,
    facts: impl Fn(&[u8]) -> Result<Option<RequestFacts>, String>,
) -> Result<Told, String> {
    let text = |error: Unfit| error.to_string();
    if let Some(fault) = &filter.fault {
        return Err(text(Unfit::Unreadable(fault.to_string())));
    }
    if filter.body.is_empty() || bodied.body.is_empty() {
        return Ok(Told::Unchanged);
    }
    let before = match json.take() {
        Some(json) => json,
        None => Json::read(bodied.body.clone()).map_err(text)?,
    };
    let after = change_body(filter, &before, most).map_err(text);
    let Some(after) = after? else {
        *json = Some(before);
        return Ok(Told::Unchanged);
    };
    bodied.facts = facts(after.bytes())?.or(bodied.facts.take());
    bodied.body = after.bytes().clone();
    *json = Some(after);
    Ok(Told::Changed)
}

/// Changes headers by all filters that fit the body, and notes the others; returns the names of those
/// that changed anything.
fn settle<'f>(
    flight: &mut Flight,
    filters: impl Iterator<Item = &'f RequestFilter>,
    told: &[Told],
    headers: &mut impl HeaderList,
) -> Vec<Arc<str>> {
    let mut applied = Vec::new();
    for (filter, told) in filters.zip(told) {
        if let Told::Unfit(why) = told {
            let note = filter.note(why);
            if !flight.notes.contains(&note) {
                flight.notes.push(note);
            }
            continue;
        }
        let is_changed = change_headers(filter, headers);
        if is_changed || matches!(told, Told::Changed) {
            applied.push(filter.edit_name());
        }
    }
    applied
}

/// The headers that go out.
struct HeadersGoingOut<'a>(&'a mut HeaderMap);

impl HeaderList for HeadersGoingOut<'_> {
    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn is(&self, name: &str, value: &str) -> bool {
        is(self.0, name, value)
    }

    fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    fn put(&mut self, name: &str, value: &str) {
        put(self.0, name, value);
    }
}

/// The headers of the client, copied when the first one changes. Those that never leave this process
/// are not there: a change of them would change nothing.
struct HeadersOfClient<'a>(Option<HeaderMap>, &'a HeaderMap);

impl HeadersOfClient<'_> {
    fn own(&mut self) -> &mut HeaderMap {
        self.0.get_or_insert_with(|| self.1.clone())
    }

    fn now(&self) -> &HeaderMap {
        self.0.as_ref().unwrap_or(self.1)
    }
}

impl HeaderList for HeadersOfClient<'_> {
    fn has(&self, name: &str) -> bool {
        passes_up(name) && self.now().contains_key(name)
    }

    fn is(&self, name: &str, value: &str) -> bool {
        !passes_up(name) || is(self.now(), name, value)
    }

    fn remove(&mut self, name: &str) {
        self.own().remove(name);
    }

    fn put(&mut self, name: &str, value: &str) {
        put(self.own(), name, value);
    }
}

fn is(headers: &HeaderMap, name: &str, value: &str) -> bool {
    let mut values = headers.get_all(name);
    values.next().is_some_and(|own| own.as_bytes() == value.as_bytes()) && values.next().is_none()
}

/// Names and values were checked when the filter was read.
fn put(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) =
        (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value))
    {
        headers.insert(name, value);
    }
}

//! The list of models a caller may ask for, in the shape its client reads.
//!
//! A provider with a list of its own contributes that and the names it redirects; one without is
//! asked, and what it says is kept for a few minutes. A provider that does not answer contributes
//! nothing: a list is no reason to fail. Where requests are converted, a client sees the models of
//! providers of every kind.

mod shape;

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse};
use futures_util::future::join_all;
use switchyard_actors::domain::caller::Caller;
use switchyard_actors::domain::catalogue::Catalogue;
use switchyard_actors::domain::dialect::{Dialect, ProviderKind};
use switchyard_actors::domain::ids::{ProviderId, RequestId};
use switchyard_actors::domain::provider::Provider;
use tokio::time::{Instant, timeout};

use super::arrival::Arrival;
use super::credential;
use super::errand::{self, Errand, Purpose};
use super::failure::Failure;
use super::headers;
use super::worker::Worker;
use crate::upstream::send::{Outbound, SendLimits};
use crate::wire::{model_list, url};

/// How long an upstream's list is kept.
const KEPT_FOR: Duration = Duration::from_mins(5);
/// How long an upstream that gave none is not asked again.
const LEFT_ALONE_FOR: Duration = Duration::from_secs(5);
/// How long an upstream may take to give it.
const PATIENCE: Duration = Duration::from_secs(10);
/// The largest list that is read.
const LARGEST: usize = 4 << 20;

/// The upstream lists a worker has seen.
#[derive(Default)]
pub struct ModelLists(RefCell<HashMap<ProviderId, Kept>>);

/// A list, of whom it is, and until when it is taken as it is.
struct Kept {
    of: Arc<Provider>,
    until: Instant,
    names: Arc<[String]>,
}

impl ModelLists {
    /// Forgets the lists of providers that are there no more, or are others by now.
    pub fn keep(&self, is_there: impl Fn(&Provider) -> bool) {
        self.0.borrow_mut().retain(|_, kept| is_there(&kept.of));
    }

    /// Returns the list of a provider as it is now: other settings may lead to another list.
    fn of(&self, provider: &Provider) -> Option<(Instant, Arc<[String]>)> {
        let lists = self.0.borrow();
        let kept = lists.get(&provider.id).filter(|kept| *kept.of == *provider)?;
        Some((kept.until, Arc::clone(&kept.names)))
    }
}

/// Answers a list request.
pub async fn list(
    worker: &Worker,
    request: &HttpRequest,
    arrival: &Arrival,
    caller: &Caller,
    catalogue: &Catalogue,
) -> HttpResponse {
    let dialect = arrival.route.dialect;
    let converts = worker.shared.config.convert;
    let zone = catalogue.settings.zone();
    let asked = catalogue.providers.iter().filter(|provider| {
        provider.enabled
            && caller.sees(&provider.groups)
            && (converts || lists_for(provider.kind, dialect))
            && provider.is_on_duty(arrival.at, &zone)
    });
    // All at once: the slowest one decides how long it takes, not the sum of them.
    let lists = join_all(asked.map(|provider| names_of(worker, provider, arrival.id))).await;
    let mut names: BTreeSet<String> = lists.into_iter().flatten().collect();
    names.retain(|name| caller.may_ask(name));
    let body = match &arrival.route.model {
        None => shape::list(dialect, &names, arrival.query.as_deref()),
        Some(wanted) if names.contains(wanted) => shape::one(dialect, wanted),
        Some(wanted) => {
            let message = format!("model {wanted} is not among the models this key may use");
            return Failure::BadRequest { status: 404, message }.respond(dialect, arrival.id);
        }
    };
    answer(request, arrival, &body.to_string())
}

/// Says nothing again to a client that has the list already.
fn answer(request: &HttpRequest, arrival: &Arrival, body: &str) -> HttpResponse {
    let etag = shape::etag(body.as_bytes());
    let known = headers::text(request.headers(), "if-none-match");
    let has_it = known.is_some_and(|known| shape::has(known, &etag));
    let mut answer = if has_it { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header(("x-switchyard-request-id", arrival.id.to_string()));
    answer.insert_header(("etag", etag));
    if has_it {
        return answer.finish();
    }
    answer.insert_header(("content-type", "application/json")).body(body.to_owned())
}

/// Tells whether a kind of provider has models for a dialect's clients where nothing is converted.
fn lists_for(kind: ProviderKind, dialect: Dialect) -> bool {
    match dialect {
        Dialect::OpenaiChat | Dialect::Responses => {
            matches!(kind, ProviderKind::OpenaiCompatible | ProviderKind::Codex)
        }
        Dialect::Gemini | Dialect::GeminiCli => {
            matches!(kind, ProviderKind::Gemini | ProviderKind::GeminiCli)
        }
        Dialect::Anthropic => kind.speaks(dialect),
    }
}

async fn names_of(worker: &Worker, provider: &Arc<Provider>, request: RequestId) -> Vec<String> {
    let mut names: Vec<String> = provider.named_models().map(str::to_owned).collect();
    // Names that are matched by a pattern are known to the vendor alone.
    let mut listed = provider.allowed_models.iter();
    if provider.allowed_models.is_empty() || listed.any(|one| one.exact().is_none()) {
        let upstream = upstream_names(worker, provider, request).await;
        names.extend(upstream.iter().filter(|name| provider.serves(name)).cloned());
    }
    names
}

/// Returns an upstream's list. One that does not answer is left alone for some seconds; what it said
/// before holds until it answers again.
async fn upstream_names(
    worker: &Worker,
    provider: &Arc<Provider>,
    request: RequestId,
) -> Arc<[String]> {
    let kept = worker.models.of(provider);
    if let Some((until, names)) = &kept
        && Instant::now() < *until
    {
        return Arc::clone(names);
    }
    let fetched = timeout(PATIENCE, fetch(worker, provider, request)).await.ok().flatten();
    let (keep_for, names) = match fetched {
        Some(names) => (KEPT_FOR, names.into()),
        None => (LEFT_ALONE_FOR, kept.map(|(_, names)| names).unwrap_or_default()),
    };
    let until = Instant::now() + keep_for;
    let entry = Kept { of: Arc::clone(provider), until, names: Arc::clone(&names) };
    worker.models.0.borrow_mut().insert(provider.id, entry);
    names
}

async fn fetch(
    worker: &Worker,
    provider: &Arc<Provider>,
    request: RequestId,
) -> Option<Vec<String>> {
    let token = credential::of(worker, provider, PATIENCE).await.ok()?;
    let base = provider.endpoints.first()?;
    let base = url::without_endpoint(&base.url);
    let url = url::join(base, model_list::path(provider.kind), None);
    let sent = headers::converted(provider, false, None, token.as_deref());
    let out = Outbound { method: Method::GET, url: &url, headers: sent, segments: &[] };
    let by = Instant::now() + PATIENCE;
    let limits = SendLimits { first_byte: PATIENCE, upload: PATIENCE, by };
    let purpose = Purpose::Question;
    let errand = Errand { provider, purpose, request, out, limits };
    let passed = errand::send_to(worker, errand).await;
    let mut response = passed.reply.ok()?.response;
    if !response.status().is_success() {
        return None;
    }
    let body = response.body().limit(LARGEST).await.ok()?;
    Some(model_list::names(&serde_json::from_slice(&body).ok()?))
}

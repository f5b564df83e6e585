//! The list of models a caller may ask for, in the shape its client reads.
//!
//! A provider with a list of its own contributes that and the names it redirects; one without is
//! asked, and what it says is kept for a few minutes. A provider that does not answer contributes
//! nothing: a list is no reason to fail.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::Method;
use awc::http::header::HeaderMap;
use futures_util::future::join_all;
use serde_json::{Value, json};
use switchyard_actors::domain::caller::Caller;
use switchyard_actors::domain::catalogue::Catalogue;
use switchyard_actors::domain::dialect::{Dialect, ProviderKind};
use switchyard_actors::domain::ids::{ProviderId, RequestId};
use switchyard_actors::domain::provider::Provider;
use tokio::time::{Instant, timeout};

use super::arrival::Arrival;
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

/// Until when a list is taken as it is, and the list.
type Kept = (Instant, Arc<[String]>);

/// Answers a list request.
pub async fn list(
    worker: &Worker,
    arrival: &Arrival,
    caller: &Caller,
    catalogue: &Catalogue,
) -> HttpResponse {
    let dialect = arrival.route.dialect;
    let asked = catalogue.providers.iter().filter(|provider| {
        provider.enabled && caller.sees(&provider.groups) && lists_for(provider.kind, dialect)
    });
    // All at once: the slowest one decides how long it takes, not the sum of them.
    let lists = join_all(asked.map(|provider| names_of(worker, provider, arrival.id))).await;
    let mut names: BTreeSet<String> = lists.into_iter().flatten().collect();
    names.retain(|name| caller.may_ask(name));
    let body = match &arrival.route.model {
        None => all(dialect, &names),
        Some(wanted) if names.contains(wanted) => one(dialect, wanted),
        Some(wanted) => {
            let message = format!("model {wanted} is not among the models this key may use");
            return Failure::BadRequest { status: 404, message }.respond(dialect, arrival.id);
        }
    };
    HttpResponse::Ok().insert_header(("x-switchyard-request-id", arrival.id.to_string())).json(body)
}

/// Tells whether a kind of provider has models for a dialect's clients.
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

async fn names_of(worker: &Worker, provider: &Provider, request: RequestId) -> Vec<String> {
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
async fn upstream_names(worker: &Worker, provider: &Provider, request: RequestId) -> Arc<[String]> {
    let kept = worker.models.0.borrow().get(&provider.id).cloned();
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
    let entry = (Instant::now() + keep_for, Arc::clone(&names));
    worker.models.0.borrow_mut().insert(provider.id, entry);
    names
}

async fn fetch(worker: &Worker, provider: &Provider, request: RequestId) -> Option<Vec<String>> {
    let base = provider.endpoints.first()?;
    let base = url::without_endpoint(&base.url);
    let url = url::join(base, model_list::path(provider.kind), None);
    let mut sent: HeaderMap =
        headers::upstream(&actix_http::header::HeaderMap::new(), provider, None);
    if provider.kind.speaks(Dialect::Anthropic) {
        let version = awc::http::header::HeaderValue::from_static("2023-06-01");
        sent.insert(awc::http::header::HeaderName::from_static("anthropic-version"), version);
    }
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

fn all(dialect: Dialect, names: &BTreeSet<String>) -> Value {
    let items: Vec<Value> = names.iter().map(|name| one(dialect, name)).collect();
    match dialect {
        Dialect::Anthropic => json!({
            "data": items,
            "has_more": false,
            "first_id": names.first(),
            "last_id": names.last(),
        }),
        Dialect::Gemini | Dialect::GeminiCli => json!({ "models": items }),
        Dialect::OpenaiChat | Dialect::Responses => json!({ "object": "list", "data": items }),
    }
}

fn one(dialect: Dialect, name: &str) -> Value {
    match dialect {
        Dialect::Anthropic => json!({
            "type": "model",
            "id": name,
            "display_name": name,
            "created_at": "1970-01-01T00:00:00Z",
        }),
        Dialect::Gemini | Dialect::GeminiCli => json!({
            "name": format!("models/{name}"),
            "displayName": name,
            "supportedGenerationMethods": ["generateContent", "streamGenerateContent", "countTokens"],
        }),
        Dialect::OpenaiChat | Dialect::Responses => json!({
            "id": name,
            "object": "model",
            "created": 0,
            "owned_by": "switchyard",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_reads_its_own_shape() {
        let names = BTreeSet::from(["m".to_owned()]);
        assert_eq!(all(Dialect::Anthropic, &names)["data"][0]["type"], "model");
        assert_eq!(all(Dialect::Gemini, &names)["models"][0]["name"], "models/m");
        assert_eq!(all(Dialect::OpenaiChat, &names)["object"], "list");
    }
}

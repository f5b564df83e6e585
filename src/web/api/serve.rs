//! Runs an action: the order of checks, and what `paperclip` learns of it.
//!
//! The order is that of the original: content type, JSON, shape, then who calls, then what they
//! may. A bad body is told to anybody; the action gets the raw body.

use std::collections::BTreeMap;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use paperclip::v2::models::{
    DefaultOperationRaw, DefaultSchemaRaw, Either, Response, SecurityScheme,
};
use paperclip::v2::schema::Apiv2Operation;
use serde_json::{Value, json};

use super::action::{Access, Action, BODY_LIMIT, Call};
use super::authenticate::{COOKIE_NAME, Unknown, authenticate};
use super::envelope;
use super::state::Api;
use super::uploads::Unread;
use crate::app::Actor;

/// The name of the way to authenticate in the document.
pub const SECURITY: &str = "cookieAuth";
/// What each status means in the document.
pub const STATUSES: [(&str, &str); 8] = [
    ("200", "Done"),
    ("400", "The body is not what the operation takes, or a rule stands against it"),
    ("401", "No token was sent, or it is not valid"),
    ("403", "The caller may not do this"),
    ("408", "The body did not come in time"),
    ("429", "Too many tokens that are not known came from this address"),
    ("500", "The server failed"),
    ("503", "Too many callers that are not known send bodies now"),
];

/// A call on its way; for `paperclip`, also the description of its operation.
pub struct Serving<A>(Pin<Box<dyn Future<Output = HttpResponse>>>, PhantomData<A>);

impl<A: Action> Serving<A> {
    /// Begins.
    #[must_use]
    pub fn new(request: HttpRequest, payload: Payload) -> Self {
        let serving =
            async move { serve::<A>(&request, payload).await.unwrap_or_else(|refused| refused) };
        Self(Box::pin(serving), PhantomData)
    }
}

// Nothing in it is pinned by its own address: the future is behind a box.
impl<A> Unpin for Serving<A> {}

impl<A> Future for Serving<A> {
    type Output = HttpResponse;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<HttpResponse> {
        self.0.as_mut().poll(context)
    }
}

impl<A: Action> Apiv2Operation for Serving<A> {
    fn operation() -> DefaultOperationRaw {
        let spec = &A::SPEC;
        let response = |(status, meaning): (&str, &str)| {
            let response =
                Response { description: Some(meaning.to_owned()), ..Response::default() };
            (status.to_owned(), Either::Right(response))
        };
        DefaultOperationRaw {
            operation_id: Some(format!("{}.{}", spec.module.path(), spec.name)),
            summary: Some(spec.summary.to_owned()),
            description: Some(spec.description.to_owned()),
            tags: vec![spec.module.tag().to_owned()],
            security: vec![BTreeMap::from([(SECURITY.to_owned(), Vec::new())])],
            responses: STATUSES.into_iter().map(response).collect(),
            ..DefaultOperationRaw::default()
        }
    }

    fn security_definitions() -> BTreeMap<String, SecurityScheme> {
        let scheme = SecurityScheme {
            type_: "apiKey".to_owned(),
            in_: Some("cookie".to_owned()),
            name: Some(COOKIE_NAME.to_owned()),
            description: Some(
                "The cookie of a login, the admin token, or a key that may log in; \
                 a bearer token works as well."
                    .to_owned(),
            ),
            ..SecurityScheme::default()
        };
        BTreeMap::from([(SECURITY.to_owned(), scheme)])
    }

    /// Schemas are inline (`document.rs` adds them), so there is no name that could clash.
    fn definitions() -> BTreeMap<String, DefaultSchemaRaw> {
        BTreeMap::new()
    }
}

/// Serves a call; an answer that ends it early is the error.
async fn serve<A: Action>(
    request: &HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, HttpResponse> {
    let Some(api) = request.app_data::<Data<Api>>().cloned() else {
        return Err(envelope::text(StatusCode::INTERNAL_SERVER_ERROR, "not configured"));
    };
    let actor = authenticate(&api, request).await;
    if let Err(why @ Unknown::TooOften(_)) = &actor {
        return Err(envelope::unknown(why));
    }
    let bytes = body::<A>(&api, payload, actor.as_ref().ok()).await?;
    let raw = if is_json(request) {
        let raw = serde_json::from_slice(&bytes).map_err(|_| malformed())?;
        let checked = A::request().check(&raw, &api.app.moment());
        checked.map_err(|issues| envelope::invalid(&issues))?;
        raw
    } else {
        lenient(&bytes)
    };
    let actor = actor.map_err(|why| envelope::unknown(&why))?;
    if A::SPEC.access == Access::Admin && !actor.is_admin() {
        return Err(envelope::forbidden());
    }
    let reply = A::run(Call { api, actor, raw }).await;
    reply.map(|reply| envelope::success(&reply)).map_err(|why| envelope::failed(&why))
}

/// Reads the body: of somebody who is not known, little, and only when there is a place.
async fn body<A: Action>(
    api: &Api,
    payload: Payload,
    actor: Option<&Actor>,
) -> Result<Bytes, HttpResponse> {
    let spec = &A::SPEC;
    let may = |actor: &Actor| spec.access == Access::Anyone || actor.is_admin();
    let limit =
        if actor.is_some_and(may) { spec.body_limit } else { spec.body_limit.min(BODY_LIMIT) };
    let read = match actor {
        Some(_) => api.uploads.read(payload, limit).await,
        None => api.uploads.read_of_stranger(payload, limit).await,
    };
    read.map_err(|why| match why {
        Unread::Broken => malformed(),
        Unread::Large => envelope::text(StatusCode::PAYLOAD_TOO_LARGE, "Payload Too Large"),
        Unread::Slow => envelope::slow(),
        Unread::Full => envelope::full(),
    })
}

fn malformed() -> HttpResponse {
    envelope::text(StatusCode::BAD_REQUEST, envelope::MALFORMED)
}

/// Reads a body that nobody called JSON.
fn lenient(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_else(|_| json!({}))
}

fn is_json(request: &HttpRequest) -> bool {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    let subtype = essence.strip_prefix("application/").unwrap_or_default();
    subtype == "json" || subtype.ends_with("+json")
}
